"""How long one stays signed in: an idle limit and an absolute one, both kept by the server in the session.

Only what a person does counts as activity. A page that asks by itself (polling, refreshing) says so, by the header
`X-Background` or by `background` in its address, and keeps nobody signed in.
"""

import re
import time
from collections.abc import Mapping
from enum import StrEnum
from functools import cache
from typing import Any

from django.apps import apps
from django.conf import settings
from django.contrib.auth import SESSION_KEY
from django.contrib.auth.base_user import AbstractBaseUser
from django.contrib.auth.signals import user_logged_in
from django.contrib.sessions.backends.base import SessionBase
from django.contrib.sessions.models import Session
from django.dispatch import receiver
from django.http import HttpRequest
from django.utils import timezone

BEGAN, SEEN = "began", "seen"
#: A session, or its clocks alone: when it began and when somebody was seen last, in seconds since 1970.
Clocks = SessionBase | Mapping[str, int]
#: Activity is written down once in so many seconds, not with every request; the idle limit is longer by as much.
GRAIN = 60


#: Names under which a form sends what nobody typed: keys and marks, buttons and ticks; and passwords, which are never shown.
_NEVER_TYPED = re.compile(
    "^_|^csrf|password|__prefix__|_FORMS$|_at$|(^|_)token$|^seen_|(^|-)(seen|id|do|parts|to|given_[a-z]+)$"
    "|^(action|active|address|again|all|approve|ask|back|check|close|confident|confirm|confirmed|copy|delete|drop|fields|find|hint|index|keep"
    "|make|more|next|none|open|page|preview|proves|read|remind|restore|return|rows?|save|select_across|shown|skip|split"
    "|submit|superior|ticks?|undo|verb)$"
)


class Ended(StrEnum):
    """Why a session came to its end."""

    IDLE = "idle"
    LONG = "long"

    @property
    def words(self) -> str:
        """What the person is told."""
        if self is Ended.IDLE:
            return f"超过{settings.SESSION_IDLE_MINUTES}分钟没有操作，已自动退出，请重新登录。"
        return f"登录已满{settings.SESSION_MAX_HOURS}小时，已自动退出，请重新登录。"


@receiver(user_logged_in, dispatch_uid="session_begins")
def begin(sender: Any, request: HttpRequest, **kwargs: Any) -> None:
    """Both clocks start when somebody signs in; Django gives the session a new key at this moment."""
    request.session[BEGAN] = request.session[SEEN] = int(time.time())


def end_sessions(user: AbstractBaseUser) -> None:
    """Sign an account out everywhere; sessions are looked through one by one, for that is rare."""
    for session in Session.objects.filter(expire_date__gt=timezone.now()).iterator():
        if session.get_decoded().get(SESSION_KEY) == str(user.pk):
            session.delete()


def _ends(session: Clocks) -> dict[Ended, int]:
    """When each limit is reached, in seconds since 1970; a session without clocks begins now."""
    now = int(time.time())
    seen, began = session.get(SEEN, now), session.get(BEGAN, now)
    return {
        Ended.IDLE: seen + settings.SESSION_IDLE_MINUTES * 60 + GRAIN,
        Ended.LONG: began + settings.SESSION_MAX_HOURS * 3600,
    }


def ended(session: Clocks) -> Ended | None:
    """Why the session of a signed-in person is over, if it is."""
    return next((why for why, end in _ends(session).items() if time.time() >= end), None)


def touch(request: HttpRequest) -> None:
    """Write down that somebody did something, unless the page asked by itself."""
    if BEGAN not in request.session:
        request.session[BEGAN] = int(time.time())
    if to_touch(request, request.session):
        request.session[SEEN] = int(time.time())


def to_touch(request: HttpRequest, session: Clocks) -> bool:
    """Whether a request is to be written down as something that somebody did."""
    asked_by_itself = "X-Background" in request.headers or "background" in request.GET
    return not asked_by_itself and int(time.time()) - session.get(SEEN, 0) >= GRAIN


def seconds_left(request: HttpRequest) -> dict[str, int]:
    """For templates: seconds until the person is signed out if they do nothing; nothing for nobody."""
    if not (hasattr(request, "user") and request.user.is_authenticated):
        return {}
    return {"seconds_left": left(request.session)}


def left(session: Clocks) -> int:
    """Seconds until the person is signed out if they do nothing."""
    return max(0, min(_ends(session).values()) - int(time.time()))


@cache
def _chosen() -> tuple[frozenset[str], frozenset[str]]:
    """Names of fields in which a row is chosen by its number, and of those in which a code is chosen."""
    fields = [field for model in apps.get_models() for field in model._meta.get_fields()]
    rows = (field.name for field in fields if field.is_relation)
    return frozenset(rows), frozenset(field.name for field in fields if getattr(field, "choices", None))


def _is_typed(name: str, text: str) -> bool:
    rows, codes = _chosen()
    field = name.rpartition("-")[2]
    return (
        text.strip() not in ("", "on", "yes")
        and not (field in rows and text.isdecimal())
        and not (field in codes and text.isascii())
    )


def typed(request: HttpRequest) -> list[str]:
    """What a person wrote into the form that came too late, to be shown to them and copied; never a password."""
    return [
        text
        for name, values in request.POST.lists()
        if not _NEVER_TYPED.search(name)
        for text in values
        if _is_typed(name, text)
    ]
