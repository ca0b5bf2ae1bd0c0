"""What was left out between two figures that add up is said wherever their sum stands."""

from datetime import date
from typing import Any

import pytest

from measures.models import Campaign, Metric, Nature, Participation
from measures.period import Period, PeriodKind
from measures.rollups.holes import named
from measures.totals import Coverage, Presence
from organs.models import Organ, User
from tests import make
from tests.make import SignIn, page
from tests.measures.printed import printed
from tests.measures.test_metric_page import shown
from tests.measures.test_organ_page import read

pytestmark = pytest.mark.django_db
FIVE_YEARS = "20210101-20251231"


def quarterly(
    name: str = "接待人次", unit: str = "人次", nature: Nature = Nature.FLOW, **fields: Any
) -> Metric:
    return make.make_metric(name, unit, nature, rhythm=PeriodKind.QUARTER.value, **fields)


def tell(metric: Metric, organ: Organ, *quarters: int, **fields: Any) -> None:
    for quarter in quarters:
        make.make_observation(metric, organ, "100", f"2021Q{quarter}", **fields)


def lacking(user: User, metric: Metric, query: str = "?period=2021") -> list[str]:
    """What the page of the metric says of each organ's sum."""
    return [row.lacks for row in shown(user, metric, query)[0].organs]


def test_a_sum_says_which_quarter_it_lacks(
    as_user: SignIn, leader: User, bureau: Organ, other_bureau: Organ, campaign: Campaign
) -> None:
    metric = quarterly()
    make.make_target(metric, bureau, campaign, value="1000")
    tell(metric, bureau, 1, 3, 4)
    tell(metric, other_bureau, 1, 2, 3, 4)
    text = page(as_user, leader, f"/metrics/{metric.pk}/?period=2021")
    assert "2家中2家已报" in text
    assert "其中1家：甲局（缺第二季度）" in text
    rows = {label: cells[-1] for label, cells in printed(text, "各单位的数值").items()}
    assert rows == {"甲局": "3期合计，缺第二季度", "乙局": "4期合计"}
    alone = page(as_user, leader, f"/metrics/{metric.pk}/organs/{bureau.pk}/?period=2021")
    assert "3期合计，缺第二季度" in alone
    assert "缺期" not in page(as_user, leader, f"/metrics/{metric.pk}/organs/{other_bureau.pk}/?period=2021")
    assert "活动以来3期合计300人次（缺第二季度）" in page(
        as_user, leader, f"/figures/{metric.pk}/{bureau.pk}/2021Q4/"
    )
    assert "（缺" not in page(as_user, leader, f"/figures/{metric.pk}/{bureau.pk}/2021Q1/")
    (gap,) = read(leader, bureau, today=date(2022, 1, 1)).gaps
    assert (gap.anchor, [(item.label, item.note) for item in gap.items]) == (
        "unreported",
        [("接待人次", "2021年第二季度未报")],
    )


def test_what_is_over_and_was_not_told_after_the_last_figure_is_left_out_too(
    leader: User, bureau: Organ, campaign: Campaign
) -> None:
    metric = quarterly()
    tell(metric, bureau, 1)
    assert lacking(leader, metric) == ["缺第二季度、第三季度、第四季度", ""]
    assert lacking(leader, metric, "?period=2021H1") == ["缺第二季度", ""]
    gap = read(leader, bureau, today=date(2021, 8, 1)).gaps[0]
    assert [item.note for item in gap.items] == ["2021年第二季度未报，上次2021年第一季度"]


def test_who_told_of_one_year_does_not_owe_all_that_follow(
    leader: User, area: Organ, bureau: Organ, campaign: Campaign
) -> None:
    Campaign.objects.update(last_day=date(2025, 12, 31))
    metric = make.make_metric("宣讲受众", "人次", rhythm=PeriodKind.YEAR.value)
    make.make_observation(metric, bureau, "1400余人次", "2021")
    assert read(leader, bureau, FIVE_YEARS, today=date(2026, 2, 1)).gaps == ()
    assert lacking(leader, metric, "") == ["", ""]
    make.make_observation(metric, bureau, "1500", "2023")
    (gap,) = read(leader, bureau, FIVE_YEARS, today=date(2026, 2, 1)).gaps
    assert [item.note for item in gap.items] == ["2022年未报"]
    assert lacking(leader, metric, "") == ["缺2022年", ""]


def test_nothing_is_left_out_before_the_first_figure_nor_beyond_the_days_of_an_organ(
    leader: User, bureau: Organ, other_bureau: Organ, campaign: Campaign
) -> None:
    metric = quarterly()
    Participation.objects.filter(organ=bureau).update(last_day=date(2021, 8, 31))
    tell(metric, bureau, 2)
    tell(metric, other_bureau, 3, 4)
    assert lacking(leader, metric) == ["", ""]


def test_what_another_figure_holds_is_not_left_out(
    leader: User, bureau: Organ, unit: Organ, campaign: Campaign
) -> None:
    make.make_participation(campaign, unit)
    metric = quarterly()
    tell(metric, bureau, 1, 4)
    make.make_observation(metric, bureau, None, "2021Q2", presence=Presence.NIL.value)
    make.make_observation(metric, bureau, "300", "2021Q3", coverage=Coverage.BELOW.value)
    tell(metric, unit, 1, 2, 4)
    assert lacking(leader, metric) == ["", "", ""]


@pytest.mark.parametrize("fields", [{"nature": Nature.STOCK}, {"nature": Nature.CUMULATIVE}])
def test_of_what_does_not_add_up_the_newest_figure_stands_for_all(
    leader: User, bureau: Organ, campaign: Campaign, fields: dict[str, Any]
) -> None:
    metric = quarterly(**fields)
    tell(metric, bureau, 1, 3, 4)
    assert lacking(leader, metric) == ["", ""]
    assert read(leader, bureau, today=date(2022, 1, 1)).gaps == ()


@pytest.mark.parametrize(
    ("keys", "within", "words"),
    [
        (["2021Q2"], "2021", "第二季度"),
        (["2020Q4", "2021Q1", "2021Q2"], "", "2020年第四季度、2021年第一季度、第二季度"),
        (["2021-01", "2021-02", "2021-04", "2021-06"], "2021", "1月、2月、4月等4期"),
        (["2021", "2022"], "", "2021年、2022年"),
    ],
)
def test_the_first_few_are_named(keys: list[str], within: str, words: str) -> None:
    days = Period.from_key(within) if within else None
    assert named([Period.from_key(key) for key in keys], days) == words
