"""The pages of leaders: what they read, who may open them, and what they cost."""

from datetime import date

import pytest
from django.utils import timezone

from measures import ledger
from measures.models import HonourLevel, Nature
from measures.period import Period, PeriodKind
from measures.progress import Direction
from measures.quantity import Quantity
from measures.totals import Coverage, Presence
from organs.models import OrganSuccession, SuccessionKind
from tests import make
from tests.kept import asked_from_nothing
from tests.make import page

pytestmark = pytest.mark.django_db


def queries(as_user, user, address):
    return asked_from_nothing(as_user(user), address)


def fill(campaign, organs):
    """One pillar, two actions, an activity, a target, figures and an honour for every organ."""
    metric = make.make_metric("学习会", "次")
    share = make.make_metric("知晓率", "%", Nature.RATIO, maximum=100)
    for organ in organs:
        line = make.make_pillar(organ, campaign, f"{organ.name}的支柱")
        action = make.make_action(line, due_day=date(2021, 3, 1), joint=[organs[0]])
        make.make_action(line)
        make.make_activity(action)
        make.make_observation(metric, organ, "50余", actions=[action])
        make.make_observation(share, organ, "95%以上", pillar=line)
        make.make_target(share, organ, campaign, value="96", baseline="80")
        make.make_honour(organ)
    return metric


@pytest.mark.parametrize("address", ["/", "/?period=2021"])
def test_overview_costs_the_same_for_3_and_30_organs(as_user, leader, area, campaign, address):
    organs = [make.make_organ(under=area) for _ in range(30)]
    for organ in organs:
        make.make_participation(campaign, organ)
    fill(campaign, organs[:3])
    few = queries(as_user, leader, address)
    _more(campaign, organs[3:])
    many = queries(as_user, leader, address)
    assert few == many <= 15


def _more(campaign, organs):
    metric = make.make_metric("宣讲", "场")
    for organ in organs:
        line = make.make_pillar(organ, campaign)
        make.make_observation(metric, organ, "5", actions=[make.make_action(line)])
        make.make_honour(organ)


def test_organ_page_costs_the_same_with_few_and_many_rows(as_user, leader, area, bureau, campaign):
    fill(campaign, [bureau])
    address = f"/organs/{bureau.pk}/"
    few = queries(as_user, leader, address)
    for _ in range(30):
        unit = make.make_organ(under=bureau)
        make.make_participation(campaign, unit)
        line = make.make_pillar(bureau, campaign)
        metric = make.make_metric()
        make.make_observation(metric, bureau, actions=[make.make_action(line)])
        make.make_observation(metric, unit)
    assert queries(as_user, leader, address) == few <= 15


def test_a_leader_reads_figures_as_they_were_said(as_user, leader, bureau, pillar):
    action = make.make_action(pillar, "宣讲")
    make.make_observation(make.make_metric("宣讲受众", "人次"), bureau, "1400余人次", actions=[action])
    text = page(as_user, leader, f"/organs/{bureau.pk}/")
    assert "1400余人次" in text
    assert "可能是1401至1499人次" in text
    assert "着力政治建设抓创建" in text


def test_a_percentage_stands_beside_its_baseline_in_percentage_points(as_user, leader, bureau, campaign):
    metric = make.make_metric("因病致贫率", "%", Nature.RATIO, direction=Direction.DOWN.value, decimals=1)
    make.make_target(metric, bureau, campaign, baseline="38.9")
    make.make_observation(metric, bureau, "25.6")
    assert "下降13.3个百分点" in page(as_user, leader, f"/organs/{bureau.pk}/")


def test_a_total_is_sure_only_of_what_it_knows(as_user, leader, bureau, other_bureau):
    metric = make.make_metric("培训人数", "人")
    make.make_observation(metric, bureau, "50余")
    make.make_observation(metric, other_bureau, "23")
    text = page(as_user, leader, f"/metrics/{metric.pk}/")
    assert "超过" in text
    assert "可能是74至82人" in text
    assert "2家中2家已报" in text


def test_percentages_without_denominators_are_shown_as_lowest_and_highest(
    as_user, leader, bureau, other_bureau
):
    metric = make.make_metric("达标率", "%", Nature.RATIO, decimals=2)
    make.make_observation(metric, bureau, "95")
    make.make_observation(metric, other_bureau, "60")
    text = page(as_user, leader, f"/metrics/{metric.pk}/")
    assert "60%—95%" in text
    assert "不可汇总" in text
    assert "77.5" not in text


def test_pooled_percentages_weigh_their_denominators(as_user, leader, bureau, other_bureau):
    metric = make.make_metric("达标率", "%", Nature.RATIO, decimals=2)
    make.make_observation(metric, bureau, "95", numerator=950, denominator=1000)
    make.make_observation(metric, other_bureau, "60", numerator=6, denominator=10)
    assert "94.65" in page(as_user, leader, f"/metrics/{metric.pk}/")


def test_the_bureaus_figure_stands_in_for_its_units(as_user, leader, bureau, unit, campaign):
    metric = make.make_metric("服务人次", "人次")
    make.make_participation(campaign, unit)
    make.make_observation(metric, unit, "300")
    make.make_observation(metric, bureau, "1500", coverage=Coverage.BELOW.value)
    text = page(as_user, leader, f"/metrics/{metric.pk}/")
    assert "1500人次" in text
    assert "1800" not in text


def test_missing_nil_and_not_applicable_look_different(as_user, leader, bureau, other_bureau, unit, campaign):
    metric = make.make_metric("信访", "次")
    make.make_participation(campaign, unit)
    make.make_observation(metric, bureau, presence=Presence.NIL.value)
    make.make_observation(
        metric, other_bureau, None, presence=Presence.NOT_APPLICABLE.value, absence="没有窗口"
    )
    text = page(as_user, leader, f"/metrics/{metric.pk}/")
    for words in ("0次（零报告）", "不适用", "没有窗口", "未报", "2家中1家已报"):
        assert words in text, words


def test_drafts_never_reach_a_leader(as_user, leader, clerk, bureau, pillar):
    action = make.make_action(pillar, "草稿举措", approved=False)
    metric = make.make_metric("学习", "次")
    row = make.make_observation(metric, bureau, "7654321", approved=False, actions=[action])
    passport = f"/figures/{metric.pk}/{bureau.pk}/{row.period.key}/"
    for address in (f"/organs/{bureau.pk}/", f"/metrics/{metric.pk}/", "/"):
        assert "7654321" not in page(as_user, leader, address)
    assert as_user(leader).get(passport).status_code == 404
    assert as_user(leader).get(f"/actions/{action.pk}/").status_code == 404
    assert "7654321次" in page(as_user, clerk, f"/organs/{bureau.pk}/")
    assert "7654321次" in page(as_user, clerk, passport)


def test_the_passport_tells_who_entered_who_approved_and_what_was_corrected(
    as_user, leader, clerk, reviewer, bureau, pillar
):
    from_clerk = make.draft_observation(
        make.make_metric("学习会", "次"), bureau, "56次", phrase="召开学习会56次"
    )
    make.approve(from_clerk, by=clerk, reviewer=reviewer)
    address = f"/figures/{from_clerk.metric_id}/{bureau.pk}/2021/"
    text = page(as_user, leader, address)
    for words in ("林填报", "周审核", "机关党办主任", "<mark>56次</mark>", "审核通过", "示范县的合计"):
        assert words in text, words
    corrected = ledger.correct(from_clerk, by=clerk, reason="数错了")
    corrected.quantity = Quantity.parse("65", from_clerk.metric.unit.spec)
    ledger.change(corrected, by=clerk)
    make.approve(corrected, by=clerk, reviewer=reviewer)
    text = page(as_user, leader, address)
    assert "更正为第2版" in text
    assert "数错了" in text
    assert corrected.quantity.words in text


def test_an_honour_has_its_own_page(as_user, leader, bureau):
    honour = make.make_honour(bureau, "先进集体", level=HonourLevel.MUNICIPAL, streak_years=3)
    assert f"/honours/{honour.pk}/" in page(as_user, leader, f"/organs/{bureau.pk}/")
    text = page(as_user, leader, f"/honours/{honour.pk}/")
    assert "连续3年" in text
    assert "未写明" in text


@pytest.mark.parametrize(
    "path", ["organs/{organ}", "figures/{metric}/{organ}/2021", "honours/{honour}", "actions/{action}"]
)
def test_outsider_cannot_tell_the_organ_exists(as_user, outsider, other_clerk, bureau, pillar, path):
    action = make.make_action(pillar)
    observation = make.make_observation(make.make_metric(), bureau, actions=[action])
    known = {
        "organ": bureau.pk,
        "metric": observation.metric_id,
        "honour": make.make_honour(bureau).pk,
        "action": action.pk,
    }
    address = f"/{path.format(**known)}/"
    for user in (outsider, other_clerk):
        assert as_user(user).get(address).status_code == 404
    assert as_user(None).get(address).url.startswith("/login/")


def test_who_may_see_nothing_is_told_so(as_user, outsider, auditor):
    for user in (outsider, auditor):
        assert as_user(user).get("/").status_code == 403


def test_a_joint_organ_sees_the_joint_action_without_its_proof(
    as_user, other_clerk, other_bureau, bureau, pillar
):
    action = make.make_action(pillar, "联合义诊", joint=[other_bureau])
    make.make_link(make.make_evidence(bureau, "签到照片"), action=action)
    text = page(as_user, other_clerk, f"/actions/{action.pk}/")
    assert "联合义诊" in text
    assert "签到照片" not in text


@pytest.mark.parametrize(
    "query", ["?period=abc", "?period=9999", "?organ=xyz", "?organ=999999", "?campaign=-1", "?period="]
)
def test_nonsense_in_the_address_gives_a_page_not_an_error(as_user, leader, bureau, campaign, query):
    for address in ("/", f"/organs/{bureau.pk}/"):
        assert as_user(leader).get(address + query).status_code == 200


@pytest.mark.parametrize("key", ["2021Q9", "x", "20210101-20200101", "0000", "99991231-99991231"])
def test_a_passport_of_no_period_is_not_found(as_user, leader, bureau, key):
    assert as_user(leader).get(f"/figures/{make.make_metric().pk}/{bureau.pk}/{key}/").status_code == 404


def test_the_period_of_the_address_chooses_the_figures(as_user, leader, bureau, area):
    make.make_campaign(area, organs=[bureau], year=2020)
    metric = make.make_metric("宣讲", "场")
    make.make_observation(metric, bureau, "23", "2020")
    make.make_observation(metric, bureau, "45", "2021")
    assert "23场" in page(as_user, leader, f"/metrics/{metric.pk}/?period=2020")
    assert "45场" in page(as_user, leader, f"/metrics/{metric.pk}/?period=2021")
    assert "68" in page(as_user, leader, f"/metrics/{metric.pk}/")


def test_a_leader_of_one_bureau_sees_only_its_part_of_the_total(as_user, bureau, other_bureau):
    leader = make.make_member("leader", bureau)
    metric = make.make_metric("宣讲", "场")
    make.make_observation(metric, bureau, "23")
    make.make_observation(metric, other_bureau, "45")
    text = page(as_user, leader, f"/metrics/{metric.pk}/")
    assert "23场" in text
    assert "68场" not in text
    assert other_bureau.name not in text


def test_a_figure_of_two_actions_counts_once_and_one_of_none_is_not_lost(
    as_user, leader, bureau, other_bureau, pillar
):
    actions = [make.make_action(pillar), make.make_action(pillar)]
    metric = make.make_metric("宣讲", "场")
    make.make_observation(metric, bureau, "23", actions=actions)
    make.make_observation(metric, other_bureau, "45")
    assert ">68<" in page(as_user, leader, f"/metrics/{metric.pk}/")
    assert "45场" in page(as_user, leader, f"/organs/{other_bureau.pk}/")


def test_a_revised_target_breaks_the_chart_with_its_reason(
    as_user, leader, clerk, reviewer, bureau, area, campaign
):
    today = timezone.localdate()
    make.make_campaign(area, organs=[bureau], year=today.year)
    metric = make.make_metric("等候时间", "个", Nature.STOCK, rhythm=PeriodKind.MONTH.value)
    month = Period.of(PeriodKind.MONTH, today)
    for period, said in ((month.previous(), "30"), (month, "25")):
        make.make_observation(metric, bureau, said, period)
    first = make.make_target(metric, bureau, campaign, value="20")
    revised = ledger.correct(first, by=clerk, reason="上级调整口径")
    revised.value = Quantity.parse("15", metric.unit.spec)
    ledger.change(revised, by=clerk)
    make.approve(revised, by=clerk, reviewer=reviewer)
    text = page(as_user, leader, f"/metrics/{metric.pk}/organs/{bureau.pk}/")
    assert "上级调整口径" in text
    assert "目标15个" in text


def test_the_total_is_the_same_before_and_after_two_bureaus_merge(
    as_user, leader, bureau, other_bureau, area, campaign
):
    metric = make.make_metric("宣讲", "场")
    make.make_observation(metric, bureau, "23")
    make.make_observation(metric, other_bureau, "45")
    address = f"/metrics/{metric.pk}/?period=2021"
    assert ">68<" in page(as_user, leader, address)
    other_bureau.active_to = date(2022, 1, 1)
    other_bureau.save()
    other_bureau.participations.update(last_day=date(2021, 6, 30))
    OrganSuccession.objects.create(
        predecessor=other_bureau, successor=bureau, day=date(2022, 1, 1), kind=SuccessionKind.MERGED
    )
    text = page(as_user, leader, address)
    assert ">68<" in text
    assert other_bureau.name in text


def test_the_lowest_and_the_highest_say_what_uncertain_figures_may_be(
    as_user, leader, bureau, other_bureau, unit
):
    share = make.make_metric("达标率", "%", Nature.RATIO, decimals=2, maximum=100)
    for organ, said in ((bureau, "85.5"), (other_bureau, "约90"), (unit, "不超过97")):
        make.make_observation(share, organ, said)
    text = page(as_user, leader, f"/metrics/{share.pk}/")
    assert "可能0至99%" in text
    assert "85.5%—" not in text
    # whether they add up hangs on the figures: the definition does not promise it
    assert "分子分母分别相加再相除（都有分子分母才可汇总）" in text
    assert "相除（可汇总）" not in text
