"""What is kept in memory: the longest unused goes first, and nothing weighs more than it may; and pages that are kept."""

import re

import pytest
from django.test import Client
from django.urls import reverse

from measures.rollups.kept import Kept
from tests import make
from tests.kept import asked


def test_what_was_put_is_found_until_it_is_too_much() -> None:
    kept: Kept[str] = Kept(3)
    for name in "abc":
        kept.put(name, name)
    assert kept.get("a") == "a"  # used now, so b is the longest unused
    kept.put("d", "d")
    assert [kept.get(name) for name in "abcd"] == ["a", None, "c", "d"]


def test_what_is_heavy_makes_room_for_itself() -> None:
    kept: Kept[str] = Kept(10)
    kept.put("light", "1", 4)
    kept.put("heavy", "2", 9)
    assert (kept.get("light"), kept.get("heavy")) == (None, "2")


def test_what_is_put_again_weighs_once() -> None:
    kept: Kept[str] = Kept(10)
    for _ in range(5):
        kept.put("same", "1", 4)
    kept.put("other", "2", 6)
    assert (kept.get("same"), kept.get("other")) == ("1", "2")


def test_one_that_is_too_heavy_for_all_is_kept_alone() -> None:
    kept: Kept[str] = Kept(10)
    kept.put("giant", "1", 50)
    assert kept.get("giant") == "1"


@pytest.mark.django_db
def test_a_page_that_was_kept_has_the_token_of_its_reader_and_signs_them_out(bureau, leader) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(leader, backend=make.BACKEND)
    first = client.get("/")
    client.get("/")
    assert len(asked(client, "/")) == 1, "the page is a kept one"
    kept = client.get("/").content.decode()
    tokens = [
        {*re.findall(r'csrfmiddlewaretoken" value="(\w{64})"', text)}
        for text in (first.content.decode(), kept)
    ]
    assert len(tokens[0]) == len(tokens[1]) == 1
    assert tokens[0] != tokens[1]
    assert re.search(r'data-left="\d+"', kept)
    assert "\x00" not in kept
    answer = client.post(reverse("logout"), {"csrfmiddlewaretoken": tokens[1].pop()})
    assert (answer.status_code, client.get("/").status_code) == (302, 302)


@pytest.mark.django_db
def test_two_with_the_same_rights_read_their_own_names(as_user, area, bureau) -> None:
    for name in ("甲领导", "乙领导"):
        person = make.make_member("leader", area, name, with_below=True)
        assert f'<span class="who">{name}</span>' in as_user(person).get("/").content.decode()
