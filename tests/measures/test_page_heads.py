"""The top line of a page, which paper repeats on each sheet: whose page it is, and over which campaign and period."""

import re

import pytest

from tests import make
from tests.make import page

pytestmark = pytest.mark.django_db


def top_line(text: str) -> tuple[str, str]:
    """What stands in the top line: the way to the page, and the days that it is about."""
    where, days = (
        re.search(rf'<(\w+) class="[^"]*" id="{name}"[^>]*>(.*?)</\1>', text, re.DOTALL)
        for name in ("where", "period")
    )
    assert where
    assert days
    return re.sub(r"<[^>]+>|\n", "", where[2]), days[2]


@pytest.fixture
def next_year(area, campaign, bureau, pillar):
    """The campaign of the year after, with the bureau alone; an action in each."""
    after = make.make_campaign(area, "模范机关创建（2022年）", [bureau], year=2022)
    for line in (pillar, make.make_pillar(bureau, after)):
        make.make_action(line)
    return after


@pytest.mark.parametrize("address", ["/", "/organs/{}/", "/actions/"])
def test_two_campaigns_are_told_apart_by_their_names(
    as_user, leader, bureau, campaign, next_year, address
) -> None:
    address = address.format(bureau.pk)
    for chosen in (campaign, next_year):
        assert top_line(page(as_user, leader, f"{address}?campaign={chosen.pk}"))[1] == chosen.name
    assert top_line(page(as_user, leader, address))[1] == "创建以来"


def test_the_wall_names_the_campaign(as_user, leader, bureau, next_year) -> None:
    for address in ("/screen/", f"/screen/organs/{bureau.pk}/"):
        text = page(as_user, leader, f"{address}?campaign={next_year.pk}")
        assert f"<p>{next_year.name}</p>" in text


def test_a_period_of_a_campaign_names_both(as_user, leader, bureau, next_year) -> None:
    text = page(as_user, leader, f"/organs/{bureau.pk}/?period=2022Q1&campaign={next_year.pk}")
    assert top_line(text)[1] == "2022年第一季度，模范机关创建（2022年）"
    text = page(as_user, leader, f"/organs/{bureau.pk}/?campaign={next_year.pk}")
    assert '<p class="lead">模范机关创建（2022年）：1项举措' in text


@pytest.mark.parametrize(
    ("address", "name"),
    [
        ("/metrics/{}/", "总览▸指标"),
        ("/themes/{}/", "总览▸主题"),
        ("/actions/", "总览▸举措清单"),
        ("/targets/", "总览▸指标达标情况"),
        ("/changes/", "总览▸近期变化"),
        ("/compare/?as_of=2021-06-30", "总览▸对比"),
    ],
)
def test_the_organ_that_a_page_is_narrowed_to_is_named(
    as_user, leader, bureau, pillar, campaign, address, name
) -> None:
    metric = make.make_metric(theme=pillar.theme)
    address = address.format(metric.pk if "metrics" in address else pillar.theme_id)
    mark = "&" if "?" in address else "?"
    assert top_line(page(as_user, leader, address))[0] == name
    text = page(as_user, leader, f"{address}{mark}organ={bureau.pk}&campaign={campaign.pk}")
    assert top_line(text)[0] == f"甲局▸{name}"
    back = f'<a href="/?organ={bureau.pk}&amp;campaign={campaign.pk}">总览</a>'
    assert back in text  # nothing of what was chosen is lost on the way
