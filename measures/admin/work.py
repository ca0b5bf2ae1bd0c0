"""Entry pages for actions and the activities held for them."""

from typing import Any, cast

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.safestring import SafeString

from measures.admin.base import ORGAN_FILTER, LedgerInline, seen_campaigns
from measures.admin.reviewed import STATE_FILTER, ReviewedAdmin, badge, state_badge
from measures.forms.rows import ActionForm, ActivityForm, MilestoneForm
from measures.models import Action, ActionKind, Activity, LineKind, Milestone, Reviewed, ReviewState, begun
from measures.progress import STANDING_LABELS, action_standing
from organs.admin_site import drop_down
from organs.guarded import NamedFormSet
from organs.models import User

FOUND = "查出的问题（台账类型是“问题整改”时填）"
#: The usual stages of a project as the rows of a table begin.
USUAL = [{"order": n, "stage": stage} for n, stage in enumerate(Milestone.USUAL, 1)]


def _kinds(user: User) -> list[tuple[int, str]]:
    return [(k.pk, k.name) for k in ActionKind.objects.all()]


def _closing(user: User) -> list[tuple[str, str]]:
    words = {
        ReviewState.SUBMITTED: "销号待审",
        ReviewState.RETURNED: "销号退回",
        ReviewState.APPROVED: "已销号",
    }
    return [(state.value, label) for state, label in words.items()]


class ActivityInline(LedgerInline):
    """Activities of the action: those that are there are read, new ones are added."""

    model = Activity
    form = ActivityForm
    fields = ("day", "title", "place", "expected", "attended", "state_words")
    readonly_fields = ("state_words",)
    show_change_link = True
    can_delete = False

    @admin.display(description="审核状态")
    def state_words(self, row: Reviewed) -> SafeString | str:
        """Shape and word."""
        return state_badge(row) if row.pk else ""

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        """Each activity once, whether it counts or is on its way."""
        return cast(Any, super().get_queryset(request)).heads().select_related("organ")

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """On a page of their own, which knows what is locked."""
        return False


class StagesFormSet(NamedFormSet):
    """The stages of a project; the usual ones are offered while there are none, and stored once a day is filled in."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not self.initial_form_count():
            self.initial_extra = USUAL  # also when it comes back: what was only offered is no change


class MilestoneInline(LedgerInline):
    """Stages of a project; they go on after the project was approved, until it is closed out."""

    model = Milestone
    form = MilestoneForm
    formset = StagesFormSet
    fields = ("order", "stage", "due_day", "done_day")

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        """With their project, which says whether they may change."""
        return super().get_queryset(request).select_related("action__pillar__campaign", "action__organ")

    def get_extra(self, request: HttpRequest, obj: Any = None, **kwargs: Any) -> int:
        """As many as are usual while there are none."""
        return 0 if obj and obj.milestones.exists() else len(USUAL)


@admin.register(Action)
class ActionAdmin(ReviewedAdmin):
    """Ledger lines in ledger order."""

    form = ActionForm
    menu_place = 20
    list_display = ("title", "pillar", "organ", "kind", "leader", "due_day", "standing", "state_words")
    list_select_related = ("organ", "pillar__campaign", "kind")
    list_filter = (
        ORGAN_FILTER,
        drop_down("campaign", "创建活动", seen_campaigns, lookup="pillar__campaign"),
        drop_down("line", "台账类型", lambda user: LineKind.choices),
        drop_down("kind", "类别", _kinds),
        STATE_FILTER,
        drop_down("closing", "销号", _closing, lookup="closing_state"),
    )
    search_fields = ("title", "what", "leader", "office")
    sounding = ("title",)
    search_help_text = "按举措（可用拼音首字母）、内容、责任领导或科室找"
    date_hierarchy = "due_day"
    sortable_by = ("due_day", "state_words")
    autocomplete_fields = ("joint_organs", "counted_metrics")
    inlines = (MilestoneInline, ActivityInline)
    fieldsets = (
        (None, {"fields": ("pillar", "order", "title", "line", "kind", "what")}),
        (FOUND, {"fields": ("source", "found_on", "document_number", "finding"), "classes": ("collapse",)}),
        ("责任与时限", {"fields": ("leader", "office", "joint_organs", "start_day", "due_day")}),
        ("推进情况", {"fields": ("progress", "problem", "closed_on")}),
        ("归类与计数", {"fields": ("theme", "counted_metrics")}),
    )

    def get_inlines(self, request: HttpRequest, obj: Action | None) -> list[Any]:
        """Activities are entered under the line that stands, stages under a project that is there."""
        if obj is None or not obj.is_head:
            return [] if obj else [ActivityInline]
        return [MilestoneInline, ActivityInline] if obj.line == LineKind.PROJECT else [ActivityInline]

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        """What is asked of problems alone stands open for a problem, and folded or left out for others."""
        sets = super().get_fieldsets(request, obj)
        if obj is None and request.method == "GET" and request.GET.get("line") != LineKind.PROBLEM:
            return sets
        if obj and not obj.is_problem and obj.is_current:
            return [part for part in sets if part[0] != FOUND]
        if obj and not obj.is_problem and request.method == "GET":
            return sets
        return [(title, {**rest, "classes": ()} if title == FOUND else rest) for title, rest in sets]

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        """With whether something was held that counts, as leaders read it."""
        return super().get_queryset(request).annotate(has_activity=begun(Activity.objects.current()))

    @admin.display(description="状态")
    def standing(self, action: Any) -> SafeString:
        """Where it stands today."""
        standing = action_standing(
            start=action.start_day,
            due=action.due_day,
            closed_on=action.closed_on if action.is_closed else None,
            started=bool(action.progress) or action.has_activity,
            today=timezone.localdate(),
            over=action.over,
            asked_on=action.asked_on,
            until=action.until,
        )
        waiting = "（销号待审）" if action.asked_on else ""
        return badge(standing.value, STANDING_LABELS[standing] + waiting)


@admin.register(Activity)
class ActivityAdmin(ReviewedAdmin):
    """Held activities."""

    form = ActivityForm
    menu_place = 30
    list_display = ("title", "day", "action", "organ", "place", "attended", "state_words")
    list_select_related = ("organ", "action")
    search_fields = ("title", "place", "action__title")
    search_help_text = "按活动、地点或举措找"
    date_hierarchy = "day"
    autocomplete_fields = ("action", "also_serves")
    fields = ("action", "day", "title", "place", "expected", "attended", "also_serves", "note")
