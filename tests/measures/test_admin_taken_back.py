"""Taking back in the admin: withdrawing what waits, retracting and correcting what was approved."""

import re
from collections.abc import Callable

import pytest
from django.test import Client

from measures.models import Campaign, Observation
from organs.models import Organ, User
from tests import make
from tests.measures.test_admin_review import choose, page, rows_page, shown, state

SignIn = Callable[[User | None], Client]


@pytest.fixture
def draft(bureau: Organ) -> Observation:
    return make.make_observation(make.make_metric(), bureau, "50余", approved=False)


@pytest.fixture
def waiting(bureau: Organ) -> Observation:
    return make.make_observation(make.make_metric(), bureau, "50余", state="submitted")


def test_who_submitted_takes_it_back_with_a_button(clerk: User, draft: Observation, as_user: SignIn) -> None:
    make.submit(draft, by=clerk)
    html = shown(as_user(clerk).get(page(draft)))
    assert "需要改请报审人撤回" in html
    assert 'value="withdraw">撤回' in html
    as_user(clerk).post(page(draft), {"_step": "withdraw"})
    assert state(draft) == "draft"
    assert 'name="quantity"' in shown(as_user(clerk).get(page(draft)))


def test_a_retraction_asks_its_reason_beside_the_box_and_is_marked(
    reviewer: User, clerk: User, bureau: Organ, as_user: SignIn
) -> None:
    row = make.make_observation(make.make_metric(), bureau, "50")
    html = shown(as_user(reviewer).post(page(row), {"_step": "retract", "review_note": " "}, follow=True))
    assert re.search(r'<details class="retract" open>.*errorlist.*请写明撤销的原因', html, re.S)
    assert state(row) == "approved"
    as_user(reviewer).post(page(row), {"_step": "retract", "review_note": "重复填报"})
    assert state(row) == "retracted"
    html = shown(as_user(clerk).get(page(row)))
    assert "已撤销</span>" in html
    assert "重复填报" in html
    assert "已经撤销，不能再改" in html
    assert "更正</button>" not in html


def test_what_keeps_a_row_from_being_retracted_is_said_where_the_button_would_be(
    reviewer: User, bureau: Organ, campaign: Campaign, as_user: SignIn
) -> None:
    action = make.make_action(make.make_pillar(bureau, campaign))
    make.make_activity(action)
    html = shown(as_user(reviewer).get(page(action)))
    assert "这项举措下还有活动1项" in html
    assert 'value="retract"' not in html


def test_rows_are_retracted_in_bulk_with_one_reason(reviewer: User, bureau: Organ, as_user: SignIn) -> None:
    rows = [make.make_honour(bureau, f"荣誉{n}") for n in range(2)]
    client, address = as_user(reviewer), rows_page(type(rows[0]))
    assert "请写明撤销的原因" in shown(client.post(address, choose(rows, "retract", confirmed=1)))
    client.post(address, choose(rows, "retract", confirmed=1, review_note="不是本单位的"))
    assert [state(row) for row in rows] == ["retracted"] * 2


def test_a_line_is_corrected_and_what_was_typed_beside_it_is_kept(
    clerk: User, bureau: Organ, campaign: Campaign, as_user: SignIn
) -> None:
    action = make.make_action(make.make_pillar(bureau, campaign), "旧题")
    inline = {"activities-TOTAL_FORMS": 0, "activities-INITIAL_FORMS": 0}
    sent = {"progress": "完成一半", "problem": "", "closed_on": "", "_correct": "1", **inline}
    html = shown(as_user(clerk).post(page(action), sent))
    assert "请写明为什么更正" in html
    assert "完成一半</textarea>" in html
    as_user(clerk).post(page(action), {**sent, "reason": "题目写错"})
    action.refresh_from_db()
    draft = type(action).objects.get(previous=action)
    assert (action.progress, draft.progress) == ("完成一半", "完成一半")
    html = shown(as_user(clerk).get(page(draft)))
    assert 'name="title"' in html
    assert 'name="progress"' not in html
    assert "activities-TOTAL_FORMS" not in html
    assert "请在现行的一条上更新" in html
