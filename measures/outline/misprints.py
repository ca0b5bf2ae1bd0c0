"""Words that look like misprints of a fixed term (疑似错字): 康政党课 for 廉政党课; pointed out, never changed.

A term counts if all but one of its characters stand there, and the other sounds or looks like the right one.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from measures.figures.words import tokenizer
from measures.outline.lines import Wholes
from measures.outline.shape import Remark
from organs.pinyin import key

_SAYS = "“{}”可能是“{}”，照原文保留，请核对。"
_HAN = re.compile("[\u4e00-\u9fff]")
_CONTEXT = 5
_MOST = 50


@dataclass(frozen=True, slots=True)
class _Term:
    """A fixed term; `anywhere` whatever stands around it, `any_character` whatever stands in it."""

    words: str
    anywhere: bool
    any_character: bool


@cache
def _terms() -> dict[str, list[tuple[_Term, int]]]:
    """The terms by the two characters that each of their halves begins with, and where in the term that is."""
    found: dict[str, list[tuple[_Term, int]]] = {}
    for line in _lines("terms.txt"):
        for said in line.split():
            term = _Term(said.lstrip("!*"), said[0] in "!*", said[0] == "*")
            if said[0] == "=":
                continue
            for place in (0, len(term.words) // 2):
                found.setdefault(term.words[place : place + 2], []).append((term, place))
    return found


@cache
def _known() -> frozenset[str]:
    return frozenset(said.lstrip("!*=") for line in _lines("terms.txt") for said in line.split())


@cache
def _alike() -> frozenset[tuple[str, str]]:
    groups = [group for line in _lines("alike.txt") for group in line.split()]
    return frozenset(
        pair for group in groups for other in group[1:] for pair in ((group[0], other), (other, group[0]))
    )


def _lines(name: str) -> list[str]:
    lines = files("measures.outline").joinpath(name).read_text(encoding="utf-8").splitlines()
    return [line for line in lines if not line.startswith("#")]


def misprints(text: str, wholes: Wholes) -> list[Remark]:
    """A remark for each word that is likely misprinted, in order; at most fifty."""
    found: list[Remark] = []
    for remark in _suspects(text, wholes):
        if not found or remark.start >= found[-1].end:
            found.append(remark)
        if len(found) == _MOST:
            break
    return found


def _suspects(text: str, wholes: Wholes) -> Iterator[Remark]:
    terms = _terms()
    for place in range(len(text) - 1):
        for term, offset in terms.get(text[place : place + 2], ()):
            start = place - offset
            end = start + len(term.words)
            if start < 0 or end > len(text):
                continue
            wrong = _only_difference(text[start:end], term.words)
            if wrong is not None and _is_misprint(text, start, wrong, term, wholes):
                words = text[start:end]
                yield Remark(start, end, words, _SAYS.format(words, term.words))


def _only_difference(words: str, term: str) -> int | None:
    """Where two texts of one length differ, if they do so at one place."""
    places = [place for place, (a, b) in enumerate(zip(words, term, strict=True)) if a != b]
    return places[0] if len(places) == 1 else None


def _is_misprint(text: str, start: int, wrong: int, term: _Term, wholes: Wholes) -> bool:
    said, right = text[start + wrong], term.words[wrong]
    words = text[start : start + len(term.words)]
    if not (_HAN.match(said) and _HAN.match(right)) or words in _known() or words in tokenizer().FREQ:
        return False
    if term.any_character:
        return True
    if (said, right) not in _alike() and not _sound_alike(said, right):
        return False
    around = wholes.around(start + wrong)
    if around is not None and text[around.start] in "“‘":
        return False  # 医“廉”为民: slogans play with words
    return term.anywhere or _stands_alone(text, start + wrong)


def _sound_alike(one: str, other: str) -> bool:
    return not set(key(one).split("/")).isdisjoint(key(other).split("/"))


def _stands_alone(text: str, place: int) -> bool:
    """Whether a character forms no word with its neighbours: 康 of 专题康政, not of 小康政策."""
    first = max(0, place - _CONTEXT)
    for word in tokenizer().cut(text[first : place + _CONTEXT + 1], HMM=False):
        if first + len(word) > place:
            return len(word) == 1
        first += len(word)
    return False
