"""Which known name a text means: by words and unit, and what must never be taken for the same."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from measures.matching import Named, candidates

KNOWN = (
    Named(1, "创建省卫生村", "个", "个数"),
    Named(2, "创建市卫生村", "个", "个数"),
    Named(3, "健康讲座", "场", "场次"),
    Named(4, "健康讲座参加人次", "人次", "人次"),
    Named(5, "“一站式”结算率", "%", "比率"),
    Named(6, "“一站式”结算覆盖率", "%", "比率"),
    Named(7, "发展党员", "名", "人数"),
    Named(8, "项目资金投入", "万元", "金额"),
)


@pytest.mark.parametrize(
    ("name", "unit", "key"),
    [
        ("创建（巩固）省卫生村", "个", 1),
        ("开展健康讲座", "场次", 3),
        ("举办的健康讲座", "场", 3),
        ("定点机构“一站式”结算覆盖率", "%", 6),
        ("发展的党员", "人", 7),
    ],
)
def test_the_same_thing_in_other_words_comes_first_and_is_sure(name: str, unit: str, key: int) -> None:
    found = candidates(name, KNOWN, unit=unit)
    assert (found[0].key, found[0].sure) == (key, True)
    assert "都有“" in found[0].reason


@pytest.mark.parametrize(
    ("name", "unit"),
    [
        ("创建县卫生村", "个"),  # another level
        ("“一站式”投诉率", "%"),  # another rate
        ("发展党员", "人次"),
        ("制度", "项"),
        ("", "个"),
        ("卫生", "个"),
    ],
)
def test_what_only_looks_alike_is_never_sure(name: str, unit: str) -> None:
    assert not any(found.sure for found in candidates(name, KNOWN, unit=unit))


def test_another_unit_is_not_offered_but_one_of_its_dimension_is() -> None:
    assert [c.key for c in candidates("健康讲座", KNOWN, unit="人次")] == [4]
    assert candidates("项目资金投入", KNOWN, unit="元", dimension="金额")[0].key == 8
    assert candidates("项目资金投入", KNOWN, unit="元") == ()


def test_two_that_are_equally_alike_leave_the_choice() -> None:
    twins = (Named(1, "走访慰问困难老党员", "户"), Named(2, "走访慰问困难新党员", "户"))
    found = candidates("走访慰问困难党员", twins, unit="户")
    assert len(found) == 2
    assert not found[0].sure


@given(st.text(max_size=40), st.text(max_size=3))
def test_any_words_are_answered_best_first_and_always_alike(name: str, unit: str) -> None:
    found = candidates(name, KNOWN, unit=unit)
    assert found == candidates(name, tuple(reversed(KNOWN)), unit=unit)
    assert [c.score for c in found] == sorted((c.score for c in found), reverse=True)
    assert sum(c.sure for c in found) <= 1
