"""The reviewer's page (待审): what waits in one's scope, what its approval would do, and the decision."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.contrib import messages
from django.core.exceptions import BadRequest, PermissionDenied, ValidationError
from django.core.paginator import Paginator
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from measures import rollups
from measures.filters import WaitingFilter
from measures.locks import ClosedCampaigns
from measures.models import Observation, Reviewed, held_against, why_unproven
from measures.rollups.waiting import Kind, WaitingRow, title_of, value_of
from measures.workflow import advance, why_not
from organs.forms import PERSONAL_NUMBER, has_personal_number
from organs.models import Organ
from organs.permissions import Right, SignedInRequest, scope

ROWS_ON_A_PAGE = 50
NOTE = "note-"
Sent = tuple[Kind, int, datetime]
GONE = "已被撤回或删除，或者不归您审核"


@dataclass(frozen=True)
class Line:
    """A row on the page with what its reader has ticked and typed, and what is wrong with that."""

    row: WaitingRow
    ticked: bool
    note: str
    error: str


@require_http_methods(["GET", "HEAD", "POST"])
@transaction.non_atomic_requests  # each row is decided in a transaction of its own
def review(request: SignedInRequest) -> HttpResponse:
    """The list of what waits; a POST asks about ticked rows, approves rows, or returns one with words."""
    if not scope(request.user, Right.REVIEW):
        raise PermissionDenied
    if request.method != "POST":
        return _list(request)
    if "return" in request.POST:
        return _return(request)
    return _approve(request) if "approve" in request.POST else _ask(request)


def _list(request: SignedInRequest) -> HttpResponse:
    visible = list(Organ.objects.visible_to(request.user))
    known = {organ.pk for organ in visible}
    rows = [row for row in rollups.waiting(request.user) if row.organ in known]
    form = WaitingFilter(request.GET, rows=rows, organs=visible)
    page = Paginator(form.found, ROWS_ON_A_PAGE).get_page(request.GET.get("page"))
    kept = request.session.pop("review", {})
    context = {
        "form": form,
        "page": page,
        "groups": [
            (group.organ, [_line(row, kept, every="all" in request.GET) for row in group.rows])
            for group in rollups.waiting_groups(request.user, visible, page)
        ],
        "total": len(rows),
    }
    return render(request, "measures/review.html", context)


def _line(row: WaitingRow, kept: dict[str, Any], *, every: bool) -> Line:
    return Line(
        row=row,
        ticked=every or row.key in kept.get("ticked", ()),
        note=kept.get("notes", {}).get(row.key, ""),
        error=kept.get("errors", {}).get(row.key, ""),
    )


def _ask(request: SignedInRequest) -> HttpResponse:
    """The page that lists exactly what would be approved, with the joint effect."""
    _keep(request)
    sent = list(_sent(request, "row"))
    rows = rollups.reviewable(request.user, [(kind, pk) for kind, pk, _ in sent])
    closed = ClosedCampaigns({row.organ for row in rows.values()})
    beside = held_against([row for row in rows.values() if isinstance(row, Observation)])
    may, refused = [], []
    for kind, pk, seen in sent:
        if (row := rows.get((kind, pk))) is None:
            continue
        if (
            why := _why_not(request, kind, row, seen)
            or closed.why(row)
            or why_unproven(row, beside.get(row.pk))
        ):
            refused.append((row, kind, title_of(row), why))
        else:
            may.append((row, kind, title_of(row), value_of(kind, row)))
    if not may and not refused:
        messages.warning(request, "还没有勾选。请先勾选要通过的各条。")
        return redirect(_address(request))
    visible = list(Organ.objects.visible_to(request.user))
    effects = rollups.joint_effects(request.user, visible, [row for row, *_ in may])
    context = {"rows": may, "refused": refused, "effects": effects, "back": _address(request)}
    return render(request, "measures/review_confirm.html", context)


def _why_not(request: SignedInRequest, kind: Kind, row: Reviewed, seen: datetime) -> str:
    """Why the user would not approve the row as they read it."""
    if row.changed_at != seen:
        return "刚才有人改动过这一条，请回列表看过新内容再办。"
    return why_not(row, kind.move(approves=True).step, by=request.user)


def _approve(request: SignedInRequest) -> HttpResponse:
    decided = [_decide(request, sent, approves=True) for sent in _sent(request, "approve")]
    refused = [why for why in decided if why]
    if done := len(decided) - len(refused):
        messages.success(request, f"已通过 {done} 条。")
    for why in refused:
        messages.warning(request, f"没有通过——{why}")
    _keep(request)
    return redirect(_address(request))


def _return(request: SignedInRequest) -> HttpResponse:
    for sent in _sent(request, "return"):
        key = sent[0].key(sent[1])
        note = str(request.POST.get(NOTE + key, "")).strip()
        if not note:
            _keep(request, errors={key: "请写明退回的原因，让填报人知道改什么。"})
        elif why := _decide(request, sent, approves=False, note=note):
            messages.warning(request, f"没有退回——{why}您写的是：“{note}”。")
            _keep(request)
        else:
            messages.success(request, "已退回 1 条，填报人会看到您写的话。")
            if has_personal_number(note):
                messages.warning(request, PERSONAL_NUMBER.format("退回的原因"))
            _keep(request, done=key)
    return redirect(_address(request))


def _decide(request: SignedInRequest, sent: Sent, *, approves: bool, note: str = "") -> str:
    """Take the reviewer's step with the row that was sent; the reason why not, empty if it was taken."""
    kind, pk, seen = sent
    row = rollups.reviewable(request.user, [(kind, pk)]).get((kind, pk))
    if row is None:
        return f"有一条{GONE}。"
    try:
        advance(row, kind.move(approves=approves).step, by=request.user, note=note, seen=seen)
    except ValidationError as error:
        return f"“{row}”：{' '.join(error.messages)}"
    except PermissionDenied:
        return f"“{row}”{GONE}。"
    return ""


def _sent(request: HttpRequest, name: str) -> Iterator[Sent]:
    """The rows that a form names, each once, with the version that was read; BadRequest for what names none."""
    for value in dict.fromkeys(request.POST.getlist(name)):
        read = rollups.read_value(value)
        if read is None:
            raise BadRequest
        yield read


def _address(request: HttpRequest) -> str:
    """The list as it was filtered; what is ticked is remembered, not asked for again."""
    asked = request.GET.copy()
    asked.pop("all", None)
    return f"{request.path}?{asked.urlencode()}" if asked else request.path


def _keep(request: HttpRequest, *, errors: dict[str, str] | None = None, done: str = "") -> None:
    """Remember what was typed and ticked on the list, so that it stands there again."""
    typed = {name: str(words) for name, words in request.POST.items() if name.startswith(NOTE)}
    if typed:  # not from the page that confirms
        notes = {name.removeprefix(NOTE): words for name, words in typed.items() if words.strip()}
        notes.pop(done, None)
        ticked = [value.partition(" ")[0] for value in request.POST.getlist("row")]
        request.session["review"] = {"notes": notes, "ticked": ticked, "errors": errors or {}}
