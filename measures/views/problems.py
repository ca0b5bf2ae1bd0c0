"""The rectification list (整改台账) and the register of rules (制度)."""

from functools import cache

from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from measures import rollups
from measures.exports import exported
from measures.filters import ProblemFilter, RuleFilter, chosen
from measures.models import Rule
from measures.pages import kept, shown
from organs.models import Organ
from organs.permissions import Right, SignedInRequest, scope

#: A list is printed whole; more than this stands on further pages.
PROBLEMS_ON_A_PAGE, RULES_ON_A_PAGE = 300, 100


@require_safe
@kept
def problems(request: SignedInRequest) -> HttpResponse:
    """Problems found, what is done about them, and how many are closed, organs in official order."""
    if not scope(request.user, Right.VIEW):
        raise PermissionDenied
    view, found = chosen(request, by=ProblemFilter)
    asked = {name: found.form.cleaned_data.get(name) or "" for name in ("source", "standing")}
    page = cache(lambda: rollups.problem_page(view, **asked))
    if file := exported(request, lambda: rollups.problem_sheets(page()), view):
        return file
    query = request.GET.copy()
    number = query.pop("page", ["1"])[-1]

    def leaf() -> tuple[object, object]:
        return page(), Paginator(page().rows, PROBLEMS_ON_A_PAGE).get_page(number)

    context = {"form": found.form, "query": query.urlencode()}
    return shown(request, "measures/problems.html", view, leaf, **context)


@require_safe
def rules(request: SignedInRequest) -> HttpResponse:
    """The rules of the organs that the user sees, in official order, the newest first."""
    if not scope(request.user, Right.VIEW):
        raise PermissionDenied
    rows = Rule.objects.visible_to(request.user).select_related("organ", "replaces")
    found = RuleFilter(request.GET, queryset=rows, organs=Organ.objects.visible_to(request.user))
    page = Paginator(found.qs, RULES_ON_A_PAGE).get_page(request.GET.get("page"))
    query = request.GET.copy()
    query.pop("page", None)
    context = {"form": found.form, "page": page, "query": query.urlencode()}
    return render(request, "measures/rules.html", context)
