"""The audit trail: `record` writes one event inside the caller's transaction; what a row and a change say in words."""

from collections.abc import Callable, Iterable
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.db import models, transaction
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from psycopg.types.range import Range

from organs import chain
from organs.models import AuditEvent, AuditVerb, Organ, User

#: A secret, what the event itself says, a text whose SHA-256 is said, and what follows from the place in the tree.
UNSAID_FIELDS = frozenset({"password", "changed_at", "full_text", "depth", "numchild"})
#: What the tree's own column is called.
LABELS = {"path": "位置"}
#: How the second and later lines of a value begin, so that no value can pass for a field of its own.
CONTINUED = "　　"
#: Rows that one statement stores.
AT_ONCE = 1000
TECHNICAL_ADMINISTRATOR = "系统管理员"
_address: ContextVar[str] = ContextVar("address", default="")


class AddressMiddleware:
    """Remembers where a request comes from for the events that it leaves; behind a proxy that is what the proxy says."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if settings.BEHIND_PROXY and (forwarded := request.META.get("HTTP_X_FORWARDED_FOR")):
            request.META["REMOTE_ADDR"] = forwarded.rsplit(",", 1)[-1].strip()[:45]
        token = _address.set(request.META.get("REMOTE_ADDR", ""))
        try:
            return self.get_response(request)
        finally:
            _address.reset(token)


def canonical(instance: models.Model) -> str:
    """What a row says, one `字段：值` a line in the order of its fields; never a password, nor lists of keys."""
    lines = []
    for field in instance._meta.concrete_fields:
        if field.primary_key or field.name in UNSAID_FIELDS:
            continue
        value = getattr(instance, field.attname)
        if value in (None, "") or isinstance(value, list):
            continue
        if field.choices:
            said = str(dict(field.flatchoices).get(value, value))
        elif field.is_relation:
            said = f"{getattr(instance, field.name)}（{value}）"
        else:
            said = _said(value)
        lines.append(
            f"{LABELS.get(field.name, field.verbose_name)}：" + f"\n{CONTINUED}".join(said.splitlines())
        )
    return "\n".join(lines)


def _said(value: object) -> str:
    """A value as a person reads it: days and times of Asia/Shanghai, plain figures, ranges in words."""
    match value:
        case bool():
            return "是" if value else "否"
        case Decimal():
            return f"{value.normalize():f}"
        case datetime():
            return f"{timezone.localtime(value):%Y-%m-%d %H:%M}"
        case Range():
            return _range_said(value)
    return str(value)


def _range_said(span: Range) -> str:
    if isinstance(span.lower, date) and isinstance(span.upper, date):
        return f"{span.lower}至{span.upper if span.upper_inc else span.upper - timedelta(days=1)}"
    if span.lower is not None and span.lower == span.upper:
        return _said(span.lower)
    if span.lower_inc and span.upper_inc:
        return f"{_said(span.lower)}至{_said(span.upper)}"
    ends = []
    if span.lower is not None:
        ends.append(f"不少于{_said(span.lower)}" if span.lower_inc else f"超过{_said(span.lower)}")
    if span.upper is not None:
        ends.append(f"不超过{_said(span.upper)}" if span.upper_inc else f"不足{_said(span.upper)}")
    return "、".join(ends)


@dataclass(frozen=True)
class Difference:
    """What one field said before and says after; empty where it said nothing."""

    label: str
    before: str
    after: str

    @property
    def changed(self) -> bool:
        """Whether it says something else."""
        return self.before != self.after


def differences(before: str, after: str) -> list[Difference]:
    """Two canonical texts field by field, in the order of the later one, what is gone last."""
    old, new = _fields(before), _fields(after)
    return [Difference(label, old.get(label, ""), new.get(label, "")) for label in {**new, **old}]


def _fields(text: str) -> dict[str, str]:
    """Values by label; a line without a label, and a label that comes again, continue the value before."""
    fields: dict[str, str] = {}
    label = ""
    for line in text.splitlines():
        name, colon, said = line.partition("：")
        if line.startswith(CONTINUED) or not colon:
            said = line.removeprefix(CONTINUED)
        else:
            label = name
        fields[label] = f"{fields[label]}\n{said}" if label in fields else said
    return fields


def home_of(user: User | None) -> Organ | None:
    """The organ in whose chain stands what a person does that belongs to no organ, such as signing in."""
    held = user.current_memberships() if user else []
    return held[0].organ if held else None


def _roles(by: User | AnonymousUser | None, organ: Organ | None) -> str:
    """The roles that a person holds today on the organ; all of them where there is none."""
    if not isinstance(by, User):
        return ""
    held = [
        m.get_role_display()
        for m in by.current_memberships()
        if organ is None
        or m.organ.path == organ.path
        or (m.with_below and organ.path.startswith(m.organ.path))
    ]
    return "、".join(dict.fromkeys([*held, *([TECHNICAL_ADMINISTRATOR] if by.is_superuser else [])]))


def record(
    verb: AuditVerb,
    target: models.Model | None,
    *,
    by: User | AnonymousUser | None,
    organ: Organ | None = None,
    before: str = "",
    after: str = "",
    note: str = "",
) -> AuditEvent:
    """Append one event; must run in the transaction of what it tells of."""
    return record_many(verb, [(target, before, after)], by=by, organ_of=lambda _: organ, note=note)[0]


def record_many(
    verb: AuditVerb,
    rows: Iterable[tuple[models.Model | None, str, str]],
    *,
    by: User | AnonymousUser | None,
    organ_of: Callable[[Any], Organ | None],
    note: str = "",
) -> list[AuditEvent]:
    """Append an event for each target with what it said before and after, as `record` does, in two queries."""
    if not transaction.get_connection().in_atomic_block:
        raise transaction.TransactionManagementError(
            "an audit event belongs into the transaction of its deed"
        )
    roles: dict[int | None, str] = {}
    events = []
    for target, before, after in rows:
        organ = organ_of(target)
        key = organ.pk if organ else None
        if key not in roles:
            roles[key] = _roles(by, organ)
        events.append(
            AuditEvent(
                user_id=by.pk if by else None,
                user_name=str(by) if by and by.pk else "",
                roles=roles[key],
                organ_id=key,
                organ_name=organ.name if organ else "",
                address=_address.get(),
                verb=verb,
                target_type=target._meta.label_lower if target else "",
                target_id=target.pk if target else None,
                target_name=str(target)[:300] if target else "",
                before=before,
                after=after,
                note=note,
            )
        )
    AuditEvent.objects.bulk_create(events, batch_size=AT_ONCE)
    chain.link_many(events)
    return events
