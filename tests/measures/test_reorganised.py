"""Trap 12: organs that were merged, renamed or split keep their past, and nothing is counted twice."""

from datetime import date

import pytest
from django.test import RequestFactory
from django.utils import timezone

from measures import rollups
from measures.filters import chosen
from measures.models import Nature
from measures.rollups.view import View
from organs.models import Organ, OrganSuccession, SuccessionKind
from tests import make
from tests.make import page
from tests.measures.test_metric_page import shown

pytestmark = pytest.mark.django_db


@pytest.fixture
def stock(area, campaign):
    """People on a list."""
    make.make_campaign(area, organs=list(Organ.objects.filter(name__in=("甲局", "乙局"))), year=2020)
    return make.make_metric("在册人数", "人", Nature.STOCK)


def close(organ: Organ, day: date, *heirs: Organ) -> None:
    Organ.objects.filter(pk=organ.pk).update(active_to=day)
    for heir in heirs:
        OrganSuccession.objects.create(predecessor=organ, successor=heir, day=day, kind=SuccessionKind.MERGED)


def seen(leader, query: str) -> View:
    request = RequestFactory().get(f"/{query}")
    request.user = leader
    return chosen(request)[0]


def total(leader, metric) -> str:
    return shown(leader, metric, "?period=20200101-20211231")[0].total.words


def test_what_went_from_hand_to_hand_is_counted_once(leader, stock, area, bureau, other_bureau) -> None:
    between = make.make_organ("中间局", under=Organ.objects.get(pk=area.pk))
    make.make_observation(stock, bureau, "100", "2020")
    close(bureau, date(2021, 1, 1), between)
    close(between, date(2021, 6, 1), other_bureau)
    assert total(leader, stock) == "100人"
    make.make_observation(stock, other_bureau, "150", "2021")
    assert total(leader, stock) == "150人"


def test_the_row_of_who_was_merged_says_whose_figure_has_its_stock(
    leader, stock, bureau, other_bureau
) -> None:
    make.make_observation(stock, bureau, "100", "20210101-20210531")
    close(bureau, date(2021, 6, 1), other_bureau)
    rows = [row.figure for row in shown(leader, stock, "?period=2021")[0].organs]
    assert [(row.label, row.words, "合计不再加" in row.note) for row in rows[:1]] == [
        ("甲局", "100人", False)
    ]
    make.make_observation(stock, other_bureau, "260", "20210601-20211231")
    page = shown(leader, stock, "?period=2021")[0]
    told = [(row.figure.label, row.figure.words) for row in page.organs]
    assert (page.total.words, told) == ("260人", [("甲局", "100人"), ("乙局", "260人")])
    assert page.organs[0].figure.note.endswith("已由乙局接着报，合计不再加")
    assert "合计不再加" not in page.organs[1].figure.note


def test_who_says_that_it_does_not_apply_has_taken_over_no_stock(leader, stock, bureau, other_bureau) -> None:
    make.make_observation(stock, bureau, "100", "2020")
    close(bureau, date(2021, 1, 1), other_bureau)
    make.make_observation(
        stock, other_bureau, None, "2021", presence="not_applicable", absence="没有这项工作"
    )
    assert total(leader, stock) == "100人"


def test_who_has_told_of_the_period_is_not_said_to_carry_an_old_figure(
    as_user, leader, stock, bureau, unit, campaign
) -> None:
    make.make_participation(campaign, unit)
    make.make_observation(stock, bureau, "100", "2020", coverage="below")
    make.make_observation(stock, unit, "80", "2021")
    text = page(as_user, leader, f"/metrics/{stock.pk}/?period=2021")
    assert "100人" in text
    assert "2家中1家已报" in text or "3家中1家已报" in text
    assert "<dt>沿用旧数</dt><dd>甲局（" in text


@pytest.fixture
def merged(pillar, bureau, other_bureau, campaign):
    """A bureau with lines due before and after its last day, merged into the other one in 2021."""
    bureau.office, bureau.telephone = "机关党办", "0914-3320000"
    bureau.save()
    make.make_action(pillar, "本该办完的", due_day=date(2021, 5, 31))
    make.make_action(pillar, "来不及办的", due_day=date(2021, 7, 1))
    make.make_action(pillar, "没有时限的", progress="在办")
    close(bureau, date(2021, 7, 1), other_bureau)
    return pillar


def test_who_was_merged_is_not_late_with_what_was_due_after_its_end(
    as_user, leader, clerk, merged, bureau
) -> None:
    text = page(as_user, leader, "/actions/?standing=late&period=2021")
    assert ("本该办完的" in text, "来不及办的" in text, "没有时限的" in text) == (True, False, False)
    assert "2021-07-01起撤并，并入乙局" in text
    assert "3320000" not in text
    undone = page(as_user, leader, "/actions/?standing=unfinished&period=2021")
    assert ("来不及办的" in undone, "没有时限的" in undone) == (True, True)
    assert "来不及办的" not in page(as_user, leader, "/changes/?kind=late")
    assert "未办结" in page(as_user, leader, f"/organs/{bureau.pk}/?period=2021")
    assert "3320000" not in page(as_user, leader, f"/pillars/{merged.pk}/")
    assert "未办结" in page(as_user, leader, "/search/?q=来不及办的")
    assert "未办结" in page(as_user, clerk, "/admin/measures/action/?q=来不及办的")
    for address in ("/my/", "/reminders/"):
        text = page(as_user, clerk, address)
        assert ("本该办完的" in text, "来不及办的" in text) == (True, False), address


def test_who_was_merged_stands_in_the_heat_map_as_long_as_cards_count_its_lines(
    as_user, leader, merged, bureau
) -> None:
    request_of = {"2021": ("未报",), "2021Q3": ("不用报",)}
    for period, (reported,) in request_of.items():
        found = rollups.overview(seen(leader, f"?period={period}"))
        row = next(row for row in found.heat if row.name == "甲局")
        assert (row.gone, row.reported) == ("2021-07-01起撤并，并入乙局", reported)
        listed = next(item.number for item in found.attention if item.label == "没有数值的举措")
        assert sum(row.without for row in found.heat) == listed == 3
    assert "2021-07-01起撤并" in page(as_user, leader, "/?period=2021Q3")
    assert "已撤并" in page(as_user, leader, "/screen/?period=2021Q3")


def test_a_unit_that_the_figure_of_its_superior_covers_has_reported(
    as_user, leader, stock, bureau, unit, other_bureau, campaign
) -> None:
    make.make_participation(campaign, unit)
    make.make_observation(stock, bureau, "100", "2021", coverage="below")
    text = page(as_user, leader, "/?period=2021")
    assert "3家中2家已报数值；未报：乙局" in text
    found = {row.name: row.reported for row in rollups.overview(seen(leader, "?period=2021")).heat}
    assert found == {"甲局": "已报", "甲局所属中心": "已报", "乙局": "未报"}


def notes(leader, metric, query: str) -> dict[str, str]:
    """What stands beside the figure of each organ."""
    return {row.figure.label: row.figure.note for row in shown(leader, metric, query)[0].organs}


def test_of_a_split_the_heir_that_has_told_and_the_one_that_has_not_are_named(
    leader, stock, bureau, other_bureau, area
) -> None:
    make.make_observation(stock, bureau, "100", "20210101-20210531")
    sport = make.make_organ("体育局", under=Organ.objects.get(pk=area.pk))
    close(bureau, date(2021, 6, 1), other_bureau, sport)
    make.make_observation(stock, other_bureau, "60", "20210601-20211231")
    said = "2021年1月1日至5月31日，已由乙局接着报（体育局还没有报），合计不再加"
    assert notes(leader, stock, "?period=2021")["甲局"] == said
    make.make_observation(stock, sport, "40", "20210601-20211231")
    said = "2021年1月1日至5月31日，已由乙局、体育局接着报，合计不再加"
    assert notes(leader, stock, "?period=2021")["甲局"] == said


def test_who_was_merged_is_not_said_to_have_taken_no_part(leader, stock, bureau, other_bureau) -> None:
    make.make_observation(stock, bureau, "100", "20210101-20210531")
    close(bureau, date(2021, 6, 1), other_bureau)
    facts = {fact.label: fact.words for fact in shown(leader, stock, "?period=2021Q3")[0].rests}
    assert facts["另有"] == "甲局（已撤并，还没有单位接着报，原来的数仍计入合计）"


def test_a_total_that_rests_on_an_old_figure_with_the_units_says_so(
    as_user, leader, bureau, unit, campaign
) -> None:
    make.make_participation(campaign, unit)
    held = make.make_metric("阵地", "个", Nature.STOCK, rhythm="quarter")
    make.make_observation(held, bureau, "100", "2021Q1", coverage="below")
    newer = make.make_observation(held, unit, "70", "2021Q3")
    page_of = shown(leader, held, "?period=2021Q3")[0]
    assert page_of.total.words == "100个"
    assert page_of.total.note.endswith("，2021年第一季度的数")
    said = "甲局2021年第一季度“含下级”的数"
    assert notes(leader, held, "?period=2021Q3")["甲局所属中心"] == f"2021年第三季度，合计用{said}"
    facts = {fact.label: fact.words for fact in page_of.rests}
    assert facts["合计用上级的数"] == f"甲局所属中心（合计用的是{said}）"
    assert "已含在上级" not in facts
    text = page(as_user, leader, f"/figures/{held.pk}/{newer.organ_id}/2021Q3/")
    assert f"不另加：合计用的是{said}" in text


def test_a_units_figure_that_is_partly_in_its_superiors_says_what_the_total_adds(
    leader, bureau, unit, campaign
) -> None:
    make.make_participation(campaign, unit)
    served = make.make_metric("服务", "人次", rhythm="quarter")
    make.make_observation(served, bureau, "1000", "2021Q1", coverage="below")
    make.make_observation(served, unit, "610", "2021Q1")
    make.make_observation(served, unit, "320", "2021Q2")
    assert shown(leader, served, "?period=2021")[0].total.words == "1320人次"
    said = "2期合计，合计只加其中320人次，其余已含在甲局的数里"
    assert notes(leader, served, "?period=2021")["甲局所属中心"] == said


def test_what_is_not_due_yet_is_not_called_unreported(
    as_user, leader, bureau, other_bureau, campaign
) -> None:
    half = make.make_metric("班子研究", "次", Nature.STOCK, rhythm="half")
    make.make_observation(half, bureau, "3", "2021H1")
    found = shown(leader, half, "?period=2021Q3")[0]
    assert found.total.note == "2家中0家已报，2021年上半年的数"
    facts = {fact.label: fact.words for fact in found.rests}
    assert (facts["本期不报"], facts["沿用旧数"]) == ("乙局", "甲局（本期不报，用以前的最新数）")
    rows = {row.figure.label: (row.figure.absent, row.figure.note) for row in found.organs}
    assert rows == {"甲局": ("", "截至2021年上半年"), "乙局": ("本期不报", "")}
    campaign.participations.filter(organ=other_bureau).update(first_day=date(2021, 7, 1))
    rows = {row.figure.label: row.figure.absent for row in shown(leader, half, "?period=2021H1")[0].organs}
    assert rows == {"甲局": ""}


def test_the_running_period_owes_nothing_before_it_is_over(as_user, leader, area, bureau) -> None:
    make.make_metric(rhythm="year")
    today = timezone.localdate()
    make.make_campaign(area, organs=[bureau], year=today.year)
    text = page(as_user, leader, f"/?period={today.year}")
    assert "1家中0家已报数值" in text
    assert ("未报：" in text, ">未报<" in text, ">未到期<" in text) == (False, False, True)


def test_who_left_within_the_year_owes_what_was_over_till_then(leader, bureau, campaign) -> None:
    monthly = make.make_metric("月报", rhythm="month")
    campaign.participations.filter(organ=bureau).update(last_day=date(2021, 7, 31))
    rows = {row.figure.label: row.figure.absent for row in shown(leader, monthly, "?period=2021")[0].organs}
    assert rows["甲局"] == "未报"


def test_a_target_of_a_running_year_is_not_unreported_before_the_year_is_over(
    as_user, leader, area, bureau
) -> None:
    today = timezone.localdate()
    running = make.make_campaign(area, organs=[bureau], year=today.year)
    yearly = make.make_metric("知晓率", "%", Nature.RATIO, rhythm="year", direction="up")
    make.make_target(yearly, bureau, running, value="90")
    assert "知晓率" not in page(as_user, leader, f"/targets/?period={today.year}")
    assert "有目标，" not in page(as_user, leader, f"/organs/{bureau.pk}/?period={today.year}")


def test_a_past_view_does_not_say_that_nothing_was_ever_told(as_user, leader, bureau, area, campaign) -> None:
    make.make_campaign(area, organs=[bureau], year=2020)
    monthly, once = make.make_metric("月报", rhythm="month"), make.make_metric("一次性的", rhythm="span")
    make.make_observation(monthly, bureau, "1", "2021-05")
    text = page(as_user, leader, f"/organs/{bureau.pk}/?period=2020Q3")
    assert "2020年9月未报" in text
    assert "还没有报过" not in text
    assert "2020年第三季度未报" not in text
    assert once.name in text
