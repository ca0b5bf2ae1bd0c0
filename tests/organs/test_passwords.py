"""Passwords: which are refused, and that a first one is changed before anything else."""

from collections.abc import Callable
from itertools import pairwise
from typing import Any

import pytest
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.test import Client
from django.urls import reverse

from organs.models import AuditEvent, AuditVerb, Organ, PasswordRecord, User
from organs.passwords import REMEMBERED, own_characters

SignIn = Callable[[User | None], Client]
GOOD, BETTER = "Zhengque-2021-mima", "qingshan-79-lvshui"


def refusals(password: str, user: User | None = None) -> list[str]:
    try:
        validate_password(password, user)
    except ValidationError as error:
        return error.messages
    return []


def change(client: Client, old: str, new: str) -> Any:
    return client.post("/password/", {"old_password": old, "new_password1": new, "new_password2": new})


@pytest.fixture
def known_clerk(clerk: User) -> User:
    """A clerk whose password the tests know."""
    clerk.set_password(GOOD)
    clerk.save()
    return clerk


@pytest.mark.parametrize(
    "password",
    [
        *("1qaz@WSX3edc", "!QAZ2wsx#EDC", "qwer1234asdf", "1q2w3e4r5t6y", "zxcvbnm,./123", "poiuytrewq!!"),
        *(
            "woaini1314520",
            "woaizuguo2024",
            "Dangban@2021",
            "P@ssw0rd2024!",
            "admin20240101",
            "Jiguan#123456",
        ),
        *(
            "zhangsan1990!",
            "linwei@20210701",
            "aaaabbbbcccc",
            "20210701202107",
            "147258369147",
            "abcdefg123456",
        ),
    ],
)
def test_what_an_office_guesses_first_is_refused(password: str) -> None:
    assert any("容易被猜到" in said for said in refusals(password))


@pytest.mark.parametrize(
    "password",
    [GOOD, BETTER, "correct horse battery", "青山绿水就是金山银山", "tR7-mbX2pq", "Xiaohe&9kan-shu"],
)
def test_words_that_do_not_belong_together_are_accepted(password: str) -> None:
    assert refusals(password) == []


@pytest.mark.parametrize(
    ("password", "own"),
    [("", 0), ("123", 0), ("12", 2), ("qaz", 0), ("x1990y", 2), ("a" * 90_000, 0)],
)
def test_own_characters_are_those_outside_of_common_pieces(password: str, own: int) -> None:
    assert own_characters(password) == own


def test_a_short_password_and_a_common_one_are_refused_in_chinese() -> None:
    assert "10" in refusals("tR7-mbX2p")[0]
    assert any("常见" in said for said in refusals("football12"))


@pytest.mark.parametrize(
    "password", ["clerk-7731-xyz", "9-CLERK-7731", "林填报7731-xyz", "xyz-甲局-7731-q", "机关党办干部-7731"]
)
def test_what_names_the_person_or_the_organ_is_refused(clerk: User, password: str) -> None:
    assert any("单位名称" in said or "太相似" in said for said in refusals(password, clerk))


def test_the_last_five_passwords_do_not_come_back(known_clerk: User, as_user: SignIn) -> None:
    client, words = as_user(known_clerk), [GOOD, *(f"{BETTER}-{turn}9" for turn in "jkmnp")]
    for old, new in pairwise(words):
        assert change(client, old, new).status_code == 302
    for used in words[1:]:
        assert "最近5个用过的密码" in change(client, words[-1], used).content.decode()
    assert change(client, words[-1], GOOD).status_code == 302
    assert PasswordRecord.objects.filter(user=known_clerk).count() == REMEMBERED


def test_a_password_from_before_the_records_does_not_come_back_either(known_clerk: User) -> None:
    PasswordRecord.objects.all().delete()
    assert any("用过的密码" in said for said in refusals(GOOD, known_clerk))


def test_no_password_and_no_hash_stands_in_the_trail(known_clerk: User, as_user: SignIn) -> None:
    change(as_user(known_clerk), GOOD, BETTER)
    known_clerk.refresh_from_db()
    told = " ".join(f"{e.before} {e.after} {e.note} {e.target_name}" for e in AuditEvent.objects.all())
    assert "本人修改密码" in told
    assert not any(secret in told for secret in (GOOD, BETTER, known_clerk.password))


def test_changing_it_ends_the_other_sessions_and_gives_this_one_a_new_key(
    known_clerk: User, as_user: SignIn
) -> None:
    here, elsewhere = as_user(known_clerk), as_user(known_clerk)
    key = here.session.session_key
    assert change(here, GOOD, BETTER).status_code == 302
    assert here.session.session_key != key
    assert here.get("/").status_code == 200
    assert elsewhere.get("/").url == "/login/?next=/"


def test_a_password_set_by_the_steward_is_changed_first(
    known_clerk: User, steward: User, as_user: SignIn
) -> None:
    before = as_user(known_clerk)
    address = reverse("admin:auth_user_password_change", args=(known_clerk.pk,))
    sent = {"password1": BETTER, "password2": BETTER, "usable_password": "true"}
    assert as_user(steward).post(address, sent).status_code == 302
    assert before.get("/").url == "/login/?next=/"
    client = Client()
    client.post("/login/", {"username": "clerk", "password": BETTER})
    for way in ("/", "/admin/", "/my/", "/admin/measures/action/add/"):
        assert [client.get(way).url, client.post(way).url] == ["/password/", "/password/"]
    assert "请先改成只有自己知道的" in client.get("/password/").content.decode()
    assert change(client, BETTER, BETTER).status_code == 200
    assert client.get("/").url == "/password/"
    assert change(client, BETTER, f"{BETTER}-xin").status_code == 302
    assert client.get("/").status_code == 200


def test_who_makes_an_account_gives_it_a_first_password(
    steward: User, bureau: Organ, as_user: SignIn
) -> None:
    sent = {"username": "qianxinren", "name": "钱新人", "password1": GOOD, "password2": GOOD}
    sent |= {"memberships-TOTAL_FORMS": "1", "memberships-INITIAL_FORMS": "0"}
    sent |= {"memberships-0-organ": str(bureau.pk), "memberships-0-role": "clerk"}
    as_user(steward).post(reverse("admin:organs_user_add"), sent)
    made = User.objects.get(username="qianxinren")
    assert made.must_change_password
    client = as_user(made)
    assert client.get("/my/").url == "/password/"
    assert client.post("/logout/").url == "/login/"


def test_a_script_is_told_where_to_go_instead_of_getting_the_page(clerk: User, as_user: SignIn) -> None:
    User.objects.update(must_change_password=True)
    for sign in ({"HX-Request": "true"}, {"X-Requested-With": "XMLHttpRequest"}):
        answer = as_user(clerk).get("/admin/autocomplete/", headers=sign)
        assert (answer.status_code, answer.content, answer["HX-Redirect"]) == (403, b"", "/password/")


def test_ones_own_password_is_changed_on_ones_own_page(steward: User, as_user: SignIn) -> None:
    address = reverse("admin:auth_user_password_change", args=(steward.pk,))
    assert as_user(steward).get(address).url == "/password/"


def test_a_reset_ends_a_lock(known_clerk: User, steward: User, as_user: SignIn, client: Client) -> None:
    for _ in range(5):
        client.post("/login/", {"username": "clerk", "password": "wrong"})
    address = reverse("admin:auth_user_password_change", args=(known_clerk.pk,))
    as_user(steward).post(address, {"password1": BETTER, "password2": BETTER, "usable_password": "true"})
    assert client.post("/login/", {"username": "clerk", "password": BETTER}).status_code == 302
    assert AuditEvent.objects.filter(verb=AuditVerb.UNLOCK).count() == 1
