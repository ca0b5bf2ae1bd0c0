"""Properties of the arithmetic of quantities, tried with many made-up figures."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from measures.numerals import MOST_DIGITS, NumeralError, read_number
from measures.quantity import Quantity, QuantityError, UnitSpec

PERSONS = UnitSpec("人")
YUAN = UnitSpec("元", whole=False)
SHAPES = [
    "{}", "{}余", "{}多", "超过{}", "突破{}", "{}以上", "不少于{}", "{}以内", "不超过{}", "不足{}", "近{}", "约{}", "{}左右",
    "共{}", "累计超过{}", "至多{}",
]  # fmt: skip
WHOLE = (
    st.integers(1, 10**9).map(str)
    | st.integers(1, 999).map(lambda n: f"{n}00")
    | st.integers(1, 99).map(lambda n: f"{n}万")
)
MONEY = st.decimals(Decimal("0.01"), Decimal(10**9), places=2).map(str) | WHOLE


def said(numbers, unit):
    return st.builds(
        lambda shape, number: Quantity.parse(shape.format(number), unit), st.sampled_from(SHAPES), numbers
    )


PEOPLE = said(WHOLE, PERSONS) | st.just(Quantity.parse("0", PERSONS)) | st.just(Quantity.zero("人"))
AMOUNTS = said(MONEY, YUAN)
ANY = st.tuples(PEOPLE, PEOPLE, PEOPLE) | st.tuples(AMOUNTS, AMOUNTS, AMOUNTS)


@given(ANY)
def test_sums_do_not_depend_on_the_order(three):
    a, b, c = three
    assert a + b == b + a
    assert (a + b) + c == a + (b + c)
    assert str((a + b) + c) == str(c + (b + a))


@given(st.lists(PEOPLE, min_size=1, max_size=6) | st.lists(AMOUNTS, min_size=1, max_size=6))
def test_many_added_in_one_go_are_the_same_as_one_after_the_other(parts):
    assert Quantity.sum(parts) == sum(parts)
    assert str(Quantity.sum(parts)) == str(sum(parts))


def test_unlike_units_are_not_added_in_one_go_either():
    with pytest.raises(QuantityError, match="不能相加"):
        Quantity.sum([Quantity.zero("人"), Quantity.zero("户")])


@given(ANY)
def test_a_sum_that_adds_nothing_says_the_same(three):
    a = three[0]
    assert str(a + Quantity.zero(a.unit)) == str(a)
    assert sum([a]) == a


@st.composite
def possible_value(draw, quantity):
    """A value inside the range of a whole-number quantity."""
    high = quantity.high if quantity.high is not None else quantity.low + 10**6
    return Decimal(draw(st.integers(int(quantity.low), int(high))))


@given(st.data(), st.lists(PEOPLE, min_size=1, max_size=5))
def test_the_range_of_a_sum_holds_every_sum_of_possible_values(data, parts):
    values = [data.draw(possible_value(part)) for part in parts]
    assert all(part.possible(value) for part, value in zip(parts, values, strict=True))
    assert sum(parts).possible(sum(values))


@given(st.lists(PEOPLE, min_size=1, max_size=5))
def test_the_ends_of_a_sum_are_reached(parts):
    whole = sum(parts)
    assert whole.low == sum(part.low for part in parts)
    assert whole.open_ended == any(part.open_ended for part in parts)
    assert whole.open_ended or whole.high == sum(part.high for part in parts)


@given(st.data(), AMOUNTS, AMOUNTS)
def test_the_range_of_a_sum_of_money_holds_its_possible_values(data, one, other):
    values = []
    for part in (one, other):
        high = part.high if part.high is not None else part.low + 1000
        values.append(data.draw(st.decimals(part.low, high, places=4).filter(part.possible)))
    assert (one + other).possible(sum(values))


@given(ANY)
def test_what_is_read_prints_as_something_that_reads_the_same(three):
    for quantity in three:
        unit = PERSONS if quantity.unit == "人" else YUAN
        assert Quantity.parse(str(quantity), unit) == quantity or not quantity.words


@given(PEOPLE, PEOPLE)
def test_a_sum_of_persons_never_claims_more_than_its_range(one, other):
    """What a sum prints reads back as a range that holds the true one."""
    whole = one + other
    printed = Quantity.parse(str(whole), PERSONS)
    assert printed.low <= whole.low
    assert printed.high is None or (whole.high is not None and whole.high <= printed.high)


def read_or_refusal(read):
    try:
        return read()
    except (NumeralError, QuantityError) as refusal:
        return str(refusal)


@given(
    st.text(
        alphabet="0123456789.,，-负零一二两三十百千万亿点成余多几约近超过以上不足至—%％人元 ", max_size=45
    )
)
def test_any_text_is_read_or_refused_with_a_sentence(text):
    found = read_or_refusal(lambda: Quantity.parse(text, PERSONS))
    if isinstance(found, str):
        assert found.endswith("。")
    else:
        assert Quantity.parse(str(found), PERSONS) == found


@given(st.text(max_size=60))
def test_any_text_is_a_number_or_is_refused(text):
    found = read_or_refusal(lambda: read_number(text))
    assert found.endswith("。") if isinstance(found, str) else found.amount.adjusted() < MOST_DIGITS


@given(st.integers(0, 10**MOST_DIGITS - 1))
def test_digits_read_as_themselves_with_or_without_separators(number):
    assert read_number(str(number)).amount == read_number(f"{number:,}").amount == number
