"""How pages are answered: their rows are reckoned only where what they say has changed."""

from collections.abc import Callable
from functools import cache
from hashlib import sha256
from typing import Any

from django.http import HttpResponse
from django.shortcuts import render

from measures.rollups import View
from organs.permissions import SignedInRequest


def shown(
    request: SignedInRequest, template: str, view: View, reckon: Callable[[], Any], **context: Any
) -> HttpResponse:
    """A page of the rows that `reckon` gives; the template keeps its content by `kept_as` and only then asks for `page`."""
    return render(
        request, template, {**context, "view": view, "page": cache(reckon), "kept_as": kept_as(request, view)}
    )


def kept_as(request: SignedInRequest, view: View) -> str:
    """What the content of a page depends on: its address, what its reader may see, the day, and what the data stands at."""
    posts = sorted((m.role, m.organ.path, m.with_below) for m in view.user.current_memberships())
    said = (request.get_full_path(), posts, view.user.is_superuser, view.today, sorted(view.marks.items()))
    return sha256(repr(said).encode()).hexdigest()
