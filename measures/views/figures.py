"""Fast entry of figures: one line for each metric that is expected of an organ for a period."""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from measures.entering import TWICE, Outcome, Sent, store
from measures.forms.entry import FigureLine, entry_form
from measures.models import ReviewState
from measures.period import Period, PeriodError
from measures.rollups.entry import Asked, asked_figures, entered_organs, last_figure, periods
from organs.keeping import marked
from organs.models import Organ
from organs.permissions import Right, SignedInRequest, scope

FIELDS = (
    *("organ", "metric", "presence", "absence", "numerator", "denominator", "remark"),
    *("period", "quantity"),
)
REMEMBERED = "entry_figures"


@dataclass(frozen=True)
class Choice:
    """The organ and the period whose figures are typed."""

    organ: Organ
    period: Period
    organs: list[Organ]
    periods: list[Period]

    @property
    def address(self) -> str:
        """The page of this choice, under which what is typed is kept."""
        query = urlencode({"organ": self.organ.pk, "period": self.period.key})
        return f"{reverse('entry_figures')}?{query}"


@dataclass(frozen=True)
class Line:
    """A metric with its form; without one where the figure is locked."""

    asked: Asked
    form: FigureLine | None
    seen: str
    wrong: bool


@require_http_methods(["GET", "HEAD", "POST"])
def figures(request: SignedInRequest) -> HttpResponse:
    """The figures expected of an organ for a period; a POST stores what was typed, all or nothing, and may submit it."""
    if not scope(request.user, Right.ENTER):
        raise PermissionDenied
    if (choice := _chosen(request)) is None:
        return render(request, "measures/entry_figures.html", {"choice": None})
    asked = asked_figures(request.user, choice.organ, choice.period)
    if request.method != "POST":
        by_itself = not request.GET.keys() & {"organ", "period", "other"}
        if by_itself and asked and all(one.locked for one in asked) and (later := _next(choice)):
            choice = replace(choice, period=later)
            asked = asked_figures(request.user, choice.organ, later)
        request.session[REMEMBERED] = [choice.organ.pk, choice.period.key]
        return _page(request, choice, _lines(request, choice, asked))
    submit = "submit" in request.POST
    lines = _lines(request, choice, asked, request.POST)
    sent = [found for line in lines if (found := _sent(line, submit=submit))]
    right = [one.form.is_valid() for one in sent]
    if not sent:
        messages.warning(request, "还没有填新的数。")
    elif all(right):
        outcome = store(request, sent, submit=submit, kept_at=choice.address)
        if outcome is Outcome.STORED:
            done = "存好并报审" if submit else "存为草稿"
            messages.success(
                request, f"已{done}{len(sent)}个数值：{choice.organ.label}，{choice.period.label}。"
            )
        elif outcome is Outcome.TWICE:
            messages.warning(request, TWICE)
        if outcome is not Outcome.REFUSED:
            return redirect(choice.address)
    wrong = {str(one.form.prefix) for one in sent if one.form.errors}
    return _page(request, choice, _marked(lines, wrong))


def _chosen(request: SignedInRequest) -> Choice | None:
    """What the address asks for, else what was chosen last, else what was entered last; None without any organ."""
    organs = entered_organs(request.user)
    if not organs:
        return None
    last = last_figure(request.user)
    remembered = request.session.get(
        REMEMBERED, [last.organ_id if last else None, last.period.key if last else ""]
    )
    asked = request.GET.get("organ") or str(remembered[0])
    own = [m.organ_id for m in request.user.current_memberships()]
    first = next((organ for organ in organs if organ.pk in own), organs[0])
    organ = next((organ for organ in organs if str(organ.pk) == asked), first)
    offered = periods(request.user, organ, timezone.localdate())
    period = _period(request, str(remembered[1])) or next(iter(offered[1:2] or offered), None)
    period = period or Period.year(timezone.localdate().year)
    return Choice(organ, period, organs, list(dict.fromkeys([*offered, period])))


def _next(choice: Choice) -> Period | None:
    """The first period of the kind after the one chosen, where nothing is left to fill in, if it is over."""
    days = (period for period in choice.periods if period.kind == choice.period.kind)
    later = [day for day in days if choice.period.end < day.end <= timezone.localdate()]
    return min(later, key=lambda period: period.end, default=None)


def _period(request: SignedInRequest, remembered: str) -> Period | None:
    """The period typed or chosen; a message for one that cannot be read, and for one in the future."""
    typed = request.GET.get("other", "").strip()
    try:
        period = Period.parse(typed) if typed else Period.from_key(request.GET.get("period") or remembered)
    except PeriodError as error:
        if typed or request.GET.get("period"):
            messages.warning(request, str(error))
        return None
    if period.start > timezone.localdate():
        messages.warning(request, f"{period.label}还没有到，没有数可填。")
        return None
    return period


def _lines(
    request: SignedInRequest, choice: Choice, asked: tuple[Asked, ...], data: Any = None
) -> list[Line]:
    form = entry_form(FigureLine, request.user, *FIELDS)
    lines = []
    for one in asked:
        made = None
        if not one.locked:
            made = form(data, instance=one.draft, metric=one.metric, organ=choice.organ, period=choice.period)
        seen = one.draft.changed_at.isoformat() if one.draft else ""
        lines.append(Line(one, made, (data or {}).get(f"m{one.metric.pk}-seen", seen), wrong=False))
    return lines


def _sent(line: Line, *, submit: bool) -> Sent | None:
    """What is to be stored of a line; a draft that stands is submitted with the others."""
    if line.form is None:
        return None
    typed, draft = line.form.has_changed(), line.asked.draft
    if not typed and not (submit and draft and draft.state == ReviewState.DRAFT):
        return None
    try:
        seen = datetime.fromisoformat(line.seen)
    except ValueError:
        seen = None
    return Sent(line.form, seen if draft else None, typed)


def _marked(lines: list[Line], wrong: set[str]) -> list[Line]:
    """The lines with those marked in which something is wrong; who reads what is stored by now may overwrite it."""
    shown = []
    for line in lines:
        bad = bool(line.form and line.form.prefix in wrong)
        now = line.asked.draft.changed_at.isoformat() if bad and line.asked.draft else line.seen
        shown.append(Line(line.asked, line.form, now, bad))
    return shown


def _page(request: SignedInRequest, choice: Choice, lines: list[Line]) -> HttpResponse:
    context = {
        "choice": choice,
        "lines": lines,
        "wrong": sum(line.wrong for line in lines),
        "may_type": any(line.form for line in lines),
        **marked(request, choice.address),
    }
    return render(request, "measures/entry_figures.html", context)
