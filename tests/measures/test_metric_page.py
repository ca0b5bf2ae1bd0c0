"""The page of a metric, held against a slow and plain recomputation, and what it says in words."""

import random
import re
from datetime import date
from decimal import Decimal

import pytest
from django.db import transaction
from django.test import RequestFactory
from django.utils import timezone
from hypothesis import given, settings
from hypothesis import strategies as st

from measures import rollups
from measures.filters import chosen
from measures.models import Nature, Participation
from measures.period import Period, PeriodKind
from measures.quantity import Quantity
from measures.totals import Coverage, OverOrgans, Presence
from measures.workflow import Step, advance
from organs.models import OrganSuccession, SuccessionKind
from tests import make
from tests.kept import asked_from_nothing
from tests.make import page
from tests.measures import plainly

pytestmark = pytest.mark.django_db

MONTHS = [month for year in range(2017, 2022) for month in Period.year(year).parts(PeriodKind.MONTH)]
RULES = {
    "flow": ("人", Nature.FLOW, {}),
    "stock": ("人", Nature.STOCK, {}),
    "ratio": ("%", Nature.RATIO, {"maximum": 100, "decimals": 2}),
    "rank": ("位", Nature.RANK, {}),
    "flow that adds up over time alone": ("人", Nature.FLOW, {"over_organs": OverOrgans.NONE.value}),
}
SAID = {
    "人": ("nil", "n/a", "0", "7", "12", "1200", "50余", "近100", "超过40", "30以上", "约60"),
    "%": ("n/a", "95以上", "80", "12.5/8/64", "60/6/10", "95/950/1000"),
    "位": ("n/a", "1", "3", "12"),
}


def figure(metric, organ, said, month, *, below=False):
    """A figure as said; nil, n/a, or 95/950/1000 with its numerator and denominator."""
    fields = {"coverage": Coverage.BELOW.value} if below else {}
    if said == "n/a":
        fields |= {"presence": Presence.NOT_APPLICABLE.value, "absence": "没有这项工作"}
        return make.draft_observation(metric, organ, None, month, **fields)
    if said == "nil":
        return make.draft_observation(metric, organ, None, month, presence=Presence.NIL.value, **fields)
    share, *fraction = said.split("/")
    if fraction:
        fields |= {"numerator": Decimal(fraction[0]), "denominator": Decimal(fraction[1])}
    return make.draft_observation(metric, organ, share, month, **fields)


def shown(user, metric, query=""):
    """The page's rows, and the view they are of."""
    request = RequestFactory().get(f"/{query}")
    request.user = user
    view, _ = chosen(request)
    return rollups.metric_page(view, metric), view


def assert_same(row, answer, unit):
    """A row of the page says what was reckoned plainly."""
    number = answer.number
    if number is None:
        assert not row.tip
        assert (row.standing_label == "不可汇总") == (answer.spread is not None)
        assert bool(row.absent) == (answer.spread is None)
        assert row.absent != "不适用" or not answer.applies
        return
    said = plainly.range_words(number, unit)
    assert said in f"{row.words}{row.tip}"
    assert said or not row.tip
    if number.words or number.low == number.high:
        assert row.words == plainly.words(number, unit)


def assert_page_is_right(leader, metric, query=""):
    """Total and series of the page equal the plain recomputation; returns how many periods were compared."""
    found, view = shown(leader, metric, query)
    said, unit = plainly.read(metric), metric.unit.symbol
    rules = {"over_time": metric.over_time, "over_organs": metric.over_organs}
    rules["expected"] = [organ.path for organ in view.expected]
    whole = plainly.total(said, start=view.period.start, end=view.period.end, **rules)
    if found.total.absent != "跨期未计":
        assert_same(found.total, whole, unit)
    assert found.rests[0].words == whole.rests
    told = [m for m in MONTHS if m.overlaps(view.period) and any(m.start == row.start for row in said)]
    between = [m for m in MONTHS if told and told[0].start <= m.start <= told[-1].start]
    rows = dict(zip(reversed(between), found.series.rows, strict=False))
    assert [month.label for month in rows] == [row.label for row in found.series.rows]
    assert len(rows) == min(len(between), 24)
    for month, row in rows.items():
        if month not in told:
            assert row.absent == "未报"
            continue
        taking_part = Participation.objects.during(month).values_list("organ__path", flat=True)
        answer = plainly.total(
            said, start=month.start, end=month.end, **rules | {"expected": sorted(set(taking_part))}
        )
        assert_same(row, answer, unit)
        assert row.note.startswith(answer.rests)
        assert (f"{len(answer.carried)}家沿用以前的数" in row.note) == bool(answer.carried)
    return len(rows)


FIGURES = st.lists(
    st.tuples(st.integers(0, 4), st.integers(0, 13), st.integers(0, 99), st.booleans(), st.booleans()),
    max_size=30,
    unique_by=lambda row: row[:2],
)


@settings(settings.get_profile("database"))
@given(rows=FIGURES, rule=st.sampled_from(sorted(RULES)))
def test_total_and_series_equal_a_plain_recomputation(tree, leader, rows, rule):
    unit, nature, fields = RULES[rule]
    with transaction.atomic():
        organs = [tree.area, tree.bureau, tree.unit, tree.other_bureau, tree.other_unit]
        metric = make.make_metric("随机", unit, nature, rhythm=PeriodKind.MONTH.value, **fields)
        make.store_many(
            figure(metric, organs[o], SAID[unit][n % len(SAID[unit])], MONTHS[40 + m], below=one and other)
            for o, m, n, one, other in [(0, 0, 2, False, False), *(row for row in rows if row[:2] != (0, 0))]
        )
        for query in ("", "?period=2021", "?period=2020Q4", "?period=2021-01"):
            assert_page_is_right(leader, metric, query)
        transaction.set_rollback(True)


@pytest.mark.parametrize("rule", ["flow", "stock", "ratio"])
def test_a_series_of_60_periods_and_30_organs_equals_a_plain_recomputation(leader, area, rule):
    chance, (unit, nature, fields) = random.Random(rule), RULES[rule]
    metric = make.make_metric("长序列", unit, nature, rhythm=PeriodKind.MONTH.value, **fields)
    organs = [make.make_organ(under=area) for _ in range(30)]
    for year in range(2017, 2022):
        make.make_campaign(area, organs=organs, year=year)
    exact = [said for said in SAID[unit] if "/" in said] if rule == "ratio" else SAID[unit]
    make.store_many(
        figure(metric, organ, chance.choice(exact), month)
        for organ in organs
        for month in MONTHS
        if chance.random() < 0.8
    )
    found, _ = shown(leader, metric)
    assert assert_page_is_right(leader, metric) == 24
    assert [year.label for year in found.series.older] == [
        "2019年（12期）",
        "2018年（12期）",
        "2017年（12期）",
    ]
    assert sum(assert_page_is_right(leader, metric, f"?period={year}") for year in range(2017, 2022)) == 60
    assert found.series.older[0].url == f"/metrics/{metric.pk}/?period=2019"


def queries(as_user, user, address):
    return asked_from_nothing(as_user(user), address)


@pytest.mark.parametrize("address", ["/metrics/{metric}/", "/metrics/{metric}/organs/{organ}/"])
def test_the_page_costs_the_same_for_3_and_30_organs(as_user, leader, area, campaign, address):
    whole = make.make_metric("总数", "人", rhythm=PeriodKind.MONTH.value)
    part = make.make_metric("其中一项", "人", part_of=whole, rhythm=PeriodKind.MONTH.value)
    organs = [make.make_organ(under=area) for _ in range(30)]
    for organ in organs:
        make.make_participation(campaign, organ)

    def fill(some):
        for organ in some:
            make.make_target(whole, organ, campaign, value="500", baseline="10")
        make.store_many(
            figure(metric, organ, "50余", month)
            for metric in (whole, part)
            for organ in some
            for month in MONTHS
        )

    fill(organs[:3])
    address = address.format(metric=whole.pk, organ=organs[0].pk)
    few = queries(as_user, leader, address)
    fill(organs[3:])
    assert queries(as_user, leader, address) == few <= 15


def test_the_range_of_an_uncertain_total_can_be_read_without_a_mouse(as_user, leader, bureau, other_bureau):
    metric = make.make_metric("培训人数", "人")
    make.make_observation(metric, bureau, "50余")
    make.make_observation(metric, other_bureau, "23")
    text = page(as_user, leader, f"/metrics/{metric.pk}/")
    assert "可能是74至82人：1家报的不是确切的数" in text
    assert "可汇总：各单位的数直接相加。" in text
    assert "<small>可能是51至59人</small>" in text
    assert 'class="tip"' not in text


def test_why_there_is_no_total_is_said_in_a_sentence(as_user, leader, bureau, other_bureau):
    share = make.make_metric("达标率", "%", Nature.RATIO, decimals=2)
    rank = make.make_metric("考核位次", "位", Nature.RANK)
    for metric in (share, rank):
        make.make_observation(metric, bureau, "3")
        make.make_observation(metric, other_bureau, "5")
    assert "有的数值没有分子和分母，百分比不能直接相加或平均；只列最低和最高。" in page(
        as_user, leader, f"/metrics/{share.pk}/"
    )
    assert "各单位的数值不能相加，也不能平均；只列最前和最后。" in page(
        as_user, leader, f"/metrics/{rank.pk}/"
    )


def test_who_is_missing_is_named(as_user, leader, bureau, other_bureau, unit, campaign):
    metric = make.make_metric("在册人数", "人", Nature.STOCK)
    make.make_participation(campaign, unit)
    make.make_observation(metric, other_bureau, "9", "2020")
    make.make_observation(metric, bureau, None, presence=Presence.NOT_APPLICABLE.value, absence="没有窗口")
    found, _ = shown(leader, metric, "?period=2021")
    assert {fact.label: fact.words for fact in found.rests[2:]} == {
        "未报": "甲局所属中心",
        "沿用旧数": "乙局（本期还没报，用以前的最新数，不算已报）",
        "不适用": "甲局（不计入）",
    }
    rows = {row.figure.label: row.figure for row in found.organs}
    assert rows["乙局"].note == "截至2020年，本期未报"
    assert (rows["甲局"].absent, rows["甲局"].note) == ("不适用", "没有窗口")
    assert rows["甲局所属中心"].absent == "未报"


def around(leader, metric):
    return shown(leader, metric)[0].around


def test_parts_that_make_up_the_whole_have_shares_that_add_up_to_100(leader, bureau, other_bureau):
    whole = make.make_metric("党员", "人")
    parts = [make.make_metric(name, "人", part_of=whole) for name in ("机关", "企业", "农村")]
    for organ in (bureau, other_bureau):
        make.make_observation(whole, organ, "300")
        for part in parts:
            make.make_observation(part, organ, "100")
    found = around(leader, whole)
    assert [part.share for part in found.parts] == ["33.4%", "33.3%", "33.3%"]
    assert found.parts_note == "各项不重叠，占比相加是100%。"
    assert around(leader, parts[0]).whole.share == "占33.3%"


def test_what_is_in_no_part_has_a_row_of_its_own(leader, bureau):
    whole = make.make_metric("党员", "人")
    make.make_observation(whole, bureau, "300")
    make.make_observation(make.make_metric("机关", "人", part_of=whole), bureau, "100")
    found = around(leader, whole)
    assert [(p.figure.label, p.figure.words, p.share) for p in found.parts] == [
        ("机关", "100人", "33.3%"),
        ("其余", "200人", "66.7%"),
    ]


@pytest.mark.parametrize(
    ("said", "fields", "shares", "note"),
    [
        (("100", "50余"), {}, ["33.3%", ""], "不是确切的数"),
        (("100", "250"), {"parts_overlap": True}, ["33.3%", "83.3%"], "各项有重叠，相加不等于总数。"),
        (("100", "250"), {}, ["", ""], "各项相加超过了总数"),
        (("100", "301"), {}, ["33.3%", ""], "有的其中项大于总数"),
    ],
)
def test_shares_stand_only_where_they_are_exact(leader, bureau, said, fields, shares, note):
    whole = make.make_metric("党员", "人")
    make.make_observation(whole, bureau, "300")
    for number, words in enumerate(said):
        part = make.make_metric(f"第{number}项", "人", part_of=whole, **fields)
        make.make_observation(part, bureau, words)
    found = around(leader, whole)
    assert [part.share for part in found.parts] == shares
    assert found.parts_note.startswith(note)


def test_a_part_that_fewer_have_reported_has_no_share(leader, bureau, other_bureau):
    whole = make.make_metric("党员", "人")
    part = make.make_metric("机关", "人", part_of=whole)
    make.make_observation(whole, bureau, "100")
    make.make_observation(whole, other_bureau, "100")
    make.make_observation(part, bureau, "50")
    assert [row.share for row in around(leader, whole).parts] == [""]
    assert around(leader, part).whole.share == ""


def test_households_and_persons_show_each_other(leader, bureau, other_bureau):
    persons = make.make_metric("签约人数", "人")
    households = make.make_metric("签约户数", "户", pair=persons)
    make.make_observation(households, bureau, "19425")
    make.make_observation(persons, bureau, "65564")
    for metric, words in ((households, "65564人"), (persons, "19425户")):
        found = around(leader, metric)
        assert (found.pair.words, found.pair_note, found.pair_question) == (words, "平均每户3.38人。", "")
    make.make_observation(persons, other_bureau, "5")
    assert around(leader, persons).pair_note.startswith("两个数不是同一批单位")


def test_households_and_persons_that_do_not_fit_are_asked_about(as_user, leader, bureau):
    persons = make.make_metric("签约人数", "人")
    households = make.make_metric("签约户数", "户", pair=persons)
    make.make_observation(households, bureau, "8")
    make.make_observation(persons, bureau, "270")
    assert "平均每户33.75人，请核对" in page(as_user, leader, f"/metrics/{persons.pk}/")


def test_every_revision_of_the_target_breaks_the_series_but_not_what_was_retracted(
    as_user, leader, clerk, reviewer, second_reviewer, bureau, area, campaign
):
    today = timezone.localdate()
    make.make_campaign(area, organs=[bureau], year=today.year)
    metric = make.make_metric("等候时间", "个", Nature.STOCK, rhythm=PeriodKind.MONTH.value)
    month = Period.of(PeriodKind.MONTH, today)
    for period, said in ((month.previous(), "30"), (month, "25")):
        make.make_observation(metric, bureau, said, period)
    row = make.make_target(metric, bureau, campaign, value="20")
    for value, reason in (("15", "上级调整口径"), ("12", "年中加码"), ("10", "弄错了")):
        row = make.corrected(row, by=clerk, reason=reason, value=Quantity.parse(value, metric.unit.spec))
        make.approve(row, by=clerk, reviewer=reviewer)
        row.refresh_from_db()
    address = f"/metrics/{metric.pk}/organs/{bureau.pk}/"
    text = page(as_user, leader, address)
    for words in ("目标由20个改为15个：上级调整口径", "目标由15个改为12个：年中加码", "弄错了", "⟂2 "):
        assert words in text
    advance(row, Step.RETRACT, by=reviewer, note="弄错了，撤销")
    make.make_target(metric, bureau, campaign, value="11")
    text = page(as_user, leader, address)
    assert "年中加码" in text
    assert "弄错了" not in text
    assert "目标11个" in text


def test_a_part_of_a_flow_is_not_held_against_the_target_of_the_whole(as_user, leader, bureau, campaign):
    metric = make.make_metric("宣讲", "场", rhythm=PeriodKind.MONTH.value)
    make.make_target(metric, bureau, campaign, value="120")
    for month in MONTHS[-3:]:
        make.make_observation(metric, bureau, "10", month)
    text = page(as_user, leader, f"/metrics/{metric.pk}/organs/{bureau.pk}/")
    assert "目标120场是整个活动期的，不与单期的数比较" in text
    assert text.count("未达标") == 1  # of all together


def test_a_stock_that_was_handed_over_stays_in_the_months_before(leader, bureau, other_bureau):
    metric = make.make_metric("在册人数", "人", Nature.STOCK, rhythm=PeriodKind.MONTH.value)
    before, after = MONTHS[-3:-1]
    make.make_observation(metric, bureau, "100", before)
    make.make_observation(metric, other_bureau, "50", before)
    other_bureau.active_to = after.start
    other_bureau.save()
    OrganSuccession.objects.create(
        predecessor=other_bureau, successor=bureau, day=after.start, kind=SuccessionKind.MERGED
    )
    make.make_observation(metric, bureau, "150", after)
    found, _ = shown(leader, metric, "?period=2021")
    assert [row.words for row in found.series.rows] == ["150人", "150人"]
    assert found.total.words == "150人"
    assert found.total.note == "1家中1家已报", "who handed its stock over is not missing"


def test_an_organ_is_not_missing_before_it_was_founded(leader, bureau, other_bureau):
    metric = make.make_metric("宣讲", "场", rhythm=PeriodKind.MONTH.value)
    other_bureau.active_from = date(2021, 12, 1)
    other_bureau.save()
    for month in MONTHS[-2:]:
        make.make_observation(metric, bureau, "1", month)
    found, _ = shown(leader, metric)
    assert [row.note for row in found.series.rows] == ["2家中1家已报", "1家中1家已报"]


def test_a_long_draft_of_nothing_shows_a_page(as_user, leader, bureau):
    metric = make.make_metric("还没有人报" * 12, "人", rhythm=PeriodKind.MONTH.value)
    make.make_observation(metric, bureau, "5", MONTHS[0], approved=False)
    text = page(as_user, leader, f"/metrics/{metric.pk}/")
    assert "2家中0家已报" in text
    assert 'id="series"' not in text
    rows = [row.figure.absent for row in shown(leader, metric)[0].organs]
    assert rows == ["未报", "未报"]


def test_units_below_whose_figures_are_in_the_total_stand_under_it(as_user, leader, bureau, unit, campaign):
    make.make_participation(campaign, unit)
    metric = make.make_metric("服务群众", "人次", owner=bureau)
    make.make_observation(metric, unit, "360")
    html = page(as_user, leader, f"/metrics/{metric.pk}/organs/{bureau.pk}/?period=2021")
    table = html.partition('id="organs"')[2].partition("</table>")[0]
    assert f"/metrics/{metric.pk}/organs/{unit.pk}/" in table
    assert "360人次" in table
    assert "本单位和下属单位" in html
    overview = page(as_user, leader, f"/?organ={bureau.pk}&period=2021")
    assert re.findall(r"甲局，\d家中\d家已报", overview) == ["甲局，2家中1家已报"]
