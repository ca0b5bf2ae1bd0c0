"""Lines that a page width broke in the middle of a sentence (硬换行), joined; all other lines stay as they are. Pure."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from unicodedata import east_asian_width

from measures.figures.words import cut
from measures.outline.lines import Span
from measures.outline.marks import Scheme, mark_of

#: In half-width columns: no page is narrower or wider, and so much a full line may lack (punctuation is moved and squeezed).
NARROWEST, WIDEST, SLACK = 48, 124, 4
#: A paragraph's first line is shorter by its indent, which a copy loses.
_INDENT = 4
#: Of the full lines with another below, one in so many has to end where no sentence and no heading can.
_ONE_IN = 4
_CLOSED = re.compile("[。！？；：!?;:…][”’）》」】)]*$")
_INNER = re.compile("[。；！？](?=.)")
_GOES_ON = re.compile("[，、（《“‘〈【(,]$")
_GONE_ON = re.compile("[，。、；：！？）》”’〉】%％),;]")
_FIGURE = re.compile("[^0-9（(][0-9]")
_COUNTED = re.compile("[0-9.]$")
_COUNT = re.compile("[0-9余多几万千百亿个名人次场户件项条家年月日元支所期份%％]")
_TABLE = re.compile(r"\t|[|│┃¦]|\S(?: {2,}|　+)\S| [0-9.,]+[%％]? [0-9.,]+[%％]?(?: |$)")
#: Rows of a table that single spaces are left of begin with their numbers.
_ROW = re.compile("[0-9]{1,3} ")
_TOGETHER = re.compile("[0-9A-Za-z.%％]+|.")
_LATIN = re.compile("[A-Za-z]{2}")
_TWO_WORDS = re.compile("[A-Za-z][a-z]|[a-z][A-Z]")
_OPENING, _CLOSING = "“（《(", "”）》)"
_AROUND = 6


@dataclass
class _Line:
    """A line: its words, how far they are indented beyond the margin, and how wide it is by each measure."""

    words: str
    indent: int
    blank: bool
    table: bool
    closed: bool
    mark: Scheme | None
    wide: dict[str, int]


def unwrapped(text: str) -> str:
    """The text with the lines joined that a page width broke; what is not surely broken prose stays line by line.

    Joined are lines as wide as the page whose sentence goes on below. Headings, points of a list, short lines,
    signatures, tables and verse are none of these. Linear in the length.
    """
    lines = [_line(each) for each in text.split("\n")]
    margin = min((line.indent for line in lines if not line.blank), default=0)
    for line in lines:
        line.indent = max(line.indent - margin, 0)
        line.wide["columns"] = line.indent + columns(line.words)
    told = sum(line.indent > 1 for line in lines) > 1
    plans = [_Plan(lines, measure, told).joints() for measure in ("columns", "signs")]
    return "\n".join(_joined(text.split("\n"), max(plans, key=len)))


def columns(words: str) -> int:
    """How many half-width columns words take."""
    return sum(2 if east_asian_width(each) in "WFA" else 1 for each in words)


def _line(said: str) -> _Line:
    words = said.strip()
    before = said[: len(said) - len(said.lstrip())]
    mark = mark_of(words, Span(0, len(words))) if words else None
    return _Line(
        words,
        columns(before.expandtabs(4)),
        blank=not words,
        table=bool(_TABLE.search(words)),
        closed=bool(_CLOSED.search(words)),
        mark=mark.scheme if mark else None,
        wide={"signs": 2 * len(said.rstrip())},
    )


class _Plan:
    """Where the lines of a text are joined, their width measured in one way; `told`: paragraphs begin with an indent."""

    def __init__(self, lines: Sequence[_Line], measure: str, told: bool) -> None:
        self.lines, self.measure, self.told = lines, measure, told
        self.title = next((place for place, line in enumerate(lines) if not line.blank), None)
        self.page = self._page()

    def joints(self) -> set[int]:
        """The numbers of the lines that the next one is joined to."""
        if not self.page:
            return set()
        full = [place for place in range(len(self.lines) - 1) if self._may_go_on(place)]
        strong = {place for place in full if self._surely(place)}
        words = {place for place in full if place not in strong and self._in_word(place)}
        open_ = [place for place in full if not self.lines[place].closed]
        wrapped = (len(strong) > 0 or len(words) > 1) and _ONE_IN * len(strong | words) >= len(open_)
        found = strong | (words if wrapped else set())
        if wrapped:
            found |= {place for place in full if self._prose(place)}
        return self._ended(found, strong | words)

    def _page(self) -> int:
        """The width that most open lines have, or fall short of by a little; 0 if none is as wide as a page."""
        wide = sorted(
            line.wide[self.measure]
            for line, below in zip(self.lines, self.lines[1:], strict=False)
            if not (line.closed or line.table or below.blank or below.table)
            and NARROWEST <= line.wide[self.measure] <= WIDEST
        )
        best, most, first = 0, 0, 0
        for last, width in enumerate(wide):
            while wide[first] < width - SLACK:
                first += 1
            if last - first + 1 >= most:
                best, most = width, last - first + 1
        return best

    def _may_go_on(self, place: int) -> bool:
        """Whether a line is full, and the next one may be the same paragraph."""
        line, below = self.lines[place], self.lines[place + 1]
        if line.blank or line.table or below.blank or below.table or below.indent > 1:
            return False
        if _ROW.match(line.words) and _ROW.match(below.words):
            return False
        if below.mark not in (None, Scheme.SAID) or below.wide[self.measure] > self.page + 2:
            return False
        if line.closed and not (self.told and below.mark is None):
            return False
        first = _INDENT if self._begins(place) and not line.indent and not self.told else 0
        return self.page + 2 >= line.wide[self.measure] and self._filled(place) > self.page - SLACK - first

    def _filled(self, place: int) -> int:
        """How wide the line would be with what comes next, which a page does not part."""
        unit = _TOGETHER.match(self.lines[place + 1].words)
        more = unit[0] if unit else ""
        return self.lines[place].wide[self.measure] + (
            columns(more) if self.measure == "columns" else 2 * len(more)
        )

    def _begins(self, place: int) -> bool:
        """Whether a paragraph begins here."""
        above = self.lines[place - 1] if place else None
        line = self.lines[place]
        return (
            above is None
            or above.blank
            or above.closed
            or above.table
            or line.mark is not None
            or line.indent > 1
        )

    def _surely(self, place: int) -> bool:
        """Whether nothing can end here: after a comma, before a full stop, inside of quotation marks or of a figure."""
        line, below = self.lines[place].words, self.lines[place + 1].words
        if _LATIN.fullmatch(line[-1] + below[0]):
            return True
        if _GOES_ON.search(line) or _GONE_ON.match(below) or (_COUNTED.search(line) and _COUNT.match(below)):
            return True
        return any(
            line.count(opening) > line.count(closing) and below.count(closing) > below.count(opening)
            for opening, closing in zip(_OPENING, _CLOSING, strict=True)
        )

    def _in_word(self, place: int) -> bool:
        """Whether the break parts a word."""
        before, after = self.lines[place].words[-_AROUND:], self.lines[place + 1].words[:_AROUND]
        at = 0
        for word, _ in cut(before + after):
            if at < len(before) < at + len(word):
                return True
            at += len(word)
        return False

    def _prose(self, place: int) -> bool:
        """Whether a full line is prose; one that begins a paragraph may be a heading, which is as wide by chance."""
        line = self.lines[place]
        if not self._begins(place) or (_INNER.search(line.words) and place != self.title):
            return True
        if "，" not in line.words or not (line.mark in (None, Scheme.SAID) or _FIGURE.search(line.words)):
            return False
        filled, less = self._filled(place), self.page - _INDENT
        copied = not (line.indent or self.told) and filled > less and line.wide[self.measure] <= less + 2
        return filled > self.page or copied

    def _ended(self, found: set[int], sure: set[int]) -> set[int]:
        """Without the breaks after which no sentence ends, which may be a list or a signature."""
        kept: set[int] = set()
        goes_on = False
        for place in sorted(found, reverse=True):
            goes_on = (goes_on and place + 1 in kept) or self.lines[place + 1].closed or place in sure
            if goes_on:
                kept.add(place)
        return kept


def _joined(lines: Sequence[str], joints: set[int]) -> Iterator[str]:
    """The lines with those joined that are to be."""
    held = ""
    for place, line in enumerate(lines):
        if place - 1 in joints:
            line = line.lstrip()
            gap = " " if _TWO_WORDS.match(held[-1:] + line[:1]) else ""
            line = held + gap + line
        if place in joints:
            held = line.rstrip()
        else:
            yield line
