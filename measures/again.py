"""A page asked for again by the same session is answered from one query, while all that it rests on is as it was."""

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.conf import settings
from django.contrib.messages.storage.cookie import CookieStorage
from django.contrib.messages.storage.session import SessionStorage
from django.db import InterfaceError, OperationalError, connection
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.cache import patch_vary_headers

from measures.pages import filled, found_page, is_kept, key_of
from measures.rollups.kept import Kept
from organs.asking import fetched
from organs.models import ALL_MARKS, CATALOGUE, PEOPLE, Marks, User
from organs.permissions import Reader
from organs.sessions import BEGAN, SEEN, ended, to_touch

#: In place of an organ's number: what the session holds, and what tells the account from the same one changed.
SESSION, ACCOUNT = -2, -3
#: No account has this number.
NOBODY = 0
ASKED = f"""
SELECT {SESSION}, session_data FROM django_session WHERE session_key = %s AND expire_date > %s
UNION ALL SELECT {ACCOUNT}, xmin::text || ctid::text FROM organs_user WHERE id = %s
UNION ALL {ALL_MARKS}
"""


@dataclass(frozen=True)
class Guest:
    """A session to which a page was answered by the long way: who it is, as long as nothing of this is another."""

    user: User
    #: What the session held, and what told the account.
    was: tuple[str | None, str]
    #: What offices and the tree stood at, and the day, before it was asked who that is; None, which nothing equals, where
    #: that was read only afterwards: they may have changed in between.
    offices: tuple[Marks, Marks, date] | None
    clocks: Mapping[str, int]
    reader: Reader


#: By the key of the session and the address of the page.
_guests: Kept[Guest] = Kept(2_000)


class AgainMiddleware:
    """Answers with the kept page before anybody is asked for; else hands over what it has read, and who it is.

    It stands behind what reads cookies and before what finds out who is signed in: that is known, since session and account
    are the same, byte for byte, as when it was found out. Offices, tree and day are in the key of the page.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def process_view(self, request: Any, view: Callable, *named: object) -> None:
        """What a page that may be kept needs to know, before its session is read alone."""
        session = request.session
        if is_kept(view) and not hasattr(request, "marks") and session.session_key and not session.accessed:
            _ask(request, NOBODY)

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
    offices = getattr(request, "offices", None)
    return Guest(user.anew(), (session.stored, user.stamp), offices, clocks, request.reader)


def _answer(request: Any, guest: Guest) -> HttpResponse | None:
    """The kept page, if the guest is who it was and there is one."""
    session, account = _ask(request, guest.user.pk)
    same = (session, account) == guest.was and request.offices == guest.offices
    if not session or not same or ended(guest.clocks):
        return None
    told = to_touch(request, guest.clocks) or CookieStorage.cookie_name in request.COOKIES
    text = None if told else found_page(key_of(request, guest.reader, request.marks))
    if text is None:
        # where Django looks whether somebody has asked who it is
        request._cached_user = guest.user.anew()
        return None
    response = HttpResponse(filled(text, request, guest.clocks))
    patch_vary_headers(response, ("Cookie",))
    return response


def _ask(request: Any, user: int) -> tuple[str | None, str | None]:
    """What the session holds, and what tells the account of this number, where there are such.

    The request knows the session from then on, and what everything stands at.
    """
    found: dict[int, str] = dict(_fetched((request.session.session_key, timezone.now(), user)))
    session, account = found.pop(SESSION, None), found.pop(ACCOUNT, None)
    request.session.stored = session
    request.marks = stand_at = defaultdict(str, found)
    request.offices = (stand_at[PEOPLE], stand_at[CATALOGUE], timezone.localdate())
    return session, account


def _fetched(asked: Sequence[object]) -> list[tuple[Any, ...]]:
    """What the first query of the request finds, which is also the one that tells whether the connection still works."""
    own: Any = connection
    own.health_check_done = True
    try:
        return fetched(ASKED, asked)
    except (OperationalError, InterfaceError):
        if connection.is_usable():
            raise
        connection.close()  # the server was started anew meanwhile
        return fetched(ASKED, asked)
