"""Entry pages for honours, evidence and the record of reviews."""

from collections.abc import Sequence
from typing import Any, ClassVar, cast

from django.contrib import admin
from django.contrib.contenttypes.models import ContentType
from django.contrib.contenttypes.prefetch import GenericPrefetch
from django.db.models import Prefetch, Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import URLPattern, reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString

from measures import ledger, locks
from measures.admin.base import ORGAN_FILTER, LedgerAdmin, LedgerInline
from measures.admin.reviewed import STATE_FILTER, ReviewedAdmin
from measures.entering import UNLINKED, tell_of_files
from measures.forms.files import EvidenceForm, LinkForm, UploadForm
from measures.forms.rows import HonourForm
from measures.models import (
    PROVEN,
    Action,
    Activity,
    Evidence,
    EvidenceKind,
    EvidenceLink,
    Honour,
    HonourLevel,
    Observation,
    Reviewed,
    ReviewStep,
    Target,
)
from measures.models.evidence import EvidenceLinkQuerySet
from measures.rollups.evidence import said, uses
from measures.workflow import MOVES, Step
from organs.admin_site import drop_down, me
from organs.forms import row_number
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
#: What is said of a file.
ABOUT = ("caption", "kind", "document_number", "day")


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
    form = LinkForm
    verbose_name = verbose_name_plural = "证明的内容"
    fields = (*PROVEN, "linked")
    readonly_fields: ClassVar[tuple[str, ...]] = ("linked",)
    autocomplete_fields = tuple(PROVEN)

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        """With what they prove."""
        rows = cast(EvidenceLinkQuerySet, super().get_queryset(request))
        return rows.with_proven().select_related("by")

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


class FirstLinkInline(LinkInline):
    """What new files prove; one below the other, as it fits on a telephone."""

    template = "admin/edit_inline/stacked.html"
    verbose_name = "证明什么"
    readonly_fields = ()
    extra = max_num = 1
    can_delete = False

    def get_fields(self, request: HttpRequest, obj: Evidence | None = None) -> tuple[str, ...]:
        """Only what the address asks for, where it does."""
        return (asked[0],) if (asked := asked_for(request)) else tuple(PROVEN)


def asked_for(request: HttpRequest) -> tuple[str, Reviewed] | None:
    """The row of the user's organs that the address wants proved, with its kind; None if it names none."""
    for name, model in PROVEN.items():
        if (number := row_number(request.GET.get(name))) is not None:
            enters = scope(me(request), Right.ENTER)
            row = model.objects.filter(enters.q("organ__path"), pk=number).first()
            return (name, row) if row else None
    return None


@admin.register(Evidence)
class EvidenceAdmin(LedgerAdmin):
    """Files and what they prove."""

    change_form_template = "admin/evidence_form.html"
    menu_place = 75
    list_display = ("caption", "kind", "proves", "organ", "day", "size_words", "uploaded_by", "uploaded_at")
    list_select_related = ("organ", "uploaded_by")
    list_filter = (ORGAN_FILTER, drop_down("kind", "种类", lambda user: EvidenceKind.choices))
    search_fields = ("caption", "document_number", "name")
    date_hierarchy = "uploaded_at"

    def get_inlines(self, request: HttpRequest, obj: Evidence | None) -> list[Any]:
        """One line for new files, a table for stored ones."""
        return [LinkInline if obj else FirstLinkInline]

    def get_form(
        self, request: HttpRequest, obj: Evidence | None = None, change: bool = False, **kwargs: Any
    ) -> Any:
        """Files are chosen once."""
        return super().get_form(
            request, obj, change, **{"form": EvidenceForm if obj else UploadForm, **kwargs}
        )

    def get_fields(self, request: HttpRequest, obj: Evidence | None = None) -> tuple[str, ...]:
        """A stored file is looked at, not exchanged: another file is another piece of evidence."""
        return ("organ", "stored", *ABOUT, "size_words") if obj else ("file", "organ", *ABOUT)

    def get_readonly_fields(self, request: HttpRequest, obj: Evidence | None = None) -> tuple[str, ...]:
        """What the file itself says, and all that is said of proof of an approved row."""
        if obj is None:
            return ()
        return ("organ", "stored", "size_words", *(ABOUT if locks.why_locked(obj) else ()))

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        """For staff: of organs whose drafts they see, with what they prove."""
        user = me(request)
        links = EvidenceLink.objects.visible_to(user).with_proven()
        rows = Evidence.objects.filter(scope(user, Right.VIEW_DRAFTS).q("organ__path"))
        return rows.prefetch_related(Prefetch("links", links, to_attr="seen_links"))

    @admin.display(description="文件")
    def stored(self, evidence: Evidence) -> SafeString:
        """The file as a link."""
        return format_html('<a href="{}">{}</a>', reverse("evidence", args=(evidence.pk,)), evidence.name)

    @admin.display(description="证明")
    def proves(self, evidence: Any) -> str:
        """What it proves, or that it proves nothing yet."""
        return "、".join(str(link.proven) for link in evidence.seen_links) or "还没有关联"

    @admin.display(description="大小")
    def size_words(self, evidence: Evidence) -> str:
        """In units for people."""
        kilobytes = -(-evidence.size // 1024)
        return f"{kilobytes}KB" if kilobytes < 1024 else f"{kilobytes // 1024}MB"

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, Any]:
        """The organ is that of the row to be proved."""
        initial = super().get_changeform_initial_data(request)
        if asked := asked_for(request):
            initial["organ"] = str(asked[1].organ_id)
        return initial

    def get_formset_kwargs(self, request: HttpRequest, obj: Any, inline: Any, prefix: str) -> dict[str, Any]:
        """The row to be proved is filled in."""
        given = super().get_formset_kwargs(request, obj, inline, prefix)
        if request.method == "GET" and (asked := asked_for(request)):
            given["initial"] = [{asked[0]: asked[1].pk}]
        return given

    def save_model(self, request: HttpRequest, obj: Evidence, form: Any, change: bool) -> None:
        """Through the door, each file of an upload as a row of its own."""
        super().save_model(request, obj, form, change)
        if not change:
            form.stored = [obj, *form.others()]
            for row in form.stored[1:]:
                self.door.create(row, by=me(request))

    def save_related(self, request: HttpRequest, form: Any, formsets: Sequence[Any], change: bool) -> None:
        """All files of an upload prove what the first one does; then it is told what is worth knowing."""
        super().save_related(request, form, formsets, change)
        if change:
            return
        proven = [link for formset in formsets for link in formset.new_objects]
        for row in form.stored[1:]:
            for link in proven:
                what = {name: getattr(link, name) for name in PROVEN}
                self.door.create(EvidenceLink(evidence=row, **what), by=me(request))
        self._tell(request, form.stored, form.refused, proven)

    def _tell(
        self, request: HttpRequest, stored: list[Evidence], refused: list[str], proven: list[EvidenceLink]
    ) -> None:
        pages = {row.pk: reverse("admin:measures_evidence_change", args=(row.pk,)) for row in stored}
        for level, words in tell_of_files(me(request), stored, refused, proven, pages):
            self.message_user(request, words, level)

    def response_add(
        self, request: HttpRequest, obj: Evidence, post_url_continue: str | None = None
    ) -> HttpResponse:
        """Back to the row that was to be proved; messages have been given."""
        if asked := asked_for(request):
            return redirect(f"admin:measures_{asked[0]}_change", asked[1].pk)
        return redirect("admin:measures_evidence_changelist")

    def render_change_form(
        self, request: HttpRequest, context: Any, *args: Any, **kwargs: Any
    ) -> HttpResponse:
        """The form with what is worth knowing about the file."""
        row = kwargs.get("obj")
        context["show_save_and_add_another"] = context["show_save_and_continue"] = False
        if row:
            found = uses(me(request), [row])[row.pk]
            context |= {
                "locked": locks.why_locked(row),
                "unlinked": "" if row.seen_links else UNLINKED,
                "elsewhere": said(use for use in found if use.evidence_id != row.pk),
            }
        elif request.method == "POST":
            context["chosen_again"] = True
        return super().render_change_form(request, context, *args, **kwargs)

    def delete_model(self, request: HttpRequest, obj: Evidence) -> None:
        """With its links, through the door, which keeps what proves an approved row."""
        ledger.delete(obj, by=me(request), along=list(obj.links.all()))


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
