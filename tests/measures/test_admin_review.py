"""The review line in the admin: buttons, bulk actions, corrections, and who is told what."""

import re
from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse

from measures import ledger
from measures.models import Campaign, Observation, Reviewed, ReviewStep, Source
from measures.period import Period
from measures.workflow import Step, advance
from organs.models import AuditEvent, AuditVerb, Organ, Role, User
from tests import make

SignIn = Callable[[User | None], Client]


def page(row: Any) -> str:
    return reverse(f"admin:measures_{row._meta.model_name}_change", args=(row.pk,))


def rows_page(model: type[Reviewed]) -> str:
    return reverse(f"admin:measures_{model._meta.model_name}_changelist")


def shown(response: HttpResponse) -> str:
    assert response.status_code == 200, response.status_code
    return response.content.decode()


@pytest.fixture
def draft(bureau: Organ) -> Observation:
    return make.make_observation(make.make_metric(), bureau, "50余", approved=False)


@pytest.fixture
def waiting(bureau: Organ) -> Observation:
    return make.make_observation(make.make_metric(), bureau, "50余", state="submitted")


def state(row: Reviewed) -> str:
    row.refresh_from_db()
    return row.state


def as_seen(row: Reviewed, step: str, **more: Any) -> dict[str, Any]:
    """What the button of a step sends from a page that shows the row as it is stored now."""
    row.refresh_from_db()
    return {"_step": step, "seen": row.changed_at.isoformat(), **more}


def form_of(row: Observation, **typed: Any) -> dict[str, Any]:
    known = {
        "organ": row.organ_id,
        "metric": row.metric_id,
        "period": "2021年",
        "presence": "value",
        "coverage": "own",
    }
    return {**known, "quantity": "50余", **typed}


def test_one_button_saves_what_was_typed_and_submits_it(
    clerk: User, draft: Observation, as_user: SignIn
) -> None:
    html = shown(
        as_user(clerk).post(page(draft), form_of(draft, quantity="60余", _step="submit"), follow=True)
    )
    assert "已报审：" in html
    assert state(draft) == "submitted"
    assert str(draft.quantity) == "60余个"


def test_a_new_figure_is_saved_and_submitted_at_once(clerk: User, bureau: Organ, as_user: SignIn) -> None:
    sent = form_of(Observation(organ=bureau, metric=make.make_metric()), _step="submit")
    as_user(clerk).post(reverse("admin:measures_observation_add"), sent)
    assert Observation.objects.get().state == "submitted"


def test_a_reviewer_approves_with_a_button_and_leaves_step_and_event(
    reviewer: User, waiting: Observation, as_user: SignIn
) -> None:
    html = shown(as_user(reviewer).get(page(waiting)))
    assert 'value="approve"' in html
    assert 'name="quantity"' not in html
    assert f'name="seen" value="{waiting.changed_at.isoformat()}"' in html
    as_user(reviewer).post(page(waiting), as_seen(waiting, "approve"))
    assert state(waiting) == "approved"
    assert ReviewStep.objects.get(step=Step.APPROVE).by == reviewer
    assert AuditEvent.objects.get(verb=AuditVerb.APPROVE).user_id == reviewer.pk


def test_after_a_decision_the_filter_is_kept_and_the_next_row_is_one_click_away(
    reviewer: User, waiting: Observation, bureau: Organ, as_user: SignIn
) -> None:
    following = make.make_observation(make.make_metric("下一个"), bureau, "3", state="submitted")
    filters = "_changelist_filters=state%3Dsubmitted"
    response = as_user(reviewer).post(f"{page(waiting)}?{filters}", as_seen(waiting, "approve"), follow=True)
    assert response.redirect_chain == [(f"{page(waiting)}?{filters}", 302)]
    assert f'<a href="{page(following)}">下一条待审：{following}</a>' in shown(response)
    html = shown(as_user(reviewer).post(page(following), as_seen(following, "approve"), follow=True))
    assert "下一条待审" not in html


def test_the_start_page_leads_to_the_reviewers_page(
    reviewer: User, waiting: Observation, as_user: SignIn
) -> None:
    assert 'href="/review/?kind=observation"' in shown(as_user(reviewer).get(reverse("home")))


def test_returning_asks_for_words_and_the_clerk_reads_them_on_the_start_page(
    reviewer: User, clerk: User, waiting: Observation, as_user: SignIn
) -> None:
    html = shown(as_user(reviewer).post(page(waiting), {"_step": "return", "review_note": " "}, follow=True))
    assert "请写明退回的原因" in html
    assert state(waiting) == "submitted"
    as_user(reviewer).post(page(waiting), {"_step": "return", "review_note": "缺佐证材料"})
    assert state(waiting) == "returned"
    assert "周审核：缺佐证材料" in shown(as_user(clerk).get(reverse("home")))
    assert "缺佐证材料" in shown(as_user(clerk).get(page(waiting)))


def test_the_second_of_two_reviewers_is_told_and_keeps_the_words(
    reviewer: User, second_reviewer: User, waiting: Observation, as_user: SignIn
) -> None:
    advance(waiting, Step.APPROVE, by=second_reviewer)
    html = shown(
        as_user(reviewer).post(page(waiting), {"_step": "return", "review_note": "数不对"}, follow=True)
    )
    assert "现在的状态是“已审核”，不能退回" in html
    assert "您写的“数不对”没有记下" in html


def test_who_may_not_review_is_told_who_does_and_finds_nothing_waiting(
    bureau: Organ, clerk: User, reviewer: User, steward: User, waiting: Observation, as_user: SignIn
) -> None:
    for user in (clerk, steward):
        html = shown(as_user(user).get(page(waiting)))
        assert "由甲局的审核员审核。" in html
        assert 'value="approve"' not in html
    client, rows = as_user(steward), reverse("admin:measures_observation_changelist")
    sent = {"action": "approve", "_selected_action": waiting.pk, "confirmed": "1"}
    assert "由甲局的审核员审核。" in shown(client.post(rows, sent, follow=True))
    assert client.post(page(waiting), {"_step": "approve"}).status_code == 403
    assert state(waiting) == "submitted"
    assert "?state=submitted" not in shown(client.get(reverse("home")))
    assert reverse("review") in shown(as_user(reviewer).get(reverse("home")))
    reviewer.memberships.update(role=Role.CLERK)
    assert reverse("review") in shown(client.get(reverse("home")))
    assert 'value="approve"' in shown(client.get(page(waiting)))


def test_who_submitted_is_told_why_they_cannot_approve(bureau: Organ, as_user: SignIn) -> None:
    both = make.make_member(Role.REVIEWER, bureau)
    make.make_membership(both, bureau, Role.CLERK)
    row = make.make_observation(make.make_metric(), bureau, approved=False)
    advance(row, Step.SUBMIT, by=both)
    html = shown(as_user(both).get(page(row)))
    assert "不能自己审核" in html
    assert 'value="approve"' not in html
    assert "不能自己审核" in shown(as_user(both).post(page(row), {"_step": "approve"}, follow=True))
    assert state(row) == "submitted"


def test_a_clerk_without_the_right_gets_403(clerk: User, waiting: Observation, as_user: SignIn) -> None:
    assert as_user(clerk).post(page(waiting), {"_step": "approve"}).status_code == 403
    assert state(waiting) == "submitted"


def test_an_unknown_step_is_a_bad_request(reviewer: User, waiting: Observation, as_user: SignIn) -> None:
    assert as_user(reviewer).post(page(waiting), {"_step": "magic"}).status_code == 400


def test_a_correction_asks_the_reason_and_opens_the_next_version(
    clerk: User, bureau: Organ, as_user: SignIn
) -> None:
    row = make.make_observation(make.make_metric(), bureau, "50")
    assert "请写明为什么更正" in shown(as_user(clerk).post(page(row), {"_correct": "1"}, follow=True))
    response = as_user(clerk).post(page(row), {"_correct": "1", "reason": "漏了一个村"})
    draft = Observation.objects.get(previous=row)
    assert response.url == page(draft)
    html = shown(as_user(clerk).get(page(draft)))
    assert "第2版" in html
    assert "漏了一个村" in html
    again = shown(as_user(clerk).post(page(row), {"_correct": "1", "reason": "再来一次"}, follow=True))
    assert "再来一次" in again
    assert Observation.objects.filter(previous=row).count() == 1


def test_closing_goes_through_its_own_buttons(
    clerk: User, reviewer: User, bureau: Organ, campaign: Campaign, as_user: SignIn
) -> None:
    action = make.make_action(make.make_pillar(bureau, campaign))
    inline = {"activities-TOTAL_FORMS": 0, "activities-INITIAL_FORMS": 0}
    sent = {"progress": "全部完成", "problem": "", "closed_on": "2021.12.1", "_step": "close", **inline}
    as_user(clerk).post(page(action), sent)
    action.refresh_from_db()
    assert (action.closing_state, action.progress, str(action.closed_on)) == (
        "submitted",
        "全部完成",
        "2021-12-01",
    )
    assert "举措销号" in shown(as_user(reviewer).get(reverse("home")))
    html = shown(as_user(clerk).get(page(action)))
    assert "已经申请销号，办结前不能改" in html
    assert 'name="progress"' not in html
    as_user(reviewer).post(page(action), as_seen(action, "approve_closing"))
    action.refresh_from_db()
    assert action.is_closed
    html = shown(as_user(clerk).get(page(action)))
    assert 'name="progress"' not in html


def choose(rows: list[Any], action: str, **more: Any) -> dict[str, Any]:
    return {"action": action, "_selected_action": [row.pk for row in rows], **more}


def test_bulk_approval_shows_what_it_would_approve_then_sums_up(
    reviewer: User, bureau: Organ, as_user: SignIn
) -> None:
    rows = [make.make_honour(bureau, f"荣誉{n}", state="submitted") for n in range(3)]
    own = make.make_honour(bureau, "草稿荣誉", approved=False)
    client, address = as_user(reviewer), rows_page(type(own))
    html = shown(client.post(address, choose([*rows, own], "approve", index=0)))
    assert "选了4条，其中3条可以审核通过" in html
    assert "现在的状态是“草稿”，不能审核通过" in html
    assert [state(row) for row in rows] == ["submitted"] * 3
    tokens = dict(re.findall(r'name="(seen_\d+)" value="([^"]+)"', html))
    sent = choose([*rows, own], "approve", confirmed=1, **tokens)
    html = shown(client.post(address, sent, follow=True))
    assert "审核通过：3条已办，1条未办" in html
    assert "草稿荣誉" in html
    assert [state(row) for row in [*rows, own]] == ["approved"] * 3 + ["draft"]
    html = shown(client.post(address, choose([own], "approve", index=0)))
    assert "选的1条不能审核通过" in html
    assert 'name="confirmed"' not in html


def test_bulk_return_asks_for_the_words(reviewer: User, waiting: Observation, as_user: SignIn) -> None:
    client, address = as_user(reviewer), rows_page(Observation)
    assert "意见（必填" in shown(client.post(address, choose([waiting], "return", index=0)))
    assert "请写明退回的原因" in shown(client.post(address, choose([waiting], "return", confirmed=1)))
    client.post(address, choose([waiting], "return", confirmed=1, review_note="缺佐证"))
    assert state(waiting) == "returned"
    assert ReviewStep.objects.get(step=Step.RETURN).note == "缺佐证"


def test_drafts_are_deleted_in_bulk_through_the_door(
    clerk: User, draft: Observation, waiting: Observation, as_user: SignIn
) -> None:
    html = shown(
        as_user(clerk).post(
            rows_page(Observation), choose([draft, waiting], "delete", confirmed=1), follow=True
        )
    )
    assert "删除：1条已办，1条未办" in html
    assert list(Observation.objects.all()) == [waiting]
    assert AuditEvent.objects.filter(verb=AuditVerb.DELETE).count() == 1


def test_a_draft_with_proof_is_no_draft_to_delete_in_bulk(
    clerk: User, bureau: Organ, draft: Observation, as_user: SignIn
) -> None:
    proven, client = make.make_observation(make.make_metric(), bureau, state="draft"), as_user(clerk)
    make.make_link(make.make_evidence(bureau), observation=proven)
    address, rows = rows_page(Observation), [draft, proven]
    html = shown(client.post(address, choose(rows, "delete", index=0)))
    assert "选了2条，其中1条可以删除" in html
    assert "还有佐证材料或别的内容与它相关，不能删除。" in html
    html = shown(client.post(address, choose(rows, "delete", confirmed=1), follow=True))
    assert "还有佐证材料与它相关，不能删除；已移到" in html
    assert list(Observation.objects.all()) == [proven]


def test_bulk_actions_reach_only_rows_in_scope(
    other_clerk: User, draft: Observation, as_user: SignIn
) -> None:
    as_user(other_clerk).post(rows_page(Observation), choose([draft], "submit", confirmed=1))
    assert state(draft) == "draft"


def test_each_role_is_offered_its_own_actions(
    clerk: User, reviewer: User, draft: Any, as_user: SignIn
) -> None:
    offered = shown(as_user(clerk).get(rows_page(Observation)))
    assert 'value="submit"' in offered
    assert 'value="approve"' not in offered
    assert 'value="close"' not in offered
    offered = shown(as_user(reviewer).get(rows_page(Observation)))
    assert 'value="approve"' in offered
    assert 'value="submit"' not in offered


def test_activities_are_counted_with_one_button(
    clerk: User, bureau: Organ, campaign: Campaign, as_user: SignIn
) -> None:
    metric = make.make_metric("主题党日", unit="次", counts="activities")
    action = make.make_action(make.make_pillar(bureau, campaign))
    action.counted_metrics.add(metric)
    for day in (1, 2, 3):
        make.make_activity(action, day=date(2021, 6, day))
    client, address = as_user(clerk), reverse("admin:measures_observation_count")
    typed = make.make_metric("读书班", unit="次", counts="activities")
    action.counted_metrics.add(typed)
    make.make_observation(typed, bureau, "56")
    html = shown(client.post(address, {"metric": typed.pk, "period": "2021年"}, follow=True))
    assert "甲局“读书班”（2021年）：已有填报的数，不按活动覆盖" in html
    assert "新拟或更新了1条数值" in shown(client.post(address, {"period": "2021年"}, follow=True))
    row = Observation.objects.get(metric=metric)
    assert (str(row.quantity), row.source, row.created_by) == ("3次", Source.COUNTED, clerk)
    assert "没有需要新拟或更新的数值" in shown(client.post(address, {"period": "2021年"}, follow=True))
    assert "看不懂" in shown(client.post(address, {"period": "前年"}, follow=True))
    assert client.get(address).status_code == 405


def test_only_who_enters_may_count(reviewer: User, as_user: SignIn) -> None:
    assert as_user(reviewer).post(reverse("admin:measures_observation_count")).status_code == 403


def test_a_question_about_a_figure_is_asked_beside_the_remark(
    clerk: User, bureau: Organ, as_user: SignIn
) -> None:
    metric = make.make_metric(nature="cumulative", rhythm="quarter")
    make.make_observation(metric, bureau, "15", "2021Q1")
    sent = form_of(
        Observation(organ=bureau, metric=metric), period="2021年二季度", quantity="10", _step="submit"
    )
    address = reverse("admin:measures_observation_add")
    html = shown(as_user(clerk).post(address, sent))
    assert re.search(r"field-remark.{0,200}errorlist", html, re.S)
    assert 'value="10"' in html
    assert as_user(clerk).post(address, {**sent, "remark": "合并了两个站"}).status_code == 302
    assert Observation.objects.get(state="submitted").remark == "合并了两个站"


def test_the_note_of_an_activity_is_no_word_of_its_review(
    clerk: User, bureau: Organ, campaign: Campaign, as_user: SignIn
) -> None:
    action = make.make_action(make.make_pillar(bureau, campaign))
    sent = {
        "action": action.pk,
        "day": "2021-06-01",
        "title": "宣讲",
        "note": "雨天改在室内",
        "_step": "submit",
    }
    as_user(clerk).post(reverse("admin:measures_activity_add"), sent)
    step = ReviewStep.objects.get(by=clerk)
    assert (step.step, step.note) == (Step.SUBMIT, "")
    assert step.target.note == "雨天改在室内"


def test_a_reviewer_sees_proof_activities_and_the_figures_before(
    clerk: User, reviewer: User, bureau: Organ, campaign: Campaign, as_user: SignIn
) -> None:
    metric = make.make_metric("宣讲场次", unit="场")
    make.make_observation(metric, bureau, "7", period=Period.year(2020))
    old = make.make_observation(metric, bureau, "2")
    activity = make.make_activity(make.make_action(make.make_pillar(bureau, campaign)), title="入户宣讲")
    old.activities.add(activity)
    make.make_link(make.make_evidence(bureau, "签到表照片", by=clerk), observation=old)
    draft = ledger.correct(old, by=clerk, reason="漏了一场")
    html = shown(as_user(reviewer).get(page(draft)))
    for words in (
        "签到表照片",
        "入户宣讲",
        "<dt>原数</dt><dd>2场</dd>",
        "<dt>上期（2020年）</dt><dd>7场</dd>",
    ):
        assert words in html
    assert html.index("签到表照片") < html.index("办理经过")
    assert reverse("passport", args=(metric.pk, bureau.pk, "2021")) in html


def test_submitting_is_the_main_button_where_one_may_submit(
    clerk: User, draft: Observation, as_user: SignIn
) -> None:
    html = shown(as_user(clerk).get(page(draft)))
    assert re.search(r'<button[^>]*default[^>]*value="submit">保存并报审', html)
    assert 'value="存草稿"' in html
    assert 'name="_continue"' not in html
