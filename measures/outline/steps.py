"""The actions of a pillar (举措): its sentences, without what only leads in, plans or names the next points."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from measures.outline.deeds import DONE, OPENS, RESULT, SPIRIT
from measures.outline.headings import GENERIC
from measures.outline.lines import Span, Wholes, clauses, sentences
from measures.outline.marks import mark_of
from measures.outline.sorting import clear_kind

_SAYS_DEED = re.compile(rf"(?:{DONE})")
_GUIDED = re.compile(
    "以[^，。]{2,30}?为(?:指导|统领|引领|抓手|主线|目标|契机|核心|根本|载体|遵循|导向|重点|动力)|为(?:指导|统领|抓手)|紧扣|创建[^，。]{0,8}(?:成效|目标)|采取.{1,6}(?:举措|措施)"
)
#: What was not done yet.
AHEAD = re.compile(
    r"下一?步|今后|接下来|下一阶段|下阶段|下半年将|明年|力争|计划(?:于|在)|[^，。]{2,20}(?:计划于|将(?:加快|继续|进一步|持续|聚焦))"
)
#: How the last paragraph begins that looks back on all of it.
CLOSING = re.compile(
    "据介绍|据悉|据统计|通过(?:一系列|创建|以上)|自[^，。]{0,10}(?:创建|活动)[^，。]{0,6}以来|总之|回顾"
)
_NUMBER = re.compile("[0-9]|[一二三四五六七八九十两百千万]{1,4}[余多]?[个项名次场人户家期支]")
_ANNOUNCES = re.compile("(?:现将|现就)[^。]{0,40}(?:如下|汇报|报告|总结)|(?:汇报|报告|总结|情况)如下[：。]?$")
#: A day, who wrote it and whom it goes to.
_AROUND = re.compile(
    r"[0-9〇○零一二三四五六七八九十]{2,4}年[0-9一二三四五六七八九十]{1,2}月(?:[0-9一二三四五六七八九十]{1,3}日)?$|附件?[：:0-9]|抄送|报送：|（?(?:联系人|联系电话|电话|通讯员|记者|作者|来源|供稿|撰稿|编辑|责任编辑)"
    r"[：: \u3000]|（[^（）0-9]*）$|（(?:联系人|通讯员|记者|作者|来源)[^（）]*）$"
)
_SIGNED = re.compile("[^，。；]{2,24}(?:局|委|会|办|室|部|厅|院|中心|支部|党组|政府|队|站|所)")
_NOT_COUNTED = re.compile("“[^“”]*”|[0-9]+[年月日时]")
_SHORTEST_STEP = 8
_SHORTEST_FIRST = 14
_LONGEST_POINT = 32


@dataclass(frozen=True, slots=True)
class Found:
    """Where the actions of a part are, and what of it tells of the time ahead."""

    steps: tuple[Span, ...]
    ahead: tuple[Span, ...]


def steps_under(text: str, pieces: Sequence[Span], wholes: Wholes, under: bool, leads_in: bool) -> Found:
    """The actions in these pieces: `under` a heading, or what `leads_in` to headings."""
    units = list(_units(text, pieces, wholes))
    steps: list[Span] = []
    ahead: list[Span] = []
    for index, (span, point) in enumerate(units):
        words = text[span.start : span.end]
        if point or not _tells(words):
            continue
        if AHEAD.match(words):
            ahead.append(span)
        elif leads_in and not _counts(words) and not _deeds(words):
            continue
        elif (under or not _GUIDED.search(words)) and not (
            not steps and _only_leads_in(words, index) and len(units) > index + 1
        ):
            steps += _parted(text, span, wholes)
    return Found(tuple(steps), tuple(ahead))


def _units(text: str, pieces: Sequence[Span], wholes: Wholes) -> Iterator[tuple[Span, bool]]:
    """The sentences of a part without their marks, each with whether it only names the point that follows."""
    for place, piece in enumerate(pieces):
        mark = mark_of(text, piece)
        rest = Span(mark.end, piece.end) if mark else piece
        if mark and GENERIC.fullmatch(text, rest.start, rest.end):
            continue
        found = sentences(text, rest, wholes)
        for index, span in enumerate(found):
            more = index + 1 < len(found)
            if not more and place + 1 < len(pieces):
                following = mark_of(text, pieces[place + 1])
                more = following is None or (mark is not None and following.scheme > mark.scheme)
            named = mark is not None and index == 0 and more
            yield span, named and _is_point(text, span)


def _is_point(text: str, span: Span) -> bool:
    words = text[span.start : span.end]
    return len(words) <= _LONGEST_POINT and not words.endswith(("；", ";")) and not _NUMBER.search(words)


def _tells(words: str) -> bool:
    """Whether a sentence says anything: not a signature, a day, a table's cell or a remark on its author."""
    if _ANNOUNCES.search(words) or _AROUND.match(words) or (words[-1] == "：" and not _counts(words)):
        return False
    bare = words.strip("。；;！!？?“”（）() \u3000")
    if len(bare) < _SHORTEST_STEP - 2 or re.fullmatch(r"[^\u4e00-\u9fff]*", bare):
        return False
    if words[-1] in "。；;！!”）…，、：.":
        return True
    signed = _SIGNED.fullmatch(words) and not _SAYS_DEED.match(words)
    return not signed and bool(_NUMBER.search(words) or OPENS.match(words))


def _only_leads_in(words: str, index: int) -> bool:
    """Whether the first sentence under a heading says the spirit and no deed."""
    return index == 0 and bool(SPIRIT.match(words)) and not _counts(words) and not _deeds(words)


def _counts(words: str) -> bool:
    return bool(_NUMBER.search(_NOT_COUNTED.sub("", words)))


def _deeds(words: str) -> bool:
    parts = re.split("[，,]", words)
    return any(OPENS.match(each) and not RESULT.match(each) and not SPIRIT.match(each) for each in parts)


def _parted(text: str, span: Span, wholes: Wholes) -> list[Span]:
    """A sentence as its actions: it goes on to another one where a deed of another kind begins."""
    found: list[Span] = []
    start, kind, counted, done = span.start, "", False, False
    for clause in clauses(text, span, wholes):
        words = text[clause.start : clause.end]
        opens = None if RESULT.match(words) or SPIRIT.match(words) else OPENS.match(words)
        its_kind = clear_kind(words)
        another = opens and (counted or opens["subject"] or (its_kind and kind and its_kind != kind))
        if (
            another
            and done
            and clause.start - start >= _SHORTEST_FIRST
            and span.end - clause.start >= _SHORTEST_STEP
        ):
            found.append(Span(start, clause.start))
            start, kind, counted, done = clause.start, "", False, False
        done = done or bool(opens)
        kind = its_kind or kind
        counted = counted or bool(_NUMBER.search(words))
    found.append(Span(start, span.end))
    return found
