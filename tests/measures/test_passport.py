"""The passport of a figure: what it says of itself, what it goes into, and how much of that each person reads."""

import re
from datetime import date
from typing import Any

import pytest
from django.db import connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from measures import ledger
from measures.models import Activity, Campaign, Metric, Nature, Observation, Pillar
from measures.progress import Direction
from measures.quantity import Quantity
from measures.totals import Coverage, Presence
from measures.workflow import Step, advance
from organs.audit import record
from organs.models import AuditVerb, Organ, Role, User
from tests import make
from tests.conftest import Tree
from tests.make import SignIn, page

pytestmark = pytest.mark.django_db


def address(row: Observation) -> str:
    return f"/figures/{row.metric_id}/{row.organ_id}/{row.period.key}/"


def entered(
    metric: Metric, organ: Organ, said: str, *, by: User, reviewer: User, **fields: Any
) -> Observation:
    """A figure that went the whole way."""
    return make.approve(make.draft_observation(metric, organ, said, **fields), by=by, reviewer=reviewer)


def corrected(row: Observation, said: str, *, by: User, reason: str = "数错了", **fields: Any) -> Observation:
    """A draft of the next version with another figure."""
    draft = ledger.correct(row, by=by, reason=reason)
    draft.quantity = Quantity.parse(said, row.metric.unit.spec)
    for name, value in fields.items():
        setattr(draft, name, value)
    ledger.change(draft, by=by)
    return draft


@pytest.mark.parametrize(
    ("said", "unit", "meaning"),
    [
        ("50余人", "人", "50余人＝51至59人"),
        ("三千二百人", "人", "三千二百人＝3200人"),
        ("1.2万余元", "万元", "1.2万余元＝超过1.2万元、不足1.3万元"),
        ("超过4万人次", "人次", "超过4万人次＝40001人次以上"),
        ("共56次", "次", ""),
        ("30人以上", "人", ""),
    ],
)
def test_the_range_stands_in_words_beside_what_was_said(
    as_user: SignIn, leader: User, bureau: Organ, said: str, unit: str, meaning: str
) -> None:
    row = make.make_observation(make.make_metric(unit=unit), bureau, said)
    text = page(as_user, leader, address(row))
    assert meaning in text
    assert bool(meaning) == ("＝" in text)


def test_nil_and_not_applicable_say_so_with_the_reason(as_user: SignIn, leader: User, bureau: Organ) -> None:
    nil = make.make_observation(make.make_metric(unit="次"), bureau, presence=Presence.NIL.value)
    assert "次（零报告）" in page(as_user, leader, address(nil))
    metric = make.make_metric("窗口办件")
    none = make.make_observation(
        metric, bureau, None, presence=Presence.NOT_APPLICABLE.value, absence="没有窗口"
    )
    text = page(as_user, leader, address(none))
    assert "不适用</span>" in text
    assert "理由：没有窗口" in text
    assert "不适用，不计入" in text


def test_it_carries_the_definition_of_its_metric(as_user: SignIn, leader: User, bureau: Organ) -> None:
    metric = make.make_metric(
        "达标率", "%", Nature.RATIO, maximum=100, decimals=1, needs_denominator=True, owner=bureau
    )
    row = make.make_observation(metric, bureau, "95%", numerator=19, denominator=20)
    text = page(as_user, leader, address(row))
    for words in (
        "比率，单位“%”，0至100，1位小数",
        "取最新一期",
        "分子分母分别相加再相除（可汇总）",
        "越高越好",
        "必须填",
        "甲局及下级",
        "19 ÷ 20 = 95%",
    ):
        assert words in text, words
    assert "比率，单位“%”，0至100，1位小数" in page(as_user, leader, f"/metrics/{metric.pk}/")


def test_leaders_read_neither_drafts_nor_what_was_said_before_the_approval(
    as_user: SignIn, leader: User, clerk: User, second_clerk: User, reviewer: User, bureau: Organ
) -> None:
    row = make.submit(make.draft_observation(make.make_metric("学习会", "次"), bureau, "56次"), by=clerk)
    advance(row, Step.RETURN, by=reviewer, note="与签到表对不上")
    advance(row, Step.SUBMIT, by=clerk, note="已核对签到")
    advance(row, Step.APPROVE, by=reviewer, note="同意但要补照片")
    draft = corrected(row, "65次", by=second_clerk, reason="漏了九次")
    text = page(as_user, leader, address(row))
    for words in ("林填报", "周审核", "录入", "报审", "审核通过"):
        assert words in text, words
    unread = ("与签到表对不上", "已核对签到", "同意但要补照片")
    for words in (*unread, "退回", "65次", "漏了九次", "苏填报", "第2版"):
        assert words not in text, words
    assert text.count("<b>报审</b>") == 1
    for staff in (clerk, reviewer):
        text = page(as_user, staff, address(row))
        for words in (*unread, "退回", "漏了九次", "苏填报", "第2版草稿，审核通过前以现在的数为准"):
            assert words in text, words
        assert 'class="version review-draft"' in text
        assert "改了数值" in text
    make.approve(draft, by=second_clerk, reviewer=reviewer)
    text = page(as_user, leader, address(row))
    assert "漏了九次" in text
    assert "与签到表对不上" not in text


def test_versions_stand_beside_each_other_field_by_field(
    as_user: SignIn, leader: User, clerk: User, reviewer: User, bureau: Organ, pillar: Pillar
) -> None:
    row = entered(make.make_metric("学习会", "次"), bureau, "56次", by=clerk, reviewer=reviewer)
    draft = corrected(row, "65次", by=clerk, remark="含支部自办的", pillar=pillar)
    ledger.change(draft, by=clerk, links={"actions": [make.make_action(pillar, "理论学习")]})
    make.approve(draft, by=clerk, reviewer=reviewer)
    text = page(as_user, leader, address(row))
    for label, before, after in (
        ("数值", "56次", "65次"),
        ("说明", "未填", "含支部自办的"),
        ("所属支柱", "未填", pillar.heading),
        ("所属举措", "0项", "1项（加入理论学习）"),
    ):
        assert f"{label}</span> <del>{before}</del> → <ins>{after}</ins>" in text, label
    assert text.count("<del>") == 4
    assert "理由：数错了" in text
    assert "现行，" in text
    assert "已被更正，" in text


def test_each_total_says_what_the_figure_does_there(
    as_user: SignIn, leader: User, bureau: Organ, other_bureau: Organ, unit: Organ
) -> None:
    people = make.make_metric("培训人数", "人")
    row = make.make_observation(people, bureau, "50余")
    make.make_observation(people, other_bureau, "23")
    text = page(as_user, leader, address(row))
    assert "超过73人" in text
    assert "已计入：各单位相加，2家中2家已报" in text
    share = make.make_metric("满意率", "%", Nature.RATIO)
    row = make.make_observation(share, bureau, "95")
    make.make_observation(share, other_bureau, "60")
    text = page(as_user, leader, address(row))
    assert "60%—95%" in text
    assert "不可汇总：有的数值没有分子和分母" in text
    wide = make.make_metric("服务人次", "人次")
    own = make.make_observation(wide, bureau, "1500", coverage=Coverage.BELOW.value)
    part = make.make_observation(wide, unit, "300")
    assert "含下级：合计时代替甲局所属中心的数" in page(as_user, leader, address(own))
    text = page(as_user, leader, address(part))
    assert "不另加：已含在甲局“含下级”的数里" in text
    assert "本单位：合计时由甲局“含下级”的数代替" in text


def test_a_reader_of_one_bureau_learns_nothing_of_the_totals_above(
    as_user: SignIn, clerk: User, leader: User, bureau: Organ, other_bureau: Organ, unit: Organ
) -> None:
    metric = make.make_metric("宣讲", "场")
    row = make.make_observation(metric, bureau, "23")
    make.make_observation(metric, other_bureau, "45")
    make.make_observation(metric, unit, "2")
    text = page(as_user, leader, address(row))
    assert "70场" in text
    assert "25场" in text
    text = page(as_user, clerk, address(row))
    assert "25场" in text
    assert "70场" not in text
    assert "示范县" not in text


def test_a_figure_that_does_not_count_goes_into_no_total(as_user: SignIn, clerk: User, bureau: Organ) -> None:
    row = make.make_observation(make.make_metric(), bureau, "5", approved=False)
    text = page(as_user, clerk, address(row))
    assert "草稿，现在没有生效的数" in text
    assert "计入哪里" not in text


def test_the_target_is_held_against_all_periods_since_the_campaign_began(
    as_user: SignIn, leader: User, tree: Tree
) -> None:
    metric = make.make_metric("宣讲", "场", rhythm="quarter")
    make.make_target(metric, tree.bureau, tree.campaign, "40", baseline="5")
    make.make_observation(metric, tree.bureau, "10", "2021Q1")
    last = make.make_observation(metric, tree.bureau, "15", "2021Q4")
    text = page(as_user, leader, address(last))
    assert "活动以来2期合计25场（缺第二季度、第三季度）：未达标，完成57.1%" in text
    assert "较基线增加20场" in text
    assert f"40场（{tree.campaign.name}）" in text


def test_a_part_of_the_campaign_is_not_held_against_the_target_of_the_whole(
    as_user: SignIn, leader: User, tree: Tree
) -> None:
    metric = make.make_metric("投诉", "个", rhythm="quarter", direction=Direction.DOWN.value)
    make.make_target(metric, tree.bureau, tree.campaign, "60", baseline="80")
    rows = [make.make_observation(metric, tree.bureau, "20", f"2021Q{quarter}") for quarter in (1, 2, 4)]
    told = ("", "活动以来2期合计40个", "活动以来3期合计60个（缺第三季度）：已达标")
    for row, said in zip(rows, told, strict=True):
        text = page(as_user, leader, address(row))
        assert said in text
        assert ("达标" in text, "较基线" in text) == ("已达标" in said, "已达标" in said), said
        assert "基线" in text
        assert "目标" in text


def test_a_retracted_figure_is_not_judged(
    as_user: SignIn, leader: User, clerk: User, reviewer: User, bureau: Organ, campaign: Campaign
) -> None:
    row = entered(make.make_metric("学习会", "次"), bureau, "5次", by=clerk, reviewer=reviewer)
    make.make_target(row.metric, bureau, campaign, "10", baseline="2")
    judged = ("未达标", "较基线增加3次")
    text = page(as_user, clerk, address(row))
    assert all(words in text for words in judged)
    advance(row, Step.RETRACT, by=reviewer, note="重复填报")
    text = page(as_user, clerk, address(row))
    assert "已撤销" in text
    assert not any(words in text for words in judged)


def held(pillar: Pillar, number: int) -> list[Activity]:
    action = make.make_action(pillar, "主题党日")
    return [make.make_activity(action, date(2021, 1, 1), f"第{n}次主题党日") for n in range(number)]


def test_counted_activities_lead_to_their_places(
    as_user: SignIn, leader: User, bureau: Organ, pillar: Pillar
) -> None:
    activities = held(pillar, 9)
    row = make.make_observation(make.make_metric(counts="activities"), bureau, "9", source="counted")
    row.activities.set(activities)
    text = page(as_user, leader, address(row))
    place = f"/actions/{activities[0].action_id}/#activity-{activities[0].pk}"
    assert place in text
    assert "其余1次" in text
    assert f'id="activity-{activities[0].pk}"' in page(as_user, leader, place.partition("#")[0])


def test_an_activity_of_an_unapproved_action_leads_nowhere_for_a_leader(
    as_user: SignIn, leader: User, clerk: User, bureau: Organ, pillar: Pillar
) -> None:
    activity = make.make_activity(make.make_action(pillar, approved=False))
    row = make.make_observation(make.make_metric(counts="activities"), bureau, "1", source="counted")
    row.activities.set([activity])
    for user, led in ((leader, False), (clerk, True)):
        text = page(as_user, user, address(row))
        assert activity.title in text
        assert (f"#activity-{activity.pk}" in text) == led


def test_a_joint_organ_sees_the_approved_figure_without_proof_totals_and_drafts(
    as_user: SignIn, other_clerk: User, clerk: User, tree: Tree, pillar: Pillar
) -> None:
    action = make.make_action(pillar, "联合义诊", joint=[tree.other_bureau])
    row = make.make_observation(make.make_metric("义诊"), tree.bureau, "56", actions=[action])
    make.make_link(make.make_evidence(tree.bureau, "签到照片"), observation=row)
    corrected(row, "65", by=clerk)
    hidden = make.make_activity(make.make_action(pillar))
    row.activities.set([hidden])
    Observation.objects.filter(pk=row.pk).update(source="counted")
    text = re.sub("<[^>]*>", " ", page(as_user, other_clerk, address(row)))
    assert "联合义诊" in text
    assert "56" in text
    assert "另有1次不在您的查看范围" in text
    for words in ("签到照片", "计入哪里", "65", "更正", hidden.title):
        assert words not in text, words


def test_proof_given_after_the_approval_is_marked(
    as_user: SignIn, leader: User, clerk: User, reviewer: User, bureau: Organ
) -> None:
    row = entered(make.make_metric(), bureau, "5", by=clerk, reviewer=reviewer)
    link = make.make_link(make.make_evidence(bureau, "验收照片"), observation=row)
    assert "审核后补充" not in page(as_user, leader, address(row))
    type(link).objects.update(after_approval=True)
    assert "审核后补充" in page(as_user, leader, address(row))


def test_links_keep_the_filter_one_came_with(
    as_user: SignIn, leader: User, bureau: Organ, pillar: Pillar
) -> None:
    row = make.make_observation(make.make_metric(), bureau, actions=[make.make_action(pillar)])
    honour = make.make_honour(bureau)
    text = page(as_user, leader, f"/organs/{bureau.pk}/?period=2021")
    action = f"/actions/{row.actions.get().pk}/"
    for there in (address(row), f"/honours/{honour.pk}/", action):
        assert f'href="{there}?period=2021"' in text, there
        assert f'href="/organs/{bureau.pk}/?period=2021"' in page(as_user, leader, f"{there}?period=2021")
    assert page(as_user, leader, f"{address(row)}?period=abc&campaign=<b>")


def test_its_totals_are_the_same_whatever_filter_one_came_with(
    as_user: SignIn, leader: User, tree: Tree
) -> None:
    make.make_campaign(tree.area, organs=[tree.bureau], year=2019)
    metric = make.make_metric("宣讲", "场")
    row = make.make_observation(metric, tree.bureau, "23")
    make.make_observation(metric, tree.other_bureau, "45")
    for query in ("", "?period=2019", f"?campaign={tree.campaign.pk}"):
        assert "68场" in page(as_user, leader, address(row) + query)


def test_a_series_that_nobody_filled_or_only_in_draft_is_not_found(
    as_user: SignIn, leader: User, clerk: User, bureau: Organ
) -> None:
    row = make.make_observation(make.make_metric(), bureau, approved=False)
    assert as_user(leader).get(address(row)).status_code == 404
    assert as_user(clerk).get(address(row)).status_code == 200
    row.delete()
    assert as_user(clerk).get(address(row)).status_code == 404


def spent(client: Client, there: str) -> int:
    client.get(there)
    with CaptureQueriesContext(connection) as queries:
        assert client.get(there).status_code == 200
    return len(queries)


def versions(metric: Metric, organ: Organ, number: int, activities: list[Activity]) -> Observation:
    """A series with so many approved versions, each with its events and proof; the newest counts."""
    row = None
    for version in range(1, number + 1):
        if row:
            Observation.objects.filter(pk=row.pk).update(superseded_at=timezone.now())
        more = {"version": version, "previous": row, "reason": "数错了" * 60 if row else ""}
        row = make.make_observation(metric, organ, str(version), source="counted", **more)
        row.activities.set(activities[: len(activities) - number + version])
        make.make_link(make.make_evidence(organ, f"第{version}份"), observation=row)
        with transaction.atomic():
            record(AuditVerb.CREATE, row, by=row.created_by, organ=organ)
    assert row is not None
    return row


@pytest.mark.parametrize("role", [Role.LEADER, Role.CLERK])
def test_it_costs_the_same_with_few_and_many_rows(
    as_user: SignIn, area: Organ, bureau: Organ, pillar: Pillar, role: Role
) -> None:
    activities = held(pillar, 40)
    few = versions(make.make_metric(), bureau, 2, activities[:2])
    many = versions(make.make_metric("很长的名字" * 12), bureau, 12, activities)
    for _ in range(12):
        make.make_observation(many.metric, make.make_organ(under=area), "5")
    client = as_user(make.make_member(role, area, with_below=True))
    assert spent(client, address(few)) == spent(client, address(many)) <= 22


STATES = ("draft", "submitted", "returned", "approved", "retracted")
CAST = ("clerk", "reviewer", "leader", "steward", "auditor", "other_clerk", "outsider")


@pytest.mark.parametrize("who", CAST)
@pytest.mark.parametrize("joint", [False, True])
def test_it_shows_those_versions_that_the_rows_are_visible_to(
    request: pytest.FixtureRequest,
    as_user: SignIn,
    pillar: Pillar,
    other_bureau: Organ,
    who: str,
    joint: bool,
) -> None:
    user = request.getfixturevalue(who)
    action = make.make_action(pillar)
    action.joint_organs.set([other_bureau] if joint else [])
    for year, state in zip(range(2015, 2020), STATES, strict=True):
        told = {"state": state, "actions": [action]}
        row = make.make_observation(make.make_metric(), pillar.organ, "5", str(year), **told)
        seen = Observation.objects.visible_to(user).filter(pk=row.pk).exists()
        status = as_user(user).get(address(row)).status_code
        assert (status == 200) is seen, (state, status)


def test_who_becomes_a_joint_organ_sees_the_figure_at_once_and_no_longer_than_that(
    as_user: SignIn, pillar: Pillar, other_bureau: Organ
) -> None:
    action = make.make_action(pillar)
    row = make.make_observation(make.make_metric(), pillar.organ, "5", actions=[action])
    client = as_user(make.make_member(Role.LEADER, other_bureau))
    for joint in ([], [other_bureau], [], [other_bureau]):
        action.joint_organs.set(joint)
        for _ in range(3):
            assert client.get(address(row)).status_code == (200 if joint else 404)
