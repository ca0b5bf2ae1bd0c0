from decimal import Decimal

import pytest

from measures.numerals import NumeralError, half_width, plain, read_number, step_of

REFUSED = [
    "", " ", "人", "几十", "数百", "若干", "一半", "二三十", "七八十", "一二三", "三万二",
    "2万3", "千百", "1e5", "²", "②", "½", "٣",
    "19,42", "1,2345", ",123", "123,", "1,23,456", "12 345", ".5", "5.", "1.2.3", "--3", "+3", "1.5万2千", "2千3万", "3/4",
    "NaN", "Infinity", "0x10", "1_000", "百分之", "成", "十成成", "三点", "点五", "一点二万", "1.1234567", "9" * 16, "9" * 10_000,
    "一" * 10_000, "万" * 39, "1000000000亿", "-0", "-0.0", "负零",
]  # fmt: skip


@pytest.mark.parametrize("text", REFUSED)
def test_what_is_no_definite_number_is_refused_in_chinese(text):
    with pytest.raises(NumeralError) as refusal:
        read_number(text)
    assert str(refusal.value).endswith("。")
    assert len(str(refusal.value)) < 120


@pytest.mark.parametrize(
    ("text", "amount", "step"),
    [
        ("19425", "19425", "1"),
        ("１９，４２５", "19425", "1"),
        ("1,234,567.5", "1234567.5", "0.1"),
        ("007", "7", "1"),
        ("0", "0", "1"),
        ("0.0", "0", "1"),
        ("38.90", "38.9", "0.1"),
        ("1400", "1400", "100"),
        ("1.2万", "12000", "1000"),
        ("１．２万", "12000", "1000"),
        ("2千", "2000", "1000"),
        ("16万", "160000", "10000"),
        ("3千万", "30000000", "10000000"),
        ("1万2千", "12000", "1000"),
        ("1.5亿", "150000000", "10000000"),
        ("十", "10", "10"),
        ("百", "100", "100"),
        ("万", "10000", "10000"),
        ("十五", "15", "1"),
        ("两", "2", "1"),
        ("两千〇二十", "2020", "10"),
        ("三千二百", "3200", "100"),
        ("一亿两千万", "120000000", "10000000"),
        ("三点一四", "3.14", "0.01"),
        ("零", "0", "1"),
        ("-3", "-3", "1"),
        ("负三", "-3", "1"),
        ("−2.5", "-2.5", "0.1"),
        (" 56 ", "56", "1"),
    ],
)
def test_numbers_are_read_exactly_with_the_weight_of_their_last_place(text, amount, step):
    found = read_number(text)
    assert (found.amount, found.step, found.percent) == (Decimal(amount), Decimal(step), False)


@pytest.mark.parametrize(
    ("text", "amount", "step"),
    [
        ("百分之十五", "15", "1"),
        ("百分之九十五点六", "95.6", "0.1"),
        ("百分之百", "100", "100"),
        ("百分之15", "15", "1"),
        ("三成", "30", "10"),
        ("3成", "30", "10"),
        ("三成五", "35", "1"),
        ("两成半", "25", "1"),
    ],
)
def test_shares_in_words_say_that_they_are_per_cent(text, amount, step):
    found = read_number(text)
    assert (found.amount, found.step, found.percent) == (Decimal(amount), Decimal(step), True)


def test_chinese_decimals_are_not_rounded_through_binary_fractions():
    assert read_number("零点一").amount + read_number("零点二").amount == Decimal("0.3")


def test_full_width_signs_become_half_width_and_nothing_else_changes():
    assert half_width("１９，４２５％　②") == "19,425% ②"


@pytest.mark.parametrize(
    ("number", "shown"),
    [
        ("19425", "19425"),
        ("94.650", "94.65"),
        ("1E+5", "100000"),
        ("0E-7", "0"),
        ("-0.0", "0"),
        ("-1.50", "-1.5"),
    ],
)
def test_numbers_print_without_separators_powers_and_trailing_zeros(number, shown):
    assert plain(Decimal(number)) == shown


def test_the_step_of_a_number_is_its_last_place_that_is_not_zero():
    assert [step_of(Decimal(n)) for n in ("0", "105", "0.35")] == [1, 1, Decimal("0.01")]
