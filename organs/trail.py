"""Read side of the audit trail: frozen rows for the auditor's pages and for the history of a row."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.apps import apps
from django.db.models import Q

from organs.audit import Difference, differences
from organs.models import AuditEvent, AuditEventQuerySet, AuditLink, AuditVerb

PAGE = 50
#: What people do of whom nobody knows who they are.
NOBODY = (AuditVerb.LOGIN_FAILED, AuditVerb.LOCKED_OUT)


@dataclass(frozen=True)
class Entry:
    """One event as a page shows it."""

    pk: int
    at: datetime
    who: str
    roles: str
    organ: str
    address: str
    verb: str
    kind: str
    target: str
    about: str
    note: str
    differences: tuple[Difference, ...]

    @property
    def is_new(self) -> bool:
        """Whether there was nothing before."""
        return not any(line.before for line in self.differences)


@dataclass(frozen=True)
class Page:
    """Entries, the latest first; `older` is the number after which the next page begins, None on the last one."""

    entries: tuple[Entry, ...]
    older: int | None


def page(events: AuditEventQuerySet, before: int | None) -> Page:
    """The entries that come before event number `before` in time, from at most two queries."""
    if before is not None and (edge := AuditEvent.objects.filter(pk=before).first()):
        events = events.filter(Q(at__lt=edge.at) | Q(at=edge.at, pk__lt=edge.pk))
    found = list(events.order_by("-at", "-pk")[: PAGE + 1])
    entries = tuple(entries_of(found[:PAGE]))
    return Page(entries, entries[-1].pk if len(found) > PAGE else None)


def entries_of(events: Iterable[AuditEvent]) -> Iterable[Entry]:
    """Events as pages show them."""
    kinds = kinds_of_targets()
    for event in events:
        about = f"{event.target_type}-{event.target_id}" if event.target_id else ""
        yield Entry(
            pk=event.pk,
            at=event.at,
            who=event.user_name or ("未登录" if event.verb in NOBODY else "系统"),
            roles=event.roles,
            organ=event.organ_name,
            address=event.address,
            verb=event.get_verb_display(),
            kind=kinds.get(event.target_type, ""),
            target=event.target_name,
            about=about,
            note=event.note,
            differences=tuple(differences(event.before, event.after)),
        )


def kinds_of_targets() -> dict[str, str]:
    """What the kinds of rows are called, by the label that events carry."""
    return {model._meta.label_lower: str(model._meta.verbose_name) for model in apps.get_models()}


def place_in_chain(event: AuditEvent) -> AuditLink | None:
    """Where the event stands in its chain; None if nobody gave it a place."""
    return AuditLink.objects.filter(event=event).first()
