"""What no sheet may say is refused at its cell, however wild: a unit twice, days and years beyond the calendar."""

from collections.abc import Callable

import pytest

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
