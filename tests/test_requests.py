"""Requests that no browser sends: they are refused or answered, they break nothing."""

from collections.abc import Callable

import pytest
from django.test import Client

from organs.models import User

pytestmark = pytest.mark.django_db
SignIn = Callable[[User | None], Client]


@pytest.mark.parametrize("charset", ["unicode_escape", "utf-16", "gbk"])
@pytest.mark.parametrize("address", ["/audit/?person=%5Cud800", "/login/?next=%5Cud800"])
def test_a_request_does_not_choose_its_character_set(
    address: str, charset: str, auditor: User, as_user: SignIn
) -> None:
    answer = as_user(auditor).get(address, headers={"Content-Type": f"text/plain; charset={charset}"})
    assert answer.status_code == 400


def test_a_form_in_another_character_set_gets_the_page_that_refuses_it() -> None:
    client = Client(enforce_csrf_checks=True)
    client.cookies["csrftoken"] = "a" * 32
    sent = {"content_type": "application/x-www-form-urlencoded; charset=gbk"}
    answer = client.post("/login/", "username=%C1%D6", **sent)
    assert answer.status_code == 400
    assert "请求" in answer.content.decode()


def test_a_cookie_with_a_nul_is_none(client: Client) -> None:
    assert client.get("/", HTTP_COOKIE='sessionid="aaaaaaaaaaaa\\000"').status_code == 302


@pytest.mark.parametrize("page", ["http://[", "//[", "http://x]/"])
def test_where_somebody_comes_from_may_be_no_address(page: str, client: Client) -> None:
    answer = client.get("/stay/", headers={"Referer": page, "HX-Request": "true"})
    assert (answer.status_code, answer["HX-Redirect"]) == (403, "/login/?next=")


@pytest.mark.parametrize("page", ["/login/", "/login/?next=/login/"])
def test_who_is_signed_in_is_not_sent_to_sign_in_again(page: str, leader: User, as_user: SignIn) -> None:
    answer = as_user(leader).get("/login/", {"next": page})
    assert (answer.status_code, answer.url) == (302, "/my/")
