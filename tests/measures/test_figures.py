"""Figures read out of prose, by a table of made-up sentences; a third of them says none."""

from decimal import Decimal
from functools import partial

import pytest
from hypothesis import given
from hypothesis import strategies as st

from measures.figures import Figure, read
from measures.wording import Qualifier
from tests.measures.sentences import NAMED, REFUSED, SAID

PIECES = [
    *"0123456789,.%一二三十百千万亿两余多近约超由从到至降增，。、；：“”《》（）\n第首个名年月日元中其连续分之每户人次",
    *("其中", "分别", "连续3年", "19425户65564人", "38.9%降低到", "1,234", "第2名", "首个", "近百"),
    *("百分之", "/10万", "😀", "𠮷"),
]  # fmt: skip


def told(figure: Figure) -> str:
    qualifier = "" if figure.qualifier == "exact" else f" {figure.qualifier}"
    old = "" if figure.baseline is None else f" <{figure.baseline}"
    return f"{figure.amount} {figure.unit}{qualifier}{old}"


def test_the_table_is_long_enough_and_a_third_of_it_refuses() -> None:
    assert len(REFUSED) + len(SAID) >= 120
    assert len(REFUSED) * 3 >= len(REFUSED) + len(SAID)


@pytest.mark.parametrize("sentence", REFUSED)
def test_numbers_that_are_no_figures_are_left_alone(sentence: str) -> None:
    assert [told(figure) for figure in read(sentence)] == []


@pytest.mark.parametrize(("sentence", "figures"), SAID.items())
def test_figures_are_read_as_they_are_said(sentence: str, figures: str) -> None:
    assert "；".join(map(told, read(sentence))) == figures


@pytest.mark.parametrize(("sentence", "names"), NAMED.items())
def test_a_figure_is_named_by_what_it_counts(sentence: str, names: str) -> None:
    assert "；".join(figure.what for figure in read(sentence)) == names


def test_a_figure_knows_where_it_stands_and_in_which_sentence() -> None:
    text = "严格落实制度。组织义诊５６次。"
    (figure,) = read(text)
    assert text[figure.start : figure.end] == figure.words == "５６次"
    assert figure.sentence == "组织义诊５６次。"
    assert text[figure.sentence_start :] == figure.sentence


def test_a_figure_gives_its_range() -> None:
    (more,) = read("引进人才50余人。")
    assert more.quantity is not None
    assert (more.quantity.low, more.quantity.high) == (51, 59)
    (few,) = read("走访几十户群众。")
    assert few.quantity is not None
    assert (few.quantity.low, few.quantity.high) == (20, 99)
    assert few.reason.startswith("“几十户”：在两数之间")
    (share,) = read("三分之二的行政村建成卫生室。")
    assert share.quantity is not None
    assert share.quantity.range_words == "66.6至66.7%"
    (near,) = read("近百名党员报到。")
    assert near.quantity is not None
    assert (near.quantity.qualifier, near.quantity.low) == (Qualifier.NEAR, 90)
    (money,) = read("投入1.2亿元。")
    assert money.quantity is not None
    assert (money.quantity.amount, money.quantity.unit) == (120_000_000, "元")
    (span,) = read("开展2至3次演练。")
    assert span.quantity is not None
    assert (span.quantity.low, span.quantity.high) == (2, 3)


def test_a_change_keeps_both_ends() -> None:
    (figure,) = read("床均面积由38.9平方米增加到50余平方米。")
    assert figure.words == "38.9平方米增加到50余平方米"
    assert figure.baseline == Decimal("38.9")
    assert figure.baseline_quantity is not None
    assert figure.baseline_quantity.amount == figure.baseline
    assert figure.quantity is not None
    assert figure.quantity.qualifier is Qualifier.MORE


def test_parts_point_to_their_whole_until_the_next_semicolon() -> None:
    whole, *parts, after = read("共有1500余名职工请战，其中65人申请驰援、200余人加入服务队；培训36人。")
    assert [part.part_of for part in parts] == [whole.start, whole.start]
    assert (whole.part_of, after.part_of) == (None, None)


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("培训120人，其中党员45人，女性30人。", 2),
        ("培训120人，其中，党员45人，女性30人。", 2),
        ("培训120人，其中获评优秀45人，获评良好30人。", 2),
        ("培训120人，其中党员45人，慰问困难群众87人。", 1),
        ("培训120人，其中党员45人、女性30人，走访企业87家，建立档案2800余份。", 2),
    ],
)
def test_parts_end_where_another_deed_begins(text: str, parts: int) -> None:
    whole, *others = read(text)
    assert [each.part_of for each in others] == [whole.start] * parts + [None] * (len(others) - parts)


def test_parts_of_a_pair_point_to_the_half_in_their_own_unit() -> None:
    households, persons, *parts = read("签约120户350人，其中贫困户45户130人。")
    assert [part.part_of for part in parts] == [households.start, persons.start]


@pytest.mark.parametrize(
    ("text", "whole"),
    [
        ("走访慰问近百户，发放慰问金2.23万元，其中党员户45户。", 0),
        ("走访慰问近百户，发放慰问金2.23万元，其中党员捐款8000元。", 1),
        ("宣讲23场，受众1400人次，其中进村5场。", 0),
        ("检查餐饮单位120家，其中个体户45户。", 0),
        ("发放慰问金2.23万元，其中党员户45户。", None),
    ],
)
def test_a_part_is_told_in_what_its_whole_is_told_in(text: str, whole: int | None) -> None:
    *wholes, part = read(text)
    assert part.part_of == (None if whole is None else wholes[whole].start)


@pytest.mark.parametrize("between", ["", "（", "、"])
def test_households_and_persons_of_one_statement_are_a_pair(between: str) -> None:
    households, persons = read(f"慢病签约19425户{between}65564人。")
    assert (households.pair, persons.pair) == (persons.start, households.start)


def test_things_counted_one_after_the_other_are_no_pair() -> None:
    assert [figure.pair for figure in read("开展宣讲23场，受众1400人次。")] == [None, None]


def test_one_number_for_two_names_names_both() -> None:
    (figure,) = read("结算覆盖率、结算率均达到100%。")
    assert figure.applies_to == ("结算覆盖率", "结算率")
    assert "结算覆盖率、结算率" in figure.reason


@pytest.mark.parametrize(
    ("sentence", "period"),
    [
        ("今年以来，组织学习12次。", "今年以来"),
        ("截至11月底，建档率92%。", "截至11月底"),
        ("1月至10月救助困难群众930人次。", "1月至10月"),
        ("2021年第三季度办理建议6件。", "2021年第三季度"),
        ("组织学习12次。", ""),
    ],
)
def test_the_period_is_told_as_written(sentence: str, period: str) -> None:
    assert [figure.period for figure in read(sentence)] == [period]


@given(st.lists(st.sampled_from(PIECES) | st.text(max_size=4), max_size=60).map("".join))
def test_offsets_always_slice_back_to_the_words(text: str) -> None:
    for figure in read(text):
        assert text[figure.start : figure.end] == figure.words != ""
        begins = figure.sentence_start
        assert text[begins : begins + len(figure.sentence)] == figure.sentence
        assert begins <= figure.start < begins + len(figure.sentence)
        assert len(figure.what) <= 24
        assert figure.amount.is_finite()
        assert figure.quantity is None or figure.quantity.low <= figure.quantity.amount


@given(st.text())
def test_any_text_can_be_read(text: str) -> None:
    assert isinstance(read(text), list)


@pytest.mark.parametrize("part", ["1", "9,", "（", "“", "，", "一", "由3个", "其中3人，", "自", "第1"])
def test_hostile_text_is_answered(part: str) -> None:
    length = partial(len, part * 10_000)()
    assert len(read(part * 10_000)) <= length
