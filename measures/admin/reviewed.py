"""Entry pages of reviewed rows: locked as the review line has it, with its steps as buttons and in bulk."""

from typing import Any, ClassVar, cast

from django.contrib import admin, messages
from django.contrib.admin.options import IncorrectLookupParameters
from django.contrib.admin.templatetags.admin_urls import add_preserved_filters
from django.contrib.admin.utils import flatten_fieldsets, unquote
from django.contrib.contenttypes.models import ContentType
from django.core.exceptions import BadRequest, PermissionDenied, ValidationError
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString

from measures import ledger, locks
from measures.admin.base import ORGAN_FILTER, LedgerAdmin, seen
from measures.admin.bulk import action_for, deeds_of
from measures.entering import TWICE
from measures.models import (
    PROVEN,
    Action,
    Observation,
    Reviewed,
    ReviewedQuerySet,
    ReviewState,
    ReviewStep,
    why_unproven,
)
from measures.resources.kinds import KINDS
from measures.resources.orders import order
from measures.resources.out import handed_out
from measures.resources.upload_form import MOST_ON_A_PAGE
from measures.rollups.proofs import held, proofs
from measures.workflow import LINE, MOVES, Move, Step, advance, open_steps, refusal, reviewed, why_not
from organs.admin_site import drop_down, me
from organs.forms import GuardedForm, has_personal_number
from organs.keeping import marked, stored, was_stored
from organs.models import User
from organs.permissions import Right, can

STATE_FILTER = drop_down("state", "审核状态", lambda user: ReviewState.choices)
MARKS = {
    ReviewState.SUBMITTED: "submitted",
    ReviewState.RETURNED: "returned",
    ReviewState.APPROVED: "done",
    ReviewState.RETRACTED: "old",
}


def badge(mark: str, words: str) -> SafeString:
    """A shape by class, always with its word."""
    return format_html('<span class="standing st-{}">{}</span>', mark, words)


def state_badge(row: Reviewed) -> SafeString:
    """The review state of a row; an old version says so."""
    if row.superseded_at:
        return badge("old", "已被更正")
    state = ReviewState(row.state)
    return badge(MARKS.get(state, "draft"), state.label)


class ReviewedAdmin(LedgerAdmin):
    """A list and a form over reviewed rows."""

    change_form_template = "admin/reviewed_form.html"
    list_filter: ClassVar[Any] = (ORGAN_FILTER, STATE_FILTER)
    list_select_related: ClassVar[Any] = ("organ", "created_by")

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        """The list, which can be exported."""
        address = reverse(f"admin:measures_{self.opts.model_name}_export")
        return super().changelist_view(request, {"export_url": address, **(extra_context or {})})

    @admin.display(description="审核状态", ordering="state")
    def state_words(self, row: Reviewed) -> SafeString:
        """Shape and word."""
        return state_badge(row)

    def get_urls(self) -> list[URLPattern]:
        """With the list as a sheet."""
        name = f"measures_{self.opts.model_name}_export"
        return [path("export/", self.admin_site.admin_view(self.export), name=name), *super().get_urls()]

    def export(self, request: HttpRequest) -> HttpResponseBase:
        """The list as it is filtered, as a sheet that can be taken in again."""
        if request.method != "GET":
            return HttpResponseNotAllowed(["GET"])
        if not self.has_view_permission(request):
            raise PermissionDenied
        kind = next(kind for kind in KINDS.values() if kind.model is self.model)
        try:
            rows = cast(ReviewedQuerySet, self.get_changelist_instance(request).get_queryset(request))
        except IncorrectLookupParameters:  # the list, asked the same, says so
            return redirect(
                f"{reverse(f'admin:measures_{self.opts.model_name}_changelist')}?{request.GET.urlencode()}"
            )
        if rows.count() > MOST_ON_A_PAGE:
            order(kind, rows, by=me(request))
            return redirect("orders")
        return handed_out(kind, rows, by=me(request))

    def get_actions(self, request: HttpRequest) -> dict[str, Any]:
        """The steps that the user's roles allow somewhere."""
        if not hasattr(request, "user") or "_popup" in request.GET:
            return {}
        deeds = deeds_of(me(request), self.model)
        return {deed.name: (action_for(deed), deed.name, deed.label) for deed in deeds}

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Those who enter."""
        return self.may_write(me(request))

    def get_form(
        self, request: HttpRequest, obj: Reviewed | None = None, change: bool = False, **kwargs: Any
    ) -> type[GuardedForm]:
        """The form; after a refusal it tells what somebody else has stored meanwhile."""
        form = cast(type[GuardedForm], super().get_form(request, obj, change=change, **kwargs))
        shown = seen(request, "seen", needed=False)
        form.outdated = bool(form.refusal and obj and shown and shown != obj.changed_at)
        return form

    def refuse_unseen(self, request: HttpRequest, row: Any, form: GuardedForm) -> None:
        """The door does, by the moment of the last change."""

    def store_change(self, request: HttpRequest, row: Reviewed, links: dict[str, Any]) -> None:
        """Through the door, which compares with what the user was shown."""
        loaded = row.changed_at
        ledger.change(row, by=me(request), links=links, seen=seen(request, "seen", needed=False))
        if row.changed_at != loaded:
            cast(Any, request).stored_at = row.changed_at

    def get_readonly_fields(self, request: HttpRequest, obj: Reviewed | None = None) -> tuple[str, ...]:
        """All fields of a locked row but those that stay open; of a correction those that go on beside it.

        What was typed before somebody else locked the row is kept in the form, where the door's refusal is shown.
        """
        if obj is None or not locks.why_locked(obj):
            return tuple(obj.OPEN_AFTER_APPROVAL) if obj and obj.previous_id else ()
        names = flatten_fieldsets(self.get_fieldsets(request, obj))
        return tuple(n for n in names if self._is_told(request, obj, n))

    def get_fieldsets(self, request: HttpRequest, obj: Reviewed | None = None) -> Any:
        """Numbers of a locked row without needless zeros."""
        sets = super().get_fieldsets(request, obj)
        if obj is None or not locks.why_locked(obj):
            return sets
        return [
            (
                title,
                {
                    **rest,
                    "fields": [
                        self._spoken(n) if self._is_told(request, obj, n) else n for n in rest["fields"]
                    ],
                },
            )
            for title, rest in sets
        ]

    def _is_told(self, request: HttpRequest, row: Reviewed, field: Any) -> bool:
        name = getattr(field, "__name__", field)
        return name not in open_fields(row) and name not in request.POST

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: Any = None,
    ) -> HttpResponse:
        """The form; a step by those who cannot change the row; a new row that is sent again is not stored again."""
        if request.method == "POST" and object_id is None and was_stored(request, me(request)):
            self.message_user(request, TWICE, messages.WARNING)
            return redirect(f"admin:{self.opts.app_label}_{self.opts.model_name}_changelist")
        if request.method == "POST" and object_id:
            row = self.get_object(request, unquote(object_id))
            if "_step" in request.POST and not self.has_change_permission(request, row):
                return self._move_only(request, row)
        return super().changeform_view(request, object_id, form_url, extra_context)

    def save_model(self, request: HttpRequest, obj: Reviewed, form: GuardedForm, change: bool) -> None:
        """Through the door, a new row once however often it is sent; what was kept of it while typing is forgotten."""
        if not stored(request, me(request)) and not change:
            raise ValidationError(TWICE)
        super().save_model(request, obj, form, change)

    def _correct(self, request: HttpRequest, row: Reviewed) -> HttpResponse:
        """Open the next version; ValidationError says why not."""
        reason = request.POST.get("reason", "")
        draft = ledger.correct(row, by=me(request), reason=reason)
        self.point_out(request, ["更正的理由"] if has_personal_number(reason) else [])
        self.message_user(request, "已另建一份更正稿，原来的一份在新稿审核通过前照常有效。", messages.SUCCESS)
        return redirect(self._address(draft))

    def _move_only(self, request: HttpRequest, row: Reviewed) -> HttpResponse:
        try:
            return self._move(request, row)
        except ValidationError as error:
            typed = request.POST.get("review_note", "").strip()
            beside = " ".join(error.messages) if "review_note" in getattr(error, "error_dict", {}) else ""
            request.session["kept"] = {"page": request.path, "review_note": typed, "wrong": beside}
            if not beside:
                kept = f"您写的“{typed}”没有记下。" if typed else ""
                self.message_user(request, " ".join(error.messages) + kept, messages.ERROR)
            return redirect(request.path)

    def _move(self, request: HttpRequest, row: Reviewed) -> HttpResponse:
        """Take the step that was pressed; ValidationError says why not."""
        if (step := request.POST["_step"]) not in set(Step):
            raise BadRequest
        move, note = MOVES[Step(step)], request.POST.get("review_note", "")
        stored_at = getattr(request, "stored_at", None) or seen(request, "seen", needed=move.four_eyes)
        advance(row, move.step, by=me(request), note=note, seen=stored_at)
        self.point_out(request, ["意见"] if has_personal_number(note) else [])
        self.message_user(request, self._told(request, row, move), messages.SUCCESS)
        kept: dict[str, Any] = {"preserved_filters": self.get_preserved_filters(request), "opts": self.opts}
        return redirect(add_preserved_filters(kept, self._address(row)))

    def _told(self, request: HttpRequest, row: Reviewed, move: Move) -> str:
        """What was done; to a reviewer with the way to the next row that waits."""
        done = f"已{move.label}：“{row}”。"
        following = next_waiting(row, move, me(request)) if move.right is Right.REVIEW else None
        if following is None:
            return done
        address = self._address(following)
        return format_html('{} <a href="{}">下一条待审：{}</a>', done, address, following)

    def response_add(
        self, request: HttpRequest, obj: Reviewed, post_url_continue: str | None = None
    ) -> HttpResponse:
        """After saving; 保存并报审 submits, too."""
        return self._move(request, obj) if "_step" in request.POST else super().response_add(request, obj)

    def response_change(self, request: HttpRequest, obj: Reviewed) -> HttpResponse:
        """After saving; a step or a correction that was pressed is taken with what was typed."""
        if "_correct" in request.POST:
            return self._correct(request, obj)
        return self._move(request, obj) if "_step" in request.POST else super().response_change(request, obj)

    def _address(self, row: Reviewed) -> str:
        return reverse(f"admin:measures_{row._meta.model_name}_change", args=(row.pk,))

    def render_change_form(
        self, request: HttpRequest, context: Any, *args: Any, **kwargs: Any
    ) -> HttpResponse:
        """The form with its review box."""
        row, user = kwargs.get("obj"), me(request)
        context |= marked(request)
        if row is None:
            context["can_submit"] = True
        else:
            why = locks.why_locked(row)
            context |= review_box(row, user) | held_against(row, user)
            may_change = self.has_change_permission(request, row)
            context["locked"] = locked_note(row, why) if may_change else ""
            context["is_read"] = not may_change or bool(why and not open_fields(row))
            refused = getattr(context["adminform"].form.refusal, "error_dict", {})
            context["wrong_reason"] = [said for error in refused.get("reason", ()) for said in error.messages]
            kept = request.session.pop("kept", {})
            typed = {name: request.POST.get(name, "") for name in ("review_note", "reason")}
            context |= kept if kept.get("page") == request.path else typed
            told = "" if context["adminform"].form.outdated else request.POST.get("seen", "")
            context["seen"] = told or row.changed_at.isoformat()
            if context["is_read"]:
                context["title"] = f"查看{self.opts.verbose_name}"
                for name in ("show_save", "show_save_and_continue", "show_save_and_add_another"):
                    context[name] = False
        return super().render_change_form(request, context, *args, **kwargs)


def next_waiting(row: Reviewed, move: Move, user: User) -> Reviewed | None:
    """The first row of the same kind, in official order, that waits for the user after a step with this one."""
    hands = "closing_hands" if move.field == "closing_state" else "hands"
    rows = type(row)._default_manager.filter(reviewed(user, move.field))
    rows = rows.filter(**{move.field: ReviewState.SUBMITTED}).exclude(**{f"{hands}__contains": [user.pk]})
    return rows.order_by("organ__path", "pk").first()


def open_fields(row: Reviewed) -> frozenset[str]:
    """The fields of an approved row that may still be changed."""
    if not (isinstance(row, Action) and row.is_current) or row.closing_state in locks.CLOSING:
        return frozenset()
    return frozenset() if locks.why_closed(row) else row.OPEN_AFTER_APPROVAL


def locked_note(row: Reviewed, why: str) -> str:
    """Why a row cannot be changed; of an approved action, what still can; of its correction, what goes on beside it."""
    if still_open := open_fields(row):
        return (
            f"已经审核，举措本身不能再改；{locks.named(row, still_open)}可以继续更新，新活动可以继续登记，"
            "完成后申请销号。举措本身写错了请用“更正”。"
        )
    if not why and row.previous_id and row.OPEN_AFTER_APPROVAL:
        return f"{locks.named(row, row.OPEN_AFTER_APPROVAL)}请在现行的一条上更新，更正通过时自动带过来。"
    return locks.CLOSING.get(getattr(row, "closing_state", ""), why) if row.is_current else why


def review_box(row: Reviewed, user: User) -> dict[str, Any]:
    """What the review box of a form shows: steps that are open, why one is not, the way so far, corrections."""
    moves = open_steps(row, by=user)
    waits = [m for m in LINE if getattr(row, m.field, None) in m.before]
    retract = next(
        (m for m in waits if m.step == Step.RETRACT and row.is_current and can(user, m.right, row.organ)),
        None,
    )
    versions = cast(Any, type(row))._default_manager.visible_to(user)
    later = versions.filter(previous=row).order_by("-pk").first()
    stations = way(row)
    if not can(
        user, Right.VIEW_DRAFTS, row.organ
    ):  # a joint organ: what reviewers say is for who writes and reviews
        stations = [{**station, "note": ""} for station in stations]
    back = [station for station in stations if station["step"] in (Step.RETURN, Step.RETURN_CLOSING)]
    is_back = ReviewState.RETURNED in (row.state, getattr(row, "closing_state", ""))
    return {
        "can_submit": any(move.step == Step.SUBMIT for move in moves),
        "moves": [move for move in moves if move.step not in (Step.SUBMIT, Step.RETRACT)],
        "asks_note": any(move.asks and move.step != Step.RETRACT for move in moves),
        "blocked": next((why for m in waits if m.four_eyes and (why := refusal(row, m.step, by=user))), ""),
        "retract": retract,
        "kept_because": why_not(row, Step.RETRACT, by=user) if retract else "",
        "can_correct": can(user, Right.ENTER, row.organ)
        and row.is_current
        and later is None
        and getattr(row, "closing_state", "") not in locks.CLOSING
        and not locks.why_closed(row),
        "way": stations,
        "returned": back[-1] if is_back else None,
        "state_badge": state_badge(row),
        "next_version": later,
        "previous_version": versions.filter(pk=row.previous_id).first(),
    }


def held_against(row: Reviewed, user: User) -> dict[str, Any]:
    """What a reviewer reads beside a row: its proof, the activities counted, the figures before it."""
    kind = row._meta.model_name
    if kind not in PROVEN:
        return {"proofs": None}
    shown: dict[str, Any] = {
        "proofs": proofs(user, kind, [row.pk, *([row.previous_id] if row.previous_id else [])]),
        "unproven": why_unproven(row),
        "upload_url": f"{reverse('admin:measures_evidence_add')}?{kind}={row.pk}"
        if can(user, Right.ENTER, row.organ)
        else "",
    }
    if isinstance(row, Observation):
        seen = Observation.objects.visible_to(user)
        before = seen.filter(pk=row.previous_id).first()
        earlier = seen.current().filter(
            metric=row.metric, organ=row.organ, period_days__fully_lt=(row.period.start, row.period.end)
        )
        last = earlier.order_by("-period_days").first()
        named = (("原数", before), (f"上期（{last.period.label}）" if last else "", last))
        shown["compared"] = [(label, figure.said) for label, figure in named if figure]
        shown["activities"] = held(row.activities.order_by("day", "pk"))
        shown["passport_url"] = reverse("passport", args=(row.metric_id, row.organ_id, row.period.key))
    return shown


def way(row: Reviewed) -> list[dict[str, Any]]:
    """The stations of a row so far: entered, then each step with its words."""
    first = {
        "at": row.created_at,
        "who": row.created_by.title,
        "step": "",
        "what": "更正" if row.previous_id else "录入",
        "note": row.reason,
    }
    kind = ContentType.objects.get_for_model(row)
    steps = ReviewStep.objects.filter(target_type=kind, target_id=row.pk).select_related("by")
    return [first] + [
        {"at": s.at, "who": s.by.title, "step": s.step, "what": MOVES[Step(s.step)].label, "note": s.note}
        for s in steps
    ]
