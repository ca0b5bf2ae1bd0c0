"""What a person is told before the database has to refuse: figures held against their metric, days against today."""

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.utils import timezone

from measures import ledger, workflow
from measures.models import (
    Metric,
    Nature,
    Observation,
    Participation,
    Pillar,
    ReviewState,
    ReviewStep,
    Unit,
    questions,
)
from measures.period import Period, PeriodKind
from measures.quantity import Quantity
from organs.models import Organ, User
from tests import make
from tests.conftest import Tree

pytestmark = pytest.mark.django_db


def told(row: Any) -> str:
    """The first sentence that the row's own check says; empty if it is content."""
    try:
        row.clean()
    except ValidationError as error:
        return error.messages[0]
    return ""


def observed(
    metric: Metric, organ: Organ, amount: str | int, period: Period = make.YEAR, **fields: Any
) -> Observation:
    """An observation with an exact amount in the base unit, whatever the metric says of it."""
    row = Observation(metric=metric, organ=organ, **fields)
    row.period = period
    row.quantity = Quantity.exact(Decimal(amount), metric.unit.spec.stored_as)
    return row


def test_a_period_in_the_future_has_no_figure_yet(bureau: Organ) -> None:
    today = timezone.localdate()
    metric = make.make_metric(rhythm="month")
    this_month = Period.month(today.year, today.month)
    assert told(observed(metric, bureau, 1, period=this_month)) == ""
    assert "期间在将来" in told(observed(metric, bureau, 1, period=this_month.next()))


@pytest.mark.parametrize(
    ("rhythm", "key", "fits"),
    [
        ("month", "2021-03", True),
        ("month", "2021", False),
        ("year", "2021", True),
        ("year", "2021Q1", False),
        ("span", "2021", True),
        ("span", "20210101-20210503", True),
    ],
)
def test_a_figure_keeps_to_the_rhythm_of_its_metric(rhythm: str, key: str, fits: bool, bureau: Organ) -> None:
    row = observed(make.make_metric(rhythm=rhythm), bureau, 1, period=Period.from_key(key))
    assert (told(row) == "") is fits


def test_a_figure_in_another_unit_is_refused(bureau: Organ) -> None:
    row = observed(make.make_metric(unit="户"), bureau, 1)
    row.quantity = Quantity.exact(1, "人")
    assert "的单位是户，不是人" in told(row)


@pytest.mark.parametrize(
    ("unit", "amount", "sentence"),
    [
        ("%", "100", ""),
        ("%", "100.1", "不会大于100%"),
        ("%", "0", ""),
        ("%", "-0.1", "不会小于0%"),
        ("万元", "1000000", ""),
        ("万元", "1000001", "不会大于100万元"),
    ],
)
def test_natural_bounds_hold_in_the_unit_of_the_metric(
    unit: str, amount: str, sentence: str, bureau: Organ
) -> None:
    said = told(observed(make.make_metric(unit=unit, maximum=100), bureau, amount))
    assert said.endswith(f"{sentence}。") if sentence else said == ""


def test_a_completion_rate_may_pass_a_hundred(bureau: Organ) -> None:
    assert told(observed(make.make_metric(unit="%"), bureau, "104")) == ""


@pytest.mark.parametrize(
    ("amount", "numerator", "denominator", "sentence"),
    [
        ("95", 950, 1000, ""),
        ("95", None, None, "请填分子和分母"),
        ("77.5", 950, 1000, "分子÷分母是95.0%"),
        ("66.7", 2, 3, ""),
    ],
)
def test_a_share_agrees_with_its_numerator_and_denominator(
    amount: str, numerator: int | None, denominator: int | None, sentence: str, bureau: Organ
) -> None:
    metric = make.make_metric(unit="%", nature="ratio", decimals=1, needs_denominator=True)
    row = observed(metric, bureau, amount, numerator=numerator, denominator=denominator)
    assert sentence in told(row) if sentence else told(row) == ""


def test_nothing_of_a_share_is_told_with_its_denominator(bureau: Organ) -> None:
    metric = make.make_metric(unit="%", nature="ratio", needs_denominator=True)
    nil = make.draft_observation(metric, bureau, presence="nil")
    assert "分子填0，分母照实填" in told(nil)
    assert told(observed(metric, bureau, "0", numerator=0, denominator=50)) == ""
    for other in (make.make_metric(unit="%", nature="ratio"), make.make_metric()):
        assert told(make.draft_observation(other, bureau, presence="nil")) == ""


def test_a_nil_from_before_its_denominator_was_asked_for_is_corrected(bureau: Organ, clerk: User) -> None:
    metric = make.make_metric(unit="%", nature="ratio")
    nil = make.make_observation(metric, bureau, presence="nil")
    type(metric).objects.filter(pk=metric.pk).update(needs_denominator=True)
    draft = ledger.correct(nil.__class__.objects.get(pk=nil.pk), by=clerk, reason="补分母")
    assert (draft.presence, draft.version) == ("nil", 2)


@pytest.mark.parametrize(
    ("amount", "numerator", "denominator", "fits"),
    [("25.6", 256, 1000, True), ("26", 256, 1000, True), ("33.333", 1, 3, True), ("25.5", 256, 1000, False)],
)
def test_a_share_may_be_typed_with_more_places_than_the_metric_shows(
    amount: str, numerator: int, denominator: int, fits: bool, bureau: Organ
) -> None:
    row = observed(make.make_metric(unit="%", nature="ratio", decimals=0), bureau, amount)
    row.numerator, row.denominator = Decimal(numerator), Decimal(denominator)
    assert (told(row) == "") is fits


def test_a_metric_of_ones_own_is_for_the_organ_and_those_below_it(tree: Tree) -> None:
    for owner, refused in (
        (None, False),
        (tree.bureau, False),
        (tree.area, False),
        (tree.other_bureau, True),
    ):
        metric = make.make_metric(owner=owner)
        for organ in (tree.bureau, tree.unit):
            rows = (observed(metric, organ, 1), make.draft_target(metric, organ, tree.campaign, "1"))
            assert ["是乙局的指标" in told(row) for row in rows] == [refused] * 2
    assert "不能填报" in told(observed(make.make_metric(owner=tree.unit), tree.bureau, 1))


def test_pairs_have_one_head(tree: Tree) -> None:
    people = make.make_metric(unit="人")
    homes = make.make_metric(unit="户", pair=people)
    assert told(homes) == told(people) == ""
    people.pair = homes
    assert "互相配对" in told(people)
    people.pair = people
    assert "和自己配对" in told(people)


def test_counts_are_not_pooled() -> None:
    counted = make.make_metric(unit="户")
    counted.over_organs = "pooled"
    assert "请选“各单位相加”或“各单位不合并”" in told(counted)
    counted.over_organs = "sum"
    assert told(counted) == told(make.make_metric(unit="%", nature="ratio")) == ""


def test_who_was_let_pool_counts_before_may_still_change_the_rest() -> None:
    stored = make.make_metric(unit="户", over_organs="pooled")
    stored.needs_evidence = True
    assert told(stored) == ""


@pytest.mark.parametrize(
    ("fields", "refused"),
    [
        ({"nature": "ratio"}, False),
        ({"nature": "flow"}, True),
        ({"nature": "stock"}, True),
        ({"nature": "stock", "over_organs": "none"}, False),
    ],
)
def test_percentages_do_not_add(fields: dict[str, str], refused: bool) -> None:
    said = told(Metric(name="率", unit=make.make_unit("%"), **fields))
    assert ("百分比不能相加" in said) is refused


def test_who_leaves_before_they_join_is_told_so(tree: Tree) -> None:
    row = Participation(campaign=tree.campaign, organ=tree.unit)
    row.first_day, row.last_day = date(2021, 5, 1), date(2021, 4, 1)
    with pytest.raises(ValidationError) as caught:
        row.full_clean()
    assert caught.value.message_dict == {"last_day": ["截止日不能早于起始日。"]}
    row.last_day = row.first_day
    row.full_clean()


def test_figures_and_honours_stand_under_headings_of_their_own_organ(tree: Tree) -> None:
    theirs = make.make_pillar(tree.other_bureau, tree.campaign)
    for row in (observed(make.make_metric(), tree.bureau, 1), make.draft_honour(tree.bureau)):
        row.pillar = theirs
        assert "不是本单位的" in told(row)
        row.pillar = make.make_pillar(tree.bureau, tree.campaign)
        assert told(row) == ""


def test_days_of_what_has_happened_are_not_in_the_future(tree: Tree) -> None:
    today, tomorrow = timezone.localdate(), timezone.localdate() + timedelta(days=1)
    line = make.make_action(make.make_pillar(tree.bureau, tree.campaign))
    assert told(make.draft_activity(line, today)) == ""
    assert "不能在将来" in told(make.draft_activity(line, tomorrow))
    line.closed_on = tomorrow
    assert "完成日期不能在将来" in told(line)
    assert "不能在将来" in told(make.draft_honour(tree.bureau, day=tomorrow, year=tomorrow.year))
    for year in (1948, today.year + 1):
        assert "年度要在1949到" in told(make.draft_honour(tree.bureau, year=year))


def test_a_plan_may_lie_in_the_future(tree: Tree) -> None:
    ahead = timezone.localdate() + timedelta(days=90)
    assert told(make.draft_action(make.make_pillar(tree.bureau, tree.campaign), due_day=ahead)) == ""


@pytest.mark.parametrize(
    ("nature", "over_time", "over_organs"),
    [
        ("flow", "sum", "sum"),
        ("stock", "latest", "sum"),
        ("cumulative", "latest", "sum"),
        ("ratio", "latest", "pooled"),
        ("rank", "none", "none"),
    ],
)
def test_the_nature_of_a_metric_presets_how_it_adds_up(nature: str, over_time: str, over_organs: str) -> None:
    metric = make.make_metric(nature=nature)
    assert (metric.over_time, metric.over_organs) == (over_time, over_organs)


def test_a_rule_that_was_chosen_is_not_overwritten_by_the_nature() -> None:
    assert make.make_metric(nature="flow", over_organs="none").over_organs == "none"


def test_a_unit_tells_the_pure_modules_what_it_is_stored_as() -> None:
    spec = make.make_unit("万元").spec
    assert (spec.symbol, spec.stored_as, spec.scale, spec.whole) == ("万元", "元", Decimal(10_000), False)
    assert make.make_unit("人").spec.stored_as == "人"
    assert make.make_unit("人").spec.dimension != make.make_unit("人次").spec.dimension


def test_rows_name_themselves_as_people_speak_of_them(tree: Tree) -> None:
    metric = make.make_metric("组建委员会", "个", theme=make.make_theme())
    pillar = make.make_pillar(tree.bureau, tree.campaign, "着力政治建设抓创建")
    line = make.make_action(pillar, "全覆盖")
    assert str(metric) == "组建委员会（个）"
    assert str(make.make_observation(metric, tree.bureau)) == "甲局·组建委员会·2021年"
    assert str(make.make_target(metric, tree.bureau, tree.campaign, "9")) == "甲局·组建委员会的目标"
    assert [str(row) for row in (pillar, line, line.kind, metric.theme)] == [
        "着力政治建设抓创建",
        "全覆盖",
        "学习教育",
        "政治建设",
    ]
    assert str(make.make_activity(line, date(2021, 3, 5), "义诊")) == "义诊（2021-03-05）"
    assert str(tree.campaign.participations.first()) == f"甲局·{tree.campaign}"
    make.make_honour(tree.bureau, "先进")
    assert [str(step) for step in ReviewStep.objects.all()][-2:] == ["录入人 报审", "审核人 审核通过"]


def test_a_falling_cumulative_figure_asks_for_a_reason(bureau: Organ, clerk: User) -> None:
    metric = make.make_metric("累计建成", "个", Nature.CUMULATIVE, rhythm=PeriodKind.QUARTER.value)
    make.make_observation(metric, bureau, "15", "2021Q1")
    row = make.enter(make.draft_observation(metric, bureau, "10", "2021Q2"), by=clerk)
    with pytest.raises(ValidationError) as asked:
        workflow.advance(row, workflow.Step.SUBMIT, by=clerk)
    assert "累计数比2021年第一季度的15个还少" in asked.value.message_dict["remark"][0]
    row.remark = "上季度多算了"
    ledger.change(row, by=clerk)
    workflow.advance(row, workflow.Step.SUBMIT, by=clerk)
    assert row.state == ReviewState.SUBMITTED


def test_cumulative_figures_typed_together_are_held_against_each_other(bureau: Organ, clerk: User) -> None:
    metric = make.make_metric("累计建成", "个", Nature.CUMULATIVE, rhythm=PeriodKind.QUARTER.value)
    first, second = (
        make.enter(make.draft_observation(metric, bureau, *said), by=clerk)
        for said in (("15", "2021Q1"), ("10", "2021Q2"))
    )
    assert questions(first) == ["累计数比后面2021年第二季度的10个还多"]
    assert questions(second) == ["累计数比2021年第一季度的15个还少"]
    second.remark = "拆并两个村"
    ledger.change(second, by=clerk)
    assert questions(first) == []


def test_a_correction_above_the_figure_that_follows_asks_for_a_reason(bureau: Organ, clerk: User) -> None:
    metric = make.make_metric("累计建成", "个", Nature.CUMULATIVE, rhythm=PeriodKind.QUARTER.value)
    first = make.make_observation(metric, bureau, "10", "2021Q1")
    make.make_observation(metric, bureau, "15", "2021Q2")
    row = make.corrected(first, by=clerk, quantity=Quantity.parse("16", metric.unit.spec))
    with pytest.raises(ValidationError) as asked:
        workflow.advance(row, workflow.Step.SUBMIT, by=clerk)
    assert "累计数比后面2021年第二季度的15个还多" in asked.value.message_dict["remark"][0]


@pytest.mark.parametrize("names", ["户", "人"])
@pytest.mark.parametrize(
    ("households", "persons", "asks"), [("19425", "65564", False), ("100", "3375", True)]
)
def test_households_and_persons_that_do_not_fit_are_asked_about_whichever_names_the_other(
    bureau: Organ, clerk: User, households: str, persons: str, asks: bool, names: str
) -> None:
    metrics = {unit: make.make_metric(f"签约{unit}数", unit) for unit in ("户", "人")}
    holder, other = (metrics[unit] for unit in (names, "人" if names == "户" else "户"))
    holder.pair = other
    holder.save()
    make.make_observation(metrics["人"], bureau, persons)
    row = make.enter(make.draft_observation(metrics["户"], bureau, households), by=clerk)
    assert bool(questions(row)) is asks


def test_a_part_is_never_the_whole_of_its_whole(steward: User) -> None:
    whole = make.make_metric("总数")
    part = make.make_metric("其中", part_of=whole)
    least = make.make_metric("其中的其中", part_of=part)
    whole.part_of = least
    with pytest.raises(ValidationError, match="不能互为其中项"):
        ledger.change(whole, by=steward)


@pytest.mark.parametrize(
    ("dimension", "base", "said"), [("人数", "元", "量纲是“金额”"), ("金额", "万元", "请选“元”")]
)
def test_a_unit_is_converted_in_one_step_within_its_dimension(
    steward: User, dimension: str, base: str, said: str
) -> None:
    unit = Unit(symbol="怪", dimension=dimension, scale=10, base=make.make_unit(base))
    with pytest.raises(ValidationError) as refused:
        ledger.create(unit, by=steward)
    assert said in refused.value.message_dict["base"][0]


def test_a_base_of_others_is_not_converted_itself(steward: User) -> None:
    yuan, other = make.make_unit("万元").base, Unit(symbol="角", dimension="金额")
    ledger.create(other, by=steward)
    assert yuan is not None
    yuan.base, yuan.scale = other, 10
    with pytest.raises(ValidationError, match="别的单位折合成它"):
        ledger.change(yuan, by=steward)


def test_days_that_cannot_be_are_told(pillar: Pillar, bureau: Organ) -> None:
    tomorrow = timezone.localdate() + timedelta(days=1)
    activity = make.make_activity(make.make_action(pillar))
    activity.day = date(1800, 1, 1)
    honour = make.make_honour(bureau, year=2021, day=date(2021, 5, 1))
    honour.valid_until = date(2020, 1, 1)
    proof = make.make_evidence(bureau)
    proof.day = tomorrow
    for row, field in ((activity, "day"), (honour, "valid_until"), (proof, "day")):
        with pytest.raises(ValidationError) as refused:
            row.clean()
        assert list(refused.value.message_dict) == [field]
