"""The name under which wrong passwords are counted."""

from typing import Any

from django.http import HttpRequest
from django.utils.crypto import salted_hmac

from organs.models import User


def counted_name(request: HttpRequest | None, credentials: dict[str, Any] | None = None) -> str:
    """The user name of an account; of a name that nobody has only a keyed hash: it may be a mistyped password."""
    typed = (credentials or {}).get("username") or (request.POST.get("username", "") if request else "")
    known = User.objects.filter(username=typed[:150]).exists() if "\x00" not in typed else False
    return typed if known else salted_hmac("unknown name", typed).hexdigest()
