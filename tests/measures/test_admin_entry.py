"""Entering rows in the admin: through the door, within one's scope, and nothing typed is ever lost."""

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
from django.db.models import QuerySet
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from measures.models import (
    Action,
    Activity,
    Campaign,
    Honour,
    HonourLevel,
    Metric,
    Nature,
    Observation,
    Participation,
    Pillar,
    Target,
    Theme,
)
from organs.models import AuditEvent, AuditVerb, Organ, User
from tests import make

SignIn = Callable[[User | None], Client]
NO_INLINE = {"activities-TOTAL_FORMS": 0, "activities-INITIAL_FORMS": 0}


def add(model: str) -> str:
    return reverse(f"admin:measures_{model}_add")


def page(row: Any) -> str:
    return reverse(f"admin:measures_{row._meta.model_name}_change", args=(row.pk,))


def shown(response: HttpResponse) -> str:
    assert response.status_code == 200, response.status_code
    return response.content.decode()


def deeds() -> QuerySet[AuditEvent]:
    """What was done besides signing in."""
    return AuditEvent.objects.exclude(verb=AuditVerb.LOGIN)


def figure(metric: Metric, organ: Organ, **typed: Any) -> dict[str, Any]:
    """What the form of an observation sends."""
    known = {"presence": "value", "coverage": "own", "period": "2021年", "quantity": "100"}
    return {"organ": organ.pk, "metric": metric.pk, **known, **typed}


def test_a_clerk_enters_a_figure_as_it_was_said(clerk: User, bureau: Organ, as_user: SignIn) -> None:
    metric = make.make_metric("宣传受众", unit="人次")
    response = as_user(clerk).post(
        add("observation"), figure(metric, bureau, quantity="１.２万余", phrase="达1.2万余人次")
    )
    assert response.status_code == 302
    row = Observation.objects.get()
    assert (str(row.quantity), row.period.key, row.state) == ("1.2万余人次", "2021", "draft")
    assert (row.created_by, row.hands) == (clerk, [clerk.pk])
    event = AuditEvent.objects.get(verb=AuditVerb.CREATE)
    assert (event.user_id, event.target_id, event.organ_id) == (clerk.pk, row.pk, bureau.pk)


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ({"quantity": "很多"}, "“很多”不是一个数"),
        ({"quantity": "12户"}, "这里填的是“人次”，您写的是“户”"),
        ({"quantity": ""}, "请填数值"),
        ({"period": "去年"}, "看不懂“去年”"),
        ({"period": "2021年3月"}, "请写成如 2021年。"),
        ({"presence": "nil", "quantity": "5"}, "“零报告”就是0"),
        ({"presence": "not_applicable", "quantity": ""}, "请写明为什么不适用"),
        ({"numerator": "5"}, "分子和分母要一起填"),
    ],
)
def test_bad_input_gets_a_sentence_and_stays_in_the_form(
    clerk: User, bureau: Organ, as_user: SignIn, typed: dict[str, str], sentence: str
) -> None:
    sent = figure(make.make_metric(unit="人次"), bureau, phrase="半句原话", **typed)
    html = shown(as_user(clerk).post(add("observation"), sent))
    assert sentence in html
    for value in (typed.get("quantity") or "半句原话", sent["period"], "半句原话"):
        assert f'value="{value}"' in html
    assert not Observation.objects.exists()
    assert not deeds().exists()


def test_zero_nil_and_not_applicable_are_three_things(clerk: User, bureau: Organ, as_user: SignIn) -> None:
    client = as_user(clerk)
    for typed in (
        {"quantity": "0"},
        {"presence": "nil", "quantity": ""},
        {"presence": "not_applicable", "quantity": "", "absence": "没有这项业务"},
    ):
        client.post(add("observation"), figure(make.make_metric(), bureau, **typed))
    rows = list(Observation.objects.order_by("pk"))
    assert [(r.presence, r.quantity and str(r.quantity)) for r in rows] == [
        ("value", "0个"),
        ("nil", "0个"),
        ("not_applicable", None),
    ]


def test_what_the_database_would_refuse_is_told_in_the_form(
    clerk: User, bureau: Organ, as_user: SignIn
) -> None:
    metric = make.make_metric()
    make.make_observation(metric, bureau, approved=False)
    html = shown(as_user(clerk).post(add("observation"), figure(metric, bureau, quantity="77余")))
    assert "已有一份在办理" in html
    assert 'value="77余"' in html


def test_a_span_keeps_its_words(clerk: User, bureau: Organ, as_user: SignIn) -> None:
    metric = make.make_metric(rhythm="span")
    sent = figure(metric, bureau, period="2021年1月1日至5月3日", period_words="自创建以来")
    as_user(clerk).post(add("observation"), sent)
    row = Observation.objects.get()
    assert row.period.label == "自创建以来"
    html = shown(as_user(clerk).get(page(row)))
    assert 'value="2021年1月1日至5月3日"' in html
    assert 'value="自创建以来"' in html


def test_saving_without_a_change_leaves_no_event(clerk: User, bureau: Organ, as_user: SignIn) -> None:
    row = make.make_observation(make.make_metric(), bureau, "50余", approved=False)
    response = as_user(clerk).post(page(row), figure(row.metric, bureau, quantity="50余个"))
    assert response.status_code == 302
    assert not deeds().exists()


def test_a_change_leaves_before_and_after(clerk: User, bureau: Organ, as_user: SignIn) -> None:
    row = make.make_observation(make.make_metric(), bureau, "50余", approved=False)
    as_user(clerk).post(page(row), figure(row.metric, bureau, quantity="60余"))
    row.refresh_from_db()
    event = AuditEvent.objects.get(verb=AuditVerb.CHANGE)
    assert str(row.quantity) == "60余个"
    assert "50" in event.before
    assert "60" in event.after
    assert clerk.pk in row.hands


def test_a_target_needs_a_baseline_or_a_value(
    clerk: User, bureau: Organ, campaign: Campaign, as_user: SignIn
) -> None:
    metric = make.make_metric(unit="%", nature=Nature.RATIO)
    sent = {"organ": bureau.pk, "metric": metric.pk, "campaign": campaign.pk, "baseline_note": "创建前"}
    assert "基线和目标值至少填一个" in shown(as_user(clerk).post(add("target"), sent))
    assert (
        as_user(clerk).post(add("target"), {**sent, "baseline": "38.9", "value": "25以内"}).status_code == 302
    )
    row = Target.objects.get()
    assert (str(row.baseline), str(row.value)) == ("38.9%", "25%以内")


def action_form(pillar: Pillar, **typed: Any) -> dict[str, Any]:
    known = {"pillar": pillar.pk, "order": 1, "title": "举办读书班", "kind": make.make_kind().pk}
    return {**known, **NO_INLINE, **typed}


def test_an_action_is_entered_with_joint_organs_and_activities(
    clerk: User, bureau: Organ, other_bureau: Organ, campaign: Campaign, as_user: SignIn
) -> None:
    inline = {
        "activities-TOTAL_FORMS": 1,
        "activities-INITIAL_FORMS": 0,
        "activities-0-day": "2021年6月1日",
        "activities-0-title": "第一期读书班",
        "activities-0-attended": "３５",
    }
    sent = action_form(
        make.make_pillar(bureau, campaign), joint_organs=[other_bureau.pk], due_day="2021.12.31", **inline
    )
    assert as_user(clerk).post(add("action"), sent).status_code == 302
    action, activity = Action.objects.get(), Activity.objects.get()
    assert (action.organ, action.due_day, list(action.joint_organs.all())) == (
        bureau,
        date(2021, 12, 31),
        [other_bureau],
    )
    assert (activity.organ, activity.day, activity.attended) == (bureau, date(2021, 6, 1), 35)
    assert AuditEvent.objects.filter(verb=AuditVerb.CREATE, user_id=clerk.pk).count() == 2


@pytest.mark.parametrize(
    ("start", "due", "stored"),
    [("2021-09-01", "1月31日", date(2022, 1, 31)), ("", "3月5日", date(2021, 3, 5))],
)
def test_a_due_day_without_its_year_is_the_next_one_that_fits(
    start: str, due: str, stored: date, clerk: User, bureau: Organ, campaign: Campaign, as_user: SignIn
) -> None:
    sent = action_form(make.make_pillar(bureau, campaign), start_day=start, due_day=due)
    assert as_user(clerk).post(add("action"), sent).status_code == 302
    assert Action.objects.get().due_day == stored


def test_a_refused_activity_stores_nothing_and_keeps_the_action_as_typed(
    clerk: User, bureau: Organ, campaign: Campaign, as_user: SignIn
) -> None:
    tomorrow = timezone.localdate() + timedelta(days=1)
    inline = {
        "activities-TOTAL_FORMS": 1,
        "activities-INITIAL_FORMS": 0,
        "activities-0-day": str(tomorrow),
        "activities-0-title": "明天的活动",
    }
    html = shown(
        as_user(clerk).post(add("action"), action_form(make.make_pillar(bureau, campaign), **inline))
    )
    assert "活动日期不能在将来" in html
    assert 'value="明天的活动"' in html
    assert 'value="举办读书班"' in html
    assert not Action.objects.exists()


def test_a_clerk_may_not_choose_another_bureaus_pillar(
    clerk: User, other_bureau: Organ, campaign: Campaign, as_user: SignIn
) -> None:
    foreign = make.make_pillar(other_bureau, campaign, "别局的支柱")
    assert "别局的支柱" not in shown(as_user(clerk).get(add("action")))
    assert as_user(clerk).post(add("action"), action_form(foreign)).status_code == 200
    assert not Action.objects.exists()


def test_an_approved_action_is_locked_but_its_progress_goes_on(
    clerk: User, bureau: Organ, campaign: Campaign, as_user: SignIn
) -> None:
    action = make.make_action(make.make_pillar(bureau, campaign), "原标题")
    html = shown(as_user(clerk).get(page(action)))
    assert "已经审核，举措本身不能再改；进展、存在问题、完成日期可以继续更新" in html
    assert 'name="title"' not in html
    assert 'name="progress"' in html
    sent = {**NO_INLINE, "progress": "完成一半", "problem": "", "closed_on": ""}
    assert as_user(clerk).post(page(action), sent).status_code == 302
    action.refresh_from_db()
    assert (action.progress, action.title, action.state) == ("完成一半", "原标题", "approved")


def test_what_was_typed_while_somebody_locked_the_row_is_kept(
    clerk: User, bureau: Organ, as_user: SignIn
) -> None:
    row = make.make_observation(make.make_metric(), bureau, "50", state="submitted")
    html = shown(as_user(clerk).post(page(row), figure(row.metric, bureau, quantity="51", phrase="新的半句")))
    assert "已经报审，审核前不能改" in html
    assert 'value="51"' in html
    assert 'value="新的半句"' in html
    row.refresh_from_db()
    assert str(row.quantity) == "50个"


def test_a_closed_campaign_says_so_in_the_form(
    clerk: User, bureau: Organ, campaign: Campaign, as_user: SignIn
) -> None:
    pillar = make.make_pillar(bureau, campaign)
    Campaign.objects.update(closed=True)
    html = shown(as_user(clerk).post(add("action"), action_form(pillar)))
    assert "已结束，其中的内容不能再增加或改动" in html
    assert 'value="举办读书班"' in html


def test_who_closes_a_campaign_is_told_what_that_locks_and_how_to_undo_it(
    steward: User, campaign: Campaign, as_user: SignIn
) -> None:
    kept = {"participations-TOTAL_FORMS": 0, "participations-INITIAL_FORMS": 0}
    days = {"first_day": "2021-01-01", "last_day": "2021-12-31"}
    sent = {"name": campaign.name, "owner": campaign.owner_id, **days, **kept}
    for closed, told in (({"closed": "on"}, True), ({}, False)):
        html = shown(as_user(steward).post(page(campaign), {**sent, **closed}, follow=True))
        assert ("要恢复，去掉“已结束”再保存" in html) is told


def test_a_draft_is_deleted_through_the_door_and_an_approved_row_is_not(
    clerk: User, bureau: Organ, as_user: SignIn
) -> None:
    draft = make.make_honour(bureau, approved=False)
    kept = make.make_honour(bureau, "文明单位")
    client = as_user(clerk)
    assert "确定" in shown(client.get(page(draft).replace("change", "delete")))
    assert client.post(page(draft).replace("change", "delete"), {"post": "yes"}).status_code == 302
    assert client.post(page(kept).replace("change", "delete"), {"post": "yes"}).status_code == 403
    assert list(Honour.objects.all()) == [kept]
    assert deeds().get().verb == AuditVerb.DELETE


def test_a_row_that_others_need_is_not_deleted_and_the_message_says_why(
    clerk: User, bureau: Organ, campaign: Campaign, as_user: SignIn
) -> None:
    pillar = make.make_pillar(bureau, campaign)
    line = make.make_action(pillar, state="draft")
    make.make_activity(line, state="draft")
    response = as_user(clerk).post(page(line).replace("change", "delete"), {"post": "yes"}, follow=True)
    assert "还有活动与它相关，不能删除" in shown(response)
    assert "delete/" not in shown(as_user(clerk).get(page(pillar)))
    assert Pillar.objects.exists()


def test_an_identity_or_mobile_number_is_pointed_out(
    clerk: User, bureau: Organ, campaign: Campaign, as_user: SignIn
) -> None:
    sent = action_form(make.make_pillar(bureau, campaign), what="联系人１３８００１３８０００")
    assert "身份证号或手机号" in shown(as_user(clerk).post(add("action"), sent, follow=True))


def test_a_clerk_makes_metrics_of_the_own_bureau_only(clerk: User, bureau: Organ, as_user: SignIn) -> None:
    sent = {
        "name": "办件量",
        "unit": make.make_unit("个").pk,
        "nature": "flow",
        "rhythm": "year",
        "direction": "up",
        "decimals": 0,
    }
    assert "通用的指标由工委管理员建立" in shown(as_user(clerk).post(add("metric"), sent))
    assert as_user(clerk).post(add("metric"), {**sent, "owner": bureau.pk}).status_code == 302
    assert Metric.objects.get().owner == bureau


def test_the_steward_keeps_the_catalogue_and_the_clerk_does_not(
    steward: User, clerk: User, as_user: SignIn
) -> None:
    sent = {"name": "作风建设", "short_name": "作风", "order": 1}
    assert as_user(clerk).post(add("theme"), sent).status_code == 403
    assert as_user(steward).post(add("theme"), sent).status_code == 302
    assert Theme.objects.get().name == "作风建设"
    assert deeds().get().user_id == steward.pk


def test_the_rules_of_a_metric_with_figures_are_frozen(steward: User, bureau: Organ, as_user: SignIn) -> None:
    metric = make.make_metric("办件量", unit="个")
    make.make_observation(metric, bureau)
    sent = {
        "name": "办件总量",
        "unit": make.make_unit("户").pk,
        "nature": "flow",
        "rhythm": "year",
        "direction": "up",
    }
    html = shown(
        as_user(steward).post(page(metric), {**sent, "decimals": 0, "over_time": "sum", "over_organs": "sum"})
    )
    assert "已有数值或目标，计量单位不能再改" in html
    assert 'value="办件总量"' in html


def test_a_campaign_is_made_with_who_takes_part(
    steward: User, area: Organ, bureau: Organ, as_user: SignIn
) -> None:
    sent = {
        "name": "模范机关创建（2022年）",
        "owner": area.pk,
        "first_day": "2022-01-01",
        "last_day": "2022-12-31",
        "participations-TOTAL_FORMS": 1,
        "participations-INITIAL_FORMS": 0,
        "participations-0-organ": bureau.pk,
    }
    assert as_user(steward).post(add("campaign"), sent).status_code == 302
    row = Participation.objects.get(campaign__name="模范机关创建（2022年）")
    assert row.organ == bureau
    assert AuditEvent.objects.filter(target_type="measures.participation", organ_id=bureau.pk).exists()


def test_the_level_of_an_honour_and_its_day_are_read_kindly(
    clerk: User, bureau: Organ, as_user: SignIn
) -> None:
    sent = {
        "organ": bureau.pk,
        "title": "先进基层党组织",
        "level": HonourLevel.PROVINCIAL,
        "recipient": "甲局",
        "year": "２０２１",
        "day": "2021年7月1日",
        "streak_years": "1",
    }
    assert "连续年数至少是2" in shown(as_user(clerk).post(add("honour"), sent))
    assert as_user(clerk).post(add("honour"), {**sent, "streak_years": "3"}).status_code == 302
    assert Honour.objects.get().day == date(2021, 7, 1)


def test_the_day_of_an_activity_without_its_year_is_one_that_is_over(
    clerk: User, pillar: Pillar, as_user: SignIn
) -> None:
    action, tomorrow = make.make_action(pillar), timezone.localdate() + timedelta(days=1)
    typed = {"action": action.pk, "title": "主题党日", "day": f"{tomorrow.month}月{tomorrow.day}日"}
    assert as_user(clerk).post(add("activity"), typed).status_code == 302
    assert Activity.objects.get().day < timezone.localdate()
