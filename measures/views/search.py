"""The search box."""

from functools import partial
from urllib.parse import urlencode

from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.views.decorators.http import require_safe

from measures import rollups
from measures.exports import exported
from measures.filters import chosen
from measures.forms.search import SearchForm
from measures.pages import kept, shown
from organs.permissions import Right, SignedInRequest, scope
from organs.sheets import Sheet


@require_safe
@kept
def search(request: SignedInRequest) -> HttpResponse:
    """What has the words typed, of all that the user may see."""
    if not scope(request.user, Right.VIEW):
        raise PermissionDenied
    view, _ = chosen(request)
    form = SearchForm(request.GET)
    form.is_valid()
    asked = form.cleaned_data  # without what is none of the choices
    typed, kind, number = asked.get("q", ""), asked.get("kind", ""), asked.get("page") or 1

    def whole() -> tuple[Sheet, ...]:
        found = rollups.search(view, typed, kind=request.GET["export"], whole=True)
        return rollups.search_sheets(typed, found)

    if file := exported(request, whole, view):
        return file
    page = partial(rollups.search, view, typed, kind=kind, page=number)
    query = urlencode([("q", typed), *view.query])
    return shown(request, "measures/search.html", view, page, form=form, query=query)
