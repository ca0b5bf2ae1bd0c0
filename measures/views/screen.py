"""The pages for the screen of a meeting room (全屏): the overview and an organ, without controls."""

from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.views.decorators.http import require_safe

from measures import rollups
from measures.filters import OverviewFilter, chosen, days_of
from measures.pages import kept, shown
from organs.permissions import Right, SignedInRequest, scope


@require_safe
@kept
def screen(request: SignedInRequest) -> HttpResponse:
    """The overview for the screen of a meeting room."""
    if not scope(request.user, Right.VIEW):
        raise PermissionDenied
    view, found = chosen(request, by=OverviewFilter)
    top, days = view.top or next(iter(view.visible), None), days_of(found)
    return shown(request, "measures/screen.html", view, lambda: rollups.screen(view, days), top=top)


@require_safe
@kept
def organ_screen(request: SignedInRequest, pk: int) -> HttpResponse:
    """The page of an organ for the screen of a meeting room."""
    view, _ = chosen(request, pk)
    organ = view.organs[0]  # the organ itself comes before those below it
    return shown(
        request,
        "measures/organ_screen.html",
        view,
        lambda: rollups.organ_screen(view, organ),
        organ=organ,
    )
