"""Progress (进展): change against a baseline, attainment of a target, standing of an action, rounding."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import ROUND_FLOOR, Decimal
from enum import StrEnum

from measures.numerals import plain
from measures.numerals import round_half_up as round_half_up
from measures.quantity import Qualifier, Quantity, QuantityError, UnitSpec

HUNDRED = Decimal(100)
# Persons per household (户均人口) outside these is asked about: counties lie between two and five.
PLAUSIBLE_HOUSEHOLD = (Decimal(1), Decimal(10))
# Decimals of a change: what was pooled has no end of them; six of 元 are ten of 万元.
POOLED_PLACES, EXACT_PLACES = 2, 10
# Targets that name their lower or upper end: 95%以上 asks for 95, 不超过10 for at most 10.
_FROM_LOW = frozenset({Qualifier.AT_LEAST, Qualifier.OVER, Qualifier.MORE, Qualifier.BETWEEN})
_TO_HIGH = frozenset({Qualifier.AT_MOST, Qualifier.BELOW, Qualifier.BETWEEN})


class Direction(StrEnum):
    """Which way is better for a metric."""

    UP = "up"
    DOWN = "down"
    KEEP = "keep"
    NONE = "none"


class Verdict(StrEnum):
    """What a figure says about its target."""

    MET = "met"
    MAYBE = "maybe"
    NOT_MET = "not_met"
    NO_TARGET = "no_target"
    NO_DATA = "no_data"
    NOT_APPLICABLE = "not_applicable"


class Standing(StrEnum):
    """Where an action stands (状态), computed from its dates; unfinished is what was not closed out in a closed campaign."""

    NOT_STARTED = "not_started"
    UNDER_WAY = "under_way"
    SOON = "soon"
    LATE = "late"
    UNFINISHED = "unfinished"
    DONE = "done"


DIRECTION_LABELS = {
    Direction.UP: "越高越好",
    Direction.DOWN: "越低越好",
    Direction.KEEP: "保持",
    Direction.NONE: "不评判",
}
VERDICT_LABELS = {
    Verdict.MET: "已达标",
    Verdict.MAYBE: "可能达到",
    Verdict.NOT_MET: "未达标",
    Verdict.NO_TARGET: "无目标",
    Verdict.NO_DATA: "未报",
    Verdict.NOT_APPLICABLE: "不适用",
}
#: Why what a sum has reached so far may be lost.
GOES_ON = "活动还没结束"
#: What a higher and a lower number of a rank (位次) mean.
RANK_VERBS = ("后退", "前进")
STANDING_LABELS = {
    Standing.NOT_STARTED: "未开始",
    Standing.UNDER_WAY: "推进中",
    Standing.SOON: "临近",
    Standing.LATE: "逾期",
    Standing.UNFINISHED: "未办结",
    Standing.DONE: "已销号",
}
STANDING_SHAPES = {
    Standing.NOT_STARTED: "○",
    Standing.UNDER_WAY: "●",
    Standing.SOON: "▲",
    Standing.LATE: "◆",
    Standing.UNFINISHED: "◇",
    Standing.DONE: "✓",
}


@dataclass(frozen=True)
class Change:
    """From before to after: the exact amount if both are certain, the ends of what it may be (None = open),
    the relative change in per cent of before (one decimal), and the words."""

    amount: Decimal | None
    low: Decimal | None
    high: Decimal | None
    relative: Decimal | None
    words: str


@dataclass(frozen=True)
class Progress:
    """How far towards the target: share in per cent (one decimal, never clamped), bar from 0 to 100.

    `done` is the share in words; `open` says that what is reached may be lost before the end.
    """

    verdict: Verdict
    share: Decimal | None
    bar: Decimal
    regressed: bool
    words: str
    done: str = ""
    open: bool = False


def change(
    before: Quantity,
    after: Quantity,
    *,
    percentage: bool,
    rank: bool = False,
    shown: UnitSpec | None = None,
) -> Change:
    """The change from before to after; percentages change by 百分点; raises QuantityError on unlike units.

    The words are in the unit that is `shown`; who had rank 5 and has rank 1 went forward.
    """
    if before.unit != after.unit:
        raise QuantityError(f"“{before.unit}”和“{after.unit}”不能比较，请用同一个单位。")
    low = None if before.high is None else after.low - before.high
    high = None if after.high is None else after.high - before.low
    certain = not (before.uncertain or after.uncertain)
    amount = after.amount - before.amount if certain else None
    relative = None
    if amount is not None and before.amount:
        relative = round_half_up(amount / abs(before.amount) * HUNDRED, 1)
    symbol, scale = (shown.symbol, shown.scale) if shown else (after.unit, Decimal(1))
    unit = "个百分点" if percentage else symbol
    least, most = (None if end is None else end / scale for end in (low, high))
    verbs = ("上升", "下降") if percentage else RANK_VERBS if rank else ("增加", "减少")
    pooled_share = percentage and not (before.words and after.words)
    places = POOLED_PLACES if pooled_share else EXACT_PLACES
    return Change(amount, low, high, relative, _change_words(least, most, unit, verbs, places))


def _change_words(
    low: Decimal | None, high: Decimal | None, unit: str, verbs: tuple[str, str], places: int
) -> str:
    up, down = verbs
    if low is not None and low >= 0:
        return _one_way(up, low, high, unit, places)
    if high is not None and high <= 0:
        return _one_way(down, -high, None if low is None else -low, unit, places)
    return "变化不确定"


def _one_way(verb: str, least: Decimal, most: Decimal | None, unit: str, places: int) -> str:
    least, most = _shown(least, places), None if most is None else _shown(most, places)
    if most is None:
        return f"至少{verb}{plain(least)}{unit}" if least else f"持平或{verb}"
    if least == most:
        return f"{verb}{plain(least)}{unit}" if least else "持平"
    return f"{verb}{plain(least)}至{plain(most)}{unit}"


def _shown(value: Decimal, places: int) -> Decimal:
    """At most so many places."""
    return round_half_up(value, places) if -int(value.as_tuple().exponent) > places else value


def assess(
    actual: Quantity | None, target: Quantity | None, baseline: Quantity | None, direction: Direction
) -> Progress:
    """Whether the target is met and how much of the way from the baseline is done; never divides by zero."""
    for other in (target, baseline):
        if actual and other and other.unit != actual.unit:
            raise QuantityError(f"“{actual.unit}”和“{other.unit}”不能比较，请用同一个单位。")
    if actual is None:
        return Progress(Verdict.NO_DATA, None, Decimal(0), False, VERDICT_LABELS[Verdict.NO_DATA])
    regressed = baseline is not None and _worse(actual, baseline, direction)
    if target is None or direction is Direction.NONE:
        words = VERDICT_LABELS[Verdict.NO_TARGET] + ("，较基线倒退" if regressed else "")
        return Progress(Verdict.NO_TARGET, None, Decimal(0), regressed, words)
    verdict = _verdict(actual, target, direction)
    raw = _share(actual, target, baseline, direction)
    if raw is None:
        bar = HUNDRED if verdict is Verdict.MET else Decimal(0)
        words = VERDICT_LABELS[verdict] + (
            "，较基线倒退" if regressed else _why_no_share(target, baseline, direction)
        )
        return Progress(verdict, None, bar, regressed, words)
    share = round_half_up(raw, 1)
    done = f"{'约' if actual.uncertain else ''}{plain(share)}%"
    words = f"{VERDICT_LABELS[verdict]}，" + (f"较基线倒退（{done}）" if regressed else f"完成{done}")
    return Progress(verdict, share, min(max(raw, Decimal(0)), HUNDRED), regressed, words, done)


def so_far(found: Progress, direction: Direction) -> Progress:
    """What may be said of a sum that still grows: it has not gone back yet, and may still exceed what it must not."""
    verdict, rising = found.verdict, direction is Direction.UP
    open_ = verdict is Verdict.MET and not rising
    if open_:
        verdict = Verdict.MAYBE
    told = (
        rising and found.share is not None and found.share >= 0
    )  # else the way from the baseline says nothing
    done = found.done if told else ""
    parts = (VERDICT_LABELS[verdict], f"完成{done}" if done else "", GOES_ON if open_ else "")
    return Progress(
        verdict=verdict,
        share=found.share if told else None,
        bar=found.bar if rising else Decimal(0),
        regressed=False,
        words="，".join(part for part in parts if part),
        done=done,
        open=open_,
    )


def _worse(actual: Quantity, baseline: Quantity, direction: Direction) -> bool:
    """Whether even the best end is worse than the baseline as said."""
    if direction is Direction.UP:
        return not actual.possibly_at_least(baseline.amount)
    if direction is Direction.DOWN:
        return not actual.possibly_at_most(baseline.amount)
    return False


def _verdict(actual: Quantity, target: Quantity, direction: Direction) -> Verdict:
    """Met if the worst end meets it, not met if the best end does not either, else perhaps."""
    if _reaches(actual, target, direction, sure=True):
        return Verdict.MET
    return Verdict.MAYBE if _reaches(actual, target, direction, sure=False) else Verdict.NOT_MET


def _reaches(actual: Quantity, target: Quantity, direction: Direction, *, sure: bool) -> bool:
    aim, included = _aim(target, direction)
    if direction is Direction.KEEP:
        above = actual.certainly_at_least if sure else actual.possibly_at_least
        below = actual.certainly_at_most if sure else actual.possibly_at_most
        return above(target.low) and (target.high is None or below(target.high))
    # “not below the mark with its worst end” is the contrary of “possibly beyond it on the wrong side”
    if direction is Direction.UP:
        if included:
            return actual.certainly_at_least(aim) if sure else actual.possibly_at_least(aim)
        return not actual.possibly_at_most(aim) if sure else not actual.certainly_at_most(aim)
    if included:
        return actual.certainly_at_most(aim) if sure else actual.possibly_at_most(aim)
    return not actual.possibly_at_least(aim) if sure else not actual.certainly_at_least(aim)


def _aim(target: Quantity, direction: Direction) -> tuple[Decimal, bool]:
    """The number to reach and whether reaching it is enough (95%以上: yes; 超过95%: no)."""
    if direction is Direction.UP and target.qualifier in _FROM_LOW:
        return target.low, target.low_closed
    if direction is Direction.DOWN and target.qualifier in _TO_HIGH and target.high is not None:
        return target.high, target.high_closed
    return target.amount, True


def _share(
    actual: Quantity, target: Quantity, baseline: Quantity | None, direction: Direction
) -> Decimal | None:
    """(actual − baseline) / (target − baseline) in per cent; None where that says nothing."""
    if baseline is None or direction is Direction.KEEP:
        return None
    way = _aim(target, direction)[0] - baseline.amount
    if way == 0 or (way > 0) != (direction is Direction.UP):
        return None
    return (actual.amount - baseline.amount) * HUNDRED / way


def _why_no_share(target: Quantity, baseline: Quantity | None, direction: Direction) -> str:
    if baseline is None or direction is Direction.KEEP:
        return ""
    return "，基线与目标相同" if _aim(target, direction)[0] == baseline.amount else "，基线已优于目标"


def action_standing(
    *,
    start: date | None,
    due: date | None,
    closed_on: date | None,
    started: bool,
    today: date,
    over: bool = False,
    asked_on: date | None = None,
    until: date | None = None,
    soon_days: int = 14,
) -> Standing:
    """The standing of an action on a day; the due day itself is still in time. Nobody is late where all is `over`.

    `asked_on` is the day given as completed while the closing waits for the reviewer, whose time is not the organ's;
    `until` is the first day on which the organ is no more.
    """
    if closed_on is not None and closed_on <= today:
        return Standing.DONE
    if over or dissolved(due, until, today):
        return Standing.UNFINISHED
    if asked_on is not None and (due is None or asked_on <= due):
        return Standing.UNDER_WAY
    if due is not None and due < today:
        return Standing.LATE
    if not started and start is not None and start > today:
        return Standing.NOT_STARTED
    if due is not None and due <= today + timedelta(days=soon_days):
        return Standing.SOON
    return Standing.UNDER_WAY if started or start is not None else Standing.NOT_STARTED


def dissolved(due: date | None, until: date | None, today: date) -> bool:
    """Whether the organ, which is no more from a day on, was gone before something was due that is still not done."""
    return until is not None and until <= today and (due is None or until <= due)


def pooled(pairs: Iterable[tuple[Decimal, Decimal]]) -> Decimal | None:
    """Numerators over denominators in per cent, unrounded; None if the denominators add up to nothing."""
    numerator, denominator = Decimal(0), Decimal(0)
    for part, whole in pairs:
        numerator += part
        denominator += whole
    return numerator * HUNDRED / denominator if denominator else None


def shares(values: Sequence[Decimal], places: int = 1) -> tuple[Decimal, ...]:
    """Shares in per cent that add up to exactly 100 (largest remainder); all 0 if the values are; none negative."""
    if any(value < 0 for value in values):
        raise ValueError("shares of a whole cannot be negative")
    whole, step = sum(values, Decimal(0)), Decimal(1).scaleb(-places)
    if not whole:
        return tuple(Decimal(0).quantize(step) for _ in values)
    exact = [value * HUNDRED / whole for value in values]
    found = [share.quantize(step, ROUND_FLOOR) for share in exact]
    missing = int((HUNDRED - sum(found, Decimal(0))) / step)
    for place in sorted(range(len(values)), key=lambda n: (found[n] - exact[n], n))[:missing]:
        found[place] += step
    return tuple(found)


def pair_check(households: Quantity, persons: Quantity) -> str:
    """A question if households and persons (户/人) do not fit together, else an empty string."""
    least, most = PLAUSIBLE_HOUSEHOLD
    too_few = persons.high is not None and persons.high < households.low * least
    too_many = households.high is not None and persons.low > households.high * most
    if not (too_few or too_many):
        return ""
    if not households.amount:
        return f"{households}却有{persons}，请核对户数和人数。"
    each = plain(round_half_up(persons.amount / households.amount, 2))
    return f"{households}{persons}，平均每户{each}人，请核对是否写错。"


def cumulative_drop(previous: Quantity, new: Quantity) -> bool:
    """Whether a cumulative figure (累计) is certainly below the one before it: then a reason is asked for."""
    return not new.possibly_at_least(previous.low)
