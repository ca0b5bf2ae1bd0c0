"""A quantity and a period come back from the database as they went in, and only whole."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from django.db.backends.postgresql.psycopg_any import DateRange, NumericRange
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from measures.models import Observation, Target
from measures.period import Period, PeriodKind
from measures.quantity import Qualifier, Quantity, QuantityError
from organs.models import Organ
from tests import make
from tests.conftest import Tree

pytestmark = pytest.mark.django_db
QUICK = settings.get_profile("database")


@pytest.fixture
def observation(bureau: Organ) -> Observation:
    return make.make_observation(make.make_metric(), bureau, "50余")


def kept(row: Observation, quantity: Quantity) -> Quantity | None:
    """What the database gives back for the quantity."""
    row.quantity = quantity
    row.save()
    return Observation.objects.get(pk=row.pk).quantity


@pytest.mark.parametrize("symbol", ["个", "人次", "%", "元", "万元"])
@pytest.mark.parametrize(
    "said",
    ["0", "56", "50余", "超40", "95以上", "不少于3", "80以内", "不足80", "近100", "约100", "十多", "3至5"],
)
def test_what_a_clerk_types_comes_back_as_it_was_typed(symbol: str, said: str, bureau: Organ) -> None:
    metric = make.make_metric(unit=symbol)
    row = make.make_observation(metric, bureau, said)
    assert (
        Observation.objects.get(pk=row.pk).quantity
        == row.quantity
        == Quantity.parse(said, metric.unit.spec, minimum=Decimal(0))
    )


@QUICK
@given(
    amount=st.decimals(0, 10**9, places=2),
    form=st.sampled_from(["{}", "{}余", "超过{}", "{}以上", "{}以内", "不足{}", "近{}", "约{}"]),
)
def test_any_quantity_as_said_comes_back(observation: Observation, amount: Decimal, form: str) -> None:
    try:
        quantity = Quantity.parse(form.format(amount), make.make_unit("元").spec)
    except QuantityError:
        assume(False)
    assert kept(observation, quantity) == quantity


@QUICK
@given(
    amounts=st.lists(st.integers(1, 10**8), min_size=2, max_size=4),
    form=st.sampled_from(["{}", "{}余", "{}以上"]),
)
def test_any_sum_of_quantities_comes_back(observation: Observation, amounts: list[int], form: str) -> None:
    spec = make.make_unit("人次").spec
    total = sum(
        (Quantity.parse(form.format(a), spec) for a in amounts[1:]), Quantity.exact(amounts[0], "人次")
    )
    assert kept(observation, total) == total


def test_no_quantity_comes_back_as_none(observation: Observation) -> None:
    observation.quantity, observation.presence, observation.absence = None, "not_applicable", "没有"
    observation.save()
    assert Observation.objects.get(pk=observation.pk).quantity is None


def test_trailing_zeros_of_the_column_do_not_show(observation: Observation) -> None:
    stored = kept(observation, Quantity.exact(Decimal("38.90"), "%"))
    assert stored is not None
    assert str(stored) == "38.9%"
    assert str(stored.amount) == "38.9"


def test_a_target_keeps_its_two_quantities_apart(tree: Tree) -> None:
    metric = make.make_metric(unit="%")
    row = make.make_target(metric, tree.bureau, tree.campaign, "25.6以内", "38.9")
    stored = Target.objects.get(pk=row.pk)
    assert (str(stored.value), str(stored.baseline)) == ("25.6%以内", "38.9%")
    assert (stored.value.qualifier, stored.baseline.qualifier) == (Qualifier.AT_MOST, Qualifier.EXACT)


@pytest.mark.parametrize("key", ["2021", "2021H1", "2021Q4", "2021-12", "20210101-20210503"])
def test_a_period_comes_back(observation: Observation, key: str) -> None:
    observation.period = Period.from_key(key)
    observation.save()
    assert Observation.objects.get(pk=observation.pk).period == Period.from_key(key)


@QUICK
@given(
    kind=st.sampled_from(PeriodKind),
    day=st.dates(date(1949, 1, 1), date(2199, 12, 31)),
    words=st.sampled_from(["", "自创建以来"]),
)
def test_any_period_comes_back(observation: Observation, kind: PeriodKind, day: date, words: str) -> None:
    period = Period.of(kind, day)
    observation.period = Period(period.kind, period.start, period.end, words)
    observation.save()
    assert Observation.objects.get(pk=observation.pk).period == observation.period
    assert observation.period.words == words


def test_columns_are_read_from_the_class_as_themselves() -> None:
    assert Observation.quantity.label == "数值"
    assert Observation.period.label == "期间"
    assert Observation().quantity is None
    assert Observation().period is None


@pytest.mark.parametrize(
    "columns",
    [
        {"quantity_unit": "", "absence": "", "presence": "value"},
        {"quantity_amount": None},
        {"quantity_amount": None, "quantity_range": None},
        {"quantity_amount": None, "quantity_range": None, "quantity_qualifier": "", "quantity_unit": ""},
    ],
)
def test_half_a_quantity_is_refused(observation: Observation, columns: dict[str, Any]) -> None:
    known = {"presence": "not_applicable", "absence": "没有这项工作"}
    for name, value in {**known, **columns}.items():
        setattr(observation, name, value)
    assert make.refused(observation) == "observation_quantity_whole_or_absent"


@pytest.mark.parametrize(
    ("qualifier", "amount", "span"),
    [
        ("exact", 50, NumericRange(50, 51, "[]")),
        ("exact", 50, NumericRange(50, None, "[)")),
        ("exact", 50, NumericRange(51, 51, "[]")),
        ("more", 50, NumericRange(49, 59, "[]")),
        ("over", 50, NumericRange(40, None, "[)")),
        ("at_least", 50, NumericRange(51, None, "[)")),
        ("at_most", 50, NumericRange(0, 51, "[]")),
        ("near", 50, NumericRange(45, 51, "[]")),
        ("below", 50, NumericRange(0, None, "[)")),
        ("approx", 50, NumericRange(51, 55, "[]")),
        ("approx", 50, NumericRange(45, 49, "[]")),
        ("more", 50, NumericRange(None, 59, "(]")),
        ("more", 50, NumericRange(51, 51, "()")),
        ("exact", 50, None),
        ("", 50, NumericRange(50, 50, "[]")),
        ("nonsense", 50, NumericRange(50, 50, "[]")),
    ],
)
def test_a_range_that_contradicts_its_amount_is_refused(
    observation: Observation, qualifier: str, amount: int, span: NumericRange
) -> None:
    observation.quantity_amount, observation.quantity_range = Decimal(amount), span
    observation.quantity_qualifier = qualifier
    wanted = "observation_quantity_" + ("range_holds" if span else "whole_or_absent")
    assert make.refused(observation) == wanted


@pytest.mark.parametrize("name", ["baseline", "value"])
def test_a_target_holds_whole_quantities(name: str, tree: Tree) -> None:
    row = make.draft_target(make.make_metric(), tree.bureau, tree.campaign, "100", "50")
    make.store(row)
    setattr(row, f"{name}_unit", "")
    assert make.refused(row) == f"target_{name}_whole_or_absent"
    setattr(row, f"{name}_unit", "个")
    setattr(row, f"{name}_range", NumericRange(1, 2, "[]"))
    assert make.refused(row) == f"target_{name}_range_holds"


@pytest.mark.parametrize(
    "days",
    [
        DateRange(date(2021, 1, 1), date(2021, 1, 1), "[)"),
        DateRange(None, date(2021, 1, 1), "()"),
        DateRange(date(2021, 1, 1), None, "[)"),
    ],
)
def test_a_period_without_first_or_last_day_is_refused(observation: Observation, days: DateRange) -> None:
    observation.period_days = days
    assert make.refused(observation) == "observation_period_not_empty"
