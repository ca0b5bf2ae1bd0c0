"""How the labels of a trend share its width on a phone, where a wide screen has room for more of them."""

from collections.abc import Iterable
from decimal import Decimal

LEAST_LEFT, MOST_LEFT = Decimal(9), Decimal(25)
PHONE = 320  # pixels for a trend on a phone
DIGIT, CHARACTER = 7, 13  # pixels of small text: a figure or Latin letter, a Chinese character
MOST = 4


def left(ticks: Iterable[str]) -> Decimal:
    """Where a series begins, in percent: beside the figures of its axis."""
    return min(max(LEAST_LEFT, Decimal(100 * max(map(_width, ticks))) / PHONE + 2), MOST_LEFT)


def room(texts: Iterable[str]) -> int:
    """How many labels stand beside each other: two to four, as the longest allows."""
    return min(max(PHONE // max([DIGIT, *map(_width, texts)]), 2), MOST)


def edge(index: int, last: int) -> str:
    """Whether a place is close to the first or the last of a series: its label stands to the inner side."""
    return "first" if 10 * index < last else "last" if 10 * (last - index) < last else ""


def _width(text: str) -> int:
    return sum(DIGIT if sign.isascii() else CHARACTER for sign in text)
