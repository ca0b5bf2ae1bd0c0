"""Nobody approves or overwrites in the admin what they have not been shown, and nothing typed is lost."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse

from measures import ledger
from measures.models import Action, Activity, Campaign, Honour, Observation, Pillar, Reviewed
from measures.workflow import Step, advance
from organs.models import Organ, Role, User
from tests import make
from tests.conftest import Tree

SignIn = Callable[[User | None], Client]
MOBILE = "13800138000"


def page(row: Any) -> str:
    return reverse(f"admin:measures_{row._meta.model_name}_change", args=(row.pk,))


def shown(response: HttpResponse) -> str:
    assert response.status_code == 200, response.status_code
    return response.content.decode()


def token(html: str, name: str = "seen") -> dict[str, str]:
    """The hidden field that says as of when a row is shown."""
    found = re.search(rf'name="{name}" value="([^"]+)"', html)
    assert found
    return {name: found[1]}


def state(row: Reviewed) -> str:
    row.refresh_from_db()
    return row.state


def typed(row: Honour, **more: Any) -> dict[str, Any]:
    """What the form of an honour sends."""
    known = {"organ": row.organ_id, "title": row.title, "level": row.level, "recipient": row.recipient}
    return {**known, "year": row.year, **more}


@pytest.fixture
def waiting(bureau: Organ) -> Honour:
    return make.make_honour(bureau, "文明单位", state="submitted")


def sent_back_changed_and_submitted_again(row: Honour, clerk: User) -> None:
    returner = make.make_member(Role.REVIEWER, row.organ)
    advance(row, Step.RETURN, by=returner, note="名称不对")
    row.title = "文明标兵单位"
    ledger.change(row, by=clerk)
    advance(row, Step.SUBMIT, by=clerk)


def test_what_changed_after_it_was_shown_is_not_approved(
    waiting: Honour, clerk: User, reviewer: User, as_user: SignIn
) -> None:
    client = as_user(reviewer)
    before = token(shown(client.get(page(waiting))))
    sent_back_changed_and_submitted_again(waiting, clerk)
    html = shown(
        client.post(page(waiting), {"_step": "approve", "review_note": "同意", **before}, follow=True)
    )
    assert "刚才有人改动过这一条" in html
    assert "文明标兵单位" in html
    assert '<textarea name="review_note" rows="3">同意</textarea>' in html
    assert state(waiting) == "submitted"
    client.post(page(waiting), {"_step": "approve", **token(html)})
    assert state(waiting) == "approved"


@pytest.mark.parametrize("nothing", [{}, {"seen": ""}, {"seen": "昨天"}, {"seen": "2021-06-01"}])
def test_an_approval_that_does_not_say_what_was_seen_is_refused(
    nothing: dict[str, str], waiting: Honour, reviewer: User, as_user: SignIn
) -> None:
    sent = {"_step": "approve", **nothing}
    assert "请看过新内容再办" in shown(as_user(reviewer).post(page(waiting), sent, follow=True))
    assert state(waiting) == "submitted"


def test_many_at_once_are_approved_only_as_they_were_listed(
    bureau: Organ, waiting: Honour, clerk: User, reviewer: User, as_user: SignIn
) -> None:
    other, unsaid = make.make_honour(bureau, state="submitted"), make.make_honour(bureau, state="submitted")
    client, address = as_user(reviewer), reverse("admin:measures_honour_changelist")
    sent = {"action": "approve", "_selected_action": [waiting.pk, other.pk, unsaid.pk]}
    html = shown(client.post(address, sent))
    tokens = token(html, f"seen_{waiting.pk}") | token(html, f"seen_{other.pk}")
    sent_back_changed_and_submitted_again(waiting, clerk)
    html = shown(client.post(address, {**sent, "confirmed": "1", **tokens}, follow=True))
    assert "审核通过：1条已办，2条未办" in html
    assert "“文明标兵单位”：刚才有人改动过这一条" in html
    assert [state(row) for row in (waiting, other, unsaid)] == ["submitted", "approved", "submitted"]


def test_a_draft_that_changed_since_it_was_listed_is_not_deleted(
    bureau: Organ, clerk: User, second_clerk: User, as_user: SignIn
) -> None:
    row = make.make_honour(bureau, approved=False)
    client, address = as_user(clerk), reverse("admin:measures_honour_changelist")
    sent = {"action": "delete", "_selected_action": row.pk}
    before = token(shown(client.post(address, sent)), f"seen_{row.pk}")
    row.title = "改过的荣誉"
    ledger.change(row, by=second_clerk)
    assert "请看过新内容再办" in shown(
        client.post(address, {**sent, "confirmed": "1", **before}, follow=True)
    )
    assert Honour.objects.exists()


def test_the_second_of_two_who_save_is_shown_what_the_first_stored_and_loses_nothing(
    bureau: Organ, clerk: User, second_clerk: User, as_user: SignIn
) -> None:
    row = make.make_honour(bureau, "文明单位", approved=False)
    client = as_user(clerk)
    before = token(shown(client.get(page(row))))
    row.title = "文明标兵单位"
    ledger.change(row, by=second_clerk)
    html = shown(client.post(page(row), typed(row, title="文明单位", note="有奖牌", **before)))
    assert "刚才有人改动过这一条" in html
    assert "现在存的是“文明标兵单位”" in html
    assert 'value="文明单位"' in html
    assert "有奖牌" in html
    row.refresh_from_db()
    assert (row.title, row.note) == ("文明标兵单位", "")
    assert client.post(page(row), typed(row, note="有奖牌", **token(html))).status_code == 302
    row.refresh_from_db()
    assert (row.title, row.note) == ("文明标兵单位", "有奖牌")


def test_a_mistake_in_the_form_does_not_make_it_newer(
    bureau: Organ, clerk: User, second_clerk: User, as_user: SignIn
) -> None:
    row = make.make_honour(bureau, "文明单位", approved=False)
    client = as_user(clerk)
    before = token(shown(client.get(page(row))))
    row.title = "文明标兵单位"
    ledger.change(row, by=second_clerk)
    html = shown(client.post(page(row), typed(row, title="文明单位", level="", **before)))
    assert token(html) == before
    assert "刚才有人改动过" in shown(client.post(page(row), typed(row, title="文明单位", **token(html))))


def test_the_stored_figure_and_choice_are_told_in_words(
    bureau: Organ, clerk: User, second_clerk: User, as_user: SignIn
) -> None:
    row = make.make_observation(make.make_metric(), bureau, "100", approved=False)
    client = as_user(clerk)
    before = token(shown(client.get(page(row))))
    stored = Observation.objects.get(pk=row.pk)
    changed = make.draft_observation(row.metric, bureau, "777余")
    stored.quantity, stored.coverage = changed.quantity, "below"
    ledger.change(stored, by=second_clerk)
    sent = {"organ": bureau.pk, "metric": row.metric_id, "period": "2021年", "presence": "value"}
    html = shown(
        client.post(page(row), {**sent, "coverage": "own", "quantity": "100", "remark": "x", **before})
    )
    assert "现在存的是“777余个”" in html
    assert "现在存的是“含下级”" in html
    assert "现在存的是空的" in html


def test_one_who_enters_and_reviews_saves_and_takes_a_step_in_one(
    clerk: User, bureau: Organ, as_user: SignIn
) -> None:
    row = make.make_honour(bureau, "文明单位", approved=False)
    client = as_user(clerk)
    sent = typed(row, title="文明标兵单位", _step="submit", **token(shown(client.get(page(row)))))
    assert client.post(page(row), sent).status_code == 302
    assert (state(row), row.title) == ("submitted", "文明标兵单位")


def test_a_joint_organ_sees_only_approved_activities_and_versions(
    tree: Tree, clerk: User, other_clerk: User, as_user: SignIn
) -> None:
    pillar = make.make_pillar(tree.bureau, tree.campaign)
    action = make.make_action(pillar, joint=[tree.other_bureau])
    held = make.make_activity(action, title="办好的活动")
    make.make_activity(action, title="草稿活动", approved=False)
    draft = ledger.correct(held, by=clerk, reason="漏了一人")
    theirs, own = as_user(other_clerk), as_user(clerk)
    html = shown(theirs.get(page(action)))
    assert "办好的活动" in html
    assert "草稿活动" not in html
    assert "草稿活动" in shown(own.get(page(action)))
    assert "看后一版" not in shown(theirs.get(page(held)))
    assert "看后一版" in shown(own.get(page(held)))
    assert "看前一版" in shown(own.get(page(draft)))


def test_a_joint_organ_reads_no_words_of_reviewers(
    tree: Tree, pillar: Pillar, clerk: User, reviewer: User, other_clerk: User, as_user: SignIn
) -> None:
    line = make.draft_action(pillar)
    make.enter(line, by=clerk)
    line.joint_organs.set([tree.other_bureau])
    advance(line, Step.SUBMIT, by=clerk)
    advance(line, Step.APPROVE, by=reviewer, note="意见机密八")
    address = reverse("admin:measures_action_change", args=(line.pk,))
    assert "意见机密八" in shown(as_user(clerk).get(address))
    theirs = shown(as_user(other_clerk).get(address))
    assert "审核通过" in theirs
    assert "意见机密八" not in theirs


def test_a_personal_number_is_pointed_out_in_rows_notes_and_reasons(
    bureau: Organ, campaign: Campaign, clerk: User, reviewer: User, as_user: SignIn
) -> None:
    action = make.make_action(make.make_pillar(bureau, campaign))
    inline = {"activities-TOTAL_FORMS": 1, "activities-INITIAL_FORMS": 0, "activities-0-day": "2021-06-01"}
    sent = {
        **inline,
        "activities-0-title": "联系 138 0013 8000",
        "progress": "",
        "problem": "",
        "closed_on": "",
    }
    said = "里像是有身份证号或手机号"
    assert f"“活动名称”{said}" in shown(as_user(clerk).post(page(action), sent, follow=True))
    assert Activity.objects.exists()
    row = make.make_honour(bureau, state="submitted")
    html = shown(
        as_user(reviewer).post(page(row), {"_step": "return", "review_note": f"问{MOBILE}"}, follow=True)
    )
    assert f"“意见”{said}" in html
    kept = make.make_honour(bureau, "另一项")
    html = shown(as_user(clerk).post(page(kept), {"_correct": "1", "reason": f"问{MOBILE}"}, follow=True))
    assert f"“更正的理由”{said}" in html
    rows = {"action": "return", "confirmed": "1", "review_note": "身份证11010119900307123x"}
    more = make.make_action(make.make_pillar(bureau, campaign), state="submitted")
    address = reverse("admin:measures_action_changelist")
    html = shown(as_user(reviewer).post(address, {**rows, "_selected_action": more.pk}, follow=True))
    assert f"“意见”{said}" in html
    assert Action.objects.get(pk=more.pk).state == "returned"
