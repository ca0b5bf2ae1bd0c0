"""The numbers that Word sets before paragraphs by itself (自动编号): 一、（一）1. ① •, as far as they are seen on paper."""

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

_DIGITS = "零一二三四五六七八九"
_CHINESE = frozenset(
    {"chineseCounting", "chineseCountingThousand", "japaneseCounting", "taiwaneseCounting"}
    | {"taiwaneseCountingThousand", "ideographDigital", "japaneseDigitalTenThousand", "koreanDigital"}
)
_FORMAL = frozenset({"chineseLegalSimplified", "ideographLegalTraditional", "japaneseLegal"})
_RINGED = frozenset({"decimalEnclosedCircle", "decimalEnclosedCircleChinese"})
_LEVELS = 9
_MOST = 9999
_PLACE = re.compile("%([1-9])")


@dataclass(slots=True)
class Level:
    """How one level is numbered."""

    start: int = 1
    form: str = "decimal"
    words: str = ""


@dataclass
class Numbering:
    """The lists of a document: number id → list, list → its levels; it counts as the paragraphs come."""

    lists: dict[str, str]
    levels: dict[str, dict[int, Level]]
    restarts: dict[str, dict[int, int]] = field(default_factory=dict)
    _counts: dict[str, list[int | None]] = field(default_factory=dict)
    _seen: set[str] = field(default_factory=set)

    def next(self, number: str, level: int) -> str:
        """The number before the next paragraph of a list, as it is printed; empty where there is none."""
        kind = self.lists.get(number)
        levels = self.levels.get(kind or "", {})
        if kind is None or level not in levels:
            return ""
        counts = self._counts.setdefault(kind, [None] * _LEVELS)
        if number not in self._seen:
            self._seen.add(number)
            for place, start in self.restarts.get(number, {}).items():
                counts[place:] = [start - 1] + [None] * (_LEVELS - place - 1)
        before = counts[level]
        counts[level] = levels[level].start if before is None else min(before + 1, _MOST)
        counts[level + 1 :] = [None] * (_LEVELS - level - 1)
        return self._printed(levels, counts, level)

    def _printed(self, levels: dict[int, Level], counts: list[int | None], level: int) -> str:
        if levels[level].form == "bullet":
            return "•"
        if levels[level].form == "none":
            return ""

        def number(match: re.Match[str]) -> str:
            place = int(match[1]) - 1
            about = levels.get(place, Level())
            value = counts[place]
            return written(about.start if value is None else value, about.form)

        return _PLACE.sub(number, levels[level].words)


def written(value: int, form: str) -> str:
    """A number in a form of Word's: chineseCounting 12 → 十二."""
    if form in _CHINESE:
        return _chinese(value)
    if form in _FORMAL:
        return _chinese(value).translate(
            str.maketrans("一二三四五六七八九十百千", "壹贰叁肆伍陆柒捌玖拾佰仟")
        )
    if form in _RINGED and 1 <= value <= 20:
        return chr(ord("①") + value - 1)
    if form in ("upperLetter", "lowerLetter") and 1 <= value <= 26:
        return chr(ord("A" if form == "upperLetter" else "a") + value - 1)
    return str(value)


def _chinese(value: int) -> str:
    said, gap = "", False
    for weight, name in ((1000, "千"), (100, "百"), (10, "十"), (1, "")):
        digit = value // weight % 10
        if digit:
            said += ("零" if gap and said else "") + _DIGITS[digit] + name
        gap = not digit
    return (said.removeprefix("一") if 10 <= value < 20 else said) or "零"


class _Lists:
    """Reads numbering.xml."""

    def __init__(self) -> None:
        self.found = Numbering({}, {})
        self._kind = self._number = ""
        self._level: int | None = None
        self._override: int | None = None

    def start(self, name: str, values: dict[str, str]) -> None:
        said = values.get("val", "")
        match name:
            case "abstractNum":
                self._kind = values.get("abstractNumId", "")
                self.found.levels[self._kind] = {}
            case "num":
                self._number = values.get("numId", "")
            case "abstractNumId" if self._number:
                self.found.lists[self._number] = said
            case "lvlOverride":
                self._override = _small(values.get("ilvl", ""))
            case "startOverride" if self._override is not None and self._number:
                self.found.restarts.setdefault(self._number, {})[self._override] = _count(said)
            case "lvl" if self._kind:
                self._level = _small(values.get("ilvl", ""))
                if self._level is not None:
                    self.found.levels[self._kind][self._level] = Level()
            case "start" | "numFmt" | "lvlText" if self._kind and self._level is not None:
                about = self.found.levels[self._kind][self._level]
                if name == "start":
                    about.start = _count(said)
                elif name == "numFmt":
                    about.form = said
                else:
                    about.words = said[:20]

    def end(self, name: str) -> None:
        match name:
            case "abstractNum":
                self._kind = ""
            case "num":
                self._number = ""
            case "lvl":
                self._level = None
            case "lvlOverride":
                self._override = None

    def data(self, words: str) -> None:
        pass


class _Styles:
    """Reads which styles number their paragraphs."""

    def __init__(self) -> None:
        self.numbers: dict[str, tuple[str, int]] = {}
        self.based: dict[str, str] = {}
        self._style = ""
        self._level = 0

    def start(self, name: str, values: dict[str, str]) -> None:
        said = values.get("val", "")
        match name:
            case "style":
                self._style, self._level = values.get("styleId", ""), 0
            case "basedOn" if self._style:
                self.based[self._style] = said
            case "ilvl":
                self._level = _small(said) or 0
                if self._style in self.numbers:
                    self.numbers[self._style] = (self.numbers[self._style][0], self._level)
            case "numId" if self._style:
                self.numbers[self._style] = (said, self._level)

    def end(self, name: str) -> None:
        if name == "style":
            self._style = ""

    def data(self, words: str) -> None:
        pass


def read_numbering(parse: Callable[[Any], None]) -> Numbering:
    """The lists of a document; `parse` tells a target of the elements of numbering.xml."""
    target = _Lists()
    parse(target)
    return target.found


def read_style_numbers(parse: Callable[[Any], None]) -> dict[str, tuple[str, int]]:
    """The number id and level of each style that has them, its own or those of the style it is based on."""
    target = _Styles()
    parse(target)
    found = dict(target.numbers)
    for style in target.based:
        base, steps = style, 0
        while base not in target.numbers and base in target.based and steps < _LEVELS:
            base, steps = target.based[base], steps + 1
        if base in target.numbers:
            found[style] = target.numbers[base]
    return found


def _small(said: str) -> int | None:
    return int(said) if said in set("012345678") else None


def _count(said: str) -> int:
    return int(said) if said.isascii() and said.isdigit() and len(said) <= 4 else 1
