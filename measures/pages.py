"""How pages are answered: their rows are reckoned only where what they say has changed."""

from collections.abc import Callable
from functools import cache
from hashlib import sha256
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from measures.rollups import View
from measures.rollups.reminders import bell
from organs.models import Organ
from organs.permissions import SignedInRequest

#: Seconds; the address of a content holds the day, so it is of no use on another.
A_DAY = 24 * 60 * 60


def shown(
    request: SignedInRequest,
    template: str,
    view: View,
    reckon: Callable[[], Any],
    *,
    about: Organ | None = None,
    **context: Any,
) -> HttpResponse:
    """A page of the rows that `reckon` gives.

    The template keeps its content by `kept_as` and asks for `page` only where it has none. What is about an organ that
    the view does not reach (a joint action) is not kept: the view does not know what its data stands at.
    """
    known = about is None or about in view.visible
    kept = {"kept_as": kept_as(request, view), "kept_for": A_DAY if known else 0}
    return render(request, template, {**context, **kept, "view": view, "page": cache(reckon)})


def kept_as(request: SignedInRequest, view: View) -> str:
    """What the content of a page depends on: its address, what its reader may see, the day, and what the data stands at."""
    posts = sorted((m.role, m.organ.path, m.with_below) for m in view.user.current_memberships())
    said = (request.get_full_path(), posts, view.user.is_superuser, view.today, sorted(view.marks.items()))
    return sha256(repr(said).encode()).hexdigest()


def waiting_bell(request: HttpRequest) -> dict[str, Any]:
    """For templates: `bell`, how much waits for the person, reckoned where it is shown and only there."""
    user = getattr(request, "user", None)
    return {"bell": cache(lambda: bell(user))} if user and user.is_authenticated else {}
