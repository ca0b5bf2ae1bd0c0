"""Entry pages for honours, evidence and the record of reviews."""

from typing import Any

from django.contrib import admin
from django.contrib.contenttypes.models import ContentType
from django.contrib.contenttypes.prefetch import GenericPrefetch
from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.urls import URLPattern, reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString

from measures.admin.base import ORGAN_FILTER, LedgerAdmin, LedgerInline
from measures.admin.reviewed import STATE_FILTER, ReviewedAdmin
from measures.forms.files import EvidenceForm
from measures.forms.rows import HonourForm, LedgerForm
from measures.models import (
    Action,
    Activity,
    Evidence,
    EvidenceKind,
    EvidenceLink,
    Honour,
    HonourLevel,
    Observation,
    ReviewStep,
    Target,
)
from measures.workflow import MOVES, Step
from organs.admin_site import drop_down, me
from organs.guarded import ReadOnlyAdmin
from organs.models import User
from organs.permissions import Right, scope

#: Rows that steps tell of, with what their names are made of.
TOLD = [
    Action.objects.all(),
    Activity.objects.all(),
    Honour.objects.all(),
    Observation.objects.select_related("organ", "metric"),
    Target.objects.select_related("organ", "metric"),
]


@admin.register(Honour)
class HonourAdmin(ReviewedAdmin):
    """Honours."""

    form = HonourForm
    menu_place = 70
    list_display = ("title", "level", "issued_by", "recipient", "organ", "year", "state_words")
    list_filter = (ORGAN_FILTER, drop_down("level", "级别", lambda user: HonourLevel.choices), STATE_FILTER)
    search_fields = ("title", "issuer", "recipient")
    date_hierarchy = "day"
    fieldsets = (
        (None, {"fields": ("organ", "title", "level", "issuer", "recipient", "year", "day", "date_words")}),
        ("其他", {"fields": ("streak_years", "valid_until", "pillar", "note")}),
    )

    @admin.display(description="授予单位", ordering="issuer")
    def issued_by(self, honour: Honour) -> str:
        """Often not written."""
        return honour.issuer or "未写明"


class LinkInline(LedgerInline):
    """What a piece of evidence proves; a link is made or taken away, not changed."""

    model = EvidenceLink
    form = LedgerForm
    fields = ("action", "activity", "observation", "honour", "linked")
    readonly_fields = ("linked",)
    autocomplete_fields = ("action", "activity", "observation", "honour")

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        """With what they prove."""
        rows = super().get_queryset(request)
        return rows.select_related(
            "action", "activity", "observation__metric", "observation__organ", "honour", "by"
        )

    @admin.display(description="关联")
    def linked(self, link: EvidenceLink) -> str:
        """By whom and when, and whether what it proves was approved already."""
        if not link.pk:
            return "—"
        late = "，审核后补充" if link.after_approval else ""
        return f"{link.by}，{timezone.localtime(link.at):%Y-%m-%d}{late}"

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Never."""
        return False


@admin.register(Evidence)
class EvidenceAdmin(LedgerAdmin):
    """Files and what they prove."""

    form = EvidenceForm
    menu_place = 75
    list_display = ("caption", "kind", "organ", "day", "size_words", "uploaded_by", "uploaded_at")
    list_select_related = ("organ", "uploaded_by")
    list_filter = (ORGAN_FILTER, drop_down("kind", "种类", lambda user: EvidenceKind.choices))
    search_fields = ("caption", "document_number", "name")
    date_hierarchy = "uploaded_at"
    inlines = (LinkInline,)

    def get_fields(self, request: HttpRequest, obj: Evidence | None = None) -> tuple[str, ...]:
        """A stored file is looked at, not exchanged: another file is another piece of evidence."""
        about = ("caption", "kind", "document_number", "day")
        return ("organ", "stored", "size_words", "sha256", *about) if obj else ("organ", "file", *about)

    def get_readonly_fields(self, request: HttpRequest, obj: Evidence | None = None) -> tuple[str, ...]:
        """What the file itself says."""
        return ("organ", "stored", "size_words", "sha256") if obj else ()

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        """For staff: of organs whose drafts they see."""
        return super().get_queryset(request).filter(scope(me(request), Right.VIEW_DRAFTS).q("organ__path"))

    @admin.display(description="文件")
    def stored(self, evidence: Evidence) -> SafeString:
        """The file as a link."""
        return format_html('<a href="{}">{}</a>', reverse("evidence", args=(evidence.pk,)), evidence.name)

    @admin.display(description="大小")
    def size_words(self, evidence: Evidence) -> str:
        """In units for people."""
        kilobytes = -(-evidence.size // 1024)
        return f"{kilobytes}KB" if kilobytes < 1024 else f"{kilobytes // 1024}MB"


@admin.register(ReviewStep)
class ReviewStepAdmin(ReadOnlyAdmin):
    """Who moved what, when, with which words."""

    menu_place = 78
    list_display = ("at", "by", "step_words", "target_type", "target", "note")
    list_select_related = ("by", "target_type")
    list_filter = (drop_down("step", "步骤", lambda user: [(m.step.value, m.label) for m in MOVES.values()]),)
    search_fields = ("note", "by__name")
    date_hierarchy = "at"
    list_display_links = None

    def get_urls(self) -> list[URLPattern]:
        """The list says it all."""
        return [url for url in super().get_urls() if (url.name or "").endswith("_changelist")]

    def may_see_any(self, user: User) -> bool:
        """Those who see drafts."""
        return bool(scope(user, Right.VIEW_DRAFTS))

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        """Steps of rows whose drafts the user sees."""
        seen, drafts = Q(pk__in=[]), scope(me(request), Right.VIEW_DRAFTS)
        for rows in TOLD:
            kind = ContentType.objects.get_for_model(rows.model)
            seen |= Q(target_type=kind, target_id__in=rows.filter(drafts.q("organ__path")).values("pk"))
        return super().get_queryset(request).filter(seen).prefetch_related(GenericPrefetch("target", TOLD))

    @admin.display(description="步骤")
    def step_words(self, row: ReviewStep) -> str:
        """As on its button."""
        return MOVES[Step(row.step)].label

    @admin.display(description="对象")
    def target(self, row: ReviewStep) -> str:
        """What was moved."""
        return str(row.target)
