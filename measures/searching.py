"""What is typed into the search box: its words, and where a text has them (pure)."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

MOST = 50  # characters that may be typed
BEFORE, AFTER = 12, 48  # characters of an excerpt around the first word that was found

#: What words have none of: brackets, quotation marks, stops, but for the point in 3.5; gaps part words.
_SIGNS = re.compile(r"(?!(?<=[0-9])\.[0-9])(?:[^\w\s]|_)")
#: Letters, digits and signs as wide as Chinese characters (２０２１, （）), and as narrow ones.
_WIDE = re.compile("[！-～]")
_NARROW = {code + 0xFEE0: code for code in range(ord("!"), ord("~") + 1)}


@dataclass(frozen=True)
class Piece:
    """A part of a text: a word that was looked for, or what stands between."""

    text: str
    found: bool


def fold(text: str) -> str:
    """A text as it is compared: wide letters narrow, all of them small, one space for each gap."""
    narrow = text.translate(_NARROW) if _WIDE.search(text) else text  # most have none, and looking is quicker
    return " ".join(narrow.lower().split())


def bare(text: str) -> str:
    """A text as it is looked through: folded, without brackets, quotation marks and other signs."""
    return _SIGNS.sub("", fold(text))


def words(typed: str) -> tuple[str, ...]:
    """The words of what was typed, folded, each once; all but letters and digits parts them.

    So it does not matter which brackets or quotation marks somebody types, or whether: 村(社区) and 村社区 find 村（社区）.
    """
    return tuple(dict.fromkeys(re.findall(r"[^\W_]+", fold(typed))))


def pieces(text: str, asked: Sequence[str]) -> tuple[Piece, ...]:
    """A text in parts, so that words (at least one) can be marked in it."""
    found, end = [], 0
    for match in _finder(asked).finditer(text.translate(_NARROW)):
        found += [(text[end : match.start()], False), (text[match.start() : match.end()], True)]
        end = match.end()
    return tuple(Piece(part, marked) for part, marked in (*found, (text[end:], False)) if part)


def excerpt(text: str, asked: Sequence[str]) -> str:
    """The part of a long text around the first of the words; empty if it has none of them."""
    if not (match := _finder(asked).search(text.translate(_NARROW))):
        return ""
    first, last = max(match.start() - BEFORE, 0), match.start() + AFTER
    cut = " ".join(text[first:last].split())
    return f"{'…' if first else ''}{cut}{'…' if last < len(text) else ''}"


def _finder(asked: Sequence[str]) -> re.Pattern[str]:
    longest_first = sorted(asked, key=len, reverse=True)
    signs = f"(?:{_SIGNS.pattern})*"
    return re.compile("|".join(signs.join(map(re.escape, word)) for word in longest_first), re.IGNORECASE)
