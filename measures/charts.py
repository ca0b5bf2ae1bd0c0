"""Geometry of the charts: decimals in, ready coordinates and one sentence out. Templates only print it.

Across, all is in percent of the width (0 to 100), so a drawing fits every width without a script; down, the
trend counts in pixels. Coordinates are strings with one decimal. Numbers handed in are finite.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import ROUND_CEILING, ROUND_FLOOR, ROUND_HALF_UP, Decimal
from itertools import pairwise

from measures import labels
from measures.datum import Datum as Datum
from measures.datum import told
from measures.numerals import plain as plain

ZERO, HUNDRED = Decimal(0), Decimal(100)
TREND_HEIGHT, TREND_TOP, TREND_BOTTOM = 250, 40, 218
TREND_RIGHT = Decimal(91)
MOST_REASON = 24  # characters of a reason that stand at its line; the legend tells longer ones
LEVEL_GAP = Decimal(14)  # two lines of small text stand at least this far apart


@dataclass(frozen=True)
class Range:
    """What an uncertain value may be, as a whisker; open when it has no upper end."""

    start: str
    end: str
    open: bool


@dataclass(frozen=True)
class Bar:
    """A hairline bar from zero to the value, with marks for baseline and target ("" where there is none)."""

    start: str
    width: str
    range: Range | None
    baseline: str
    target: str
    sentence: str


@dataclass(frozen=True)
class Span:
    """The way from one value to another, on a scale that holds zero; places in percent."""

    before: str
    after: str
    target: str
    falling: bool
    still: bool
    low_label: str
    high_label: str
    sentence: str


@dataclass(frozen=True)
class Share:
    """One part of a strip, as wide as its part of the whole."""

    standing: str
    start: str
    width: str


@dataclass(frozen=True)
class Strip:
    """Counts by standing laid end to end."""

    parts: tuple[Share, ...]
    sentence: str


@dataclass(frozen=True)
class Break:
    """A break of a series before the period at this index, with its reason."""

    index: int
    reason: str


@dataclass(frozen=True)
class Point:
    """One drawn period; y is "" where the figure is absent, and the point is `hollow` where organs are missing in it.

    On phones minor labels give way, those at an edge move in.
    """

    x: str
    y: str
    label: str
    words: str
    url: str
    whisker: Range | None
    value_y: str
    shown: bool
    minor: bool
    edge: str
    hollow: bool


@dataclass(frozen=True)
class Segment:
    """A straight piece between two neighbouring periods that both have a figure, of the same organs."""

    x1: str
    y1: str
    x2: str
    y2: str


@dataclass(frozen=True)
class Level:
    """A horizontal line with its label, the label standing clear of its neighbours."""

    y: str
    label: str
    label_y: str


@dataclass(frozen=True)
class Mark:
    """A drawn break: its sign (⟂, of several ⟂1, ⟂2 …), its reason, and what of it there is room for at the line."""

    x: str
    sign: str
    reason: str
    text: str
    text_x: str


@dataclass(frozen=True)
class Trend:
    """A series over time: gaps stay gaps, uncertainty is a whisker, baseline and target are lines."""

    height: int
    top: int
    bottom: int
    depth: int
    points: tuple[Point, ...]
    segments: tuple[Segment, ...]
    grid: tuple[Level, ...]
    baseline: Level | None
    target: Level | None
    breaks: tuple[Mark, ...]
    cut: bool
    partly: bool
    parted: bool
    sentence: str


@dataclass(frozen=True)
class _Scale:
    """A linear map of low..high onto start..end; no stretch: the middle; what lies outside: the nearer end."""

    low: Decimal
    high: Decimal
    start: Decimal
    end: Decimal

    def __call__(self, value: Decimal) -> Decimal:
        if self.high == self.low:
            return (self.start + self.end) / 2
        share = (min(max(value, self.low), self.high) - self.low) / (self.high - self.low)
        return self.start + share * (self.end - self.start)

    def at(self, value: Decimal | None) -> str:
        return "" if value is None else place(self(value))


def place(value: Decimal) -> str:
    """A coordinate as printed: one decimal, half up."""
    return str(value.quantize(Decimal("0.1"), rounding=ROUND_HALF_UP))


def bar(
    value: Decimal | None,
    *,
    low: Decimal | None = None,
    high: Decimal | None = None,
    baseline: Decimal | None = None,
    target: Decimal | None = None,
    maximum: Decimal | None = None,
    unit: str = "",
) -> Bar:
    """The bar of a value; a low without a high is a range with no upper end."""
    named = (("现值", value), ("基线", baseline), ("目标", target), ("上限", maximum))
    known = [number for number in (value, low, high, baseline, target, maximum) if number is not None]
    scale = _Scale(min([ZERO, *known]), max([ZERO, *known]), ZERO, HUNDRED)
    start, end = sorted((scale(ZERO), scale(value or ZERO)))
    said = "，".join(f"{name}{plain(number)}{unit}" for name, number in named if number is not None)
    return Bar(
        start=place(start),
        width="0.0" if value is None else place(end - start),
        range=_range(low, high, scale, HUNDRED),
        baseline=scale.at(baseline),
        target=scale.at(target),
        sentence=f"{said or '没有数值'}。",
    )


def span(
    before: Decimal,
    after: Decimal,
    *,
    target: Decimal | None = None,
    maximum: Decimal | None = None,
    unit: str = "",
    first: Decimal = ZERO,
    verbs: tuple[str, str] = ("上升", "下降"),
) -> Span:
    """The way from before to after, to scale, from zero or the lowest value to the maximum or the highest.

    Where another number than zero is the `first` there is (第1位), the scale begins there; `verbs` say more and less.
    """
    known = [first, before, after, *(number for number in (target, maximum) if number is not None)]
    scale = _Scale(min(known), max(known), ZERO, HUNDRED)
    verb = "没有变化" if before == after else verbs[after < before]
    aim = "" if target is None else f"，目标{plain(target)}{unit}"
    return Span(
        before=scale.at(before),
        after=scale.at(after),
        target=scale.at(target),
        falling=after < before,
        still=before == after,
        low_label=plain(scale.low) + unit,
        high_label=plain(scale.high) + unit,
        sentence=f"由{plain(before)}{unit}到{plain(after)}{unit}，{verb}{aim}。",
    )


def strip(counts: Sequence[tuple[str, str, int]]) -> Strip:
    """Counts as (standing, word, number) in the order given; zeros take no room and are not said."""
    counts = [count for count in counts if count[2] > 0]
    total = sum(number for _, _, number in counts)
    parts, done = [], 0
    for standing, _, number in counts:
        start, end = (HUNDRED * edge / total for edge in (done, done + number))
        parts.append(Share(standing, place(start), place(end - start)))
        done += number
    said = "，".join(f"{label}{number}" for _, label, number in counts)
    return Strip(tuple(parts), f"共{total}：{said}。" if said else "没有可计的内容。")


def trend(
    data: Sequence[Datum],
    *,
    name: str = "",
    unit: str = "",
    baseline: Decimal | None = None,
    target: Decimal | None = None,
    breaks: Sequence[Break] = (),
    whole: bool = False,
) -> Trend:
    """A series in the order of its periods; every period has its place, with or without a figure.

    Where what is counted is `whole` no line of the grid stands between.
    """
    ends = [end for datum in data for end in (datum.value, datum.low, datum.high) if end is not None]
    ticks = _ticks([*ends, *(level for level in (baseline, target) if level is not None)], whole=whole)
    across = _Scale(ZERO, Decimal(max(len(data) - 1, 0)), labels.left(map(plain, ticks)), TREND_RIGHT)
    down = _Scale(ticks[0], ticks[-1], Decimal(TREND_BOTTOM), Decimal(TREND_TOP))
    room = labels.room(text for datum in data for text in (datum.label, datum.words))
    return Trend(
        height=TREND_HEIGHT,
        top=TREND_TOP,
        bottom=TREND_BOTTOM,
        depth=TREND_BOTTOM - TREND_TOP,
        points=tuple(_point(index, data, across, down, room) for index in range(len(data))),
        segments=tuple(_segments(data, across, down)),
        grid=tuple(Level(down.at(tick), plain(tick), place(down(tick) - 4)) for tick in ticks),
        baseline=_level(down, "基线", baseline, target, unit),
        target=_level(down, "目标", target, baseline, unit),
        breaks=_marks([mark for mark in breaks if 0 <= mark.index < max(len(data), 1)], across),
        cut=not ticks[0] <= 0 <= ticks[-1],
        partly=any(datum.missing for datum in data),
        parted=len({datum.of for datum in data if datum.value is not None}) > 1,
        sentence=told(data, name, unit, baseline, target),
    )


def _range(low: Decimal | None, high: Decimal | None, scale: _Scale, far: Decimal) -> Range | None:
    """The whisker of low..high; an open one runs to the far edge of the drawing."""
    if low is None or low == high:
        return None
    end = place(far) if high is None else scale.at(high)
    return Range(scale.at(low), end, high is None)


def _ticks(values: Sequence[Decimal], *, whole: bool = False) -> list[Decimal]:
    """Round numbers around the values; zero is among them unless that would flatten the series."""
    low, high = (min(values), max(values)) if values else (ZERO, Decimal(1))
    if low >= 0 and low < high * Decimal("0.7"):
        low = ZERO
    if low == high:
        low, high = min(low, ZERO), max(high, ZERO)
    if low == high:
        high = Decimal(1)
    rough = (high - low) / 4
    power = Decimal(1).scaleb(rough.adjusted())
    step = next(factor * power for factor in (1, 2, 5, 10) if factor * power >= rough)
    step = max(step, Decimal(1)) if whole else step
    first = (low / step).to_integral_value(ROUND_FLOOR)
    last = (high / step).to_integral_value(ROUND_CEILING)
    return [step * (first + index) for index in range(int(last - first) + 1)]


def _level(down: _Scale, word: str, value: Decimal | None, other: Decimal | None, unit: str) -> Level | None:
    """A line with its label above it, or below where the other line is close and this is the lower one."""
    if value is None:
        return None
    close = other is not None and abs(down(value) - down(other)) < LEVEL_GAP
    lower = other is not None and (value < other or (value == other and word == "基线"))
    text_y = down(value) + (LEVEL_GAP if close and lower else -4)
    return Level(down.at(value), f"{word}{plain(value)}{unit}", place(text_y))


def _point(index: int, data: Sequence[Datum], across: _Scale, down: _Scale, room: int) -> Point:
    """The drawn place of one period, with its labels thinned to what a wide screen and a phone hold."""
    datum, count = data[index], len(data)
    whisker = None
    value_y = ""
    if datum.value is not None:
        whisker = _range(datum.low, datum.high, down, Decimal(TREND_TOP))
        highest = Decimal(whisker.end) if whisker else down(datum.value)
        value_y = place(max(highest - 8, Decimal(28)))
    behind = count - 1 - index  # counted from the newest, which always keeps its label
    return Point(
        x=across.at(Decimal(index)),
        y=down.at(datum.value),
        label=datum.label,
        words=datum.words,
        url=datum.url,
        whisker=whisker,
        value_y=value_y,
        shown=behind % -(-count // 12) == 0,
        minor=behind % -(-count // room) != 0,
        edge=labels.edge(index, count - 1),
        hollow=datum.missing > 0,
    )


def _segments(data: Sequence[Datum], across: _Scale, down: _Scale) -> list[Segment]:
    """Pieces between neighbours; a missing period is never bridged, nor the figures of some organs to those of others."""
    at = [across.at(Decimal(index)) for index in range(len(data))]
    return [
        Segment(at[index], down.at(left.value), at[index + 1], down.at(right.value))
        for index, (left, right) in enumerate(pairwise(data))
        if left.value is not None and right.value is not None and left.of == right.of
    ]


def _marks(breaks: Sequence[Break], across: _Scale) -> tuple[Mark, ...]:
    """A break stands half way before its period; its words keep clear of the edges, those of several of each other."""
    half, drawn = (across(Decimal(1)) - across(ZERO)) / 2, []
    for number, mark in enumerate(breaks, start=1):
        x = max(across(Decimal(mark.index)) - half, across.start)
        sign = f"⟂{number}" if len(breaks) > 1 else "⟂"
        short = len(breaks) == 1 and len(mark.reason) <= MOST_REASON
        text_x = min(max(x, Decimal(15)), Decimal(85)) if short else x
        drawn.append(
            Mark(place(x), sign, mark.reason, f"{sign} {mark.reason}" if short else sign, place(text_x))
        )
    return tuple(drawn)
