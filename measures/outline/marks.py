"""How points are marked (序号): •, 一、, （一）, 1., ①, 一是, 首先; and what only looks so: 第一、二季度, 一是一、二是二."""

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from enum import IntEnum

from measures.outline.lines import Span, Wholes, paragraphs, stripped


class Scheme(IntEnum):
    """A way of marking points; the outer ones first. Those from ALONE to ASPECT have no mark, only a form."""

    BULLET = 0
    CHINESE = 1
    BRACKETED = 2
    ALONE = 3
    LEADING = 4
    ARABIC = 5
    RINGED = 6
    ASPECT = 7
    SAID = 8


@dataclass(frozen=True, slots=True)
class Mark:
    """A mark at the beginning of a piece: from `start` to `end`, as written."""

    start: int
    end: int
    scheme: Scheme
    words: str


_CN = "[一二三四五六七八九十]"
_GAP = r"[ \t\u3000]*+"
#: 一、二季度, 一、二线, 一、二是一 tell of two things at once.
_TWO_AT_ONCE = rf"(?!{_CN}{{1,3}}(?:[、季月级类等线班院中期轮批日号者组层审楼届支排]|两))"
#: 一是一、二是二 is a saying; 一是一体推进 is not.
_SAYING = "(?!(?:一是一|二是二|三是三|两是两)(?![个项名些致律体定线把批流手度对条支站方者级]))"
_PATTERNS = {
    Scheme.BULLET: rf"[•●■◆▲★☆◎○▪◇□►➤※√✓✦▶]++{_GAP}|——?{_GAP}(?=[\u4e00-\u9fff“])|[·*－-]{_GAP}(?=[\u4e00-\u9fff“])",
    Scheme.CHINESE: (
        rf"(?:第?{_CN}{{1,3}}[ \u3000]?[、．.]|第{_CN}{{1,3}}(?:[，,：:]|部分[：:，、 \u3000])|{_CN}{{1,3}}[：:]){_GAP}"
        rf"{_TWO_AT_ONCE}(?=[^\s，。；、0-9]|[0-9]{{4}}年)"
    ),
    Scheme.BRACKETED: rf"(?:[（(]{_CN}{{1,3}}[）)]|[㈠-㈩]){_GAP}、?{_GAP}(?![项款条目至到、，和，。]|及其|或者?)(?=\S)",
    Scheme.ARABIC: rf"(?:[0-9０-９]{{1,2}}(?:[.．、]|[)）])|[⒈-⒛]){_GAP}(?![0-9０-９．.、，。]|[年月日号时分]|\s)",
    Scheme.RINGED: rf"(?:[（(][0-9０-９]{{1,2}}[）)]|[①-⑳⑴-⒇]){_GAP}(?=\S)",
    Scheme.SAID: (
        rf"{_SAYING}{_CN}{{1,2}}[是要则](?![级等的否非求素])[，,：:]?|第{_CN}{{1,2}}[，：:](?!第{_CN})"
        "|其[一二三四五六][，,：:是]|(?:首先|其次|再次|再者)[是要]?[，,]?|最后[是要]?[，,]"
    ),
}
_MARKS = {scheme: re.compile(pattern) for scheme, pattern in _PATTERNS.items()}
#: Where a mark may begin inside a paragraph.
_INSIDE = "|".join(_PATTERNS[each] for each in (Scheme.CHINESE, Scheme.BRACKETED, Scheme.RINGED, Scheme.SAID))
_INNER = re.compile(
    rf"(?<=[。；;！？：:]){_GAP}(?={_INSIDE}|[0-9]{{1,2}}[.．、](?=[^0-9\s])|[•●■◆])"
    rf"|(?<=[，,、])(?={_SAYING}{_CN}是(?![否非的]))"
)
_DIGITS = {character: number for number, character in enumerate("一二三四五六七八九十", 1)}
_WIDE = str.maketrans("０１２３４５６７８９", "0123456789")


def pieces(text: str, wholes: Wholes) -> list[Span]:
    """The paragraphs of a text, parted further where a mark begins inside of one."""
    found: list[Span] = []
    for line in paragraphs(text):
        start = line.start
        for match in _INNER.finditer(text, line.start + 1, line.end):
            if wholes.free(match) and match.end() > start and text[start : match.end()].strip():
                found.append(stripped(text, start, match.end()))
                start = match.end()
        found.append(stripped(text, start, line.end))
    return [piece for piece in found if piece.start < piece.end]


def mark_of(text: str, piece: Span) -> Mark | None:
    """The mark that a piece begins with."""
    for scheme, pattern in _MARKS.items():
        if match := pattern.match(text, piece.start, piece.end):
            if match.end() >= piece.end:
                return None
            return Mark(piece.start, match.end(), scheme, match[0].strip())
    return None


def number_of(mark: Mark) -> int | None:
    """What number a mark says: 三 of 三、; None for a bullet and for 首先."""
    digits = re.sub(r"[^0-9]", "", mark.words.translate(_WIDE))
    if digits:
        return int(digits)
    if unicodedata.category(mark.words[0]) == "No":
        return int(unicodedata.numeric(mark.words[0]))
    said = re.sub(f"[^{''.join(_DIGITS)}]", "", mark.words)
    if not said:
        return None
    tens, ten, ones = said.rpartition("十")
    return (_DIGITS.get(tens, 1) * 10 if ten else 0) + _DIGITS.get(ones, 0)


def said_number(mark: Mark) -> str:
    """The number as it is written in its mark: 三 of （三）, 3 of 3."""
    return re.sub(r"[（）()、．.，,：:\s第部分其是要则]", "", mark.words)


def broken(marks: Sequence[Mark]) -> Mark | None:
    """The first mark of a sequence that does not follow the one before it; None if all do."""
    expected = 1
    for mark in marks:
        if number_of(mark) != expected:
            return mark
        expected += 1
    return None
