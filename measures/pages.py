"""How pages are answered: drawn anew only where what they say, or who may read it, has changed."""

from collections.abc import Callable, Mapping
from functools import partial, wraps
from hashlib import sha256
from pathlib import Path
from typing import Any, Concatenate, ParamSpec

from django.conf import settings
from django.contrib.messages import get_messages
from django.core.cache import cache
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.middleware.csrf import get_token
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format

from measures.filters import seen_by
from measures.rollups import View
from measures.rollups.kept import Kept
from measures.rollups.reminders import bell
from organs.models import CATALOGUE, PEOPLE, Marks, Organ
from organs.permissions import Reader, SignedInRequest, marks, reader
from organs.sessions import Clocks, left

#: Seconds; a page is found by the day, so it is of no use on another.
A_DAY = 24 * 60 * 60
#: Pages that this process had to do with of late, so many characters together; all that are kept lie in the cache.
_pages: Kept[str] = Kept(5_000_000)
#: What a view is told by whose page may be kept.
KEPT = "page_is_kept"
Asked = ParamSpec("Asked")


def stamp(folder: Path) -> str:
    """What tells one state of the program's files from another."""
    kinds = (".py", ".html", ".css", ".js")
    parts = (folder / name for name in ("config", "organs", "measures", "templates"))
    files = sorted(path for part in parts for path in part.rglob("*") if path.suffix in kinds)
    told = [
        (path.relative_to(folder).as_posix(), path.stat().st_mtime_ns, path.stat().st_size) for path in files
    ]
    return sha256(repr(told).encode()).hexdigest()


#: Of the program that runs: another one draws its pages anew.
PROGRAM = stamp(settings.BASE_DIR)


def kept(
    view: Callable[Concatenate[SignedInRequest, Asked], HttpResponse],
) -> Callable[Concatenate[SignedInRequest, Asked], HttpResponse]:
    """A view whose page, once `shown`, is answered again without it as long as all it depends on is the same.

    Such a view only reads, and without a transaction: in one, each of its queries would see the data of its own moment just
    the same (READ COMMITTED).
    """

    @transaction.non_atomic_requests
    @wraps(view)
    def answer(request: SignedInRequest, *args: Asked.args, **kwargs: Asked.kwargs) -> HttpResponse:
        if not get_messages(request) and (text := found_page(kept_as(request))):
            return HttpResponse(filled(text, request))
        return view(request, *args, **kwargs)

    vars(answer)[KEPT] = True
    return answer


def is_kept(view: Callable) -> bool:
    """Whether the page of a view may be kept; what is wrapped around the view says so, too."""
    return hasattr(view, KEPT)


def shown(
    request: SignedInRequest,
    template: str,
    view: View,
    reckon: Callable[[], Any],
    *,
    about: Organ | None = None,
    **context: Any,
) -> HttpResponse:
    """A page of the rows that `reckon` gives, to be kept for who asks for it again.

    What is about an organ that the view does not reach (a joint action) is not kept: the view does not know what its
    data stands at.
    """
    holes = {name: _hole(name) for name in HOLES}
    text = render_to_string(template, {**context, **holes, "view": view, "page": reckon()}, request)
    if (about is None or about in view.visible) and not get_messages(request):
        return KeptPage(text, request)
    return HttpResponse(filled(text, request))


def found_page(key: str) -> str | None:
    """The page kept by this name, by this process or another."""
    if text := _pages.get(key):
        return text
    found: str | None = cache.get(key)
    if found:
        _pages.put(key, found, len(found))
    return found


class KeptPage(HttpResponse):
    """A page that is kept once it has been sent, so that nobody waits until it is written down."""

    def __init__(self, text: str, request: SignedInRequest) -> None:
        super().__init__(filled(text, request))
        self._text, self._key = text, kept_as(request)

    def close(self) -> None:
        """The server is done with it."""
        super().close()
        _pages.put(self._key, self._text, len(self._text))
        cache.set(self._key, self._text, A_DAY)


def kept_as(request: SignedInRequest) -> str:
    """What a page depends on: the program, its address, its reader and what they may see, the day, what the data stands at.

    That of the organs that they see; what is found by searching also belongs to others (joint actions).
    """
    if not hasattr(request, "page_key"):
        stand_at = marks(request)
        user, seen = request.user, seen_by(request.user, stand_at[CATALOGUE])
        request.reader = Reader(reader(user), tuple(sorted(user.hints_away)), seen.keys)
        request.page_key = key_of(request, request.reader, stand_at)
    return request.page_key


def key_of(request: HttpRequest, reader: Reader, stand_at: Mapping[int, Marks]) -> str:
    """As `kept_as`, for a reader when the data stands at these marks."""
    organs = stand_at if request.path == reverse("search") else {CATALOGUE, PEOPLE, *reader.organs}
    data = sorted((pk, stand_at[pk]) for pk in organs if stand_at.get(pk))
    told = (PROGRAM, request.get_full_path(), reader.person, reader.hints, timezone.localdate(), data)
    return sha256(repr(told).encode()).hexdigest()


def _seconds_left(request: HttpRequest, session: Clocks) -> str:
    return str(left(session))


def _clock(request: HttpRequest, session: Clocks) -> str:
    return date_format(timezone.localtime(), "n月j日H:i")


#: What is another with every answer: kept pages have a hole in its place, which no text from outside can make (no NUL).
HOLES: dict[str, Callable[[HttpRequest, Clocks], str]] = {
    "csrf_token": lambda request, session: get_token(request),
    "seconds_left": _seconds_left,
    "clock": _clock,
}


def _hole(name: str) -> str:
    return f"\x00{name}\x00"


def filled(text: str, request: HttpRequest, session: Clocks | None = None) -> str:
    """A page as one reader gets it now: with what is another each time, as their session tells it."""
    for name, fill in HOLES.items():
        if (hole := _hole(name)) in text:
            text = text.replace(hole, fill(request, session or request.session))
    return text


def waiting_bell(request: HttpRequest) -> dict[str, Any]:
    """For templates: `bell`, how much waits for the person, reckoned where it is shown and only there."""
    user = getattr(request, "user", None)
    return {"bell": partial(bell, user)} if user and user.is_authenticated else {}
