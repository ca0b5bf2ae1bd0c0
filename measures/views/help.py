"""The handbook inside the application, and the hints taken from it."""

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_POST, require_safe

from measures.forms.search import SearchForm
from measures.handbook import handbook
from measures.hints import HINTS
from organs.permissions import SignedInRequest


@require_safe
def book(request: SignedInRequest) -> HttpResponse:
    """The handbook, with the words looked for marked; open to everybody who is signed in."""
    form = SearchForm(request.GET)
    form.is_valid()
    typed = form.cleaned_data.get("q", "")
    return render(request, "measures/help.html", {"form": form, "typed": typed, "book": handbook(typed)})


@require_POST
def put_away(request: SignedInRequest) -> HttpResponse:
    """No more of one hint for this person; back to the page."""
    if (term := request.POST.get("hint", "")) in HINTS.values():
        request.user.put_away(term)
    page = request.POST.get("page", "")
    safe = url_has_allowed_host_and_scheme(page, {request.get_host()}, require_https=request.is_secure())
    return redirect(page if safe and page.startswith("/") else "home")
