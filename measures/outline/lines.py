"""A text as paragraphs and sentences, by their offsets; what stands in brackets and quotes is not cut."""

import re
from bisect import bisect_right
from dataclasses import dataclass

_LINE = re.compile(r"[^\n\r]+")
_BLANK = " \t\u3000\xa0\ufeff\u200b\x0b\x0c"
_WHOLE = re.compile(
    r"“[^“”\n]{1,200}+”|‘[^‘’\n]{1,100}+’|《[^《》\n]{1,100}+》|（[^（）\n]{1,200}+）|\([^()\n]{1,200}+\)|【[^【】\n]{1,60}+】"
)
_END = re.compile(r"[。！？!?；;]++[”’）)]?")
#: A text without marks is cut, so that no sentence is a megabyte long.
LONGEST = 1000


@dataclass(frozen=True, slots=True)
class Span:
    """From `start` to `end` in the text."""

    start: int
    end: int


def stripped(text: str, start: int, end: int) -> Span:
    """The span without the spaces around it."""
    while start < end and (text[start] in _BLANK or text[start].isspace()):
        start += 1
    while end > start and (text[end - 1] in _BLANK or text[end - 1].isspace()):
        end -= 1
    return Span(start, end)


def paragraphs(text: str) -> list[Span]:
    """The lines of a text that are not empty, without the spaces around them."""
    found = (stripped(text, *match.span()) for match in _LINE.finditer(text))
    return [span for span in found if span.start < span.end]


class Wholes:
    """What is quoted or bracketed in a text, and so not cut."""

    def __init__(self, text: str) -> None:
        self._spans = [match.span() for match in _WHOLE.finditer(text)]
        self._starts = [start for start, _ in self._spans]

    def holds(self, place: int) -> bool:
        """Whether a place lies inside of a quotation or of brackets."""
        index = bisect_right(self._starts, place) - 1
        return index >= 0 and self._starts[index] < place < self._spans[index][1] - 1

    def free(self, match: re.Match[str]) -> bool:
        """Whether a match begins outside of them."""
        return not self.holds(match.start())


def sentences(text: str, span: Span, wholes: Wholes) -> list[Span]:
    """The sentences of a span in order, parted by 。！？ and ；; those without any mark are cut."""
    cuts = [match.end() for match in _END.finditer(text, span.start, span.end) if wholes.free(match)]
    found: list[Span] = []
    start = span.start
    for cut in [*cuts, span.end]:
        while cut - start > LONGEST:
            found.append(stripped(text, start, start + LONGEST))
            start += LONGEST
        found.append(stripped(text, start, cut))
        start = cut
    return [each for each in found if each.start < each.end]
