"""A figure as a text says it (成效数字)."""

import re
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from measures.quantity import QUALIFIER_LABELS, Qualifier, Quantity, QuantityError, UnitSpec

_NOT_WHOLE = re.compile(
    "%|分|个?百分点|‰|/10?万|倍|番|美?元|吨|公斤|千克|斤|毫?升|千?米|公里|平方米|㎡|m²|平米|平方公里|立方米|亩|公顷|千瓦|兆瓦|千瓦时"
    "|岁|个?小时|分钟|天|秒钟?|个月"
)
_SCALES = {"万": Decimal(10_000), "亿": Decimal(100_000_000)}
_MONEY = ("元", "美元")


class Saying(StrEnum):
    """How a figure is said; what is not surely more, less or about is exact."""

    EXACT = "exact"
    MORE = "more"
    OVER = "over"
    APPROX = "approx"
    AT_LEAST = "at_least"
    AT_MOST = "at_most"
    CHANGE = "change_from_to"
    RANK = "rank"
    YEAR = "year"


SAYING_LABELS = {
    Saying.EXACT: "确切",
    Saying.MORE: "余（多）",
    Saying.OVER: "超过",
    Saying.APPROX: "大约（近、约、左右）",
    Saying.AT_LEAST: "以上（不少于）",
    Saying.AT_MOST: "以内（不超过、不足）",
    Saying.CHANGE: "由旧值到新值",
    Saying.RANK: "位次",
    Saying.YEAR: "连续年数",
}


@dataclass(frozen=True, slots=True)
class Figure:
    """A figure of a text, with `text[start:end] == words`; money keeps its unit as written (770 万元).

    `said` is the new value as the house writes it, `was` the old one of a change; `part_of` and `pair` are the
    `start` of the whole (其中) and of the other unit of one statement (户/人); `period` is as written, like 今年以来.
    """

    amount: Decimal
    unit: str
    qualifier: Saying
    what: str
    start: int
    end: int
    words: str
    said: str
    sentence: str
    sentence_start: int
    baseline: Decimal | None = None
    was: str = ""
    applies_to: tuple[str, ...] = ()
    part_of: int | None = None
    pair: int | None = None
    period: str = ""
    #: Whether blanks stand between the digits: 1 234件 may be two numbers.
    parted: bool = False

    @property
    def unit_spec(self) -> UnitSpec:
        """The unit, as far as the text tells; a metric's own unit knows more."""
        scale, base = (_SCALES[self.unit[0]], self.unit[1:]) if self.unit[1:] in _MONEY else (Decimal(1), "")
        counted = self.amount % 1 == 0 and (self.baseline or Decimal(0)) % 1 == 0
        whole = _NOT_WHOLE.fullmatch(self.unit) is None and not base and counted
        return UnitSpec(
            self.unit, whole=whole, scale=scale, base=base, dimension="位次" if self._rank else ""
        )

    @property
    def quantity(self) -> Quantity | None:
        """The amount with the range of what it may be; None where its words are no figure for a form."""
        return _quantity(self.said, self.unit_spec)

    @property
    def baseline_quantity(self) -> Quantity | None:
        """The same of the old value of a change."""
        return _quantity(self.was, self.unit_spec) if self.was else None

    @property
    def reason(self) -> str:
        """Why it was read as it was, for the clerk."""
        between = self.baseline is None and "至" in self.said
        label = QUALIFIER_LABELS[Qualifier.BETWEEN] if between else SAYING_LABELS[self.qualifier]
        seen = f"“{self.words}”：{label}"
        extra = [f"单位“{self.unit}”"] if self.unit else []
        extra += ["“其中”之内"] if self.part_of is not None else []
        extra += ["与另一个单位说的是同一件事"] if self.pair is not None else []
        extra += [f"分别适用于{'、'.join(self.applies_to)}"] if self.applies_to else []
        return "，".join([seen, *extra])

    @property
    def _rank(self) -> bool:
        return self.said.startswith(("第", "首", "前"))


def _quantity(said: str, unit: UnitSpec) -> Quantity | None:
    try:
        return Quantity.parse(said, unit)
    except QuantityError:
        return None
