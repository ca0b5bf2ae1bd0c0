"""Locked names: after too many wrong passwords a name may not sign in from one address for a while."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import groupby
from typing import Any

from axes.models import AccessAttempt
from django.conf import settings
from django.contrib.auth.backends import ModelBackend
from django.db import models, transaction
from django.db.models import Exists, OuterRef, Sum
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.crypto import salted_hmac

from organs.audit import record
from organs.door import organ_of
from organs.models import AuditVerb, User


class AccountBackend(ModelBackend):
    """Accounts of the database, as Django has them."""

    def get_user(self, user_id: Any) -> User | None:
        """Who is signed in, unless the account is out of use; asked where that may have changed."""
        user = User.objects.known(user_id)
        return user if user and self.user_can_authenticate(user) else None


@dataclass(frozen=True)
class Lock:
    """From which address a name may not sign in, and until when."""

    address: str
    until: datetime


def counted_name(request: HttpRequest | None, credentials: dict[str, Any] | None = None) -> str:
    """The user name of an account; of a name that nobody has only a keyed hash: it may be a mistyped password."""
    typed = (credentials or {}).get("username") or (request.POST.get("username", "") if request else "")
    known = User.objects.filter(username=typed[:150]).exists() if "\x00" not in typed else False
    return typed if known else salted_hmac("unknown name", typed).hexdigest()


def _recent_attempts() -> models.QuerySet[AccessAttempt]:
    return AccessAttempt.objects.filter(attempt_time__gte=timezone.now() - settings.AXES_COOLOFF_TIME)


def is_locked(name: str = "username") -> Exists:
    """For a query of users, or of rows whose field `name` is a user's: whether the user is locked out at some address."""
    tries = _recent_attempts().filter(username=OuterRef(name)).values("username", "ip_address")
    wrong = tries.annotate(wrong=Sum("failures_since_start"))
    return Exists(wrong.filter(wrong__gte=settings.AXES_FAILURE_LIMIT))


def locks(name: str) -> list[Lock]:
    """The locks of a counted name: each ends when so few attempts are recent that another one is allowed."""
    found = []
    tries = _recent_attempts().filter(username=name).order_by("ip_address", "-attempt_time")
    for address, attempts in groupby(tries, lambda attempt: attempt.ip_address):
        wrong = 0
        for attempt in attempts:
            wrong += attempt.failures_since_start
            if wrong >= settings.AXES_FAILURE_LIMIT:
                found.append(Lock(address or "", attempt.attempt_time + settings.AXES_COOLOFF_TIME))
                break
    return found


@transaction.atomic
def unlock(user: User, *, by: User) -> bool:
    """Let the person try again at once, from everywhere; leaves an event if there was a lock."""
    held = locks(user.username)
    AccessAttempt.objects.filter(username=user.username).delete()
    if held:
        addresses = "、".join(lock.address for lock in held)
        record(AuditVerb.UNLOCK, user, by=by, organ=organ_of(user), note=f"原锁定来源：{addresses}")
    return bool(held)


def locked_page(
    request: HttpRequest, response: HttpResponse | None = None, credentials: dict[str, Any] | None = None
) -> HttpResponse:
    """The answer to a locked name, the same whether somebody has this name or not."""
    here = request.META.get("REMOTE_ADDR", "")
    until = next(
        (lock.until for lock in locks(counted_name(request, credentials)) if lock.address == here), None
    )
    minutes = -((timezone.now() - until) // timedelta(minutes=1)) if until else 0
    context = {"until": until, "minutes": minutes, "address": here, "limit": settings.AXES_FAILURE_LIMIT}
    return render(request, "locked.html", context, status=429)
