"""What an outline is made of (提纲): parts with their steps, and what is pointed out; every span slices the text."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Remark:
    """Something to look at again, never changed: `text[start:end] == words`, and a sentence about it."""

    start: int
    end: int
    words: str
    says: str


@dataclass(frozen=True, slots=True)
class Step:
    """One action (举措): its words in the text, a short title, the names of its kind and of its theme ("" if unclear)."""

    start: int
    end: int
    sentence: str
    title: str
    kind: str
    theme: str


@dataclass(frozen=True, slots=True)
class Part:
    """One pillar (支柱): number and heading as written, both "" for what stands under no heading; the span of all of it."""

    start: int
    end: int
    number: str
    heading: str
    theme: str
    steps: tuple[Step, ...]


@dataclass(frozen=True, slots=True)
class Outline:
    """A report's parts in the order of the text, and the remarks in theirs."""

    parts: tuple[Part, ...]
    remarks: tuple[Remark, ...]
