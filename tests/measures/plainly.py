"""Totals reckoned slowly and plainly, straight from the list of traps in counting, to hold pages against.

Nothing here uses the program's own arithmetic: rows are read as the database has them, numbers are added one by one.
An organ's approved figures of a metric never overlap in time; the database refuses that.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import ROUND_HALF_UP, Decimal

from measures.models import Metric, Observation


@dataclass(frozen=True)
class Said:
    """One figure that counts, as the database has it; `organ` is its path, `end` the day after the last."""

    pk: int
    organ: str
    start: date
    end: date
    presence: str
    below: bool
    number: "Number | None"
    numerator: Decimal | None
    denominator: Decimal | None


@dataclass(frozen=True)
class Number:
    """What a figure may be: between two ends, each in it or not; no upper end is None; words if it was said like that."""

    low: Decimal
    high: Decimal | None
    low_in: bool = True
    high_in: bool = True
    words: str = ""


@dataclass(frozen=True)
class Answer:
    """A total: the number, or the lowest and highest where none can be made, and who has reported of how many."""

    number: Number | None
    spread: tuple[Number, Number] | None
    applies: bool
    reported: int
    expected: int
    missing: tuple[str, ...]
    carried: tuple[str, ...]
    without: tuple[str, ...]

    @property
    def rests(self) -> str:
        """How many have reported of how many, in the words of the pages."""
        if self.expected:
            return f"{self.expected}家中{self.reported}家已报"
        return f"{len(self.without)}家都不适用" if self.without else "没有应报的单位"


def read(metric: Metric, at: datetime | None = None) -> list[Said]:
    """The figures of a metric that count, now or at a past moment."""
    known = Observation.objects.filter(metric=metric, state__in=("approved", "retracted"))
    if at is None:
        rows = known.filter(superseded_at=None, retracted_at=None)
    else:
        rows = known.filter(approved_at__lte=at).exclude(superseded_at__lte=at).exclude(retracted_at__lte=at)
    return [
        Said(
            pk=row["pk"],
            organ=row["organ__path"],
            start=row["period_days"].lower,
            end=row["period_days"].upper,
            presence=row["presence"],
            below=row["coverage"] == "below",
            number=_number(row),
            numerator=row["numerator"],
            denominator=row["denominator"],
        )
        for row in rows.values(
            *("pk", "organ__path", "period_days", "presence", "coverage", "numerator", "denominator"),
            *("quantity_range", "quantity_words"),
        )
    ]


def handed_over(said: Iterable[Said], heirs: Mapping[str, tuple[date, Sequence[str]]], end: date) -> set[str]:
    """Trap 12: whose stock is in a successor's figure of a later day, by organ the day it closed and who followed."""
    figures = [row for row in said if row.presence != "not_applicable"]
    return {
        organ
        for organ, (closed, after) in heirs.items()
        if any(row.organ in after and closed < row.end <= end for row in figures)
    }


def own(
    said: Iterable[Said], organ: str, *, over_time: str, over_organs: str, start: date, end: date
) -> tuple[Number | None, str]:
    """One organ's figure of a time; or why it has none: not_applicable, or nothing at all."""
    mine = _of_time([row for row in said if row.organ == organ], over_time, start, end)
    figures = [row for row in mine if row.presence != "not_applicable"]
    if not figures:
        return None, "not_applicable" if mine else ""
    return _own(figures, over_organs), ""


def used(said: Iterable[Said], organ: str, *, over_time: str, start: date, end: date) -> set[int]:
    """The keys of what makes one organ's figure of a time; not applicable only where nothing else was said."""
    mine = _of_time([row for row in said if row.organ == organ], over_time, start, end)
    return {row.pk for row in mine if row.presence != "not_applicable"} or {row.pk for row in mine}


def _number(row: dict) -> Number | None:
    span = row["quantity_range"]
    if row["presence"] == "nil":
        return Number(Decimal(0), Decimal(0))
    if span is None:
        return None
    return Number(span.lower, span.upper, span.lower_inc, span.upper_inc, row["quantity_words"])


def total(
    said: Iterable[Said], *, over_time: str, over_organs: str, start: date, end: date, expected: Sequence[str]
) -> Answer:
    """The figures of a time from `start` to the day before `end`, over all organs; `expected` should report."""
    rows = list(said)
    organs = sorted({row.organ for row in rows} | set(expected))
    # traps 3, 8, 16: what each organ says for the time, without what an organ above says for it, too
    counted: dict[str, list[Said]] = {}
    covered: dict[str, str] = {}
    for organ in organs:  # those above stand before those below
        mine = _of_organ(rows, organ, over_time, start, end)
        above = [row for o in counted if organ.startswith(o) for row in counted[o] if _covers(row)]
        if over_time == "sum":
            mine = [row for row in mine if not any(_overlap(row, other) for other in above)]
        elif above:
            mine = []
        if mine:
            counted[organ] = mine
        elif above:
            covered[organ] = above[0].organ
    # trap 5: not applicable is not missing, and nil is a figure
    without = [o for o, mine in counted.items() if all(row.presence == "not_applicable" for row in mine)]
    asked = [organ for organ in expected if organ not in without]
    missing = tuple(o for o in asked if o not in counted and o not in covered)
    carried = tuple(
        o
        for o in asked
        if o not in missing
        and all(r.end <= start for r in counted[covered.get(o, o)])
        and not (o in covered and any(r.end > start for r in _of_organ(rows, o, over_time, start, end)))
    )
    figures = {
        o: [row for row in mine if row.presence != "not_applicable"]
        for o, mine in counted.items()
        if o not in without
    }
    owns = {o: _own(mine, over_organs) for o, mine in figures.items()}
    known = [number for number in owns.values() if number is not None]
    number = _together(figures, owns, over_organs, alone=not missing)
    return Answer(
        number=number,
        spread=(min(known, key=_lowest), max(known, key=_highest)) if known and number is None else None,
        applies=bool(figures) or not without,
        reported=len(asked) - len(missing) - len(carried),
        expected=len(asked),
        missing=missing,
        carried=carried,
        without=tuple(without),
    )


def _of_organ(rows: list[Said], organ: str, over_time: str, start: date, end: date) -> list[Said]:
    return _of_time([row for row in rows if row.organ == organ], over_time, start, end)


def _of_time(rows: list[Said], over_time: str, start: date, end: date) -> list[Said]:
    """Trap 3: a flow adds up inside the time, of a stock the newest before its end counts, of a rank the newest inside."""
    rows = sorted(rows, key=lambda row: row.end)
    if over_time == "latest":
        return [row for row in rows if row.end <= end][-1:]
    inside = [row for row in rows if start <= row.start and row.end <= end]
    if over_time == "sum":
        return inside
    return ([row for row in inside if (row.start, row.end) == (start, end)] or inside)[-1:]


def _covers(row: Said) -> bool:
    return row.below and row.presence != "not_applicable"


def _overlap(one: Said, other: Said) -> bool:
    return one.start < other.end and other.start < one.end


def _own(rows: list[Said], over_organs: str) -> Number | None:
    """One organ's figures of the time as one: percentages of several periods pool, one figure stays as it was said."""
    if over_organs == "pooled" and len(rows) > 1:
        return _pooled(rows)
    return _added([row.number for row in rows if row.number])


def _together(
    figures: dict[str, list[Said]], owns: dict[str, Number | None], over_organs: str, *, alone: bool
) -> Number | None:
    """Trap 1, 3: of all organs; who alone has been asked speaks for itself."""
    if not figures:
        return None
    if len(figures) == 1 and alone:
        return next(iter(owns.values()))
    if over_organs == "none":
        return None
    rows = [row for mine in figures.values() for row in mine]
    return _pooled(rows) if over_organs == "pooled" else _added([row.number for row in rows if row.number])


def _pooled(rows: list[Said]) -> Number | None:
    """Trap 1: all numerators over all denominators; nothing if one is missing."""
    if any(row.denominator is None for row in rows):
        return None
    over = sum(row.numerator or Decimal(0) for row in rows)
    share = over * 100 / sum(row.denominator or Decimal(0) for row in rows)
    return Number(share, share)


def _added(numbers: list[Number]) -> Number:
    """Trap 6: end by end; one open end leaves the sum open; nothing added leaves a figure as it was said."""
    some = [number for number in numbers if (number.low, number.high) != (0, 0)]
    if len(some) < 2:
        return some[0] if some else Number(Decimal(0), Decimal(0))
    low, high = Decimal(0), Decimal(0)
    for number in some:
        low += number.low
        high += number.high or Decimal(0)
    return Number(
        low,
        None if any(number.high is None for number in some) else high,
        all(number.low_in for number in some),
        all(number.high_in for number in some),
    )


def _lowest(number: Number) -> tuple[Decimal, bool]:
    return (number.low, not number.low_in)


def _highest(number: Number) -> tuple[bool, Decimal, bool]:
    return (number.high is None, number.high or Decimal(0), number.high_in)


def plain(number: Decimal, places: int = 6) -> str:
    """Rounded half up (trap 14), without trailing zeros."""
    rounded = number.quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP)
    text = f"{rounded:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def shown(number: Decimal, unit: str) -> Decimal:
    """What is stored, in the unit that it is shown in: money is stored in 元 (trap 7)."""
    return number / 10_000 if unit == "万元" else number


def words(number: Number, unit: str) -> str:
    """How an exact number is printed: as it was said, else by its digits; percentages with two places at most."""
    return number.words or plain(shown(number.low, unit), 2 if unit == "%" else 6) + unit


def spread_words(low: Number, high: Number, unit: str) -> str:
    """How the lowest and the highest figure are printed; where one is not exact, the ends of what they may be."""
    if low == high and low.words:
        return low.words
    if (low.low, high.low) != (low.high, high.high):
        return "可能" + range_words(Number(low.low, high.high, low.low_in, high.high_in), unit)
    least, most = words(low, unit), words(high, unit)
    return least if least == most else f"{least}—{most}"


def range_words(number: Number, unit: str) -> str:
    """The range of what is not exact, in words of the unit that it is shown in; empty for what is."""
    if number.low == number.high:
        return ""
    low = plain(shown(number.low, unit))
    start = f"{low}{unit}以上" if number.low_in else f"超过{low}{unit}"
    if number.high is None:
        return start
    high = f"{plain(shown(number.high, unit))}{unit}"
    if number.low_in and number.high_in:
        return f"{low}至{high}"
    return f"{start}、{'不超过' if number.high_in else '不足'}{high}"
