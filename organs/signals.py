"""Signing in and out leaves audit events; a name that nobody has is never stored: it may be a mistyped password.

An account that is out of use is signed out everywhere, for good: nobody comes back with an old session.
"""

from typing import Any

from axes.signals import user_locked_out
from django.contrib.auth.signals import user_logged_in, user_logged_out, user_login_failed
from django.db import transaction
from django.db.models.signals import post_save
from django.dispatch import receiver

from organs.audit import home_of, record
from organs.models import AuditVerb, User
from organs.sessions import end_sessions


def _tell(verb: AuditVerb, user: User | None, *, by: User | None) -> None:
    with transaction.atomic():
        record(verb, user, by=by, organ=home_of(user), note="" if user else "没有这个账号")


def _known(username: object) -> User | None:
    return (
        User.objects.filter(username=username).first()
        if isinstance(username, str) and "\x00" not in username
        else None
    )


@receiver(user_logged_in, dispatch_uid="audit_login")
def logged_in(sender: Any, user: User, **kwargs: Any) -> None:
    """Somebody signed in."""
    _tell(AuditVerb.LOGIN, user, by=user)


@receiver(user_logged_out, dispatch_uid="audit_logout")
def logged_out(sender: Any, user: User | None, **kwargs: Any) -> None:
    """Somebody signed out."""
    if user:
        _tell(AuditVerb.LOGOUT, user, by=user)


@receiver(user_login_failed, dispatch_uid="audit_login_failed")
def login_failed(sender: Any, credentials: dict[str, Any], **kwargs: Any) -> None:
    """Somebody did not get in."""
    _tell(AuditVerb.LOGIN_FAILED, _known(credentials.get("username")), by=None)


@receiver(user_locked_out, dispatch_uid="audit_locked_out")
def locked_out(sender: Any, username: str | None = None, **kwargs: Any) -> None:
    """A name was locked for a while after too many wrong passwords."""
    _tell(AuditVerb.LOCKED_OUT, _known(username), by=None)


@receiver(post_save, sender=User, dispatch_uid="end_sessions")
def out_of_use(sender: Any, instance: User, created: bool, **kwargs: Any) -> None:
    """An account was stored; its sessions end if it may not sign in."""
    if not (instance.is_active or created):
        end_sessions(instance)
