"""A text as paragraphs and sentences, by their offsets; what stands in brackets and quotes is not cut."""

import re
from bisect import bisect_right
from dataclasses import dataclass

_LINE = re.compile(r"[^\n\r]+")
_WHOLE = re.compile(
    r"“[^“”\n]{1,200}+”|‘[^‘’\n]{1,100}+’|《[^《》\n]{1,100}+》|〈[^〈〉\n]{1,60}+〉|（[^（）\n]{1,200}+）|\([^()\n]{1,200}+\)|【[^【】\n]{1,60}+】"
    r"|以[^。；\n]{1,60}+(?:；[^。；\n]{1,60}+){0,4}；[^。；\n]{1,60}?为(?:主要|重点)?内容"
)
_END = re.compile(r"[。！？!?；;]++[”’）)]?")
_COMMA = re.compile("[，,](?![0-9]{3}(?![0-9]))|[：:](?![0-9])")
#: A text without marks is cut, so that no sentence is a megabyte long.
LONGEST = 1000


@dataclass(frozen=True, slots=True)
class Span:
    """From `start` to `end` in the text."""

    start: int
    end: int


def stripped(text: str, start: int, end: int) -> Span:
    """The span without the spaces around it."""
    while start < end and _is_blank(text[start]):
        start += 1
    while end > start and _is_blank(text[end - 1]):
        end -= 1
    return Span(start, end)


def _is_blank(character: str) -> bool:
    return character.isspace() or character in "\ufeff\u200b"


def paragraphs(text: str) -> list[Span]:
    """The lines of a text that are not empty, without the spaces around them."""
    found = (stripped(text, *match.span()) for match in _LINE.finditer(text))
    return [span for span in found if span.start < span.end]


class Wholes:
    """What is quoted or bracketed in a text, and so not cut."""

    def __init__(self, text: str) -> None:
        self._spans = [match.span() for match in _WHOLE.finditer(text)]
        self._starts = [start for start, _ in self._spans]

    def around(self, place: int) -> Span | None:
        """The quotation or brackets that a place lies inside of."""
        index = bisect_right(self._starts, place) - 1
        if index < 0 or not self._starts[index] < place < self._spans[index][1]:
            return None
        return Span(*self._spans[index])

    def free(self, match: re.Match[str]) -> bool:
        """Whether a match begins outside of them, or at the last mark of one."""
        around = self.around(match.start())
        return around is None or match.end() >= around.end


def sentences(text: str, span: Span, wholes: Wholes) -> list[Span]:
    """The sentences of a span in order, parted by 。！？ and ；; those without any mark are cut."""
    return _cut(text, span, [m.end() for m in _END.finditer(text, span.start, span.end) if wholes.free(m)])


def clauses(text: str, span: Span, wholes: Wholes) -> list[Span]:
    """The clauses of a sentence, parted by commas and colons; each ends with its mark."""
    return _cut(text, span, [m.end() for m in _COMMA.finditer(text, span.start, span.end) if wholes.free(m)])


def _cut(text: str, span: Span, places: list[int]) -> list[Span]:
    found: list[Span] = []
    start = span.start
    for place in [*places, span.end]:
        while place - start > LONGEST:
            found.append(stripped(text, start, start + LONGEST))
            start += LONGEST
        found.append(stripped(text, start, place))
        start = place
    return [each for each in found if each.start < each.end]
