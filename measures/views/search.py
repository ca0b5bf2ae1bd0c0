"""The search box."""

from urllib.parse import urlencode

from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from measures import rollups
from measures.exports import exported
from measures.filters import chosen
from measures.forms.search import SearchForm
from measures.sheets import Sheet
from organs.permissions import Right, SignedInRequest, scope


@require_safe
def search(request: SignedInRequest) -> HttpResponse:
    """What has the words typed, of all that the user may see."""
    if not scope(request.user, Right.VIEW):
        raise PermissionDenied
    view, _ = chosen(request)
    form = SearchForm(request.GET)
    form.is_valid()
    asked = form.cleaned_data  # without what is none of the choices
    typed = asked.get("q", "")

    def whole() -> tuple[Sheet, ...]:
        found = rollups.search(view, typed, kind=request.GET["export"], whole=True)
        return rollups.search_sheets(typed, found)

    if file := exported(request, whole, view):
        return file
    page = rollups.search(view, typed, kind=asked.get("kind", ""), page=asked.get("page") or 1)
    query = urlencode([("q", typed), *view.query])
    return render(request, "measures/search.html", {"view": view, "form": form, "page": page, "query": query})
