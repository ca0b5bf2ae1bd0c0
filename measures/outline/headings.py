"""Where a report says its headings (标题), in the ways they are written; which of them are its pillars."""

import re
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import chain, zip_longest

from measures.outline.lines import Span
from measures.outline.marks import Mark, Scheme, mark_of

_LONGEST, _LONGEST_LINE, _LONGEST_UNMARKED, _SHORTEST = 45, 60, 30, 2
_ASPECT = re.compile(r"在?[^，。；、：“”\s0-9]{2,12}(?:、[^，。；、：\s0-9]{2,8})?方面[，,：:]")
#: How a paragraph begins that tells of a day, a meeting or what somebody said.
_TELLS = re.compile(
    r"[今去本]年|近年|近[日期]|日前|目前|截[至止]|自从?|[0-9（(“《]|连日来|一年来|上午|下午|当日|随后|同时|此外|其中|会上|会议|据|下一?步|今后|为了?|通过|特此|附"
    r"|以上|此致|第?[一二三四五六七八九十]、[一二三四五六七八九十]|这|该|他|她|我|对此"
)
_END = re.compile("[。！？；;：:]")
_GAP = re.compile("[ \u3000]{2,}|[\t\u3000]")
_NAMED = re.compile("【[^【】\n]{2,30}】(?=.)")
#: A colon after these ends no heading.
_SAYS = re.compile("(?:如下|强调|指出|表示|介绍|认为|要求|说|包括|分别|内容|其中|是|为|有)$")
_FINISHED = re.compile("[。！？；;，,：:、.!?]$")
#: Headings that only say that what was done comes now: the headings below them are the pillars.
GENERIC = re.compile(
    r"(?:[^，。]{0,12}的)?(?:主要|基本|工作|创建|具体|总体|重点|近期|党建|[^，。]{0,6}年度?|上半年|模范机关)*(?:开展|完成|落实|推进|进展|建设)?(?:情况|做法|成效|措施|举措|经验|亮点|成绩|工作|特色|总结|回顾)"
    r"(?:[和及与、](?:主要|工作|取得的?)*(?:情况|做法|成效|措施|举措|经验|亮点|成绩|特色))?"
)
#: Headings under which stands what was not done.
AHEAD = re.compile(
    r"存在的?.{0,6}(?:问题|不足|困难|短板)|问题(?:和|与|及)?(?:不足|困难|短板|原因)|下一?步|今后|努力方向|[^，。]{0,12}工作(?:打算|计划|思路|安排|谋划)$|意见(?:和|与|及)?建议|[^，。]{0,8}打算$"
)


@dataclass(frozen=True, slots=True)
class Heading:
    """A heading: from its mark to where the text under it begins; where its mark and its words are."""

    start: int
    end: int
    scheme: Scheme
    number: Span
    said: Span
    words: str
    follows: bool
    """Whether text stands under it."""


def heading_at(text: str, piece: Span, following: Span | None, mark: Mark) -> Heading | None:
    """The heading that a marked piece begins with; None for an item that is no heading."""
    rest = Span(mark.end, piece.end)
    end = _end_of_words(text, rest)
    if end is None:
        return None
    words = text[rest.start : end].rstrip("。：:；; \u3000\t")
    if len(words) < _SHORTEST:
        return None
    follows = end < piece.end or _is_text(text, following, mark.scheme)
    number = Span(mark.start, mark.start + len(mark.words))
    said = Span(rest.start, rest.start + len(words))
    return Heading(piece.start, end, mark.scheme, number, said, words, follows)


def _end_of_words(text: str, rest: Span) -> int | None:
    """Where a heading ends: a short line, a short first sentence, or what a gap parts from the rest."""
    limit = min(rest.end, rest.start + _LONGEST + 1)
    if gap := _GAP.search(text, rest.start + _SHORTEST, limit):
        return gap.end()
    end = _END.search(text, rest.start, limit)
    if end is None:
        alone = _END.search(text, rest.start, rest.end) is None and rest.end - rest.start <= _LONGEST_LINE
        return rest.end if alone else None
    if text[end.start()] in "；;":
        return None
    return end.end()


def _is_text(text: str, piece: Span | None, scheme: Scheme) -> bool:
    """Whether a piece stands under a heading of this scheme."""
    if piece is None:
        return False
    mark = mark_of(text, piece)
    return mark is None or mark.scheme > scheme


def headings(text: str, pieces: Sequence[Span]) -> list[Heading]:
    """The headings that are the pillars of a text, in order; empty if it has none."""
    found: dict[Scheme, list[Heading]] = {scheme: [] for scheme in Scheme}
    for index, piece in enumerate(pieces):
        following = pieces[index + 1] if index + 1 < len(pieces) else None
        mark = mark_of(text, piece)
        if mark is not None:
            heading = heading_at(text, piece, following, mark)
        elif index and not _goes_on(text, pieces[index - 1], piece):
            heading = _unmarked(text, piece, following)
        else:
            heading = None
        if heading is not None:
            found[heading.scheme].append(heading)
    top = _outermost(found)
    return [] if top is None else list(_with_inner(text, found, top))


def _unmarked(text: str, piece: Span, following: Span | None) -> Heading | None:
    """A line or a first sentence that has the form of a heading only."""
    if _TELLS.match(text, piece.start):
        return None
    words = text[piece.start : min(piece.end, piece.start + _LONGEST_UNMARKED + 1)]
    if (
        len(words) <= _LONGEST_UNMARKED
        and piece.end - piece.start > _SHORTEST
        and not _FINISHED.search(words)
    ):
        if following is None or not _is_prose(text, following):
            return None
        return _plain(piece, len(words), piece.end, Scheme.ALONE, words)
    if match := _ASPECT.match(text, piece.start, piece.end):
        return _plain(piece, len(match[0]) - 1, match.end(), Scheme.ASPECT, match[0][:-1])
    if match := _NAMED.match(text, piece.start, piece.end):
        number = Span(piece.start, piece.start)
        said = Span(piece.start + 1, match.end() - 1)
        return Heading(piece.start, match.end(), Scheme.LEADING, number, said, match[0][1:-1], True)
    end = _END.search(words)
    if end and end[0] in "。：" and end.start() > _SHORTEST and not _SAYS.search(words[: end.start()]):
        first = words[: end.start()]
        if piece.start + end.end() == piece.end and not _goes_on(text, piece, following):
            return None
        if not re.search("[0-9]", first):
            return _plain(piece, len(first), piece.start + end.end(), Scheme.LEADING, first)
    return None


def _is_prose(text: str, piece: Span) -> bool:
    """Whether a line is a sentence, or too long for a heading."""
    return piece.end - piece.start > _LONGEST_UNMARKED or bool(_FINISHED.match(text, piece.end - 1))


def _plain(piece: Span, length: int, end: int, scheme: Scheme, words: str) -> Heading:
    """A heading without a mark."""
    start = piece.start
    return Heading(start, end, scheme, Span(start, start), Span(start, start + length), words, True)


def _goes_on(text: str, piece: Span, following: Span | None) -> bool:
    """Whether the next piece stands in the same paragraph."""
    return following is not None and not text[piece.end : following.start].strip(" \u3000\t")


def _outermost(found: dict[Scheme, list[Heading]]) -> Scheme | None:
    """The scheme of the pillars: of those that several headings with text follow, the one that comes first."""
    fit = [
        scheme
        for scheme, several in found.items()
        if len(several) > (scheme is not Scheme.CHINESE)
        and 2 * sum(each.follows for each in several) >= len(several)
    ]
    return min(fit, key=lambda scheme: (found[scheme][0].start, scheme), default=None)


def _with_inner(text: str, found: dict[Scheme, list[Heading]], top: Scheme) -> Iterator[Heading]:
    """The headings of a scheme, a generic one replaced by those below it."""
    several = [each for scheme, each in found.items() if scheme > top and len(each) > 1]
    inner = sorted(chain.from_iterable(several), key=lambda each: each.start)
    starts = [each.start for each in inner]
    for heading, following in zip_longest(found[top], found[top][1:]):
        end = following.start if following else len(text)
        below = inner[bisect_left(starts, heading.start) : bisect_left(starts, end)]
        if below and GENERIC.fullmatch(heading.words):
            yield from (each for each in below if each.scheme == below[0].scheme)
        else:
            yield heading
