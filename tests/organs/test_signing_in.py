"""Signing in: what is kept of a name that nobody has, and what no request may carry."""

from collections.abc import Callable
from typing import Any

import pytest
from axes.models import AccessAttempt
from django.test import Client

from organs.models import AuditEvent, User

pytestmark = pytest.mark.django_db
WRONG = {"password": "wrong"}


def test_a_name_that_nobody_has_is_never_stored(client: Client, clerk: User) -> None:
    client.post("/login/", {"username": "MyS3cretTyped", **WRONG})
    client.post("/login/", {"username": clerk.username, **WRONG})
    kept = set(AccessAttempt.objects.values_list("username", flat=True))
    assert clerk.username in kept
    assert "MyS3cretTyped" not in kept
    assert not AuditEvent.objects.filter(note__contains="MyS3cret").exists()


def test_a_very_long_name_is_refused_in_words(client: Client) -> None:
    response = client.post("/login/", {"username": "很" * 300, **WRONG})
    assert response.status_code == 200
    assert "用户名" in response.content.decode()


def test_five_wrong_passwords_lock_the_name(client: Client, clerk: User) -> None:
    answers = [client.post("/login/", {"username": clerk.username, **WRONG}).status_code for _ in range(6)]
    assert answers[0] == 200
    assert answers[-1] == 429


@pytest.mark.parametrize("address", ["/?organ=%00", "/admin/measures/observation/?q=%00", "/?%00=1"])
def test_a_nul_is_refused(as_user: Callable[[User], Client], steward: User, address: str) -> None:
    assert as_user(steward).get(address).status_code == 400
    assert as_user(steward).post("/password/", {"old_password": "a\x00"}).status_code == 400


@pytest.mark.parametrize(("behind", "address"), [(True, "10.9.8.7"), (False, "127.0.0.1")])
def test_behind_a_proxy_the_address_is_what_the_proxy_says(
    client: Client, clerk: User, settings: Any, behind: bool, address: str
) -> None:
    settings.BEHIND_PROXY = behind
    client.post(
        "/login/", {"username": clerk.username, **WRONG}, headers={"x-forwarded-for": "1.2.3.4, 10.9.8.7"}
    )
    assert AuditEvent.objects.get(verb="login_failed").address == address
