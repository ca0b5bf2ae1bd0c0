"""Where a report says its headings (标题), in the ways they are written; which of them are its pillars."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import IntEnum
from itertools import pairwise

from measures.outline.lines import Span, Wholes

_CN = "[一二三四五六七八九十]"
_LONGEST = 45
_RUN_IN = 30


class Scheme(IntEnum):
    """A way of marking headings; the outer ones first."""

    BULLET = 0
    CHINESE = 1
    BRACKETED = 2
    ALONE = 3
    LEADING = 4
    ARABIC = 5
    RINGED = 6
    ASPECT = 7
    SAID = 8


_MARKS = {
    Scheme.BULLET: re.compile(
        r"[•●■◆▲★☆◎○▪◇□►➤※√✓✦▶]+[ \t\u3000]*+|[·*\-－][ \t\u3000]*+(?=[\u4e00-\u9fff“])"
    ),
    Scheme.CHINESE: re.compile(
        rf"(?:第?{_CN}{{1,3}}[、．.]|第{_CN}{{1,3}}[，,：:]|{_CN}{{1,3}}[，,：:](?=\S{{2}}))[ \t\u3000]*+"
        rf"(?!{_CN}{{1,3}}(?:[、季月级类等线班院中期轮批日号者组层审楼]|两))"
    ),
    Scheme.BRACKETED: re.compile(rf"[（(]{_CN}{{1,3}}[）)][、 \t\u3000]*+(?![项款条目])"),
    Scheme.ARABIC: re.compile(r"[0-9０-９]{1,2}[.．、][ \t\u3000]*+(?![0-9０-９])"),
    Scheme.RINGED: re.compile(r"(?:[（(][0-9０-９]{1,2}[）)]|[0-9]{1,2}[）)]|[①-⑳])[ \t\u3000]*+"),
}
#: How points are told apart inside a paragraph; 一是一、二是二 is a saying.
SAID = re.compile(
    rf"(?:{_CN}{{1,2}}[是要](?!{_CN}[，,、。；;]|{_CN}{_CN}?是)[，,：:]?|第{_CN}{{1,2}}[，,：:、]|首先[是要]?[，,]?|其次[是要]?[，,]?|再次[是要]?[，,]?"
    r"|再者[是要]?[，,]?|最后[是要]?[，,]?|另外[是要]?[，,]?(?=.{0,14}。))"
)
_ASPECT = re.compile(r"(?:在)?[^，。；、：\s0-9]{2,12}(?:、[^，。；、：\s0-9]{2,8})?方面[，,：:]")
_TIME = re.compile(
    r"今年|去年|近年|近日|日前|目前|截至|截止|自|[0-9]|连日来|一年来|近期|上午|下午|当日|随后|同时|此外|其中|会上|会议|据|下一步|为了?|通过|特此|附|以上|此致"
)
_SENTENCE_END = re.compile("[。！？；：:]")
#: Headings that only say that what was done comes now: the headings below them are the pillars.
_GENERIC = re.compile(
    r"(?:.{0,10}的)?(?:主要|基本|工作|创建|具体|总体|重点|近期|.{0,6}年度?)*(?:工作)?(?:开展|完成|落实|推进|进展|建设)?(?:情况|做法|成效|措施|举措|经验|亮点|成绩|工作|特色)"
    r"(?:[和及与、](?:主要|工作|取得的?)*(?:情况|做法|成效|措施|举措|经验|亮点|成绩|特色))?"
)
#: Headings under which stands what was not done.
AHEAD = re.compile(
    r"存在的?.{0,6}(?:问题|不足|困难|短板)|问题(?:和|与|及)?(?:不足|困难|短板|原因)|下一?步|今后|努力方向|工作(?:打算|计划|思路|安排)|意见(?:和|与|及)?建议|.{0,4}打算$"
)


@dataclass(frozen=True, slots=True)
class Heading:
    """A heading: where it begins with its mark and where the text after it begins; its mark and its words as written."""

    start: int
    end: int
    scheme: Scheme
    number: str
    words: str
    words_start: int


def headings(text: str, lines: Sequence[Span], wholes: Wholes) -> list[Heading]:
    """The headings that are the pillars of a text, in order; empty if it has none."""
    by_scheme = _candidates(text, lines, wholes)
    top = _outermost(by_scheme)
    if top is None:
        return []
    return list(_with_inner(text, by_scheme, by_scheme[top], top))


def _candidates(text: str, lines: Sequence[Span], wholes: Wholes) -> dict[Scheme, list[Heading]]:
    found: dict[Scheme, list[Heading]] = {scheme: [] for scheme in Scheme}
    for index, line in enumerate(lines):
        marked = _marked(text, line)
        if marked:
            found[marked.scheme].append(marked)
        elif index and (plain := _unmarked(text, line, index + 1 == len(lines))):
            found[plain.scheme].append(plain)
    return found


def _marked(text: str, line: Span) -> Heading | None:
    for scheme, mark in _MARKS.items():
        if match := mark.match(text, line.start, line.end):
            return _headed(text, line, match, scheme)
    if match := SAID.match(text, line.start, line.end):
        return _headed(text, line, match, Scheme.SAID)
    return None


def _headed(text: str, line: Span, match: re.Match[str], scheme: Scheme) -> Heading | None:
    number, start = match[0].strip(), match.end()
    if (words := _heading_words(text, Span(start, line.end))) is None:
        return None
    return Heading(
        line.start, words.end, scheme, number, text[start : words.end].rstrip("。：: \u3000"), start
    )


def _heading_words(text: str, rest: Span) -> Span | None:
    """The span of a heading with the mark that ends it: a short line, or a short first sentence."""
    end = _SENTENCE_END.search(text, rest.start, min(rest.end, rest.start + _LONGEST + 1))
    if end is None:
        return rest if 2 <= rest.end - rest.start <= _LONGEST else None
    if end.end() >= rest.end or (text[end.start()] != "；" and end.start() - rest.start <= _LONGEST):
        return Span(rest.start, end.end()) if end.start() - rest.start >= 2 else None
    return None


def _unmarked(text: str, line: Span, last: bool) -> Heading | None:
    words = text[line.start : min(line.end, line.start + _LONGEST)]
    if _TIME.match(words) or words.startswith(("——", "“")):
        return None
    if line.end - line.start <= _RUN_IN and not last and not re.search("[。！？；，：]$", words):
        return Heading(line.start, line.end, Scheme.ALONE, "", text[line.start : line.end], line.start)
    end = _SENTENCE_END.search(text, line.start, min(line.end, line.start + _RUN_IN))
    if (
        end
        and text[end.start()] == "。"
        and end.end() < line.end
        and not re.search("[0-9]", words[: end.start() - line.start])
    ):
        return Heading(line.start, end.end(), Scheme.LEADING, "", text[line.start : end.start()], line.start)
    if match := _ASPECT.match(text, line.start, line.end):
        return Heading(line.start, match.end(), Scheme.ASPECT, "", match[0][:-1], line.start)
    return None


def _outermost(found: dict[Scheme, list[Heading]]) -> Scheme | None:
    several = [scheme for scheme, each in found.items() if len(each) > 1]
    if found[Scheme.CHINESE] and Scheme.CHINESE not in several:
        several.append(Scheme.CHINESE)
    return min(several, key=lambda scheme: (found[scheme][0].start, scheme), default=None)


def _with_inner(
    text: str, found: dict[Scheme, list[Heading]], outer: list[Heading], top: Scheme
) -> Iterator[Heading]:
    """The headings, a generic one replaced by those below it."""
    for heading, following in pairwise([*outer, None]):
        assert heading is not None
        if not _GENERIC.fullmatch(heading.words):
            yield heading
            continue
        end = following.start if following else len(text)
        inner = [
            each
            for scheme, several in found.items()
            if scheme > top
            for each in several
            if heading.start < each.start < end
        ]
        if not inner:
            yield heading
            continue
        yield from (each for each in inner if each.scheme == inner[0].scheme)
