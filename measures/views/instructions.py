"""Words of leaders (批示): the list, giving them, and what comes of them."""

from typing import cast

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from measures import rollups
from measures.filters import InstructionFilter
from measures.forms.instructions import InstructionForm, TurnForm
from measures.instructing import MOVES, instruct, open_moves, take
from measures.models import Action, Instruction, Metric, Observation
from organs.forms import PERSONAL_NUMBER, has_personal_number
from organs.models import AuditVerb, Organ
from organs.permissions import Right, SignedInRequest, can, scope

ROWS_ON_A_PAGE = 50


@require_safe
def instructions(request: SignedInRequest) -> HttpResponse:
    """What leaders said to the organs that the user sees; what is not settled first."""
    if not scope(request.user, Right.VIEW):
        raise PermissionDenied
    found = InstructionFilter(
        request.GET,
        queryset=Instruction.objects.visible_to(request.user).most_pressing_first(),
        organs=Organ.objects.visible_to(request.user),
    )
    page = Paginator(found.qs, ROWS_ON_A_PAGE).get_page(request.GET.get("page"))
    rows = rollups.instruction_rows(cast(QuerySet[Instruction], page.object_list), timezone.localdate())
    query = request.GET.copy()
    query.pop("page", None)
    context = {"form": found.form, "page": page, "rows": rows, "query": query.urlencode()}
    return render(request, "measures/instructions.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def instruct_action(request: SignedInRequest, pk: int) -> HttpResponse:
    """A leader's words on an action that stands."""
    rows = Action.objects.visible_to(request.user).current().select_related("organ")
    action = get_object_or_404(rows, pk=pk)
    return _give(request, Instruction(organ=action.organ, action=action), action.title)


@require_http_methods(["GET", "HEAD", "POST"])
def instruct_figure(request: SignedInRequest, pk: int, organ_pk: int) -> HttpResponse:
    """A leader's words on what an organ tells of a metric."""
    organ: Organ = get_object_or_404(Organ.objects.visible_to(request.user), pk=organ_pk)
    metric = get_object_or_404(Metric.objects.visible_to(request.user).select_related("unit"), pk=pk)
    if not Observation.objects.current().filter(organ=organ, metric=metric).exists():
        raise Http404
    return _give(request, Instruction(organ=organ, metric=metric), f"{metric.name}的数值")


def _give(request: SignedInRequest, row: Instruction, about: str) -> HttpResponse:
    if not can(request.user, Right.INSTRUCT, row.organ):
        raise PermissionDenied
    form = InstructionForm(request.POST or None, instance=row)
    if request.method == "POST" and form.is_valid():
        instruct(row, by=request.user)
        _point_out(request, row.words)
        messages.success(request, f"批示已送{row.organ.label}，答复以后这里可以看到。")
        return redirect("instruction", row.pk)
    context = {"form": form, "about": about, "organ": row.organ}
    return render(request, "measures/instruct.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def instruction(request: SignedInRequest, pk: int) -> HttpResponse:
    """A leader's words with all that was said to them; a POST takes the next turn."""
    rows = Instruction.objects.visible_to(request.user)
    row = get_object_or_404(rows.select_related("organ", "by"), pk=pk)
    form = TurnForm(request.POST or None, initial={"seen": row.changed_at.isoformat()})
    if request.method == "POST":
        if not any(can(request.user, move.right, row.organ) for move in MOVES.values()):
            raise PermissionDenied
        verb = request.POST.get("verb")
        if verb in MOVES and form.is_valid() and _take(request, row, AuditVerb(verb), form):
            return redirect("instruction", row.pk)
    (shown,) = rollups.instruction_rows(rows.filter(pk=pk), timezone.localdate())
    moves = open_moves(row, by=request.user)
    return render(request, "measures/instruction.html", {"row": shown, "form": form, "moves": moves})


def _take(request: SignedInRequest, row: Instruction, verb: AuditVerb, form: TurnForm) -> bool:
    """Whether the turn was taken; the form says why not."""
    words = form.cleaned_data["words"]
    try:
        take(row, verb, by=request.user, words=words, seen=form.cleaned_data["seen"])
    except ValidationError as error:
        form.add_error("words" if hasattr(error, "error_dict") else None, error.messages)
        return False
    _point_out(request, words)
    messages.success(request, f"已{MOVES[verb].label}。")
    return True


def _point_out(request: SignedInRequest, words: str) -> None:
    if has_personal_number(words):
        messages.warning(request, PERSONAL_NUMBER.format("内容"))
