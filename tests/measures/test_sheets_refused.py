"""What no sheet may say is refused at its cell, however wild: a unit twice, days and years beyond the calendar."""

from collections.abc import Callable

import pytest

from measures.models import Pillar
from measures.resources import waiting
from organs.models import Organ, User
from tests import make
from tests.measures.messy import text

pytestmark = pytest.mark.django_db
Told = Callable[..., list[str]]


@pytest.fixture
def told(bureau: Organ, clerk: User) -> Told:
    """What a sheet of the bureau is told, sentence by sentence."""

    def sentences(kind: str, *rows: tuple[object, ...]) -> list[str]:
        upload = waiting.wait(text(*rows), name="表.csv", kind=kind, home=bureau, by=clerk)
        return [said for entry in waiting.looked_at(upload).entries for said in entry.sentences]

    return sentences


@pytest.mark.parametrize("said", ["5万", "约5万", "5万以上", "0.5亿"])
@pytest.mark.parametrize(
    "rows",
    [
        [("指标", "期间", "数值（万元）"), ("投入", "2021年")],
        [("指标", "计量单位", "期间", "数值"), ("投入", "万元", "2021年")],
        [("（单位：万元）", "", ""), ("指标", "期间", "数值"), ("投入", "2021年")],
    ],
)
def test_ten_thousands_in_a_unit_of_ten_thousands_are_asked_about(
    told: Told, said: str, rows: list[tuple[str, ...]]
) -> None:
    make.make_metric("投入", "元")
    make.make_unit("万元")
    (sentence,) = told("observations", *rows[:-1], (*rows[-1], said))
    assert f"这里的单位已经是“万元”，请只填数，或写明“{said.removesuffix('以上')}元”。" in sentence
    assert told("observations", *rows[:-1], (*rows[-1], "5")) == []
    assert told("observations", *rows[:-1], (*rows[-1], "5万元")) == []


@pytest.mark.parametrize("year", ["9999", "0000", "0001"])
def test_an_honour_of_no_year_is_refused_at_its_cell(told: Told, bureau: Organ, year: str) -> None:
    (sentence,) = told(
        "honours", ("名称", "级别", "获得者", "年度"), ("先进基层党组织", "县级", "甲局", year)
    )
    assert sentence.startswith("第2行“年度”：年度要在1949到")


@pytest.mark.parametrize(("day", "why"), [("9999-12-31", "活动日期不能在将来"), ("0001-01-01", "1949年以后")])
def test_an_activity_of_no_day_is_refused_at_its_cell(told: Told, pillar: Pillar, day: str, why: str) -> None:
    make.make_action(pillar, "宣讲")
    (sentence,) = told("activities", ("举措", "日期", "活动名称"), ("宣讲", day, "第一场"))
    assert sentence.startswith("第2行“日期”：")
    assert why in sentence
