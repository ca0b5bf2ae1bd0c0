"""Rounds (填报轮次): opened and followed by a steward, answered by each organ on one page; what waits for a person."""

from io import BytesIO
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.http import FileResponse, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_safe

from measures import ledger, rounds
from measures.entering import TWICE
from measures.forms.rounds import AbsenceForm, AnswerForm, ProlongForm, RoundForm
from measures.locks import Locked
from measures.models import Participation, Round, RoundOrgan
from measures.resources.form_file import form_file
from measures.resources.kinds import KINDS
from measures.resources.known import Known
from measures.rollups.reminders import waiting_for
from measures.rollups.rounds import Asked, asked_of, burdens, gone, known_rows, organ_rows
from organs.audit import record
from organs.exports import CONTENT_TYPE
from organs.forms import PERSONAL_NUMBER, has_personal_number
from organs.keeping import marked, stored, was_stored
from organs.models import AuditVerb, Organ
from organs.permissions import Right, SignedInRequest, can, scope
from organs.sheets import file_safe


@require_safe
def round_list(request: SignedInRequest) -> HttpResponse:
    """The rounds that the person looks after with their burden, or those that ask the person's organs."""
    stewards, drafts = scope(request.user, Right.CATALOGUE), scope(request.user, Right.VIEW_DRAFTS)
    if not drafts:
        raise PermissionDenied
    asked: Any = ()
    if not stewards or scope(request.user, Right.ENTER):
        asked = (
            RoundOrgan.objects.filter(drafts.q("organ__path"), round__opened_at__isnull=False)
            .select_related("organ", "round")
            .order_by("round__closed_at", "-round__until", "-round", "organ__path")
        )
    context = {
        "stewards": bool(stewards),
        "drafts": Round.objects.filter(stewards.q("owner__path"), opened_at__isnull=True),
        "burdens": burdens(request.user) if stewards else (),
        "asked": asked,
    }
    return render(request, "measures/rounds.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def round_new(request: SignedInRequest) -> HttpResponse:
    """A new round, begun as the last one was."""
    reach = scope(request.user, Right.CATALOGUE)
    if not reach:
        raise PermissionDenied
    last = Round.objects.filter(reach.q("owner__path")).order_by("-pk").first()
    if last:
        initial = {"owner": last.owner_id, "metrics": last.metrics.all(), "kinds": last.kinds.all()}
        initial["organs"] = last.organs.all()
    else:
        taking_part = Participation.objects.filter(reach.q("organ__path"), campaign__closed=False)
        initial = {"organs": Organ.objects.filter(pk__in=taking_part.values("organ"))}
    return _form(request, Round(), initial)


@require_http_methods(["GET", "HEAD", "POST"])
def round_change(request: SignedInRequest, pk: int) -> HttpResponse:
    """A round that has not been opened, to be changed."""
    row = _own(request, pk)
    if row.opened_at:
        raise PermissionDenied
    return _form(request, row, None)


def _form(request: SignedInRequest, row: Round, initial: dict[str, Any] | None) -> HttpResponse:
    form = RoundForm(request.POST or None, instance=row, initial=initial, by=request.user)
    if request.method == "POST" and form.is_valid():
        try:
            save = ledger.change if row.pk else ledger.create
            save(row, by=request.user, links=form.links())
        except ValidationError as error:
            vars(form)["refusal"] = error
            form.full_clean()
        else:
            return redirect("round", row.pk)
    return render(request, "measures/round_form.html", {"form": form, "row": row})


def _own(request: SignedInRequest, pk: int) -> Round:
    """A round that the person looks after; 403 for who is only asked."""
    row: Round = get_object_or_404(Round.objects.visible_to(request.user).select_related("owner"), pk=pk)
    if not can(request.user, Right.CATALOGUE, row.owner):
        raise PermissionDenied
    return row


@require_http_methods(["GET", "HEAD", "POST"])
def round_page(request: SignedInRequest, pk: int) -> HttpResponse:
    """What a round will ask and what of it is known; once it is open, who has answered."""
    row = _own(request, pk)
    if request.method == "POST":
        try:
            return _act(request, row)
        except Locked as error:
            messages.error(request, " ".join(error.messages))
            return redirect("round", row.pk)
    context: dict[str, Any] = {"row": row}
    if row.opened_at:
        organs = organ_rows(row)
        done, behind = (sum(getattr(organ, what) for organ in organs) for what in ("done", "behind"))
        context |= {"organs": organs, "done": done, "behind": behind}
    else:
        known = known_rows(row)
        context |= {"known": known, "gone": row.organs.filter(gone()).order_by("path")}
        for name in ("asked", "said", "drafted", "counted", "missing"):
            context[name] = sum(getattr(line, name) for line in known)
    return render(request, "measures/round.html", context)


def _act(request: SignedInRequest, row: Round) -> HttpResponse:
    if "open" in request.POST:
        asked, spared = rounds.open_round(row, skip_known="skip" in request.POST, by=request.user)
        said = f"，已报的{spared}项不再问" if spared else ""
        messages.success(request, f"已发布，共问{asked}项{said}。各单位打开系统就能看到。")
    elif "remind" in request.POST:
        many = rounds.remind(row, by=request.user)
        told = f"已提醒{many}家没有报齐的单位。" if many else "今天都已提醒过，或者都已报齐，没有再发。"
        messages.success(request, told)
    elif "close" in request.POST:
        rounds.close_round(row, by=request.user)
        messages.success(request, "这一轮已结束，各单位不能再填。")
    elif "delete" in request.POST:
        rounds.delete_round(row, by=request.user)
        messages.success(request, f"“{row.title}”没有发布，已删除。")
        return redirect("rounds")
    return redirect("round", row.pk)


@require_http_methods(["GET", "HEAD", "POST"])
def round_prolong(request: SignedInRequest, pk: int, organ_pk: int) -> HttpResponse:
    """A later day for one organ."""
    owned = _own(request, pk)
    row = get_object_or_404(
        RoundOrgan.objects.select_related("organ", "round__owner"), round=owned, organ=organ_pk
    )
    form = ProlongForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            rounds.prolong(row, **form.cleaned_data, by=request.user)
        except ValidationError as error:
            form.add_error(None, error)
        else:
            messages.success(request, f"{row.organ.label}延期到{row.last_day:%Y-%m-%d}。")
            return redirect("round", pk)
    return render(request, "measures/round_prolong.html", {"form": form, "row": row})


def _asked(request: SignedInRequest, pk: int, organ_pk: int) -> RoundOrgan:
    rows = RoundOrgan.objects.visible_to(request.user).select_related("organ", "round__owner")
    row: RoundOrgan = get_object_or_404(rows, round=pk, organ=organ_pk, round__opened_at__isnull=False)
    return row


@require_http_methods(["GET", "HEAD", "POST"])
def round_organ(request: SignedInRequest, pk: int, organ_pk: int) -> HttpResponse:
    """What a round asks of one organ on one page; all saved, or submitted, in one go."""
    row = _asked(request, pk, organ_pk)
    may = can(request.user, Right.ENTER, row.organ)
    if request.method == "POST" and not may:
        raise PermissionDenied
    if was_stored(request, request.user):
        messages.warning(request, TWICE)
        return redirect("round_organ", pk, organ_pk)
    metrics, kinds = asked_of(row)
    settled = [one for one in metrics if one.settled]  # before what is sent here settles more
    data = request.POST if request.method == "POST" else None
    submit = data is not None and "submit" in data
    forms, came = {}, []
    for one in metrics:
        if one not in settled:
            form = AnswerForm(one, data, by=request.user, period=row.round.period, whole=submit)
            if form.came_meanwhile:
                came.append(str(one.cell.metric))
                form = AnswerForm(one, None, by=request.user, period=row.round.period, whole=submit)
            forms[one.cell.pk] = form
    absences = {one.cell.pk: AbsenceForm(one, data, needed=submit) for one in kinds}
    if submit and came:
        messages.error(
            request, f"没有报审：刚才有人填了{'、'.join(came)}，请看过再点“全部报审”。填的都还在。"
        )
    elif data is not None and _answered(request, row, forms, absences, submit=submit):
        _tell_lost(request, settled)
        return redirect("round_organ", pk, organ_pk)
    lines = [(one, forms.get(one.cell.pk)) for one in metrics]
    said = len(settled) + sum(bool(o.activities or o.cell.absence) for o in kinds)
    context = {
        "row": row,
        "lines": lines,
        "kinds": [(one, absences[one.cell.pk]) for one in kinds],
        "open": row.round.is_open and may,
        "asked": len(metrics) + len(kinds),
        "said": said,
        "late": row.overdue,
        "failed": data is not None,
        **marked(request),
    }
    return render(request, "measures/round_organ.html", context)


def _answered(
    request: SignedInRequest,
    row: RoundOrgan,
    forms: dict[int, AnswerForm],
    absences: dict[int, AbsenceForm],
    *,
    submit: bool,
) -> bool:
    """Take what was typed, all or nothing; False with errors beside the fields."""
    told = [form for form in forms.values() if form.is_bound and (submit or not form.blank)]
    right = [form.is_valid() for form in (*told, *absences.values())]
    if not all(right):
        return False
    words = [(form.asked.cell, form.cleaned_data["absence"]) for form in absences.values()]
    try:
        with transaction.atomic():
            if not stored(request, request.user):
                messages.warning(request, TWICE)
                return True
            done = rounds.answer(row, [f.answer() for f in told], words, by=request.user, submit=submit)
    except Locked as error:
        messages.error(request, " ".join(error.messages))
        return False
    except rounds.AnswersRefusedError as refused:
        for key, why in refused.errors.items():
            forms[key].refuse(why)
        return False
    verb = "报审，审核通过后计入合计" if submit else "存为草稿，还没有报审"
    messages.success(request, f"{done}项已{verb}。" if done else "已保存。")
    labels = [
        form.asked.metric.name for form in told if has_personal_number(form.cleaned_data.get("words", ""))
    ]
    for label in labels:
        messages.warning(request, PERSONAL_NUMBER.format(label))
    return True


def _tell_lost(request: SignedInRequest, settled: list[Asked]) -> None:
    """What was typed for a figure that somebody submitted meanwhile."""
    for one in settled:
        if typed := request.POST.get(f"c{one.cell.pk}-quantity", "").strip():
            messages.warning(request, f"“{one.metric.name}”刚才已由别人报审，您填的“{typed}”没有保存。")


@require_safe
def round_sheet(request: SignedInRequest, pk: int, organ_pk: int) -> HttpResponseBase:
    """The same as a sheet: what is still to be said, with metric and period filled in."""
    row = _asked(request, pk, organ_pk)
    if not can(request.user, Right.ENTER, row.organ):
        raise PermissionDenied
    metrics, _ = asked_of(row)
    known = Known(request.user, row.organ)
    begun = [
        {
            "organ": known.organ_name(row.organ),
            "metric": str(one.metric),
            "unit": one.metric.unit.symbol,
            "period": row.round.period.label,
            "quantity": one.figure.said if one.figure else "",
            "absence": one.figure.absence if one.figure else "",
            "remark": one.figure.remark if one.figure else "",
        }
        for one in metrics
        if not one.settled
    ]
    title = file_safe(f"{row.organ.label}{row.round.title}")
    record(AuditVerb.EXPORT, None, by=request.user, organ=row.organ, note=f"{title}填报表，{len(begun)}行")
    content = form_file(KINDS["observations"], known, row.organ, begun=begun)
    return FileResponse(
        BytesIO(content), as_attachment=True, filename=f"{title}.xlsx", content_type=CONTENT_TYPE
    )


@require_safe
def reminders(request: SignedInRequest) -> HttpResponse:
    """What waits for the person."""
    if not request.user.may_enter:
        raise PermissionDenied
    lines = waiting_for(request.user)
    return render(
        request, "measures/reminders.html", {"lines": lines, "total": sum(line.count for line in lines)}
    )
