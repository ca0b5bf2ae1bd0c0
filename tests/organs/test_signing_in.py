"""Signing in: wrong passwords and locks, what is kept of a name that nobody has, what no request may carry."""

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from axes.models import AccessAttempt
from django.db import connection
from django.db.models import F
from django.http import HttpResponse
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from organs.models import AuditEvent, AuditVerb, Role, User
from tests import make
from tests.conftest import Tree

pytestmark = pytest.mark.django_db
WRONG, PASSWORD = {"password": "wrong"}, "Zhengque-2021-mima"


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


def guess(client: Client, name: str, times: int = 5, **more: Any) -> HttpResponse:
    for _ in range(times):
        response = client.post("/login/", {"username": name, **WRONG}, **more)
    return response


def sign_in(client: Client, user: User, **more: Any) -> HttpResponse:
    return client.post("/login/", {"username": user.username, "password": PASSWORD}, **more)


@pytest.fixture
def known_clerk(clerk: User) -> User:
    """A clerk whose password the tests know."""
    clerk.set_password(PASSWORD)
    clerk.save()
    return clerk


def test_five_wrong_passwords_lock_the_name_at_this_address_only(client: Client, known_clerk: User) -> None:
    assert guess(client, "clerk", 4).status_code == 200
    assert guess(client, "clerk", 1).status_code == 429
    assert sign_in(client, known_clerk).status_code == 429
    assert guess(client, "leader", 1).status_code == 200
    assert sign_in(client, known_clerk, REMOTE_ADDR="10.0.0.7").status_code == 302


def test_the_locked_page_says_until_when_and_who_unlocks(client: Client, clerk: User) -> None:
    html = guess(client, "clerk").content.decode()
    until = timezone.localtime(AccessAttempt.objects.get().attempt_time + timedelta(minutes=15))
    assert f"{until:%H:%M}" in html
    assert "工委管理员" in html
    assert "127.0.0.1" in html


def test_a_locked_name_does_not_tell_whether_somebody_has_it(client: Client, clerk: User) -> None:
    def said(name: str) -> list[tuple[int, str]]:
        answers = [guess(client, name, 1) for _ in range(6)]
        return [
            (a.status_code, re.sub(r"[A-Za-z0-9]{64}|nobody|clerk", "", a.content.decode())) for a in answers
        ]

    assert said("clerk") == said("nobody")


def test_trying_on_does_not_make_the_lock_longer(client: Client, known_clerk: User) -> None:
    guess(client, "clerk")
    AccessAttempt.objects.update(attempt_time=timezone.now() - timedelta(minutes=14))
    assert guess(client, "clerk", 3).status_code == 429
    AccessAttempt.objects.update(attempt_time=F("attempt_time") - timedelta(minutes=1))
    assert sign_in(client, known_clerk).status_code == 302


def test_signing_in_forgives_the_wrong_passwords_before(client: Client, known_clerk: User) -> None:
    guess(client, "clerk", 4)
    assert sign_in(client, known_clerk).status_code == 302
    client.post("/logout/")
    assert guess(client, "clerk", 4).status_code == 200


def test_the_steward_sees_the_lock_and_ends_it(
    client: Client, known_clerk: User, steward: User, as_user: Callable[[User], Client]
) -> None:
    page, accounts = reverse("admin:organs_user_change", args=(known_clerk.pk,)), as_user(steward)
    assert "解除锁定" not in accounts.get(page).content.decode()
    guess(client, "clerk")
    assert "已锁定" in accounts.get(reverse("admin:organs_user_changelist")).content.decode()
    assert "来自 127.0.0.1" in accounts.get(page).content.decode()
    assert accounts.post(reverse("admin:organs_user_unlock", args=(known_clerk.pk,))).url == page
    event = AuditEvent.objects.get(verb=AuditVerb.UNLOCK)
    assert (event.user_id, event.target_id, event.note) == (
        steward.pk,
        known_clerk.pk,
        "原锁定来源：127.0.0.1",
    )
    assert sign_in(client, known_clerk).status_code == 302


def test_only_who_administers_the_account_ends_its_lock(
    client: Client, tree: Tree, known_clerk: User, auditor: User, as_user: Callable[[User], Client]
) -> None:
    guess(client, "clerk")
    unlock = reverse("admin:organs_user_unlock", args=(known_clerk.pk,))
    other = make.make_member(Role.STEWARD, tree.other_bureau)
    both = make.make_member(Role.STEWARD, tree.bureau)
    make.make_membership(known_clerk, tree.other_unit, Role.CLERK)
    refused = {
        user.name: as_user(user).post(unlock).status_code for user in (other, both, known_clerk, auditor)
    }
    assert list(refused.values()) == [404, 403, 403, 404]
    assert sign_in(client, known_clerk).status_code == 429
    assert as_user(both).get(unlock).status_code == 403


def test_unlocking_nobody_says_so_and_leaves_no_event(
    clerk: User, steward: User, as_user: Callable[[User], Client]
) -> None:
    unlock = reverse("admin:organs_user_unlock", args=(clerk.pk,))
    assert "没有被锁定" in as_user(steward).post(unlock, follow=True).content.decode()
    assert not AuditEvent.objects.filter(verb=AuditVerb.UNLOCK).exists()


def test_the_list_of_accounts_costs_the_same_with_many_locks(
    client: Client, tree: Tree, steward: User, as_user: Callable[[User], Client]
) -> None:
    def queries() -> int:
        with CaptureQueriesContext(connection) as made:
            as_user(steward).get(reverse("admin:organs_user_changelist"))
        return len(made)

    make.make_member(Role.CLERK, tree.bureau)
    queries()  # what is asked once in a process
    before = queries()
    for _ in range(5):
        guess(client, make.make_member(Role.CLERK, tree.bureau).username)
    assert queries() == before


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


@pytest.mark.parametrize(
    ("asked", "to"),
    [("/", "/my/"), ("", "/my/"), ("/?period=2021", "/?period=2021"), ("/sheets/", "/sheets/")],
)
def test_who_only_named_the_site_comes_to_their_own_first_page(
    asked: str, to: str, client: Client, known_clerk: User
) -> None:
    sent = {"username": known_clerk.username, "password": PASSWORD, "next": asked}
    assert client.post("/login/", sent).url == to
