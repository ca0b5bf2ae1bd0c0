"""A page asked for again by the same session is answered from one query, while all that it rests on is as it was."""

from collections import defaultdict
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.contrib.messages.storage.cookie import CookieStorage
from django.contrib.messages.storage.session import SessionStorage
from django.core.cache import cache
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.cache import patch_vary_headers

from measures.pages import filled, key_of
from measures.rollups.kept import Kept
from organs.asking import fetched
from organs.models import ALL_MARKS
from organs.permissions import Reader
from organs.sessions import BEGAN, SEEN, ended, to_touch

#: In place of an organ's number: what the session holds, and what tells the account from the same one changed.
SESSION, ACCOUNT = -2, -3
ASKED = f"""
SELECT {SESSION}, session_data FROM django_session WHERE session_key = %s AND expire_date > %s
UNION ALL SELECT {ACCOUNT}, xmin::text || ctid::text FROM organs_user WHERE id = %s
UNION ALL {ALL_MARKS}
"""


@dataclass(frozen=True)
class Guest:
    """A session to which a page was answered by the long way: who it is, as long as nothing of this is another."""

    person: int
    #: What the session held, and what told the account.
    was: tuple[str | None, str]
    clocks: Mapping[str, int]
    reader: Reader


#: By the key of the session and the address of the page.
_guests: Kept[Guest] = Kept(2_000)


class AgainMiddleware:
    """Answers with the kept page before anybody is asked for; else hands over what it has read.

    It stands behind what reads cookies and before what finds out who is signed in: that is known, since session and account
    are the same, byte for byte, as when it was found out. Offices, tree and day are in the key of the page.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: Any) -> HttpResponse:
        key = (request.COOKIES.get(settings.SESSION_COOKIE_NAME), request.get_full_path())
        guest = _guests.get(key) if request.method == "GET" else None
        if guest and (answer := _answer(request, guest)):
            return answer
        response = self.get_response(request)
        session = request.session
        if hasattr(request, "reader") and not session.modified and SessionStorage.session_key not in session:
            _guests.put(key, _guest(request))
        return response


def _guest(request: Any) -> Guest:
    session, user = request.session, request.user
    clocks = {name: session[name] for name in (BEGAN, SEEN) if name in session}
    return Guest(user.pk, (session.stored, user.stamp), clocks, request.reader)


def _answer(request: Any, guest: Guest) -> HttpResponse | None:
    """The kept page, if the guest is who it was and there is one."""
    asked = (request.session.session_key, timezone.now(), guest.person)
    found: dict[int, str] = dict(fetched(ASKED, asked))
    session, account = found.pop(SESSION, None), found.pop(ACCOUNT, None)
    request.session.stored = session
    request.marks = stand_at = defaultdict(str, found)
    if (
        not session
        or (session, account) != guest.was
        or ended(guest.clocks)
        or to_touch(request, guest.clocks)
    ):
        return None
    if CookieStorage.cookie_name in request.COOKIES:
        return None
    text = cache.get(key_of(request, guest.reader, stand_at))
    if text is None:
        return None
    response = HttpResponse(filled(text, request, guest.clocks))
    patch_vary_headers(response, ("Cookie",))
    return response
