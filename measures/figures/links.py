"""What belongs together: 由38.9%降低到25.6%, 2至3次, 19425户65564人; and what is left out once that is known."""

import re
from dataclasses import replace
from decimal import Decimal
from itertools import pairwise

from measures.figures.lexicon import CHANGE
from measures.figures.mentions import Kind, Mention
from measures.figures.refusals import LIMIT, ONE_DONE
from measures.wording import Qualifier

_LONGEST_GAP = 30
_LOOKED_BACK = 3
_CHANGED = re.compile(
    rf"(?P<first>[^。；;！？\n]*?)(?:{CHANGE})了?(?:到|至|为|成|[降增升减缩]至)[^。；;！？\n]{{0,14}}"
)
_TO = re.compile(r"(?:[^。；;！？\n，]{0,6})(?:到|至)[^。；;！？\n，0-9]{0,10}")
_FROM = re.compile(r"(?:由|从|原)[^，。；：]{0,14}$")
_RIGHT_FROM = re.compile(
    r"(?:由|从)(?:原来的?|原有的?|(?:[0-9]{4}|上|去)年的?|[0-9]{1,2}月的?|年初的?|[^，。；：0-9]{0,3})$"
)
_MONEY = {"元": Decimal(1), "万元": Decimal(10_000), "亿元": Decimal(100_000_000)}
_ENDS = re.compile("[，。；、！）]|$")
_AND = re.compile("[、和及与]|以及")
_RANGE = re.compile(r"[-—–~～]{1,2}|至|到")


def linked(text: str, found: list[Mention]) -> list[Mention]:
    """Figures only: changes and ranges as one mention each, bare numbers and lengths of time gone."""
    found = _lists_joined(text, [each for run in together(text, found) for each in _in_points(run)])
    kept: list[Mention] = []
    window: list[Mention] = []
    for mention in found:
        mention = _joined(text, window, mention)
        for part in (mention.old, mention.low):
            if part is not None and kept and kept[-1].start == part.start:
                kept.pop()
        if mention.kind in (Kind.COUNT, Kind.RANK, Kind.STREAK) or mention.old:
            kept.append(mention)
        ranged = mention.low is not None and mention.low.start != mention.start
        window = [] if mention.old or ranged else [*window[1 - _LOOKED_BACK :], mention]
    return _without_lone(text, kept)


def _in_points(run: list[Mention]) -> list[Mention]:
    """提升3个、2.5个百分点: what is counted in 个 before points is told in points, too."""
    last = run[-1].unit
    if last != "个百分点":
        return run
    return [
        replace(each, unit=last, said=each.said + "百分点") if each.unit == "个" else each for each in run
    ]


def _lists_joined(text: str, found: list[Mention]) -> list[Mention]:
    """分别由1人、2人增加到3人、4人: each of the second list is the new value of its fellow in the first."""
    runs = together(text, found)
    for first, second in pairwise(runs):
        if len(first) == len(second) > 1 and second[0].lead - first[-1].end <= _LONGEST_GAP:
            came_from = bool(_FROM.search(text[max(0, first[0].lead - 16) : first[0].lead]))
            if _is_change(text[first[-1].end : second[0].lead], came_from):
                second[:] = [
                    replace(new, old=old, kind=Kind.COUNT) for old, new in zip(first, second, strict=True)
                ]
                first.clear()
    return [mention for run in runs for mention in run]


def together(text: str, found: list[Mention]) -> list[list[Mention]]:
    """The mentions in runs of those that only 、 or 和 stands between."""
    runs: list[list[Mention]] = []
    for mention in found:
        if runs and _AND.fullmatch(text, runs[-1][-1].end, mention.lead) and mention.kind is not Kind.BARE:
            runs[-1].append(mention)
        else:
            runs.append([mention])
    return runs


def _joined(text: str, window: list[Mention], mention: Mention) -> Mention:
    if mention.kind is Kind.STREAK or mention.old:
        return mention
    for earlier in reversed(window):
        if earlier.old or earlier.kind is Kind.STREAK or mention.lead - earlier.end > _LONGEST_GAP:
            continue
        if mention.kind is Kind.BARE:
            # 从18.6%下降至0: the new value leaves its unit out
            if earlier.kind not in (Kind.COUNT, Kind.TIME) or not _ENDS.match(text, mention.end):
                continue
            changed = replace(mention, unit=earlier.unit, said=mention.said + earlier.unit)
        else:
            changed = mention
        earlier = _in_unit(earlier, changed.unit)
        if earlier.unit != changed.unit and earlier.kind is not Kind.BARE:
            continue
        if (earlier.kind is Kind.RANK) != (mention.kind is Kind.RANK):
            continue
        if any(other.kind is Kind.COUNT and other.start > earlier.start for other in window):
            break
        gap = text[earlier.end : mention.lead]
        came_from = bool(_FROM.search(text[max(0, earlier.lead - 16) : earlier.lead]))
        just_from = _RIGHT_FROM.search(text[max(0, earlier.lead - 16) : earlier.lead])
        if _is_change(gap, came_from) or (just_from and _TO.fullmatch(gap)):
            return replace(changed, start=earlier.start, lead=earlier.lead, old=earlier, kind=Kind.COUNT)
        if (
            _RANGE.fullmatch(gap)
            and mention.kind is not Kind.BARE
            and earlier.amount < mention.amount
            and earlier.start == window[-1].start
        ):
            between = replace(
                mention, start=earlier.start, lead=earlier.lead, low=earlier, qualifier=Qualifier.BETWEEN
            )
            limit = LIMIT.match(text, mention.end) and mention.unit != "%"
            return replace(between, kind=Kind.TIME) if limit else between
    return mention


def noun_of_old(text: str, mention: Mention) -> str:
    """What stands between the unit of the old value and the change: 6个党支部优化为8个."""
    if mention.old is None or mention.old.end >= mention.end:
        return ""
    changed = _CHANGED.match(text, mention.old.end, mention.end)
    return changed["first"] if changed else ""


def _in_unit(mention: Mention, unit: str) -> Mention:
    """An amount of money in the other's unit: 2万元 beside 8000元 is 20000元."""
    here, there = _MONEY.get(mention.unit), _MONEY.get(unit)
    if here is None or there is None or here == there:
        return mention
    return replace(mention, amount=mention.amount * here / there, unit=unit)


def _is_change(gap: str, came_from: bool) -> bool:
    """Whether the words between two numbers lead from the old to the new one."""
    if "，" in gap and not came_from:
        return False
    return bool(_CHANGED.fullmatch(gap))


def _without_lone(text: str, found: list[Mention]) -> list[Mention]:
    """Without 一个 and the like, which mostly say “a”, unless a deed is counted among other figures."""
    return [
        each
        for each in found
        if not each.lone
        or each.kind is Kind.RANK
        or ONE_DONE.search(text[max(0, each.start - 6) : each.start])
    ]
