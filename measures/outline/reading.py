"""From a text to its outline: headings, what stands under each, and the remarks."""

import re
from bisect import bisect_right
from collections.abc import Iterator, Sequence

from measures.figures.mentions import tidied
from measures.outline.headings import AHEAD, Heading, headings
from measures.outline.lines import Span, Wholes, stripped
from measures.outline.marks import Mark, Scheme, broken, mark_of, number_of, pieces, said_number
from measures.outline.misprints import misprints
from measures.outline.shape import Outline, Part, Remark, Step
from measures.outline.sorting import kind_of, theme_of
from measures.outline.steps import CLOSING, Found, steps_under
from measures.outline.titles import title_of

_PLANNED = "说的是打算或问题，没有列为举措。"
_BROKEN = "序号是{}，不连续，照原文保留，请核对。"
_MOST_NUMBERS = 12
_LONGEST_TITLE = 60
_SENTENCE = re.compile("[。；;！!]|，$")


def outline(text: str) -> Outline:
    """The pillars and actions of a report in the order of the text; linear in its length."""
    tidy = tidied(text)
    wholes = Wholes(tidy)
    found = pieces(tidy, wholes)
    heads = headings(tidy, found)
    reader = _Reader(text, tidy, wholes, bool(heads))
    first = heads[0].start if heads else len(text)
    before = [piece for piece in found if piece.start < first]
    reader.part(None, before[1:] if _is_title(tidy, before, bool(heads)) else before)
    starts = [piece.start for piece in found]
    for place, heading in enumerate(heads):
        end = heads[place + 1].start if place + 1 < len(heads) else len(text)
        body = _under(found[bisect_right(starts, heading.start) - 1 : bisect_right(starts, end - 1)], heading)
        closing = _closing(tidy, body) if place + 1 == len(heads) else len(body)
        reader.part(heading, body[:closing])
        reader.part(None, body[closing:])
    remarks = [*reader.remarks, *_numbering(text, found, heads), *misprints(text, wholes)]
    return Outline(tuple(reader.parts), tuple(sorted(remarks, key=lambda each: (each.start, each.end))))


class _Reader:
    """Collects the parts of a text and the remarks on them."""

    def __init__(self, text: str, tidy: str, wholes: Wholes, headed: bool) -> None:
        self.text, self.tidy, self.wholes, self.headed = text, tidy, wholes, headed
        self.parts: list[Part] = []
        self.remarks: list[Remark] = []

    def part(self, heading: Heading | None, body: Sequence[Span]) -> None:
        """Add what stands under a heading; under none, only if it tells of an action."""
        found = steps_under(
            self.tidy,
            body,
            self.wholes,
            heading is not None,
            leads_in=self.headed and not self.parts and heading is None,
        )
        ahead = heading is not None and bool(AHEAD.match(heading.words))
        if heading is not None and ahead:
            self._point_out(Span(heading.start, heading.end))
            found = Found((), ())
        for span in found.ahead:
            self._point_out(span)
        if heading is None:
            if found.steps:
                steps = self._steps(found, "")
                self.parts.append(Part(found.steps[0].start, found.steps[-1].end, "", "", "", steps))
            return
        theme = "" if ahead else theme_of(heading.words, "".join(map(self._words, body[:2]))[:300])
        end = body[-1].end if body else heading.end
        span = stripped(self.text, heading.start, end)
        steps = self._steps(found, theme)
        number, words = self._words(heading.number), self._words(heading.said)
        self.parts.append(Part(span.start, span.end, number, words, theme, steps))

    def _steps(self, found: Found, theme: str) -> tuple[Step, ...]:
        return tuple(self._step(span, theme) for span in found.steps)

    def _step(self, span: Span, theme: str) -> Step:
        sentence = self._words(span)
        title = title_of(sentence)
        own = theme or theme_of(title, sentence)
        return Step(span.start, span.end, sentence, title, kind_of(title, sentence, theme), own)

    def _words(self, span: Span) -> str:
        return self.text[span.start : span.end]

    def _point_out(self, span: Span) -> None:
        words = self._words(span)
        self.remarks.append(Remark(span.start, span.end, words, _PLANNED))


def _is_title(text: str, before: Sequence[Span], headed: bool) -> bool:
    """Whether the first line is the report's own title."""
    if not before or (len(before) == 1 and not headed):
        return False
    words = text[before[0].start : before[0].end]
    return len(words) <= _LONGEST_TITLE and not _SENTENCE.search(words)


def _under(found: Sequence[Span], heading: Heading) -> list[Span]:
    """The pieces under a heading, the rest of its own line first."""
    return [Span(max(each.start, heading.end), each.end) for each in found if each.end > heading.end]


def _closing(text: str, body: Sequence[Span]) -> int:
    """Where in the last part the paragraphs begin that look back on all of it."""
    for place, piece in enumerate(body):
        if place and CLOSING.match(text, piece.start):
            return place
    return len(body)


def _numbering(text: str, found: Sequence[Span], heads: Sequence[Heading]) -> Iterator[Remark]:
    """A remark for each sequence of numbers that does not run on."""
    starts = {each.start for each in heads}
    open_: dict[tuple[Scheme, str], list[Mark]] = {}
    top = heads[0].scheme if heads else None
    for piece in found:
        mark = mark_of(text, piece)
        if piece.start in starts:
            for key in [key for key in open_ if key[0] != top]:
                yield from _broken(open_.pop(key))
        if mark is None or (number := number_of(mark)) is None:
            continue
        key = (mark.scheme, mark.words.replace(said_number(mark), "", 1))
        for lower in [other for other in open_ if other[0] > mark.scheme]:
            yield from _broken(open_.pop(lower))
        if number == 1 and mark.scheme != top:
            yield from _broken(open_.pop(key, []))
        open_.setdefault(key, []).append(mark)
    for marks in open_.values():
        yield from _broken(marks)


def _broken(marks: list[Mark]) -> Iterator[Remark]:
    if len(marks) > 1 and (wrong := broken(marks)):
        said = "、".join(said_number(mark) for mark in marks[:_MOST_NUMBERS])
        said += "……" if len(marks) > _MOST_NUMBERS else ""
        yield Remark(wrong.start, wrong.start + len(wrong.words), wrong.words, _BROKEN.format(said))
