"""What a line is drawn of: its periods as they are handed in, and all of them in one sentence."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from measures.numerals import plain

MOST_ABSENT = 4  # of more absent periods a sentence says only how many


@dataclass(frozen=True)
class Datum:
    """One period: value None means absent, then words say why (未报, 不适用, 未到期).

    Figures that stand `apart` make none: words say the lowest and the highest of them. A total is `of` some organs, and held
    against none of others; `missing` more owe their part.
    """

    label: str
    value: Decimal | None
    words: str
    url: str = ""
    low: Decimal | None = None
    high: Decimal | None = None  # None beside a low: no upper end
    apart: bool = False
    of: frozenset[str] = frozenset()
    missing: int = 0


def told(
    data: Sequence[Datum], name: str, unit: str, baseline: Decimal | None, target: Decimal | None
) -> str:
    """The series in one sentence: newest, first, highest and lowest figure, lines, what is not drawn."""
    drawn = [datum for datum in data if datum.value is not None]
    said = [f"{drawn[-1].label}为{_lacking(drawn[-1])}" if drawn else ""]
    if len(drawn) > 1:
        said.append(f"，起于{drawn[0].label}的{_lacking(drawn[0])}")
    alike = [datum for datum in drawn if not datum.missing] or drawn
    if len(alike) > 2 and len({datum.of for datum in alike}) == 1:
        found = _extremes(alike)
        part = f"，报齐的{len(alike)}期中{found[1:]}" if found and len(alike) < len(drawn) else found
        said.append(part)
    if not drawn and not any(datum.apart for datum in data):
        said.append("没有数值")
    for word, level in (("基线", baseline), ("目标", target)):
        said.append("" if level is None else f"，{word}{plain(level)}{unit}")
    parts = "；".join(part for part in ("".join(said).removeprefix("，"), *_undrawn(data)) if part)
    return f"{f'{name}：' if name else ''}{parts}。"


def _lacking(datum: Datum) -> str:
    """A figure, and how many organs are not in it."""
    return f"{datum.words}（{datum.missing}家未报）" if datum.missing else datum.words


def _ends(datum: Datum) -> tuple[Decimal, Decimal]:
    """The least and the most that a drawn figure may be."""
    value = datum.value or Decimal(0)
    if datum.low is None:
        return value, value
    return datum.low, Decimal("Infinity") if datum.high is None else datum.high


def _extremes(drawn: Sequence[Datum]) -> str:
    """Which figure is the highest and which the lowest, whatever each of them is; of neither that cannot be told."""
    highest, lowest = max(drawn, key=lambda one: _ends(one)[0]), min(drawn, key=lambda one: _ends(one)[1])
    said = []
    if all(_ends(highest)[0] >= _ends(other)[1] for other in drawn if other is not highest):
        said.append(f"，最高{highest.words}（{highest.label}）")
    if all(_ends(lowest)[1] <= _ends(other)[0] for other in drawn if other is not lowest):
        said.append(f"，最低{lowest.words}（{lowest.label}）")
    return "".join(said)


def _listed(data: Sequence[Datum]) -> str:
    return "、".join(f"{datum.label}{datum.words}" for datum in data)


def _undrawn(data: Sequence[Datum]) -> list[str]:
    """Of which periods there are several figures that make none, and of which there is none."""
    apart = [datum for datum in data if datum.apart]
    absent = [datum for datum in data if datum.value is None and not datum.apart]
    more = f"等{len(apart)}期" if len(apart) > MOST_ABSENT else ""
    said = [f"各单位的数不合并，{_listed(apart[-MOST_ABSENT:])}{more}"] if apart else []
    if absent:
        said.append(f"{len(absent)}期没有数值" if len(absent) > MOST_ABSENT else _listed(absent))
    return said
