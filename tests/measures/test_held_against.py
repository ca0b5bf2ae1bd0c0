"""What is held against a target, and in which unit and words it is told."""

import re
from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.utils import timezone

from measures import charts
from measures.models import Nature, Observation
from measures.progress import Direction, change
from measures.quantity import Quantity, UnitSpec
from measures.rollups.organ import MOST_CARDS
from measures.totals import Presence
from organs.models import Organ, OrganSuccession, SuccessionKind
from tests import make
from tests.make import page
from tests.measures.test_lists import titles
from tests.measures.test_organ_page import missing, read

pytestmark = pytest.mark.django_db
MONTHS = ("2021-07", "2021-08", "2021-09")


@pytest.fixture
def talks(bureau, campaign):
    """A flow told month by month, with a target for the whole year that it has reached."""
    metric = make.make_metric("宣讲", "场", rhythm="month", direction=Direction.UP.value)
    make.make_target(metric, bureau, campaign, value="100", baseline="10")
    for month in ("2021-02", *MONTHS):
        make.make_observation(metric, bureau, "40", month)
    return metric


def test_a_quarter_is_not_held_against_the_target_of_the_year(as_user, leader, bureau, talks) -> None:
    assert titles(page(as_user, leader, "/targets/?period=2021&verdict=met")) == ["宣讲"]
    assert titles(page(as_user, leader, "/targets/?period=2021Q3")) == []
    whole, quarter = (
        page(as_user, leader, f"/organs/{bureau.pk}/?period={key}") for key in ("2021", "2021Q3")
    )
    assert "1个指标有目标，已达标1" in whole
    assert "有目标" not in quarter
    assert "120场" in quarter
    assert "已达标" not in quarter
    assert "未达标" not in page(as_user, leader, f"/metrics/{talks.pk}/?period=2021Q3")


@pytest.mark.parametrize(
    ("direction", "said", "label", "change"),
    [
        (Direction.UP, "3", "未达标", ""),
        (Direction.UP, "9", "未达标", "较基线增加1场"),
        (Direction.UP, "10", "已达标", "较基线增加2场"),
        (Direction.DOWN, "3", "可能达到（活动还没结束）", ""),
        (Direction.DOWN, "12", "未达标", "较基线增加4场"),
    ],
)
def test_until_the_campaign_ends_a_sum_has_not_gone_back_and_may_still_exceed_its_target(
    as_user, leader, bureau, area, direction, said, label, change
) -> None:
    year = timezone.localdate().year
    campaign = make.make_campaign(area, organs=[bureau], year=year)
    metric = make.make_metric("宣讲", "场", rhythm="quarter", direction=direction.value)
    make.make_target(metric, bureau, campaign, value="10", baseline="8")
    make.make_observation(metric, bureau, said, f"{year}Q1")
    make.make_observation(metric, bureau, "0", f"{year}Q4")
    for place in (f"metrics/{metric.pk}/", "targets/", f"organs/{bureau.pk}/", "screen/"):
        text = page(as_user, leader, f"/{place}?period={year}")
        assert "倒退" not in text, place
        assert label in text or place == "screen/", place
    for place in (f"metrics/{metric.pk}/?period={year}", f"figures/{metric.pk}/{bureau.pk}/{year}Q4/"):
        text = page(as_user, leader, f"/{place}")
        assert (label in text, "较基线" in text) == (True, bool(change)), place
        assert change in text, place
    shown = read(leader, bureau, str(year))
    assert [f"较基线{card.change}" for card in shown.cards] == ([change] if change else [])
    assert [row.standing_label for row in shown.targets] == ([] if change else [label])


def test_a_year_without_a_figure_is_missing_and_its_quarter_is_not(leader, bureau, campaign) -> None:
    make.make_target(make.make_metric("宣讲", "场"), bureau, campaign, value="100")
    after = date(2022, 1, 5)
    assert missing(read(leader, bureau, "2021", today=after)) == {"no-data": ["宣讲"]}
    assert missing(read(leader, bureau, "2021Q3", today=after)) == {}
    assert missing(read(leader, bureau, "2021")) == {}  # it is not over yet


@pytest.mark.parametrize("said", ["95", None])
def test_a_quarter_misses_no_years_figure(as_user, leader, bureau, campaign, said) -> None:
    metric = make.make_metric("知晓率", "%", Nature.RATIO, rhythm="year", direction=Direction.UP.value)
    make.make_target(metric, bureau, campaign, value="90")
    if said:
        make.make_observation(metric, bureau, said, "2021")
    assert titles(page(as_user, leader, "/targets/?period=2021")) == ["知晓率"]
    assert titles(page(as_user, leader, "/targets/?period=2021Q3")) == []
    assert "有目标，" not in page(as_user, leader, f"/organs/{bureau.pk}/?period=2021Q3")
    assert missing(read(leader, bureau, "2021Q3")) == {}
    assert "未报</span> <b>" not in page(as_user, leader, "/?period=2021Q3")


def test_a_quarter_misses_its_own_figure(as_user, leader, bureau, campaign) -> None:
    metric = make.make_metric("知晓率", "%", Nature.RATIO, rhythm="quarter", direction=Direction.UP.value)
    make.make_target(metric, bureau, campaign, value="90")
    assert "未报" in page(as_user, leader, "/targets/?period=2021Q3&verdict=no_data")
    assert "1个指标有目标，未报1" in page(as_user, leader, f"/organs/{bureau.pk}/?period=2021Q3")
    assert missing(read(leader, bureau, "2021Q3"))["no-data"] == ["知晓率"]


def test_what_does_not_apply_is_not_missing(as_user, leader, bureau, other_bureau, campaign) -> None:
    metric = make.make_metric("窗口办件", direction=Direction.UP.value)
    for organ in (bureau, other_bureau):
        make.make_target(metric, organ, campaign, value="10", baseline="5")
    no = {"presence": Presence.NOT_APPLICABLE.value, "absence": "没有窗口"}
    make.make_observation(metric, bureau, None, **no)
    text = page(as_user, leader, f"/targets/?organ={bureau.pk}")
    assert "不适用" in text
    assert "基线5个，没有窗口" in text
    assert '<td data-label="数值">未报' not in text
    assert len(titles(page(as_user, leader, "/targets/?verdict=no_data"))) == 1, "the other one's"
    assert len(titles(page(as_user, leader, "/targets/?verdict=not_applicable"))) == 1
    assert "1个指标有目标，不适用1" in page(as_user, leader, f"/organs/{bureau.pk}/")
    text = page(as_user, leader, "/")
    assert all(f"{word}</span> <b>1</b>" in text for word in ("未报", "不适用"))


def test_an_uncertain_share_is_said_to_be_about(leader, bureau, campaign) -> None:
    for number in range(MOST_CARDS + 1):
        metric = make.make_metric(f"走访{number}", "人次", direction=Direction.UP.value)
        make.make_target(metric, bureau, campaign, value="100", baseline="0")
        make.make_observation(metric, bureau, "50余")
    (row,) = read(leader, bureau).targets
    assert row.note == "目标100人次，完成约50%；2021年"


def test_what_was_told_before_the_campaign_is_not_held_against_its_target(
    as_user, leader, bureau, area, campaign
) -> None:
    make.make_campaign(area, organs=[bureau], year=2020)
    metric = make.make_metric("知晓率", "%", Nature.RATIO, direction=Direction.UP.value)
    make.make_target(metric, bureau, campaign, value="90", baseline="80")
    make.make_observation(metric, bureau, "70", "2020")
    text = page(as_user, leader, "/targets/")
    assert titles(text) == ["知晓率"]
    assert "未报" in text
    assert "70%" not in text
    assert "倒退" not in page(as_user, leader, f"/metrics/{metric.pk}/")
    make.make_observation(metric, bureau, "95", "2021")
    make.make_observation(metric, bureau, "60", "2022")
    assert titles(page(as_user, leader, "/targets/?verdict=met")) == ["知晓率"], "that of its own days"


def test_two_campaigns_together_show_what_the_target_is_held_against(
    as_user, leader, bureau, area, campaign
) -> None:
    make.make_campaign(area, organs=[bureau], year=2020)
    metric = make.make_metric("宣讲", "场", direction=Direction.UP.value)
    make.make_target(metric, bureau, campaign, value="100", baseline="10")
    make.make_observation(metric, bureau, "500", "2020")
    make.make_observation(metric, bureau, "60", "2021")
    text = page(as_user, leader, f"/metrics/{metric.pk}/?period=20200101-20211231")
    assert "560场" in re.sub(r"<[^>]+>", "", text)
    assert "100场" not in text, "it is not held against all of that"
    assert "100场" in page(as_user, leader, f"/metrics/{metric.pk}/?period=2021")
    (card,) = read(leader, bureau, "20200101-20211231").cards
    assert (card.after.figure, card.change, card.standing_label) == ("60", "增加50场", "未达标")


def test_money_is_drawn_and_told_in_the_unit_of_its_metric(as_user, leader, bureau, campaign) -> None:
    metric = make.make_metric("帮扶资金", "万元", Nature.CUMULATIVE, direction=Direction.UP.value)
    make.make_target(metric, bureau, campaign, value="200", baseline="100")
    for year, said in ((2020, "110"), (2021, "超过150.5")):
        make.make_observation(metric, bureau, said, str(year))
    text = page(as_user, leader, f"/metrics/{metric.pk}/organs/{bureau.pk}/?period=20200101-20211231")
    assert "基线100万元，目标200万元" in text
    assert "0000" not in re.sub(r"<head>.*?</head>|<form.*?</form>", "", text, flags=re.DOTALL)
    (card,) = read(leader, bureau).cards
    assert card.change == "至少增加50.5万元"
    assert (card.after.figure, card.after.after) == ("150.5", "万元")
    assert card.span.high_label == "200万元"


def test_ranks_go_forward_and_begin_with_the_first(leader, bureau, campaign) -> None:
    places = [Quantity.parse(words, UnitSpec("位")) for words in ("5", "1")]
    assert change(*places, percentage=False, rank=True).words == "前进4位"
    assert change(*reversed(places), percentage=False, rank=True).words == "后退4位"
    metric = make.make_metric("考核位次", "位", Nature.RANK, direction=Direction.DOWN.value)
    make.make_target(metric, bureau, campaign, value="3", baseline="5")
    make.make_observation(metric, bureau, "1")
    (card,) = read(leader, bureau).cards
    assert card.change == "前进4位"
    assert card.span.low_label == "1位"
    assert card.span.sentence == "由5位到1位，前进，目标3位。"


def test_what_is_counted_whole_has_no_half_lines() -> None:
    data = [charts.Datum(str(year), Decimal(1), "1次") for year in (2020, 2021)]
    assert [level.label for level in charts.trend(data, whole=True).grid] == ["0", "1"]
    assert "0.5" in [level.label for level in charts.trend(data).grid]


def test_nobody_owes_figures_of_days_on_which_it_took_no_part(leader, bureau, campaign) -> None:
    make.make_metric("月发文量", "个", rhythm="month")
    today = date(2021, 11, 15)
    assert missing(read(leader, bureau, today=today)) == {"unreported": ["月发文量"]}
    bureau.participations.update(last_day=date(2021, 9, 30))
    assert missing(read(leader, bureau, today=today)) == {}
    bureau.participations.update(last_day=None)
    Organ.objects.filter(pk=bureau.pk).update(active_to=date(2021, 10, 1))
    assert missing(read(leader, Organ.objects.get(pk=bureau.pk), today=today)) == {}


def test_a_closed_organ_says_so_and_who_took_over(as_user, leader, bureau, other_bureau) -> None:
    Organ.objects.filter(pk=bureau.pk).update(active_to=date(2021, 7, 1))
    OrganSuccession.objects.create(
        predecessor=bureau, successor=other_bureau, day=date(2021, 7, 1), kind=SuccessionKind.MERGED
    )
    assert "2021-07-01起撤并，并入乙局" in page(as_user, leader, f"/organs/{bureau.pk}/")
    assert "承接甲局" in page(as_user, leader, f"/organs/{other_bureau.pk}/")


def test_figures_of_who_takes_no_part_are_named_beside_the_total(
    as_user, leader, bureau, other_bureau, campaign
) -> None:
    metric = make.make_metric("宣讲", "场")
    for organ in (bureau, other_bureau):
        make.make_observation(metric, organ, "3")
    assert "也计入合计" not in page(as_user, leader, f"/metrics/{metric.pk}/")
    campaign.participations.filter(organ=other_bureau).delete()
    text = page(as_user, leader, f"/metrics/{metric.pk}/")
    assert "乙局（这段时间没有参加活动，报的数也计入合计）" in text
    assert "6场" in re.sub(r"<[^>]+>", "", text)
    assert Observation.objects.count() == 2


def test_before_a_campaign_nobody_is_late_with_figures(as_user, leader, area, bureau) -> None:
    year = timezone.localdate().year + 1
    campaign = make.make_campaign(area, organs=[bureau], year=year)
    text = page(as_user, leader, f"/?campaign={campaign.pk}")
    assert f"{year}-01-01才开始" in text
    assert "未报" not in text
    assert "未到期" in text


def test_within_a_period_nobody_is_late_before_taking_part(
    as_user, leader, area, bureau, other_bureau
) -> None:
    today = timezone.localdate()
    begins = today - timedelta(days=70)
    make.make_metric(rhythm="month")
    campaign = make.make_campaign(area, organs=[bureau], year=today.year + 1, first_day=begins)
    tomorrow = today + timedelta(days=1)
    make.make_participation(campaign, other_bureau, first_day=tomorrow)
    text = page(as_user, leader, f"/?campaign={campaign.pk}")
    assert "2家中0家已报数值；未报：甲局" in text
    assert (text.count(">未报<"), text.count(">未到期<")) == (1, 1)
    campaign.participations.filter(organ=bureau).update(first_day=tomorrow)
    text = page(as_user, leader, f"/?campaign={campaign.pk}")
    assert f"{tomorrow:%Y-%m-%d}才开始" in text
    assert "未报" not in text


def test_the_series_of_an_organ_says_whether_units_are_in_its_headline(
    as_user, leader, bureau, unit, other_bureau, campaign
) -> None:
    metric = make.make_metric("宣讲", "场")
    for organ in (bureau, unit, other_bureau):
        make.make_observation(metric, organ, "3")
    address = f"/metrics/{metric.pk}/organs/"
    assert "<h2>本单位和下属单位的合计</h2>" in page(as_user, leader, f"{address}{bureau.pk}/")
    assert "<h2>本单位</h2>" in page(as_user, leader, f"{address}{other_bureau.pk}/")
