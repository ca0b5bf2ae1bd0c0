"""Lists over all organs that a leader sees, filtered by what stands in the address."""

from collections.abc import Callable
from dataclasses import dataclass

from django.core.exceptions import PermissionDenied
from django.core.paginator import Page, Paginator
from django.http import HttpResponse
from django.views.decorators.http import require_safe

from measures import rollups
from measures.exports import exported
from measures.filters import ActionFilter, ChangeFilter, DashboardFilter, TargetFilter, chosen, days_of
from measures.pages import kept, shown
from measures.rollups import Listing, View
from organs.permissions import Right, SignedInRequest, scope

MOST_ROWS = 50


@dataclass(frozen=True)
class Leaf:
    """One page of a list: the heads of its columns, its order, how many rows there are in all, and those on it."""

    head: tuple[str, ...]
    order: str
    number: int
    rows: Page


@require_safe
@kept
def actions(request: SignedInRequest) -> HttpResponse:
    """Actions by standing, theme and what is missing."""
    view, found = _asked(request, ActionFilter)
    return _listed(request, view, found, "举措清单", lambda: rollups.listed_actions(view, **_chosen(found)))


@require_safe
@kept
def targets(request: SignedInRequest) -> HttpResponse:
    """Targets by how far they are reached."""
    view, found = _asked(request, TargetFilter)
    return _listed(
        request, view, found, "指标达标情况", lambda: rollups.listed_targets(view, **_chosen(found))
    )


@require_safe
@kept
def changes(request: SignedInRequest) -> HttpResponse:
    """What has changed in the last days."""
    view, found = _asked(request, ChangeFilter)
    days, kind = days_of(found), found.form.cleaned_data.get("kind", "")
    return _listed(
        request, view, found, "近期变化", lambda: rollups.listed_changes(view, days=days, kind=kind)
    )


def _asked(request: SignedInRequest, by: type[DashboardFilter]) -> tuple[View, DashboardFilter]:
    """What is asked for; raises PermissionDenied for who sees no organ."""
    if not scope(request.user, Right.VIEW):
        raise PermissionDenied
    return chosen(request, by=by)


def _chosen(found: DashboardFilter) -> dict[str, str]:
    """The choices of a filter beyond those of every page."""
    names = set(found.form.fields) - set(DashboardFilter.base_filters)
    return {name: found.form.cleaned_data.get(name) or "" for name in names}


def _listed(
    request: SignedInRequest, view: View, found: DashboardFilter, title: str, reckon: Callable[[], Listing]
) -> HttpResponse:
    """One page of a list, or all of it as a file."""
    if file := exported(request, lambda: rollups.list_sheets(title, reckon()), view):
        return file
    query = request.GET.copy()
    query.pop("page", None)
    number = request.GET.get("page")

    def leaf() -> Leaf:
        listing = reckon()
        return Leaf(
            listing.head,
            listing.order,
            len(listing.rows),
            Paginator(listing.rows, MOST_ROWS).get_page(number),
        )

    context = {"title": title, "form": found.form, "query": query.urlencode()}
    return shown(request, "measures/list.html", view, leaf, **context)
