"""What the ledger's entry pages share: the door, who may choose what, and common filters."""

from datetime import UTC, datetime
from typing import Any, ClassVar, cast

from django.contrib import admin, messages
from django.db import models
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString

from measures import ledger, locks
from measures.models import (
    KEPT_DAYS,
    Action,
    Activity,
    BinKind,
    Campaign,
    Evidence,
    Honour,
    Metric,
    Observation,
    Participation,
    Pillar,
    Reviewed,
    Rule,
    Theme,
)
from organs.admin_site import LedgerAdminSite, drop_down, me
from organs.guarded import GuardedAdmin, GuardedInline, in_use
from organs.models import Organ, User
from organs.permissions import Right, roles_with, scope
from organs.scoped import Door, Scoped

site = cast(LedgerAdminSite, admin.site)

#: Older than every row: what a page answers that does not say as of when it showed one.
UNSEEN = datetime.min.replace(tzinfo=UTC)


def seen(request: HttpRequest, name: str, *, needed: bool) -> datetime | None:
    """When the row that the user was shown had last been changed; without a word of it None, or UNSEEN if needed."""
    token = request.POST.get(name, "")
    try:
        return datetime.fromisoformat(token)
    except ValueError:
        return UNSEEN if token or needed else None


def in_bin(names: str) -> SafeString:
    """That something lies in the bin now, and the way there."""
    return format_html('{}已移到<a href="{}">回收站</a>，{}天内可以恢复。', names, reverse("bin"), KEPT_DAYS)


class LedgerRights(Scoped):
    """Rights over rows of the ledger; `rights` are those of which one opens the page for writing."""

    door: ClassVar[Door] = ledger
    rights: ClassVar[tuple[Right, ...]] = (Right.ENTER,)

    def may_see_any(self, user: User) -> bool:
        """Whoever sees figures of some organ."""
        return bool(scope(user, Right.VIEW))

    def may_write(self, user: User, row: models.Model | None = None) -> bool:
        """As the door has it."""
        if row is not None:
            return ledger.may_write(user, row)
        return any(scope(user, right) for right in self.rights)


class LedgerInline(LedgerRights, GuardedInline):
    """Rows of the ledger within the page of their parent, whose page asks for the rights."""


class LedgerAdmin(LedgerRights, GuardedAdmin):
    """A list and a form over one model of the ledger."""

    def may_delete(self, user: User, row: models.Model | None = None) -> bool:
        """What is not locked; headings, metrics and what all share only while nothing hangs on them.

        What else hangs on a row that clerks enter, the door tells them.
        """
        if row is None or not self.may_write(user, row):
            return self.may_write(user, row)
        told = isinstance(row, Reviewed | Evidence)
        return not locks.why_locked(row) and (told or not in_use(row))

    def response_delete(self, request: HttpRequest, obj_display: str, obj_id: int) -> HttpResponse:
        """Back to the list; what lies in the bin is told with the way there."""
        if self.opts.model_name not in BinKind.values:
            return super().response_delete(request, obj_display, obj_id)
        self.message_user(request, in_bin(f"“{obj_display}”"), messages.SUCCESS)
        return redirect(f"admin:measures_{self.opts.model_name}_changelist")

    def save_formset(self, request: HttpRequest, form: Any, formset: Any, change: bool) -> None:
        """Through the door; what went to the bin is told with the way there."""
        super().save_formset(request, form, formset, change)
        if formset.deleted_objects and formset.model._meta.model_name in BinKind.values:
            names = "、".join(f"“{row}”" for row in formset.deleted_objects)
            self.message_user(request, in_bin(names), messages.SUCCESS)

    def may_see_history(self, user: User, row: models.Model) -> bool:
        """Those who see drafts of the row's organ: the trail tells of them, too."""
        organ, drafts = ledger.organ_of(row), scope(user, Right.VIEW_DRAFTS)
        return organ.path in drafts if organ else bool(drafts)

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, Any]:
        """What the address says; the organ is filled in for those who are clerks of one only."""
        initial = super().get_changeform_initial_data(request)
        enters = roles_with(Right.ENTER)
        own = {m.organ_id for m in me(request).current_memberships() if m.role in enters}
        if len(own) == 1:
            initial.setdefault("organ", str(own.pop()))
        return initial


class CatalogueAdmin(LedgerAdmin):
    """Lists that the stewards keep for all."""

    rights = (Right.CATALOGUE,)

    def may_see_any(self, user: User) -> bool:
        """Those who keep them; others meet the rows as choices."""
        return self.may_write(user)


def choices(field: models.Field, user: User) -> QuerySet | None:
    """The rows that a user may choose in a field of the ledger: seen by them and, for their own rows, theirs to enter."""
    enters = scope(user, Right.ENTER)
    match field.model, field.related_model:
        case (model, _) if model._meta.app_label != "measures":
            return None
        case (_, model) if model is Organ:
            return _organs(field, user)
        case (_, model) if model is Pillar:
            return Pillar.objects.filter(enters.q("organ__path")).select_related("organ", "campaign")
        case (_, model) if model is Evidence:
            return Evidence.objects.filter(enters.q("organ__path"))
        case (_, model) if model is Action:
            return Action.objects.heads().filter(enters.q("organ__path"))
        case (_, model) if model is Rule:
            return Rule.objects.filter(enters.q("organ__path")).select_related("organ")
        case (_, model) if model in (Activity, Honour):
            return model._default_manager.live().filter(enters.q("organ__path"))
        case (_, model) if model is Observation:
            rows = Observation.objects.live().filter(enters.q("organ__path"))
            return rows.select_related("organ", "metric")
        case (_, model) if model is Metric:
            return Metric.objects.visible_to(user).select_related("unit")
        case (_, model) if model is Campaign:
            return Campaign.objects.visible_to(user)
    return None


def _organs(field: models.Field, user: User) -> QuerySet:
    """Organs one enters for; that one administers campaigns of; and, as joint organs, those of the same campaigns."""
    enters, keeps = scope(user, Right.ENTER), scope(user, Right.CATALOGUE)
    if field.name == "joint_organs":
        campaigns = Participation.objects.filter(enters.q("organ__path")).values("campaign")
        return Organ.objects.filter(participations__campaign__in=campaigns).distinct()
    if field.model in (Campaign, Participation):
        return Organ.objects.filter(keeps.q("path"))
    if field.model is Metric:
        return Organ.objects.filter(enters.q("path") | keeps.q("path"))
    return Organ.objects.filter(enters.q("path"))


def seen_organs(user: User) -> list[tuple[int, str]]:
    """Organs of a drop-down, set in by their depth."""
    return [(o.pk, "　" * (o.depth - 1) + o.label) for o in Organ.objects.visible_to(user)]


def seen_campaigns(user: User) -> list[tuple[int, str]]:
    """Campaigns of a drop-down."""
    return [(c.pk, c.name) for c in Campaign.objects.visible_to(user)]


def all_themes(user: User) -> list[tuple[int, str]]:
    """Themes of a drop-down."""
    return [(t.pk, t.name) for t in Theme.objects.all()]


ORGAN_FILTER = drop_down("organ", "机关单位", seen_organs)
CAMPAIGN_FILTER = drop_down("campaign", "创建活动", seen_campaigns)
THEME_FILTER = drop_down("theme", "标准主题", all_themes)

site.choice_rules.append(choices)
