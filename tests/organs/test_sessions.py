"""How long one stays signed in, and what becomes of what somebody was typing."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from organs.models import AuditEvent, AuditVerb, User
from organs.sessions import BEGAN, GRAIN, SEEN
from tests import make

SignIn = Callable[[User | None], Client]
BY_ITSELF = {"X-Background": "1"}
SCRIPT = {"X-Requested-With": "XMLHttpRequest", "Referer": "http://testserver/organs/1/?period=2021"}


def wait(client: Client, *, minutes: int, **clocks: Any) -> None:
    """As if the time had passed; only for the idle clock, unless told otherwise."""
    session = client.session
    for clock in clocks.get("of", (SEEN,)):
        session[clock] -= minutes * 60
    session.save()


@pytest.fixture
def client(leader: User, as_user: SignIn) -> Client:
    """A leader's browser."""
    return as_user(leader)


def test_after_half_an_hour_without_activity_one_is_signed_out_and_told_why(client: Client) -> None:
    wait(client, minutes=30)
    assert client.get("/").status_code == 200
    wait(client, minutes=32)
    answer = client.get("/?period=2021")
    assert answer.url == "/login/?next=%2F%3Fperiod%3D2021&why=idle"
    assert "超过30分钟没有操作，已自动退出" in client.get(answer.url).content.decode()
    assert client.get("/").url == "/login/?next=/"
    assert AuditEvent.objects.filter(verb=AuditVerb.LOGOUT).count() == 1


def test_activity_keeps_one_signed_in(client: Client) -> None:
    for _ in range(4):
        wait(client, minutes=20)
        assert client.get("/").status_code == 200


@pytest.mark.parametrize("ask", [{"path": "/", "headers": BY_ITSELF}, {"path": "/?background=1"}])
def test_a_page_that_asks_by_itself_keeps_nobody_signed_in(client: Client, ask: dict[str, Any]) -> None:
    wait(client, minutes=20)
    assert client.get(**ask).status_code == 200
    wait(client, minutes=12)
    assert client.get(**ask).status_code == 302


def test_after_ten_hours_even_the_busy_are_signed_out(client: Client) -> None:
    wait(client, minutes=599, of=(BEGAN,))
    assert client.get("/").status_code == 200
    wait(client, minutes=1, of=(BEGAN,))
    answer = client.get("/")
    assert answer.url.endswith("why=long")
    assert "登录已满10小时" in client.get(answer.url).content.decode()


def test_the_limits_are_settings(client: Client, settings: Any) -> None:
    settings.SESSION_IDLE_MINUTES = 5
    wait(client, minutes=7)
    assert client.get("/").status_code == 302


def test_what_was_sent_too_late_is_shown_to_be_copied_but_never_a_password(
    clerk: User, as_user: SignIn
) -> None:
    client = as_user(clerk)
    wait(client, minutes=40)
    sent = {
        "title": "走访慰问困难党员",
        "amount": "19425",
        "state": "draft",
        "_save": "保存",
        "x-MAX_NUM_FORMS": "1000",
    }
    secret = {"old_password": "密码甲", "new_password1": "密码乙"}
    answer = client.post(
        "/admin/measures/action/add/",
        sent | secret,
        headers={"Referer": "http://testserver/admin/measures/action/add/"},
    )
    html = answer.content.decode()
    assert answer.status_code == 403
    assert [text in html for text in ("走访慰问困难党员", "19425", "draft", "1000", "密码甲", "密码乙")] == [
        *(True, True, False, False, False, False)
    ]
    assert "/login/?next=%2Fadmin%2Fmeasures%2Faction%2Fadd%2F&amp;why=idle" in html


def test_short_figures_are_shown_to_be_copied_and_what_nobody_typed_is_not(
    clerk: User, as_user: SignIn
) -> None:
    client = as_user(clerk)
    wait(client, minutes=40)
    figures = {
        "m1-quantity": "50",
        "m2-quantity": "12.5",
        "m3-quantity": "95%",
        "username": "wjj",
        "order": "1",
    }
    machine = {
        "m1-seen": "2026-03-01T10:00:00+08:00",
        "form_token": "4a4c1f4e-0000-4000-8000-000000000001",
        "organ": "1234",
        "m1-presence": "value",
        "rows": "105",
        "row": "action-1007-2026-03-01",
        "p-0-id": "1008",
        "1234-to": "1009",
        "closed": "on",
        "save": "1",
    }
    html = client.post("/entry/figures/", figures | machine).content.decode()
    assert re.findall("<textarea[^>]*>(.*?)</textarea>", html) == list(figures.values())


def test_what_is_sent_after_signing_out_in_another_window_is_shown_to_be_copied(client: Client) -> None:
    client.logout()
    page = {"Referer": "http://testserver/entry/figures/?organ=1"}
    answer = client.post("/entry/figures/", {"m1-quantity": "1.2万余"}, headers=page)
    html = answer.content.decode()
    assert answer.status_code == 403
    assert [words in html for words in ("1.2万余", "您已退出登录")] == [True, True]
    assert "/login/?next=%2Fentry%2Ffigures%2F%3Forgan%3D1" in html
    answer = client.post("/review/", {"approve": "action-1"}, headers=page)
    assert answer.url == "/login/?next=%2Fentry%2Ffigures%2F%3Forgan%3D1"


def test_a_button_pressed_too_late_leads_to_the_sign_in_page(client: Client) -> None:
    wait(client, minutes=40)
    assert client.post("/logout/").url == "/login/"
    assert client.post("/logout/").url == "/login/"


def test_a_script_is_sent_to_sign_in_and_back_to_its_page(client: Client) -> None:
    wait(client, minutes=40)
    first, second = (client.get("/stay/", headers=SCRIPT) for _ in range(2))
    back = "/login/?next=%2Forgans%2F1%2F%3Fperiod%3D2021"
    assert [(a.status_code, a["HX-Redirect"]) for a in (first, second)] == [
        (403, f"{back}&why=idle"),
        (403, back),
    ]


def test_the_page_asks_how_long_it_has_and_stays_by_a_click(client: Client, leader: User) -> None:
    wait(client, minutes=29)
    asked = client.get("/stay/", headers=BY_ITSELF).json()
    assert 60 <= asked["seconds_left"] <= 60 + GRAIN
    assert asked["user"] == leader.pk
    assert client.post("/stay/").json()["seconds_left"] >= 30 * 60
    assert client.put("/stay/").status_code == 405


def test_every_page_of_somebody_signed_in_can_warn(client: Client, clerk: User, as_user: SignIn) -> None:
    for html in (client.get("/").content.decode(), as_user(clerk).get("/admin/measures/").content.decode()):
        assert 'class="session-bar"' in html
        left = re.search('data-left="([0-9]+)"', html)
        assert left
        assert 30 * 60 < int(left[1]) <= 30 * 60 + GRAIN
    assert "session-bar" not in Client().get("/login/").content.decode()


def test_signing_in_gives_the_session_a_new_key(clerk: User) -> None:
    clerk.set_password("Zhengque-2021-mima")
    clerk.save()
    client = Client()
    planted = client.session
    planted["x"] = 1
    planted.save()
    client.cookies["sessionid"] = planted.session_key
    client.post("/login/", {"username": "clerk", "password": "Zhengque-2021-mima"})
    assert client.session.session_key != planted.session_key
    assert not client.session.exists(planted.session_key)


def test_a_session_from_before_the_clocks_begins_now(client: Client) -> None:
    session = client.session
    del session[BEGAN], session[SEEN]
    session.save()
    assert client.get("/").status_code == 200
    assert {BEGAN, SEEN} <= set(client.session.keys())


def test_a_reason_that_is_none_is_not_repeated(db: None) -> None:
    assert "why" not in Client().get("/login/?why=<b>why</b>").content.decode()


def test_an_account_that_is_switched_off_is_out_at_once(client: Client, leader: User) -> None:
    User.objects.filter(pk=leader.pk).update(is_active=False)
    assert client.get("/").status_code == 302


def test_a_form_without_its_token_shows_what_was_typed(clerk: User) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(clerk, backend=make.BACKEND)
    answer = client.post("/admin/measures/action/add/", {"title": "走访慰问困难党员", "password1": "密码甲"})
    html = answer.content.decode()
    assert answer.status_code == 403
    assert "走访慰问困难党员" in html
    assert "密码甲" not in html
