"""Figures in Chinese prose (成效数字): read(text) → what it counts, how much, and how sure it says that is."""

import re
from bisect import bisect_right
from dataclasses import dataclass
from decimal import Decimal

from measures.figures.lexicon import PERIOD
from measures.figures.links import linked
from measures.figures.mentions import Kind, Mention, half_width_digits, mentions
from measures.figures.names import name_of
from measures.wording import Qualifier

__all__ = ["Figure", "read"]

_SENTENCE = re.compile(r"[^。！？!?\n]{1,400}[。！？!?”]*")
_SAME = {Qualifier.NEAR: "approx", Qualifier.BELOW: "at_most", Qualifier.BETWEEN: "at_most"}


@dataclass(frozen=True, slots=True)
class Figure:
    """A figure of a text: `text[start:end] == words`; the old value of a change is its `baseline`."""

    amount: Decimal
    unit: str
    qualifier: str
    baseline: Decimal | None
    what: str
    start: int
    end: int
    words: str


def read(text: str) -> list[Figure]:
    """Every figure that says what was done, reached, spent or won, in the order of the text."""
    tidy = half_width_digits(text)
    found = linked(tidy, mentions(tidy))
    result = []
    for index, mention in enumerate(found):
        floor = found[index - 1].end if index else 0
        following = found[index + 1] if index + 1 < len(found) else None
        result.append(_figure(text, tidy, mention, floor, following))
    return result


def _figure(text: str, tidy: str, mention: Mention, floor: int, following: Mention | None) -> Figure:
    qualifier = _SAME.get(mention.qualifier, mention.qualifier.value)
    if mention.old:
        qualifier = "change_from_to"
    elif mention.kind is Kind.RANK:
        qualifier = "rank"
    elif mention.kind is Kind.STREAK:
        qualifier = "year"
    return Figure(
        mention.amount, mention.unit, qualifier, mention.old.amount if mention.old else None,
        name_of(tidy, mention, floor, following), mention.start, mention.end, text[mention.start:mention.end])
