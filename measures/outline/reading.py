"""From a text to its outline: headings, what stands under each, and the remarks."""

from measures.outline.headings import Heading, headings
from measures.outline.lines import Span, Wholes, paragraphs, sentences
from measures.outline.shape import Outline, Part, Step


def outline(text: str) -> Outline:
    """The pillars and actions of a report in the order of the text; linear in its length."""
    lines, wholes = paragraphs(text), Wholes(text)
    found = headings(text, lines, wholes)
    parts: list[Part] = []
    first = found[0].start if found else len(text)
    starts = [each.start for each in found] + [len(text)]
    if lines:
        title = lines[0] if len(lines) > 1 and lines[0].end < first else None
        body = [line for line in lines if line.start < first and line != title]
        parts += _part(text, None, body, wholes)
    for heading, end in zip(found, starts[1:], strict=True):
        body = [
            Span(max(line.start, heading.end), line.end) for line in lines if heading.end < line.end <= end
        ]
        parts += _part(text, heading, body, wholes)
    return Outline(tuple(parts), ())


def _part(text: str, heading: Heading | None, body: list[Span], wholes: Wholes) -> list[Part]:
    steps = tuple(
        Step(
            each.start,
            each.end,
            text[each.start : each.end],
            text[each.start : each.end][:20],
            "业务工作",
            "",
        )
        for line in body
        for each in sentences(text, line, wholes)
    )
    if heading is None:
        return [Part(body[0].start, body[-1].end, "", "", "", steps)] if steps else []
    end = body[-1].end if body else heading.end
    return [Part(heading.start, end, heading.number, heading.words, "", steps)]
