"""The page that compares (对比): organs side by side, two periods of one organ, a past day beside today."""

from dataclasses import replace
from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse, QueryDict
from django.urls import reverse
from django.views.decorators.http import require_safe

from measures import rollups
from measures.exports import exported
from measures.filters import chosen
from measures.forms.compare import CompareForm, DayForm, OrgansForm, PeriodsForm
from measures.pages import kept, shown
from measures.period import Period
from measures.rollups import Compared, View
from organs.forms import row_number
from organs.permissions import Right, SignedInRequest, scope

#: What an address names besides organs tells which of the three ways is meant.
WAYS: dict[str, type[CompareForm]] = {"organs": OrgansForm, "other": PeriodsForm, "as_of": DayForm}


@require_safe
@kept
def compare(request: SignedInRequest) -> HttpResponse:
    """What the address asks for beside each other, or the form to ask for it."""
    if not scope(request.user, Right.VIEW):
        raise PermissionDenied
    way = next((name for name in ("as_of", "other") if name in request.GET), "organs")
    named = [pk for pk in request.GET.getlist("organs" if way == "organs" else "organ") if pk]
    view, found = chosen(request, _number(named[-1]) if named and way != "organs" else None)
    seen = {organ.pk for organ in view.visible}
    named = [pk for pk in named if _number(pk) in seen]
    query = request.GET.copy()
    if way == "organs":  # who was sent the address sees those that they may
        query.setlist("organs", named)
    form = WAYS[way](query.copy(), organs=view.visible, kept=found.form)
    query.pop("page", None)
    context: dict[str, Any] = {
        "way": way,
        "form": form,
        "ways": _ways(request.GET, way, named),
        "query": query.urlencode(),
    }
    if file := exported(
        request, lambda: rollups.compare_sheets(_page(request, view, form, whole=True)), view
    ):
        return file
    return shown(request, "measures/compare.html", view, lambda: _page(request, view, form), **context)


def _number(text: str) -> int:
    """The number of an organ; raises Http404 for what cannot be one."""
    number = row_number(text)
    if number is None:
        raise Http404
    return number


def _page(request: SignedInRequest, view: View, form: CompareForm, *, whole: bool = False) -> Compared | None:
    """What the form asks for, its lists cut or `whole`; None while something is missing or wrong."""
    if not form.complete:
        return None
    asked = form.cleaned_data
    if isinstance(form, OrgansForm):
        organs = tuple(organ for organ in view.visible if str(organ.pk) in asked["organs"])
        return rollups.compare_organs(replace(view, top=None, organs=organs))
    if isinstance(form, PeriodsForm):
        return rollups.compare_periods(view, view.organs[0], Period.from_key(asked["other"]))
    return rollups.compare_days(view, asked["as_of"], request.GET.get("page"), whole=whole)


def _ways(asked: QueryDict, way: str, named: list[str]) -> list[tuple[str, str, bool]]:
    """The three ways: title, address with what has been chosen kept, and whether it is this one."""
    rows = []
    for name, form in WAYS.items():
        query = QueryDict(mutable=True)
        query.setlist("organs" if name == "organs" else "organ", named if name == "organs" else named[:1])
        query.update({key: str(asked[key]) for key in ("period", "campaign") if asked.get(key)})
        query.setdefault(name, "")
        rows.append((form.TITLE, f"{reverse('compare')}?{query.urlencode()}", name == way))
    return rows
