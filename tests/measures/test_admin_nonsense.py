"""Nonsense in addresses and forms of the admin is answered, never with a server error."""

from collections.abc import Iterable, Iterator
from typing import Any

import pytest
from django.contrib import admin
from django.test import Client
from django.urls import reverse

from measures.models import Action, Activity, Observation, ReviewStep
from organs.models import Membership, Organ, User
from tests import make
from tests.conftest import Tree

NUL, HUGE = "a\x00b", "9" * 30
WRONG = (NUL, "abc", "²", "-1", HUGE)
ADDRESSES = [
    *({"q": "("}, {"q": NUL}, {"p": "abc"}, {"p": HUGE}, {"o": "abc.-99.²"}, {"e": "abc"}),
    *({"_popup": "abc"}, {"_to_field": "abc"}, {"unknown": "1"}, {"id": HUGE}, {"pk__in": "abc"}),
    *({"title__regex": "("}, {"name__regex": "("}, {"note__regex": "("}, {"password__startswith": "p"}),
]
DAYS = [
    *({"year": "abc"}, {"year": "²"}, {"year": "0"}, {"year": "1"}, {"year": "9999"}, {"year": "99999"}),
    *({"year": "2021", "month": "13"}, {"year": "2021", "month": "2", "day": "30"}, {"day": HUGE}),
    *({"gte": "abc"}, {"year__gte": "abc"}),
]


@pytest.fixture
def root(superuser: User) -> Client:
    client = Client(raise_request_exception=False)
    client.force_login(superuser, backend=make.BACKEND)
    return client


@pytest.fixture
def action(tree: Tree) -> Action:
    return make.make_action(make.make_pillar(tree.bureau, tree.campaign), state="submitted")


def address(model: Any, what: str, *args: Any) -> str:
    return reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_{what}", args=args)


def failures(client: Client, url: str, asked: Iterable[dict[str, str]]) -> list[Any]:
    return [(url, question) for question in asked if client.get(url, question).status_code >= 500]


def questions(page: Any) -> Iterator[dict[str, str]]:
    yield from ADDRESSES
    yield from ({f.parameter_name: HUGE} for f in page.list_filter)
    for parts in DAYS if page.date_hierarchy else ():
        yield {f"{page.date_hierarchy}__{part}": value for part, value in parts.items()}


@pytest.mark.parametrize("model", [Action, Observation, Organ, User, ReviewStep])
def test_a_list_answers_every_question(model: Any, root: Client, action: Action) -> None:
    page = admin.site._registry[model]
    assert failures(root, address(model, "changelist"), questions(page)) == []


@pytest.mark.parametrize("model", [Action, Activity, Observation])
def test_a_list_that_is_handed_out_answers_every_question(model: Any, root: Client, action: Action) -> None:
    page = admin.site._registry[model]
    assert failures(root, address(model, "export"), questions(page)) == []


@pytest.mark.parametrize("model", [Action, Activity, Observation, Membership])
def test_an_empty_form_is_filled_in_with_nothing_but_rows(model: Any, root: Client, action: Action) -> None:
    fields = [f for f in model._meta.get_fields() if f.is_relation and f.editable and not f.auto_created]
    asked = ({field.name: wrong} for field in fields for wrong in ("abc", HUGE))
    assert failures(root, address(model, "add"), asked) == []


def test_a_form_for_a_new_row_has_no_rows_stored_before(root: Client, action: Action) -> None:
    lines = {"activities-TOTAL_FORMS": 3, "activities-INITIAL_FORMS": HUGE}
    assert root.post(address(Action, "add"), {"title": "走访", "pillar": "²", **lines}).status_code == 200


def test_a_row_is_found_by_its_number_alone(root: Client, action: Action) -> None:
    page = address(Action, "change", action.pk)
    assert [root.get(page, {"_to_field": name}).status_code for name in ("", "title")] == [200, 400]


@pytest.mark.parametrize("row", [NUL, "abc", "²", HUGE])
def test_a_row_that_cannot_be_is_not_found(row: str, root: Client) -> None:
    asked = [address(model, what, row) for model in (Action, Organ, User) for what in ("change", "delete")]
    asked.append(reverse("admin:auth_user_password_change", args=(row,)))
    answers = [(root.get(url).status_code, root.post(url).status_code) for url in asked]
    assert answers == [(404, 404)] * len(asked)


@pytest.mark.parametrize("wrong", WRONG)
def test_what_is_sent_to_lists_and_buttons_is_read_with_care(
    wrong: str, root: Client, action: Action
) -> None:
    rows, count = address(Action, "changelist"), reverse("admin:measures_observation_count")
    page = address(Action, "change", action.pk)
    inline = {"activities-TOTAL_FORMS": 1, "activities-INITIAL_FORMS": 1, "activities-0-id": wrong}
    sent = [
        (rows, {"action": "approve", "_selected_action": wrong}),
        (rows, {"action": wrong, "_selected_action": action.pk, "index": wrong, "select_across": wrong}),
        (rows, {"action": "return", "_selected_action": action.pk, "confirmed": "1", "review_note": wrong}),
        (page, {"_step": "approve", "seen": wrong}),
        (page, {"_step": "return", "review_note": wrong, "seen": wrong}),
        (page, {"_step": wrong}),
        (page, {"_correct": "1", "reason": wrong}),
        (page, {"activities-TOTAL_FORMS": wrong, "activities-INITIAL_FORMS": wrong}),
        (page, inline),
        (count, {"metric": wrong}),
        (count, {"period": wrong}),
    ]
    assert [(url, body) for url, body in sent if root.post(url, body).status_code >= 500] == []


@pytest.mark.parametrize("wrong", WRONG)
def test_suggestions_answer_whatever_is_typed(wrong: str, root: Client, action: Action) -> None:
    known = {"app_label": "measures", "model_name": "activity", "field_name": "action", "term": "举措"}
    asked = ({**known, name: wrong} for name in (*known, "page"))
    assert failures(root, reverse("admin:autocomplete"), asked) == []


@pytest.mark.parametrize("wrong", ["abc", "²", "-1", HUGE])
def test_a_choice_that_is_no_row_is_told_beside_its_field(wrong: str, root: Client, action: Action) -> None:
    lines = {"activities-TOTAL_FORMS": 0, "activities-INITIAL_FORMS": 0}
    sent = {"title": "走访", "joint_organs": wrong, "counted_metrics": [wrong, action.pk], **lines}
    answer = root.post(address(Action, "add"), sent)
    assert answer.status_code == 200
    for name in ("joint_organs", "counted_metrics"):
        assert f'id="id_{name}_error"' in answer.content.decode()


@pytest.mark.parametrize("year", ["0", "1", "9999", "40000"])
def test_a_year_that_cannot_be_is_told_beside_its_field(year: str, root: Client, tree: Tree) -> None:
    typed = {"organ": tree.bureau.pk, "title": "荣誉", "level": "4county", "recipient": "甲局", "year": year}
    stored = make.make_honour(tree.bureau, state="draft")
    for page in (address(type(stored), "add"), address(type(stored), "change", stored.pk)):
        response = root.post(page, typed)
        assert response.status_code == 200
        assert "年度要在1949到" in response.content.decode() or year == "40000"


def test_a_day_beyond_the_calendar_is_told_beside_its_field(root: Client, action: Action) -> None:
    stored = make.make_activity(action, state="draft")
    typed = {"action": action.pk, "title": "走访", "day": "9999-12-31"}
    for page in (address(Activity, "add"), address(Activity, "change", stored.pk)):
        response = root.post(page, typed)
        assert response.status_code == 200
        assert "活动日期不能在将来" in response.content.decode()
