"""Pages that belong to no model."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """The page for a form that came without its token."""
    return render(request, "403_csrf.html", status=403)
