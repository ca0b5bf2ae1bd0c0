"""The series of a metric over all organs: each of its periods says what the page of that period says."""

from datetime import date

import pytest

from measures.models import Campaign, Participation
from measures.period import PeriodKind
from organs.models import Organ, User
from tests import make
from tests.measures.test_metric_page import shown

pytestmark = pytest.mark.django_db


def series(user: User, metric, query: str) -> list[tuple[str, str, str]]:
    """The rows of a series: label, figure, and what it rests on."""
    found, _ = shown(user, metric, query)
    return [(row.label, row.words or row.absent, row.note) for row in found.series.rows]


def test_an_organ_is_expected_in_the_periods_in_which_it_takes_part(
    leader: User, bureau: Organ, other_bureau: Organ, campaign: Campaign
) -> None:
    Participation.objects.filter(organ=other_bureau).update(first_day=date(2021, 2, 1))
    metric = make.make_metric("宣讲", "场", rhythm=PeriodKind.MONTH.value, over_organs="none")
    for month in ("2021-01", "2021-02"):
        make.make_observation(metric, bureau, "3", month)
    make.make_observation(metric, other_bureau, "5", "2021-02")
    whole = series(leader, metric, "")
    assert whole == [("2021年2月", "3场—5场", "2家中2家已报"), ("2021年1月", "3场", "1家中1家已报")]
    assert series(leader, metric, "?period=2021-01") == whole[1:]


def test_a_period_over_the_edge_of_the_page_is_told_whole(
    leader: User, bureau: Organ, other_bureau: Organ, campaign: Campaign
) -> None:
    metric = make.make_metric("走访", "户", rhythm=PeriodKind.SPAN.value)
    make.make_observation(metric, bureau, "100", "2021Q1")
    for number, month in enumerate(("2021-01", "2021-02", "2021-03")):
        make.make_observation(metric, other_bureau, str(10**number), month)
    rows = {label: words for label, words, _ in series(leader, metric, "?period=2021-03")}
    assert rows == {"2021年3月": "100户", "2021年第一季度": "211户"}
    assert shown(leader, metric, "?period=2021Q1")[0].total.words == "211户"


def test_a_total_without_all_organs_is_no_fall(
    leader: User, bureau: Organ, other_bureau: Organ, campaign: Campaign
) -> None:
    metric = make.make_metric("宣讲", "场", rhythm=PeriodKind.QUARTER.value)
    for quarter in ("2021Q1", "2021Q2", "2021Q3"):
        make.make_observation(metric, bureau, "5", quarter)
        if quarter != "2021Q3":
            make.make_observation(metric, other_bureau, "20", quarter)
    trend = shown(leader, metric, "")[0].series.trend
    assert [point.hollow for point in trend.points] == [False, False, True]
    assert len(trend.segments) == 1, "from the second to the third quarter there is no line"
    assert trend.sentence.startswith("宣讲：2021年第三季度为5场（1家未报），起于2021年第一季度的25场")


def test_who_joins_in_the_middle_of_a_year_is_no_rise(
    leader: User, bureau: Organ, other_bureau: Organ, campaign: Campaign
) -> None:
    Participation.objects.filter(organ=other_bureau).update(first_day=date(2021, 7, 1))
    metric = make.make_metric("宣讲", "场", rhythm=PeriodKind.QUARTER.value)
    for quarter in ("2021Q1", "2021Q2", "2021Q3"):
        make.make_observation(metric, bureau, "5", quarter)
    make.make_observation(metric, other_bureau, "20", "2021Q3")
    trend = shown(leader, metric, "")[0].series.trend
    assert (len(trend.segments), trend.partly) == (1, False)
    assert "最高" not in trend.sentence


def test_no_period_outside_the_page_is_told(
    leader: User, bureau: Organ, other_bureau: Organ, campaign: Campaign
) -> None:
    metric = make.make_metric("服务", "人次", rhythm=PeriodKind.MONTH.value)
    make.make_observation(metric, bureau, "9", "2021Q1")  # as nobody can enter it
    for month in ("2021-01", "2021-02", "2021-03"):
        make.make_observation(metric, other_bureau, "5", month)
    assert series(leader, metric, "?period=2021-03") == [("2021年3月", "5人次", "2家中1家已报")]
