"""A page asked for again is answered from one query, and never to somebody who would not get it by the long way."""

import re
import time
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import psycopg
import pytest
from django.contrib.messages import constants
from django.contrib.messages.storage.base import Message
from django.contrib.messages.storage.cookie import CookieStorage
from django.contrib.sessions.models import Session
from django.db import connection
from django.test import Client, RequestFactory
from django.utils import timezone

from measures import again
from measures.models import Observation
from organs import sessions
from organs.models import Membership, Organ, Role, User
from organs.sessions import BEGAN, SEEN
from tests import make
from tests.kept import asked, forget
from tests.signed_in import sign_in

#: What differs from answer to answer.
PASSING = re.compile(r'name="csrfmiddlewaretoken" value="\w+"|data-left="\d+"')


@pytest.fixture
def client(bureau, leader) -> Client:
    """A leader's browser, which has read the overview."""
    client = sign_in(Client(), leader)
    client.get("/")
    assert len(asked(client, "/")) == 1
    return client


def answer(client: Client, **headers: str) -> tuple[int, str, list[str]]:
    """Status, words and names of the headers."""
    found = client.get("/", headers=headers)
    return found.status_code, PASSING.sub("", found.content.decode()), sorted(found.headers)


def change(client: Client, **clocks: int) -> None:
    """Turn back the clocks of the session by so many minutes."""
    session = client.session
    for name, minutes in clocks.items():
        session[name] -= minutes * 60
    session.save()


def test_it_says_what_it_says_by_the_long_way_under_the_same_headers(client: Client) -> None:
    short = answer(client)
    forget()
    assert answer(client) == short
    tokens = {
        text
        for _ in range(2)
        for text in re.findall(r'csrfmiddlewaretoken" value="(\w{64})"', client.get("/").content.decode())
    }
    assert len(tokens) == 2, "each answer has a token of its own"


ENDS: dict[str, Callable[[Client, User], Any]] = {
    "signed out elsewhere": lambda client, user: Session.objects.all().delete(),
    "out of use": lambda client, user: User.objects.filter(pk=user.pk).update(is_active=False),
    "another password": lambda client, user: User.objects.filter(pk=user.pk).update(password="another"),
    "a first password": lambda client, user: User.objects.filter(pk=user.pk).update(
        must_change_password=True
    ),
    "no office any more": lambda client, user: Membership.objects.filter(user=user).delete(),
    "idle for too long": lambda client, user: change(client, **{SEEN: 32}),
    "signed in for too long": lambda client, user: change(client, **{BEGAN: 601}),
    "nobody's session": lambda client, user: client.cookies.clear(),
}


@pytest.mark.parametrize("end", ENDS)
def test_who_may_not_read_it_any_more_does_not(client: Client, leader: User, end: str) -> None:
    ENDS[end](client, leader)
    assert answer(client)[0] == (403 if end == "no office any more" else 302)


def test_a_hint_put_away_is_away(client: Client, leader: User) -> None:
    leader.put_away("overview")
    assert len(asked(client, "/")) > 1


def test_what_is_to_be_told_is_told_once(client: Client) -> None:
    told = Message(constants.SUCCESS, "一份文件已经备好。")
    client.cookies["messages"] = CookieStorage(RequestFactory().get("/"))._encode([told])
    assert told.message in answer(client)[1]
    assert told.message not in answer(client)[1]


def test_a_page_drawn_anew_does_not_ask_again_who_reads_it(client: Client, bureau: Organ) -> None:
    metric = make.make_metric()
    make.make_observation(metric, bureau, "5", "2020")
    client.get("/")
    make.make_observation(metric, bureau, "7654321")
    first, *rest = asked(client, "/")
    assert "organs_user" in first
    assert rest
    assert not any("organs_user" in sql or "organs_membership" in sql for sql in rest)
    assert "7654321" in answer(client)[1]


OFFICES: dict[str, Callable[[User, Organ], Any]] = {
    "another office": lambda user, organ: make.make_member(Role.CLERK, organ),
    "an organ of another name": lambda user, organ: Organ.objects.filter(pk=organ.pk).update(name="丙局"),
}


@pytest.mark.parametrize("change", OFFICES)
def test_who_reads_is_asked_again_where_offices_or_the_tree_are_others(
    client: Client, leader: User, bureau: Organ, change: str
) -> None:
    OFFICES[change](leader, bureau)
    assert any("organs_membership" in sql for sql in asked(client, "/")[1:])


def test_who_reads_on_the_next_day_is_asked_again(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    tomorrow = timezone.localdate() + timedelta(days=1)
    monkeypatch.setattr(again.timezone, "localdate", lambda: tomorrow)
    assert any("organs_membership" in sql for sql in asked(client, "/")[1:])


@pytest.mark.parametrize("read_before", range(3))
def test_an_office_that_ends_while_a_page_is_read_has_ended_for_the_next(
    leader: User, bureau: Organ, read_before: int
) -> None:
    """Between any two queries of the page, be it the first, the second or a later one that the session reads."""
    metric = make.make_metric()
    make.make_observation(metric, bureau, "5", "2020")
    posts = [*Membership.objects.filter(user=leader)]
    for place in range(1, 30):
        client, number = sign_in(Client(), leader), 0
        for _ in range(read_before):
            client.get("/")

        def end_meanwhile(execute: Any, *statement: Any, place: int = place) -> Any:
            nonlocal number
            number += 1
            if number == place:
                Membership.objects.filter(user=leader).delete()
            return execute(*statement)

        with connection.execute_wrapper(end_meanwhile):
            client.get("/")
        if number < place:
            break  # the page asks no more often
        Observation.objects.filter(metric=metric).update(remark=f"第{place}次")
        assert answer(client)[0] == 403, place
        Membership.objects.bulk_create(posts)
    assert place > 1


def test_a_copy_of_an_account_knows_nothing_that_the_account_has_reckoned(leader: User, area: Organ) -> None:
    known = User.objects.known(leader.pk)
    assert known is not None
    assert area.path in known.scope([Role.LEADER])
    copy = known.anew()
    (post,) = copy.current_memberships()
    assert (copy, copy.stamp, post.user is copy) == (known, known.stamp, True)
    copy.hold([])
    assert not copy.scope([Role.LEADER])
    assert area.path in known.scope([Role.LEADER])


@pytest.mark.django_db(transaction=True)
def test_a_database_that_was_started_anew_is_found_again(client: Client) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        ((pid,),) = cursor.fetchall()
    dsn = connection.get_connection_params() | {"cursor_factory": None, "context": None}
    with psycopg.connect(**{name: value for name, value in dsn.items() if value is not None}) as other:
        other.execute("SELECT pg_terminate_backend(%s)", [pid])
    assert answer(client)[0] == 200


def test_time_that_only_passes_ends_it_too(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    later = time.time() + 32 * 60
    monkeypatch.setattr(sessions.time, "time", lambda: later)
    assert answer(client, **{"X-Background": "1"})[0] == 302


def test_who_reads_on_stays_signed_in(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    before = client.session[SEEN]
    later = time.time() + 61
    monkeypatch.setattr(sessions.time, "time", lambda: later)
    client.get("/", headers={"X-Background": "1"})
    assert client.session[SEEN] == before
    client.get("/")
    assert client.session[SEEN] > before


def test_activity_is_noted_once_a_minute(client: Client) -> None:
    change(client, **{SEEN: 20})
    before = client.session[SEEN]
    for _ in range(3):
        client.get("/")
    assert client.session[SEEN] > before
    seen = client.session[SEEN]
    assert len(asked(client, "/")) == 1
    assert client.session[SEEN] == seen


def test_another_who_reads_the_same_is_not_taken_for_the_first(client: Client, area) -> None:
    other = make.make_member("leader", area, "乙领导", with_below=True)
    mine = answer(client)[1]
    theirs = answer(sign_in(Client(), other))[1]
    assert ("乙领导" in theirs, "乙领导" in mine) == (True, False)
    assert answer(client)[1] == mine


def test_a_session_without_clocks_is_answered_too_when_a_page_asks_by_itself(client: Client) -> None:
    session = client.session
    del session[SEEN]
    session.save()
    assert [answer(client, **{"X-Background": "1"})[0] for _ in range(3)] == [200, 200, 200]


def test_only_what_is_read_is_answered_so(client: Client) -> None:
    assert client.post("/").status_code == 405
    assert client.head("/").content == b""
