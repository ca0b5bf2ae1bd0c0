"""The page of an organ: where it stands, its trends, its ledger by campaign, and what is missing."""

import re
from dataclasses import replace
from datetime import date, timedelta

import pytest
from django.utils import timezone

from measures import rollups
from measures.models import Action, Campaign, Metric, Nature, Participation
from measures.period import Period, PeriodKind
from measures.progress import Direction
from measures.rollups.organ import OrganPage
from measures.rollups.view import View
from measures.totals import Coverage
from organs.models import Organ, User
from tests import make
from tests.kept import asked_from_nothing
from tests.make import page

pytestmark = pytest.mark.django_db
TODAY = date(2021, 11, 22)


def read(
    user: User, organ: Organ, period: str = "2021", *, today: date = TODAY, campaign: Campaign | None = None
) -> OrganPage:
    """The page of a period on a day."""
    visible = tuple(Organ.objects.visible_to(user))
    view = View(user, visible, organ, (organ,), (organ,), Period.from_key(period), today, campaign)
    view = replace(view, taking_part=Participation.objects.all().days())
    return rollups.organ_page(view, organ)


def missing(found: OrganPage) -> dict[str, list[str]]:
    """What is missing, by the anchor of its kind."""
    return {gap.anchor: [item.label for item in (*gap.items, *gap.folded)] for gap in found.gaps}


def monthly(name: str = "机关月发文量", unit: str = "个", **fields: object) -> Metric:
    return make.make_metric(name, unit, Nature.FLOW, rhythm=PeriodKind.MONTH.value, **fields)


def test_one_sentence_says_where_the_organ_stands(leader, bureau, campaign, pillar):
    share = make.make_metric("满意率", "%", Nature.RATIO)
    make.make_target(share, bureau, campaign, value="95", baseline="90")
    make.make_observation(share, bureau, "88", actions=[make.make_action(pillar, due_day=date(2021, 11, 1))])
    make.make_action(pillar, start_day=date(2021, 1, 1))
    make.make_honour(bureau)
    assert read(leader, bureau).lead == (
        "2021年：2项举措，推进中1、逾期1；1项没有数值；1个指标有目标，未达标1，1个较基线倒退；荣誉1项。"
    )


def test_an_organ_without_anything_says_what_belongs_there(as_user, leader, bureau):
    text = page(as_user, leader, f"/organs/{bureau.pk}/")
    assert "这段时间还没有录入创建支柱和举措" in text
    assert "缺什么" not in text


def test_a_line_tells_of_its_activities_in_the_period_and_of_the_last_one(leader, bureau, pillar):
    action = make.make_action(pillar)
    for day in (date(2020, 12, 31), date(2021, 3, 1), date(2021, 6, 1)):
        make.make_activity(action, day)
    make.make_activity(action, date(2021, 7, 1), approved=False)
    assert read(leader, bureau).pillars[0].actions[0].held == "活动2次，最近2021-06-01"


def test_a_target_is_shown_with_how_much_of_the_way_is_done(leader, bureau, campaign):
    for number in range(5):
        metric = make.make_metric(f"因病致贫率{number}", "%", Nature.RATIO, direction=Direction.DOWN.value)
        make.make_target(metric, bureau, campaign, value="25", baseline="38.9")
        make.make_observation(metric, bureau, "25.6")
    found = read(leader, bureau)
    assert len(found.cards) == 4
    assert {card.change for card in found.cards} == {"下降13.3个百分点"}
    assert [row.note for row in found.targets] == ["目标25%，完成95.7%；2021年"]


def test_who_stands_where_it_began_has_done_nothing_of_the_way(leader, bureau, campaign):
    for number in range(5):
        metric = make.make_metric(f"因病致贫率{number}", "%", Nature.RATIO, direction=Direction.DOWN.value)
        make.make_target(metric, bureau, campaign, value="25", baseline="38.9")
        make.make_observation(metric, bureau, "38.9")
    assert [row.note for row in read(leader, bureau).targets] == ["目标25%，完成0%；2021年"]


class TestTrends:
    """Small series."""

    def test_three_periods_make_one_and_a_missing_month_is_a_gap(self, leader, bureau):
        metric = monthly()
        for month, said in (("2021-03", "21"), ("2021-04", "19"), ("2021-06", "12")):
            make.make_observation(metric, bureau, said, month)
        (spark,) = read(leader, bureau).trends
        assert [point.words for point in spark.trend.points] == ["21个", "19个", "未报", "12个"]
        assert len(spark.trend.segments) == 1
        assert spark.trend.sentence.endswith("；2021年5月未报。")
        assert spark.url == f"/metrics/{metric.pk}/organs/{bureau.pk}/"

    def test_a_line_of_the_newest_periods_says_of_how_many_it_tells(self, leader, bureau, other_bureau):
        metric, whole = monthly(), [f"{year}-{month:02}" for year in (2020, 2021) for month in range(1, 13)]
        for organ, keys in ((bureau, whole[11:]), (other_bureau, whole[12:])):
            for key in keys:
                make.make_observation(metric, organ, "20" if key == whole[11] else "9", key)
        (spark,) = read(leader, bureau, "20200101-20211231").trends
        assert spark.trend.sentence.startswith("最近12期：2021年12月为9个，起于2021年1月的9个")
        (spark,) = read(leader, other_bureau).trends
        assert spark.trend.sentence.startswith("2021年12月为9个，起于2021年1月的9个")

    def test_two_periods_make_none_and_a_year_among_months_is_no_point(self, leader, bureau):
        metric = monthly()
        for key in ("2021-03", "2021-04"):
            make.make_observation(metric, bureau, "21", key)
        make.make_observation(metric, bureau, "9", Period.from_key("20210501-20210715"))
        assert read(leader, bureau).trends == ()

    def test_six_are_drawn_those_with_a_target_first_and_the_others_named(self, leader, bureau, campaign):
        metrics = [monthly(f"发文量{number}") for number in range(8)]
        for metric in metrics:
            for key in ("2021-01", "2021-02", "2021-03"):
                make.make_observation(metric, bureau, "3", key)
        make.make_target(metrics[7], bureau, campaign, value="1")
        found = read(leader, bureau).trends
        assert found[0].label == "发文量7"
        assert [spark.trend is not None for spark in found] == [True] * 6 + [False] * 2


class TestGaps:
    """What is missing."""

    def test_late_actions_stand_first_with_their_days(self, leader, bureau, pillar):
        make.make_action(pillar, "后到期", due_day=date(2021, 11, 12))
        make.make_action(pillar, "先到期", due_day=date(2021, 10, 23), leader="分管副局长")
        make.make_action(pillar, "没到期", due_day=date(2021, 12, 31))
        make.make_action(pillar, "已销号", due_day=date(2021, 1, 1), **closed())
        gap = read(leader, bureau).gaps[0]
        assert [(item.label, item.note) for item in gap.items] == [
            ("先到期", "已过30天，分管副局长"),
            ("后到期", "已过10天"),
        ]

    def test_activities_without_a_figure_are_process_without_outcome(self, leader, bureau, pillar):
        told, only, idle = (make.make_action(pillar, title) for title in ("有数", "只有活动", "没动"))
        make.make_activity(told)
        make.make_activity(only)
        make.make_observation(make.make_metric(), bureau, actions=[told])
        found = missing(read(leader, bureau))
        assert found["only-process"] == ["只有活动"]
        assert found["without"] == ["只有活动", idle.title]

    def test_a_heading_without_an_approved_action_is_bare(self, leader, bureau, campaign, pillar):
        make.make_action(pillar)
        bare = make.make_pillar(bureau, campaign, "着力组织建设抓创建")
        make.make_action(bare, approved=False)
        assert missing(read(leader, bureau))["bare"] == ["着力组织建设抓创建"]

    def test_a_month_that_is_over_without_a_figure_is_unreported(self, leader, bureau):
        metric = monthly()
        make.make_observation(metric, bureau, "3", "2021-08")
        (gap,) = read(leader, bureau).gaps
        assert [(item.label, item.note) for item in gap.items] == [
            ("机关月发文量", "2021年9月、10月未报，上次2021年8月")
        ]
        for key in ("2021-09", "2021-10"):
            make.make_observation(metric, bureau, "3", key)
        assert read(leader, bureau).gaps == ()

    def test_a_year_that_is_not_over_is_not_due(self, leader, bureau):
        make.make_metric("主题党日活动", "次")
        assert read(leader, bureau).gaps == ()
        assert missing(read(leader, bureau, today=date(2022, 1, 1))) == {"unreported": ["主题党日活动"]}

    def test_an_older_figure_is_none_of_this_period(self, leader, bureau):
        stock = make.make_metric("台账本数", "个", Nature.STOCK)
        make.make_observation(stock, bureau, "5", "2020")
        gap = read(leader, bureau, today=date(2022, 1, 1)).gaps[0]
        assert [item.note for item in gap.items] == ["2021年未报，上次2020年"]

    def test_another_organs_own_metric_is_not_asked_for(self, leader, bureau, other_bureau, area):
        make.make_metric("乙局自己的", owner=other_bureau)
        make.make_metric("全县的", owner=area)
        make.make_metric("甲局自己的", owner=bureau)
        found = missing(read(leader, bureau, today=date(2022, 1, 1)))
        assert sorted(found["unreported"]) == ["全县的", "甲局自己的"]

    def test_what_the_bureau_told_with_its_units_is_not_asked_of_the_unit(
        self, leader, bureau, unit, campaign
    ):
        make.make_participation(campaign, unit)
        metric = make.make_metric("服务人次", "人次")
        make.make_observation(metric, bureau, "1500", coverage=Coverage.OWN.value)
        assert missing(read(leader, unit, today=date(2022, 1, 1))) == {"unreported": ["服务人次"]}
        make.make_observation(metric, bureau, "1500", "2020", coverage=Coverage.BELOW.value)
        assert missing(read(leader, unit, "2020", today=date(2022, 1, 1))) == {}

    def test_who_takes_no_part_is_asked_for_nothing(self, as_user, leader, unit):
        make.make_metric("主题党日活动", "次")
        assert "该报未报" not in page(as_user, leader, f"/organs/{unit.pk}/")

    def test_a_target_without_a_figure_is_named_once(self, leader, bureau, campaign):
        metric = make.make_metric("政务信息公开", "个")
        make.make_target(metric, bureau, campaign, value="60")
        found = read(leader, bureau, today=date(2022, 1, 1))
        assert missing(found) == {"no-data": ["政务信息公开"]}
        assert found.gaps[0].items[0].note == "目标60个"

    def test_figures_that_need_evidence_and_have_none_are_named(self, leader, bureau):
        metric = make.make_metric("公益岗位", needs_evidence=True)
        bare, proven = (make.make_observation(metric, bureau, "3", key) for key in ("2021-01", "2021-02"))
        make.make_link(make.make_evidence(bureau), observation=proven)
        (gap,) = read(leader, bureau).gaps
        assert [(item.label, item.note) for item in gap.items] == [("公益岗位", "2021年1月")]
        assert gap.items[0].url == f"/figures/{metric.pk}/{bureau.pk}/{bare.period.key}/"

    def test_a_draft_is_no_gap_for_who_may_not_see_it(self, leader, clerk, bureau, pillar):
        make.make_action(pillar, "草稿", approved=False, due_day=date(2021, 1, 1))
        make.make_observation(make.make_metric(needs_evidence=True), bureau, approved=False)
        for user in (leader, clerk):
            assert set(missing(read(user, bureau))) == {"bare"}

    def test_long_lists_are_folded_and_cut(self, as_user, leader, bureau, pillar):
        for number in range(50):
            make.make_action(pillar, f"第{number}项")
        gap = next(gap for gap in read(leader, bureau).gaps if gap.anchor == "without")
        assert (gap.number, len(gap.items), len(gap.folded), gap.more) == (50, 5, 40, 5)
        assert "另有5项，见台账" in page(as_user, leader, f"/organs/{bureau.pk}/")


class TestSeveralCampaigns:
    """A period of several campaigns."""

    @pytest.fixture
    def years(self, area, bureau, campaign, pillar):
        """The same metric and the same heading in 2020 and 2021."""
        before = make.make_campaign(area, "模范机关创建（2020年）", organs=[bureau], year=2020)
        older = make.make_pillar(bureau, before, "着力政治建设抓创建", pillar.theme)
        metric = make.make_metric("学习会", "次")
        make.make_target(metric, bureau, campaign, value="60", baseline="56")
        for heading, said, key in ((older, "56", "2020"), (pillar, "65", "2021")):
            make.make_observation(metric, bureau, said, key, actions=[make.make_action(heading)])

    def test_each_has_its_name_above_and_each_line_tells_of_its_own_days(self, years, leader, bureau):
        found = read(leader, bureau, "20200101-20211231")
        assert [pillar.campaign for pillar in found.pillars] == [
            "模范机关创建（2021年）",
            "模范机关创建（2020年）",
        ]
        figures = [action.figures[0] for pillar in found.pillars for action in pillar.actions]
        assert [(row.words, row.change) for row in figures] == [("65次", "较基线增加9次"), ("56次", "")]
        assert found.other_figures == ()
        assert "without" not in missing(found)

    def test_the_pages_of_theme_and_action_say_of_a_line_what_the_ledger_says(
        self, years, as_user, leader, bureau, pillar
    ):
        days = "?period=20200101-20211231"
        said = {"2021": "65次", "2020": "56次"}
        theme = page(as_user, leader, f"/themes/{pillar.theme_id}/{days}")
        assert [word for word in ("65次", "56次", "121次") if f">{word}<" in theme] == list(said.values())
        for action in Action.objects.select_related("pillar__campaign"):
            text = page(as_user, leader, f"/actions/{action.pk}/{days}")
            year = action.pillar.campaign.first_day.year
            assert [word for word in (*said.values(), "121次") if f">{word}<" in text] == [said[f"{year}"]]

    def test_a_figure_of_other_days_than_those_of_its_line_stands_apart(self, years, leader, bureau):
        action = Action.objects.get(pillar__campaign__first_day=date(2020, 1, 1))
        make.make_observation(make.make_metric("名次", "位", Nature.RANK), bureau, "1", actions=[action])
        found = read(leader, bureau, "20200101-20211231")
        assert [(row.label, row.words) for row in found.other_figures] == [("名次", "1位")]

    def test_one_alone_needs_no_name_and_the_anchor_of_a_theme_stands_once(
        self, years, as_user, leader, bureau, pillar
    ):
        assert [row.campaign for row in read(leader, bureau).pillars] == [""]
        text = page(as_user, leader, f"/organs/{bureau.pk}/?period=20200101-20211231")
        assert text.count(f'id="theme-{pillar.theme_id}"') == 1

    def test_a_stock_of_the_older_campaign_is_not_without_a_figure(self, leader, area, bureau, pillar):
        before = make.make_campaign(area, organs=[bureau], year=2020)
        stock = make.make_metric("服务室", "个", Nature.STOCK)
        for heading, key in ((make.make_pillar(bureau, before), "2020"), (pillar, "2021")):
            make.make_observation(stock, bureau, "3", key, actions=[make.make_action(heading)])
        assert "without" not in missing(read(leader, bureau, "20200101-20211231"))


def test_a_long_ledger_is_cut_per_heading_and_tells_what_it_hides(as_user, leader, bureau, pillar):
    for number in range(30):
        make.make_action(pillar, f"第{number}项", due_day=date(2021, 1, 1) if number > 27 else None)
    (row,) = read(leader, bureau).pillars
    assert len(row.actions) == 20
    assert row.rest == "另有10项：逾期2、未开始8"
    assert f'href="/pillars/{pillar.pk}/">另有10项' in page(as_user, leader, f"/organs/{bureau.pk}/")


def test_a_figure_that_no_line_tells_of_is_not_lost(leader, bureau, pillar):
    linked, alone, under = (make.make_metric(name) for name in ("有举措", "没有举措", "只有支柱"))
    make.make_observation(linked, bureau, "1", actions=[make.make_action(pillar)])
    make.make_observation(alone, bureau, "2")
    make.make_observation(under, bureau, "3", pillar=pillar)
    found = read(leader, bureau)
    assert [row.label for row in found.other_figures] == ["没有举措"]
    assert [row.label for row in found.pillars[0].figures] == ["只有支柱"]


def test_a_figure_over_the_edge_of_the_period_is_named_not_counted(leader, bureau, pillar):
    action, metrics = make.make_action(pillar), [make.make_metric(), make.make_metric()]
    make.make_observation(metrics[0], bureau, "1", "20200101-20211231", actions=[action])
    make.make_observation(metrics[1], bureau, "1", "20200101-20211231")
    found = read(leader, bureau)
    assert [row.absent for row in found.pillars[0].actions[0].figures] == ["跨期未计"]
    assert [row.absent for row in found.other_figures] == ["跨期未计"]


@pytest.mark.parametrize("who", ["leader", "clerk"])
def test_the_page_costs_the_same_for_3_and_300_actions(request, as_user, bureau, campaign, pillar, who):
    user = request.getfixturevalue(who)
    client = as_user(user)

    def spent(number):
        for _ in range(number):
            action = make.make_action(pillar)
        make.make_activity(action)
        make.make_observation(make.make_metric(), bureau, actions=[action])
        make.make_observation(make.make_metric(), bureau, actions=[action], approved=False)
        return asked_from_nothing(client, f"/organs/{bureau.pk}/")

    few = spent(3)
    assert few == spent(297) <= 15


def test_days_are_told_as_people_say_them(as_user, leader, bureau, area):
    today = timezone.localdate()
    campaign = make.make_campaign(area, organs=[bureau], year=today.year)
    heading = make.make_pillar(bureau, campaign)
    for days in (-1, 0, 1):
        make.make_action(heading, due_day=today + timedelta(days=days))
    text = page(as_user, leader, f"/organs/{bureau.pk}/")
    assert re.findall("已过1天|今天到期|还有1天", text)[:3] == ["已过1天", "今天到期", "还有1天"]


def closed() -> dict[str, object]:
    """What makes an action closed out."""
    return {"closed_on": date(2021, 1, 1), "closing_state": "approved", "start_day": None}


def test_who_has_nothing_of_its_own_leads_to_those_below(as_user, leader, area, bureau, unit, pillar):
    text = page(as_user, leader, f"/organs/{area.pk}/?period=2021")
    assert f'href="/?organ={area.pk}&amp;period=2021"' in text.partition('class="empty"')[2]
    for organ in (bureau, unit):
        assert "看下属单位的总览" not in page(as_user, leader, f"/organs/{organ.pk}/")
