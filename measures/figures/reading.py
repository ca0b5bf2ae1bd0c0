"""From a text to its figures: mentions, what belongs together, names, and the sentence around each."""

import re
from bisect import bisect_right
from collections.abc import Sequence
from itertools import groupby

from measures.figures.figure import Figure, Saying
from measures.figures.lexicon import PERIOD
from measures.figures.links import linked, together
from measures.figures.mentions import Kind, Mention, all_mentions, tidied
from measures.figures.names import counted_after, left_of, listed, name_of, shared_out, with_predicate
from measures.figures.words import cut
from measures.wording import Qualifier

# A text without a full stop is cut, so that no figure drags a megabyte along as its sentence.
_SENTENCE = re.compile(r"[^。！？!?\n]{1,400}[。！？!?”]{0,3}|[。！？!?\n]++")
_SAYINGS = {
    Qualifier.NEAR: Saying.APPROX,
    Qualifier.BELOW: Saying.AT_MOST,
    Qualifier.BETWEEN: Saying.AT_MOST,
}
_KINDS = {Kind.RANK: Saying.RANK, Kind.STREAK: Saying.YEAR}
_PART = re.compile("其中")
_PART_END = re.compile("[；;]")
_COMMA = re.compile("[，,]")
#: What only makes a time something to compare with: 较去年同期增长, 是上年的2.5倍.
_COMPARED = re.compile("(?:较|比|与|同|跟)$")
_TIMES = re.compile("(?:同期)?的?[0-9.一二三四五六七八九十两]+倍")
_YEAR = re.compile("[0-9]{4}年")
_RIGHT_BEFORE = re.compile("的?")
_BEGINNING = 8
_PAIRED = frozenset({"户", "件", "起", "例", "家"})
_ROOM = 22
_PERSONS = frozenset({"人", "名", "人次"})
#: Sorts of units: 1500名，其中65人 tells a part, 2.23万元，其中45户 does not. All others count things.
_SORTS = (
    *(_PERSONS, frozenset({"元", "万元", "亿元", "美元", "万美元", "亿美元"}), frozenset({"%"})),
    *(frozenset({"公里", "千米", "米"}), frozenset({"吨", "公斤"})),
    frozenset({"亩", "公顷", "平方米", "平方公里"}),
)


def _sort(unit: str) -> frozenset[str]:
    """The units that measure the same as this one; none for a unit that counts things."""
    return next((sort for sort in _SORTS if unit in sort), frozenset())


def read(text: str) -> list[Figure]:
    """Every figure that says what was done, reached, spent or won, in the order of the text; linear in its length."""
    tidy = tidied(text)
    found = linked(tidy, all_mentions(tidy))
    spans = [match.span() for match in _SENTENCE.finditer(text)]
    starts = [start for start, _ in spans]
    periods = [(match.start(), match[0]) for match in PERIOD.finditer(tidy)]
    figures: list[Figure] = []
    for place, group in groupby(found, key=lambda each: bisect_right(starts, each.start) - 1):
        figures += _Sentence(text, tidy, spans[place], periods).figures(list(group))
    return figures


class _Sentence:
    """One sentence of a text and its mentions."""

    def __init__(
        self, text: str, tidy: str, span: tuple[int, int], periods: Sequence[tuple[int, str]]
    ) -> None:
        self.text, self.tidy = text, tidy
        self.start, self.end = span
        self.words = text[self.start : self.end]
        self.periods = periods

    def figures(self, found: list[Mention]) -> list[Figure]:
        names = self._names(found)
        pairs = [
            before.start if before and self._is_pair(before, each) else None
            for before, each in zip([None, *found], found, strict=False)
        ]
        result = []
        for index, mention in enumerate(found):
            pair = pairs[index]
            if pair is None and index + 1 < len(found) and pairs[index + 1] is not None:
                pair = found[index + 1].start
            result.append(self._figure(mention, names[index], pair, self._whole(found, index)))
        return result

    def _names(self, found: list[Mention]) -> list[str]:
        names: list[str] = []
        for run in together(self.tidy, found):
            self._name_run(found, names, run)
        names = with_predicate(self.tidy, found, names)
        for index in range(len(found) - 2, -1, -1):
            if found[index].end == found[index + 1].lead and not self._is_pair(
                found[index], found[index + 1]
            ):
                # 10类20项69条重点任务 are one thing after the other
                names[index] = names[index + 1] if len(names[index]) < len(names[index + 1]) else names[index]
        return names

    def _name_run(self, found: list[Mention], names: list[str], run: list[Mention]) -> None:
        """Add the names of mentions that only 、 or 和 stands between; `names` are those before them."""
        if len(run) > 1:
            shared = shared_out(
                left_of(self.tidy, run[0].old or run[0], self._floor(found, len(names))), len(run)
            )
            if shared:
                names += shared
                return
        for mention in run:
            index = len(names)
            following = found[index + 1] if index + 1 < len(found) else None
            called = names[-1] if names else ""
            if index and self._is_pair(found[index - 1], mention):
                called = counted_after(self.tidy, mention, following) or called
                names[-1] = f"{called[:_ROOM]}{found[index - 1].unit}数"
                names.append(f"{called[:_ROOM]}人数")
            else:
                name = name_of(self.tidy, mention, self._floor(found, index), following, called)
                names.append(name or called)

    def _floor(self, found: list[Mention], index: int) -> int:
        """Where the words of a figure may begin: after the one before it, but not after 连续4年."""
        while index and found[index - 1].kind is Kind.STREAK:
            index -= 1
        return found[index - 1].end if index else self.start

    def _is_pair(self, before: Mention, mention: Mention) -> bool:
        """Whether two units say one thing: 19425户65564人, 28户（97人）."""
        gap = self.tidy[before.end : mention.start]
        return before.unit in _PAIRED and mention.unit in _PERSONS and gap in ("", "（", "(", "、", "，")

    def _whole(self, found: list[Mention], index: int) -> int | None:
        """Where the whole begins that this figure is a part of: 1500余名，其中65人…；"""
        said = [match.end() for match in _PART.finditer(self.tidy, self.start, found[index].start)]
        if not said or _PART_END.search(self.tidy, said[-1], found[index].start):
            return None
        if self._new_deed(said[-1], [each for each in found[:index] if each.start > said[-1]], found[index]):
            return None
        unit = found[index].unit
        wholes = [each for each in found if each.end <= said[-1]]
        if wholes and _sort(wholes[-1].unit) == _sort(unit):
            return wholes[-1].start
        # 签约120户350人，其中贫困户45户; 慰问近百户，发放2.23万元，其中党员户45户
        return next((each.start for each in reversed(wholes) if each.unit == unit), None)

    def _new_deed(self, start: int, parts: list[Mention], mention: Mention) -> bool:
        """Whether a clause after the parts that begin at `start` tells of another deed: 其中党员45人，慰问群众87人."""
        if not parts:
            return False
        first = self._verb(start, parts[0].lead)
        commas = [match.end() for match in _COMMA.finditer(self.tidy, parts[0].end, mention.lead)]
        verbs = [self._verb(comma, mention.lead) for comma in commas]
        return any(verb and verb != first for verb in verbs)

    def _verb(self, start: int, end: int) -> str:
        """The verb that the words from here on begin with; empty for any other word."""
        words = cut(self.tidy[start : min(start + _BEGINNING, end)].lstrip("，有"))
        return words[0][0] if words and words[0][1] else ""

    def _period(self, mention: Mention) -> str:
        """When it was, as written: the nearest time before it that is not said of something else."""
        for place in range(bisect_right(self.periods, (mention.end, "")) - 1, -1, -1):
            start, words = self.periods[place]
            if start < self.start:
                break
            between = self.tidy[start + len(words) : mention.lead]
            if between.count("）") > between.count("（") or self._of_old(start + len(words), mention):
                continue
            compared = _COMPARED.search(self.tidy, max(self.start, start - 4), start)
            if compared is None and not _TIMES.match(self.tidy, start + len(words)):
                return words
            if compared and _YEAR.match(words) and not _COMMA.search(between):
                return compared[0] + words
        return ""

    def _of_old(self, end: int, mention: Mention) -> bool:
        """Whether a time that ends here is that of the old value: 由2019年的91.2%升至98.5%."""
        return bool(mention.old and _RIGHT_BEFORE.fullmatch(self.tidy, end, mention.old.lead))

    def _figure(self, mention: Mention, name: str, pair: int | None, whole: int | None) -> Figure:
        qualifier = (
            _KINDS.get(mention.kind) or _SAYINGS.get(mention.qualifier) or Saying(mention.qualifier.value)
        )
        old = mention.old
        left = left_of(self.tidy, old or mention, self.start)
        return Figure(
            amount=mention.amount,
            unit=mention.unit,
            qualifier=Saying.CHANGE if old else qualifier,
            what=name,
            start=mention.start,
            end=mention.end,
            words=self.text[mention.start : mention.end],
            said=f"{mention.low.said}至{mention.said}" if mention.low else mention.said,
            sentence=self.words,
            sentence_start=self.start,
            baseline=old.amount if old else None,
            was=(old.said if old.unit else old.said + mention.unit) if old else "",
            applies_to=listed(left),
            part_of=whole,
            pair=pair,
            period=self._period(mention),
            parted=any(each and each.parted for each in (mention, mention.old, mention.low)),
        )
