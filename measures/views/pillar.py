"""The page of one heading of an organ."""

from functools import partial

from django.http import HttpResponse
from django.views.decorators.http import require_safe

from measures import rollups
from measures.exports import exported
from measures.filters import PillarFilter, chosen
from measures.pages import kept, shown
from organs.permissions import SignedInRequest


@require_safe
@kept
def pillar(request: SignedInRequest, pk: int) -> HttpResponse:
    """One heading: its actions, figures and honours, in the days of its campaign."""
    row = rollups.seen_pillar(request, pk)
    asked, found = chosen(request, row.organ_id, by=PillarFilter)
    view = rollups.of_campaign(asked, row)
    if file := exported(request, lambda: rollups.pillar_sheets(view, row), view):
        return file
    number, context = request.GET.get("page", ""), {"pillar": row, "form": found.form}
    page = partial(rollups.pillar_page, view, row, number)
    return shown(request, "measures/pillar.html", view, page, **context)
