"""How figures are worded in Chinese (50余人, 95%以上, 近百): the words of a clerk → amount and range."""

import re
from dataclasses import dataclass
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal
from enum import StrEnum

from measures.numerals import CHINESE, Numeral, NumeralError, half_width, plain, read_number
from organs.typed import pointed


class Qualifier(StrEnum):
    """How sure a figure is, as its words say it."""

    EXACT = "exact"
    MORE = "more"
    OVER = "over"
    AT_LEAST = "at_least"
    AT_MOST = "at_most"
    APPROX = "approx"
    NEAR = "near"
    BELOW = "below"
    BETWEEN = "between"


QUALIFIER_LABELS = {
    Qualifier.EXACT: "确切",
    Qualifier.MORE: "余（多）",
    Qualifier.OVER: "超过",
    Qualifier.AT_LEAST: "以上（不少于）",
    Qualifier.AT_MOST: "以内（不超过）",
    Qualifier.APPROX: "约（左右）",
    Qualifier.NEAR: "近（接近）",
    Qualifier.BELOW: "不足（不到）",
    Qualifier.BETWEEN: "在两数之间",
}
# The convention of the house: 近N begins at 0.9 N, 约N reaches from 0.9 N to 1.1 N.
NEAR_FROM = Decimal("0.9")
ABOUT_TO = Decimal("1.1")

_BEFORE = {
    Qualifier.AT_MOST: ("不超过", "不多于", "不高于", "未超过", "至多", "最多", "≤"),
    Qualifier.AT_LEAST: ("不少于", "不低于", "至少", "最少", "≥"),
    Qualifier.OVER: ("超过", "超出", "突破", "多于", "高于", "大于", "超", "逾", ">"),
    Qualifier.BELOW: ("不足", "不到", "未到", "不满", "未满", "低于", "少于", "小于", "<"),
    Qualifier.NEAR: ("将近", "接近", "近"),
    Qualifier.APPROX: ("大约", "大概", "约为", "约"),
}
_AFTER = {
    Qualifier.AT_LEAST: ("及以上", "以上"),
    Qualifier.AT_MOST: ("及以下", "以内", "以下"),
    Qualifier.APPROX: ("左右", "上下"),
}
_FILLERS = ("累计达到", "累计达", "均达到", "共计", "合计", "累计", "达到", "连续", "共", "达")
_FIRST_WORDS = ("首个", "首位", "首家", "首", "第一")
RANK = "位次"
MOST_CHARACTERS = 60
_BY_LENGTH = [
    sorted(
        ((word, qualifier) for qualifier, words in table.items() for word in words),
        key=lambda pair: -len(pair[0]),
    )
    for table in (_BEFORE, _AFTER)
]
_MORE = re.compile("(.+)([余多几])([百千万亿]*)")
_BARE = re.compile("[百千万亿佰仟]+")
_NEEDS_POSITIVE = frozenset({Qualifier.MORE, Qualifier.NEAR, Qualifier.APPROX})
_NUMBER = re.compile(rf"[负-]?[0-9,.{CHINESE}点成半分之]+")
_PAIR = re.compile(r"(.+?)(?:—+|–|-|~|至|到)(.+)")
#: What is no number by itself: 半数, 全部党员, 翻一番, 两倍; 超过半天 and 大半年 are of another kind.
_COMPARED = re.compile("半数|^过半|大半(?!年|天)|多数|大部分|^全[部体][^0-9]*$|翻.*番|倍")
_LOOSE_SPACE = re.compile(r"(?<![0-9])\s+|\s+(?![0-9])")


class QuantityError(ValueError):
    """A Chinese sentence that says what is wrong with a figure and what would be right."""


@dataclass(frozen=True)
class UnitSpec:
    """A unit of measure (计量单位): 万元 has scale 10000 and base 元; whole units are counted, not measured."""

    symbol: str
    whole: bool = True
    dimension: str = ""
    scale: Decimal = Decimal(1)
    base: str = ""
    aliases: tuple[str, ...] = ()

    @property
    def stored_as(self) -> str:
        """The symbol of the unit in which amounts are stored."""
        return self.base or self.symbol

    @property
    def names(self) -> tuple[str, ...]:
        """Every way to write the unit, the symbol first."""
        return (self.symbol, *self.aliases)


@dataclass(frozen=True)
class Said:
    """What the words say, in the base unit, with the words in their tidy form."""

    amount: Decimal
    low: Decimal
    high: Decimal | None
    low_closed: bool
    high_closed: bool
    qualifier: Qualifier
    words: str


@dataclass(frozen=True)
class _Limits:
    """The natural bounds of a metric, checked against amounts in the base unit."""

    unit: UnitSpec
    minimum: Decimal | None
    maximum: Decimal | None

    @property
    def floor(self) -> Decimal:
        return (self.minimum or Decimal(0)) * self.unit.scale

    @property
    def ceiling(self) -> Decimal | None:
        return None if self.maximum is None else self.maximum * self.unit.scale

    def check(self, amount: Decimal) -> None:
        said, symbol = plain(amount / self.unit.scale), self.unit.symbol
        if self.unit.whole and amount % self.unit.scale:
            raise QuantityError(f"“{symbol}”要填整数，您写的是{said}。")
        if amount < self.floor:
            if self.minimum is None:
                raise QuantityError(f"这里不能填负数（您写的是{said}），请填0或大于0的数。")
            raise QuantityError(f"这里最小是{plain(self.minimum)}{symbol}，您写的是{said}{symbol}。")
        if self.ceiling is not None and self.maximum is not None and amount > self.ceiling:
            raise QuantityError(f"这里最大是{plain(self.maximum)}{symbol}，您写的是{said}{symbol}。")


@dataclass(frozen=True)
class _Parts:
    """A text taken apart: 约 | 50 | 余 | 人 | 以上; `spec` is the unit the number is in."""

    prefix: str
    number: str
    more: str
    written: str
    name: str
    spec: UnitSpec
    late: str
    suffix: str
    qualifiers: frozenset[Qualifier]


def read_words(
    text: str,
    unit: UnitSpec,
    minimum: Decimal | None = None,
    maximum: Decimal | None = None,
    convertible: tuple[UnitSpec, ...] = (),
) -> Said:
    """The figure a text states, for a field in `unit`; raises QuantityError with a sentence for the clerk."""
    if len(text) > MOST_CHARACTERS:
        raise QuantityError(f"这里最多写{MOST_CHARACTERS}个字，请只填数和单位。")
    tidy = pointed(_LOOSE_SPACE.sub("", half_width(text).strip()))
    if not tidy:
        raise QuantityError("这里是空的，请填一个数；没有就填0。")
    limits = _Limits(unit, minimum, maximum)
    if unit.dimension == RANK and tidy in [
        word + name for word in _FIRST_WORDS for name in ("", *unit.names)
    ]:
        return Said(Decimal(1), Decimal(1), Decimal(1), True, True, Qualifier.EXACT, tidy)
    parts = _take_apart(tidy, unit, convertible)
    if len(parts.qualifiers) > 1 or (parts.more and parts.late):
        raise QuantityError(f"“{tidy}”里有两个限定词，请只留一个。")
    pair = _PAIR.fullmatch(parts.number)
    return _between(tidy, parts, pair, limits) if pair else _single(tidy, parts, limits)


def _take_apart(tidy: str, unit: UnitSpec, convertible: tuple[UnitSpec, ...]) -> _Parts:
    prefix, rest, before = _start(tidy, unit)
    found = set(before)
    suffix = ""
    for word, qualifier in _BY_LENGTH[1]:
        if rest.endswith(word):
            suffix, rest = word, rest[: -len(word)]
            found.add(qualifier)
            break
    late = rest[-1] if rest.endswith(("余", "多")) else ""
    body = rest.removesuffix(late)
    for name, spec in _known_names(unit, convertible):
        written = body.removesuffix(name)
        if name.startswith("万") and "亿" in written:
            continue  # 1亿2千万元: the 万 is one of the number
        stem, more = _split_more(written)
        if body.endswith(name) and stem and _looks_numeric(stem, name):
            found |= {Qualifier.MORE} if more or late else set()
            return _Parts(prefix, stem, more, written, name, spec, late, suffix, frozenset(found))
    stem, more = _split_more(rest)
    if stem and _looks_numeric(stem, ""):
        found |= {Qualifier.MORE} if more else set()
        return _Parts(prefix, stem, more, rest, "", unit, "", suffix, frozenset(found))
    if _COMPARED.search(body) and not (unit.symbol == "倍" and "倍" in body):
        raise QuantityError(f"“{tidy}”是和别的数比出来的，不是一个数；请填实际的数，如 56。")
    number = _NUMBER.match(body)
    foreign = body[number.end() :].lstrip("余多几") if number else ""
    if foreign and not _NUMBER.search(foreign) and not foreign.startswith(("成", "左", "上", "吧", "来")):
        raise QuantityError(f"这里填的是“{unit.symbol}”，您写的是“{foreign}”。")
    raise QuantityError(f"“{tidy}”不是一个数，请填 56、1.2万余 或 95以上 这样的数。")


def _start(tidy: str, unit: UnitSpec) -> tuple[str, str, list[Qualifier]]:
    """What stands before the number (累计超过, 近, 上百 …), the rest, and the qualifier it says; 约约 says two."""
    rest, found = tidy, list[Qualifier]()
    fillers = (*_FILLERS, "第") if unit.dimension == RANK else _FILLERS
    for _ in range(3):
        for word, qualifier in [*_BY_LENGTH[0], *((filler, None) for filler in fillers)]:
            if rest.startswith(word):
                rest = rest[len(word) :]
                found += [qualifier] if qualifier else []
                break
    if re.match("上[百千万亿]", rest):
        rest = rest[1:]
        found.append(Qualifier.AT_LEAST)
    if len(found) > 1:
        raise QuantityError(f"“{tidy}”里有两个限定词，请只留一个。")
    return tidy[: len(tidy) - len(rest)], rest, found


def _known_names(unit: UnitSpec, convertible: tuple[UnitSpec, ...]) -> list[tuple[str, UnitSpec]]:
    """Every name a unit may be written by here, the longest first, so that 万元 is not read as 元."""
    base = (UnitSpec(unit.base, unit.whole),) if unit.base else ()
    same = (spec for spec in (*convertible, *base) if spec.stored_as == unit.stored_as)
    names = [(name, spec) for spec in (unit, *same) for name in spec.names]
    return sorted(names, key=lambda known: -len(known[0]))


def _split_more(text: str) -> tuple[str, str]:
    """The number without its 余, 多 or 几, and that word: 50余, 20余万, 十几万."""
    match = _MORE.fullmatch(text)
    return (match[1] + match[3], match[2]) if match else (text, "")


def _looks_numeric(text: str, name: str) -> bool:
    """Whether it is one number, or two with 至 or — between them, the first perhaps with the unit."""
    pair = _PAIR.fullmatch(text)
    if pair and _NUMBER.fullmatch(pair[1].removesuffix(name)) and _NUMBER.fullmatch(pair[2]):
        return True
    return bool(_NUMBER.fullmatch(text))


def _number(text: str, parts: _Parts, unit: UnitSpec) -> Numeral:
    try:
        numeral = read_number(text)
    except NumeralError as error:
        raise QuantityError(str(error)) from error
    if numeral.percent and "%" not in unit.names:
        raise QuantityError(f"这里填的是“{unit.symbol}”，您写的是“%”。")
    if not parts.name and (why := scaled_twice(text, unit)):
        raise QuantityError(why)
    return numeral


def scaled_twice(number: str, unit: UnitSpec) -> str:
    """Why 5万 is no number of 万元, as a sentence; empty if it may be one."""
    if unit.scale == 1 or not ("万" in number or "亿" in number):
        return ""
    return f"这里的单位已经是“{unit.symbol}”，请只填数，或写明“{number}{unit.stored_as}”。"


def _single(tidy: str, parts: _Parts, limits: _Limits) -> Said:
    unit = limits.unit
    numeral = _number(parts.number, parts, unit)
    if "几" in parts.written and not re.search("[十0]几", parts.written):
        raise QuantityError(f"“{tidy}”不是确切的数，请写明大约多少，如“约50{unit.symbol}”。")
    qualifier = next(iter(parts.qualifiers), Qualifier.EXACT)
    if qualifier is Qualifier.EXACT:
        _refuse_bare(parts.number)
    amount = numeral.amount * parts.spec.scale
    limits.check(amount)
    if amount <= 0 and qualifier in _NEEDS_POSITIVE:
        raise QuantityError(f"“{tidy}”说不清是多少，0和负数请填确切的数。")
    low, high, low_closed, high_closed = _range(qualifier, amount, numeral.step * parts.spec.scale, limits)
    name = parts.name or ("" if numeral.percent else unit.symbol)
    words = parts.prefix + _tidy_number(parts.written) + name + parts.late + parts.suffix
    if high is not None and low > high:
        raise QuantityError(f"“{tidy}”这样说，没有一个数能满足，请检查。")
    return Said(amount, low, high, low_closed, high_closed, qualifier, words)


def _between(tidy: str, parts: _Parts, pair: re.Match[str], limits: _Limits) -> Said:
    """90—99人, 90%至99%, 3万至5万."""
    texts = (pair[1].removesuffix(parts.name), pair[2])
    for text in texts:
        _refuse_bare(text)
    if parts.qualifiers:
        raise QuantityError(f"“{tidy}”里有两个限定词，请只留一个。")
    low, high = (_number(text, parts, limits.unit).amount * parts.spec.scale for text in texts)
    if low >= high or any(word in texts[1] and word not in texts[0] for word in "万亿"):
        raise QuantityError(f"“{tidy}”的两头不清楚，请从小到大写全，如“3万至5万”。")
    limits.check(low)
    limits.check(high)
    words = "至".join(map(_tidy_number, texts)) + (parts.name or limits.unit.symbol)
    return Said(low, low, high, True, True, Qualifier.BETWEEN, words)


def _refuse_bare(text: str) -> None:
    """近万人 and 上百人 are said like that; 万人 alone has lost its number."""
    if _BARE.fullmatch(text):
        raise QuantityError(f"“{text}”前面没有数，请写全，如“1{text}”；大约的写“近{text}”“{text}余”。")


def _tidy_number(text: str) -> str:
    """Without separators and without zeros in front."""
    digits = text.replace(",", "")
    return re.sub(r"^(-?)0+(?=[0-9])", r"\1", digits)


def _range(
    qualifier: Qualifier, amount: Decimal, step: Decimal, limits: _Limits
) -> tuple[Decimal, Decimal | None, bool, bool]:
    """The range by the table of the house; whole units get closed whole ends, natural bounds cut it off."""
    whole = limits.unit.whole
    tenth_below, tenth_above = amount * NEAR_FROM, amount * ABOUT_TO
    if whole:
        # 近5 and 约5 still leave room for the neighbouring whole number
        tenth_below = min(tenth_below.to_integral_value(ROUND_CEILING), amount - 1)
        tenth_above = max(tenth_above.to_integral_value(ROUND_FLOOR), amount + 1)
    low, high, low_closed, high_closed = {
        Qualifier.EXACT: (amount, amount, True, True),
        Qualifier.MORE: (amount, amount + step, False, False),
        Qualifier.OVER: (amount, None, False, False),
        Qualifier.AT_LEAST: (amount, None, True, False),
        Qualifier.AT_MOST: (limits.floor, amount, True, True),
        Qualifier.BELOW: (limits.floor, amount, True, False),
        Qualifier.NEAR: (tenth_below, amount, True, False),
        Qualifier.APPROX: (tenth_below, tenth_above, True, True),
    }[qualifier]
    if whole:
        # after 105 the next step is 106: 105余人 then only says that there were more
        if qualifier is Qualifier.MORE and step == 1:
            high = None
        low, low_closed = (low, True) if low_closed else (low + 1, True)
        if high is not None:
            high, high_closed = (high, True) if high_closed else (high - 1, True)
    ceiling = limits.ceiling
    if ceiling is not None and (high is None or high > ceiling):
        high, high_closed = ceiling, True
    if low < limits.floor:
        low, low_closed = limits.floor, True
    return low, high, low_closed, high_closed
