"""Totals (汇总): how a metric's figures add up over time and over organs, and what is missing from them."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum
from itertools import chain, pairwise
from typing import Any

from measures.period import Period
from measures.progress import pooled
from measures.quantity import Quantity


class OverTime(StrEnum):
    """How one organ's figures make one figure for a longer time."""

    SUM = "sum"
    LATEST = "latest"
    NONE = "none"


class OverOrgans(StrEnum):
    """How the figures of several organs make one."""

    SUM = "sum"
    POOLED = "pooled"
    NONE = "none"


class Presence(StrEnum):
    """What an entry says: a figure, nil (零报告, a figure of 0), or that the metric does not apply (不适用)."""

    VALUE = "value"
    NIL = "nil"
    NOT_APPLICABLE = "not_applicable"


class Coverage(StrEnum):
    """Whether a figure is the organ's own or includes the units below it."""

    OWN = "own"
    BELOW = "below"


OVER_TIME_LABELS = {OverTime.SUM: "各期相加", OverTime.LATEST: "取最新一期", OverTime.NONE: "各期不合并"}
OVER_ORGANS_LABELS = {
    OverOrgans.SUM: "各单位相加",
    OverOrgans.POOLED: "分子分母分别相加再相除",
    OverOrgans.NONE: "各单位不合并",
}
PRESENCE_LABELS = {Presence.VALUE: "有数值", Presence.NIL: "零报告", Presence.NOT_APPLICABLE: "不适用"}
COVERAGE_LABELS = {Coverage.OWN: "本单位", Coverage.BELOW: "含下级"}


@dataclass(frozen=True)
class Entry:
    """One approved figure of one organ for one period; `organ` is a path that begins with its parent's path.

    `order` is (approval time, id) and decides between figures of the same day; `key` names the entry for its reader.
    """

    organ: str
    period: Period
    presence: Presence
    quantity: Quantity | None
    numerator: Decimal | None
    denominator: Decimal | None
    coverage: Coverage
    order: tuple[Any, ...]
    key: int


@dataclass(frozen=True)
class OwnFigure:
    """One organ's figure of a period, from which entries, and what could not be used; `why` if it has none.

    `as_of` is the last day of the newest used period; `older` says that it lies before the asked period;
    `straddling` are keys of entries that reach over its edge.
    """

    organ: str
    presence: Presence
    quantity: Quantity | None
    numerator: Decimal | None
    denominator: Decimal | None
    coverage: Coverage
    used: tuple[int, ...]
    as_of: date
    older: bool
    straddling: tuple[int, ...] = ()
    why: str = ""


@dataclass(frozen=True)
class Told:
    """What one organ has told of a metric for a period: the entries that make its figure, and those over the edge."""

    organ: str
    entries: tuple[Entry, ...]
    over_edge: tuple[Entry, ...]
    figure: OwnFigure | None


@dataclass(frozen=True)
class Total:
    """A figure over organs with what it rests on; `why` is the reason (不可汇总：…) where there is none.

    `expected` leaves out organs to which the metric does not apply; `missing`, `carried` (only an older figure: not
    reported for this period), `not_applicable` and `covered_by` (organ → organ whose figure with the units below stands
    in) name organs; `used`, `older` (from before the period) and
    `straddling` (reaching over its edge, not counted) are keys of entries; `as_of` is the last day of the newest used period.
    """

    quantity: Quantity | None
    spread: tuple[Quantity, Quantity] | None
    summable: bool
    why: str
    reported: int
    expected: int
    missing: tuple[str, ...]
    carried: tuple[str, ...]
    not_applicable: tuple[str, ...]
    used: tuple[int, ...]
    covered_by: Mapping[str, str]
    as_of: date | None
    older: tuple[int, ...]
    straddling: tuple[int, ...]
    figures: tuple[OwnFigure, ...]

    @property
    def coverage_words(self) -> str:
        """9家中7家已报; where nobody is to report it says so."""
        if not self.expected:
            return f"{len(self.not_applicable)}家都不适用" if self.not_applicable else "没有应报的单位"
        return f"{self.expected}家中{self.reported}家已报"


def own(
    entries: Iterable[Entry],
    *,
    over_time: OverTime,
    period: Period,
    unit: str,
    over_organs: OverOrgans = OverOrgans.SUM,
) -> OwnFigure | None:
    """One organ's figure of a metric for a period, in base unit `unit`; None if it has said nothing."""
    found = _each_once(entries)
    return told(found, over_time, over_organs, period, unit).figure if found else None


def told(
    entries: Sequence[Entry], over_time: OverTime, over_organs: OverOrgans, period: Period, unit: str
) -> Told:
    """What one organ has told; its entries, of which there is at least one, each once."""
    ordered = sorted(entries, key=_effective)
    chosen, over_edge = _choose(ordered, over_time, period)
    figure = _figure(chosen, over_edge, period, unit, over_organs) if chosen else None
    return Told(ordered[0].organ, tuple(chosen), tuple(over_edge), figure)


def total(
    entries: Iterable[Entry],
    *,
    over_time: OverTime,
    over_organs: OverOrgans,
    period: Period,
    expected: Iterable[str],
    unit: str,
) -> Total:
    """One metric's figure over all organs that have entries; `expected` are the paths of those that should report."""
    by_organ: dict[str, list[Entry]] = {}
    for entry in _each_once(entries):
        by_organ.setdefault(entry.organ, []).append(entry)
    heard = [told(rows, over_time, over_organs, period, unit) for rows in by_organ.values()]
    return total_of(
        heard, over_time=over_time, over_organs=over_organs, period=period, expected=expected, unit=unit
    )


def total_of(
    heard: Iterable[Told],
    *,
    over_time: OverTime,
    over_organs: OverOrgans,
    period: Period,
    expected: Iterable[str],
    unit: str,
) -> Total:
    """As `total`, from what each organ has told of the metric for the same period."""
    by_organ = {row.organ: row for row in heard}
    figures, straddling, standing_in = _own_figures(by_organ, over_time, over_organs, period, unit)
    spoken = {figure.organ: figure for figure in figures}
    not_applicable = tuple(
        organ for organ, figure in spoken.items() if figure.presence is Presence.NOT_APPLICABLE
    )
    counted = [figure for figure in figures if figure.presence is not Presence.NOT_APPLICABLE]
    asked = sorted(set(expected) - set(not_applicable))
    covered_by = {
        organ: above
        for organ in sorted({*asked, *by_organ} - set(spoken))
        if (above := _organ_above(organ, standing_in))
    }
    missing = tuple(organ for organ in asked if organ not in spoken and organ not in covered_by)
    fresh = {row.organ for row in by_organ.values() if row.figure and not row.figure.older}.union(missing)
    old = (organ for organ in asked if organ not in fresh)
    carried = tuple(organ for organ in old if spoken[covered_by.get(organ, organ)].older)
    quantity, why = _combine(counted, over_organs, unit, alone=not missing)
    return Total(
        quantity=quantity,
        spread=Quantity.ends([f.quantity for f in counted if f.quantity]) if quantity is None else None,
        summable=quantity is not None or not counted,
        why=why,
        reported=len(asked) - len(missing) - len(carried),
        expected=len(asked),
        missing=missing,
        carried=carried,
        not_applicable=not_applicable,
        used=tuple(chain.from_iterable(figure.used for figure in counted)),
        covered_by=covered_by,
        as_of=max((figure.as_of for figure in counted), default=None),
        older=tuple(key for figure in counted if figure.older for key in figure.used),
        straddling=straddling,
        figures=tuple(figures),
    )


def _each_once(entries: Iterable[Entry]) -> list[Entry]:
    """The same entry met twice (a join, a joint organ) counts once, for the organ that comes first."""
    found: dict[int, Entry] = {}
    for entry in sorted(entries, key=lambda entry: entry.organ):
        found.setdefault(entry.key, entry)
    return sorted(found.values(), key=_effective)


def _effective(entry: Entry) -> tuple[Any, ...]:
    """Effective period first, then the figure with the units below, then approval time and id."""
    return (entry.period.end, entry.coverage is Coverage.BELOW, entry.order)


def _longest(entry: Entry) -> tuple[Any, ...]:
    return (entry.period.end - entry.period.start, *_effective(entry))


def _choose(entries: list[Entry], over_time: OverTime, period: Period) -> tuple[list[Entry], list[Entry]]:
    """The entries of one organ that make its figure, and those that reach over the edge of the period."""
    over_edge = [
        entry for entry in entries if entry.period.overlaps(period) and not period.contains(entry.period)
    ]
    if over_time is OverTime.LATEST:
        known = [entry for entry in entries if entry.period.end <= period.end]
        return known[-1:], [entry for entry in over_edge if entry not in known]
    inside = [entry for entry in entries if period.contains(entry.period)]
    if over_time is OverTime.NONE:
        exact = [
            entry for entry in inside if entry.period.start == period.start and entry.period.end == period.end
        ]
        return (exact or inside)[-1:], over_edge
    if all(one.period.end <= other.period.start for one, other in pairwise(inside)):
        return inside, over_edge
    chosen: list[Entry] = []
    # the longest first: a year's figure already holds its quarters
    for entry in sorted(inside, key=_longest, reverse=True):
        if not any(entry.period.overlaps(other.period) for other in chosen):
            chosen.append(entry)
    return sorted(chosen, key=_effective), over_edge


def _own_figures(
    by_organ: Mapping[str, Told],
    over_time: OverTime,
    over_organs: OverOrgans,
    period: Period,
    unit: str,
) -> tuple[list[OwnFigure], tuple[int, ...], list[Entry]]:
    """Figures of the organs that count, keys over the edge, and the entries that stand in for units below."""
    figures: list[OwnFigure] = []
    standing_in: list[Entry] = []
    covering: tuple[str, ...] = ()  # their organs
    straddling: list[Entry] = []
    # parents come before their children, so the topmost figure with the units below wins
    for organ in sorted(by_organ):
        row = by_organ[organ]
        free, over_edge, figure = row.entries, row.over_edge, row.figure
        if organ.startswith(covering):
            above = [entry for entry in standing_in if _is_below(organ, entry.organ)]
            free = ()
            if over_time is OverTime.SUM:
                free = tuple(e for e in row.entries if not any(e.period.overlaps(a.period) for a in above))
                over_edge += tuple(
                    e
                    for e in row.entries
                    if e not in free and not any(a.period.contains(e.period) for a in above)
                )
            figure = _figure(free, over_edge, period, unit, over_organs) if free else None
        straddling += over_edge
        if figure:
            figures.append(figure)
        below = [e for e in free if e.coverage is Coverage.BELOW]
        if stands_in := [e for e in below if e.presence is not Presence.NOT_APPLICABLE]:
            standing_in += stands_in
            covering = (*covering, organ)
    return figures, tuple(entry.key for entry in straddling), standing_in


def _is_below(organ: str, above: str) -> bool:
    return organ != above and organ.startswith(above)


def _organ_above(organ: str, standing_in: Iterable[Entry]) -> str:
    return next((entry.organ for entry in standing_in if _is_below(organ, entry.organ)), "")


def _figure(
    chosen: Sequence[Entry], straddling: Iterable[Entry], period: Period, unit: str, over_organs: OverOrgans
) -> OwnFigure:
    """Chosen entries of one organ made into one figure."""
    said = [entry for entry in chosen if entry.presence is not Presence.NOT_APPLICABLE]
    numerator, denominator = _fraction(said)
    quantity, why = None, ""
    if over_organs is OverOrgans.POOLED and len(said) > 1:
        quantity, why = _pool(numerator, denominator, unit)
    elif said:
        quantity = Quantity.sum([_value(entry, unit) for entry in said])
    last = (said or chosen)[-1]
    return OwnFigure(
        organ=last.organ,
        presence=Presence.NOT_APPLICABLE
        if not said
        else Presence.NIL
        if all(entry.presence is Presence.NIL for entry in said)
        else Presence.VALUE,
        quantity=quantity,
        numerator=numerator,
        denominator=denominator,
        coverage=last.coverage,
        used=tuple(entry.key for entry in said or chosen),
        as_of=last.period.last,
        older=last.period.end <= period.start,
        straddling=tuple(entry.key for entry in straddling),
        why=why,
    )


def _value(entry: Entry, unit: str) -> Quantity:
    if entry.presence is Presence.NIL:
        return Quantity.zero(unit)
    if entry.quantity is None:
        raise ValueError("an entry with a value has a quantity")
    return entry.quantity


def _fraction(said: Sequence[Entry]) -> tuple[Decimal | None, Decimal | None]:
    """Numerators and denominators added up; None unless every entry has them, which nil has not."""
    numerators = [entry.numerator for entry in said]
    denominators = [entry.denominator for entry in said]
    parts = [number for number in numerators if number is not None]
    wholes = [number for number in denominators if number is not None]
    if not said or len(parts) < len(said) or len(wholes) < len(said):
        return None, None
    return sum(parts, Decimal(0)), sum(wholes, Decimal(0))


def _pool(numerator: Decimal | None, denominator: Decimal | None, unit: str) -> tuple[Quantity | None, str]:
    if numerator is None or denominator is None:
        return None, "不可汇总：有的数值没有分子和分母，百分比不能直接相加或平均。"
    share = pooled([(numerator, denominator)])
    if share is None:
        return None, "不可汇总：分母合计为0。"
    return Quantity.exact(share, unit), ""


def _combine(
    figures: Sequence[OwnFigure], over_organs: OverOrgans, unit: str, *, alone: bool
) -> tuple[Quantity | None, str]:
    """The figure of all organs or the reason why there is none; one that speaks for all is its own total."""
    if not figures:
        return None, "还没有已确认的数值。"
    if len(figures) == 1 and alone:
        return figures[0].quantity, figures[0].why
    if over_organs is OverOrgans.NONE:
        return None, "不可汇总：各单位的数值不能相加，也不能平均。"
    if over_organs is OverOrgans.POOLED:
        parts = [figure.numerator for figure in figures if figure.numerator is not None]
        wholes = [figure.denominator for figure in figures if figure.denominator is not None]
        if len(wholes) < len(figures):
            return _pool(None, None, unit)
        return _pool(sum(parts, Decimal(0)), sum(wholes, Decimal(0)), unit)
    found = [figure.quantity for figure in figures if figure.quantity is not None]
    return Quantity.sum(found), ""
