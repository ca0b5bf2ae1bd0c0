"""Numbers as they are written in Chinese office prose (数字): 19,425 · 1.2万 · 三千二百 · 百分之十五 · 三成."""

import re
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

import cn2an

from organs.typed import COMMA, pointed

MOST_CHARACTERS = 40
MOST_DIGITS = 15
MOST_DECIMALS = 6

CHINESE = "零〇一二三四五六七八九十百千万亿两壹贰叁肆伍陆柒捌玖拾佰仟廿"
_ARABIC = re.compile(r"(?P<whole>[0-9]{1,3}(?:,[0-9]{3})+|[0-9]+)(?:\.(?P<decimals>[0-9]+))?")
_MIXED = re.compile(r"([0-9]+(?:,[0-9]{3})*(?:\.[0-9]+)?)([十百千]?万?亿?)")
_TENTHS = re.compile(r"([一二三四五六七八九两1-9])成([一二三四五六七八九半]?)")
_PERCENT = re.compile(r"百分之(.+)")
_CHINESE_DECIMAL = re.compile(rf"([{CHINESE}]+)点([零〇一二三四五六七八九]+)")
_DIGITS = {character: value for value, character in enumerate("零一二三四五六七八九")} | {"〇": 0, "两": 2}
_DIGITS |= {str(value): value for value in range(10)}
_WEIGHTS = {"十": 10, "百": 100, "千": 1000, "万": 10_000, "亿": 100_000_000}
_FULL_WIDTH = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)} | {0x3000: 0x20, 0x2212: 0x2D}


class NumeralError(ValueError):
    """The text is no definite number; the message is a Chinese sentence for the person who typed it."""


@dataclass(frozen=True)
class Numeral:
    """A number, the weight of its last written non-zero place (1400 → 100), and whether it says 百分之 or 成."""

    amount: Decimal
    step: Decimal
    percent: bool = False


def half_width(text: str) -> str:
    """The text with full-width digits, letters and signs made half-width; nothing else changes (② stays ②)."""
    return text.translate(_FULL_WIDTH)


def read_number(text: str) -> Numeral:
    """One number and nothing else; raises NumeralError for anything that is not a definite number."""
    written = pointed(half_width(text[: MOST_CHARACTERS + 1]).strip())
    if not written:
        raise NumeralError("这里是空的，请填一个数。")
    if len(written) > MOST_CHARACTERS:
        raise NumeralError(f"这个数太长了，最多{MOST_CHARACTERS}个字。")
    negative = written[0] in "负-"
    body = written[1:] if negative else written
    percent = _PERCENT.fullmatch(body)
    if percent:
        body = percent[1]
    tenths = _TENTHS.fullmatch(body)
    amount = _tenths(tenths) if tenths else _plain(body)
    if amount is None and "," in written:
        raise NumeralError(COMMA.format(written))
    if amount is None:
        raise NumeralError(f"“{written}”不是确切的数，请写成 1234、1.2万 或 三千二百 这样的数。")
    amount = _within_limits(amount, written)
    if negative and not amount:
        raise NumeralError(f"“{written}”不清楚：没有就填0，有数请写全。")
    return Numeral(-amount if negative else amount, step_of(amount), bool(percent or tenths))


def step_of(amount: Decimal) -> Decimal:
    """The weight of the last non-zero place: 1400 → 100, 0.35 → 0.01; 1 for zero."""
    return Decimal(1).scaleb(_exponent(amount))


def plain(number: Decimal) -> str:
    """The number in digits, without separators, trailing zeros or powers of ten: 19425, 94.65."""
    written = f"{number:f}"
    if "." in written:
        written = written.rstrip("0").rstrip(".")
    return "0" if written in ("-0", "") else written


def round_half_up(value: Decimal, places: int) -> Decimal:
    """Rounded for display: 0.25 → 0.3, −0.25 → −0.3 at one place."""
    return value.quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP)


def _plain(body: str) -> Decimal | None:
    """A number without sign: digits, digits with 万 or 亿, or Chinese characters; None if it is none of them."""
    if _ARABIC.fullmatch(body):
        return Decimal(body.replace(",", ""))
    if body and body[0] in "0123456789":
        return _mixed(body)
    decimal = _CHINESE_DECIMAL.fullmatch(body)
    if decimal:
        whole = _chinese(decimal[1])
        # cn2an would give a binary fraction here, so the decimals are read one by one
        return None if whole is None else Decimal(f"{whole}." + "".join(str(_DIGITS[c]) for c in decimal[2]))
    whole = _chinese(body)
    return None if whole is None else Decimal(whole)


def _mixed(body: str) -> Decimal | None:
    """Digits with 十百千万亿: 1.2万, 3千万, 1万2千; every part weighs less than the one before it."""
    parts = _MIXED.findall(body)
    if "".join(number + weight for number, weight in parts) != body:
        return None
    amount, last = Decimal(0), None
    for number, words in parts:
        if not _ARABIC.fullmatch(number) or not words or (len(parts) > 1 and "." in number):
            return None
        weight = Decimal(1)
        for word in words:
            weight *= _WEIGHTS[word]
        value = Decimal(number.replace(",", "")) * weight
        if last is not None and value >= last:
            return None
        amount, last = amount + value, weight
    return amount


def _tenths(match: re.Match[str]) -> Decimal:
    """三成 is thirty per cent, 三成五 thirty-five."""
    tail = match[2]
    return Decimal(_DIGITS[match[1]] * 10 + (5 if tail == "半" else _DIGITS[tail] if tail else 0))


def _chinese(body: str) -> int | None:
    """A whole number in Chinese characters; a bare 百, 千, 万 or 亿 counts one of it."""
    if not body or any(character not in CHINESE for character in body):
        return None
    body = body.replace("两", "二").replace("〇", "零")
    if body[0] in "百千万亿佰仟":
        body = "一" + body
    try:
        value = cn2an.cn2an(body, "strict")
    except ValueError:
        return None
    return value if isinstance(value, int) else None


def _within_limits(amount: Decimal, written: str) -> Decimal:
    if amount.adjusted() >= MOST_DIGITS:
        raise NumeralError(f"“{written}”太大了，请检查是否多写了几位。")
    if _exponent(amount) < -MOST_DECIMALS:
        raise NumeralError(f"“{written}”的小数太多了，最多{MOST_DECIMALS}位。")
    return Decimal(plain(amount))


def _exponent(amount: Decimal) -> int:
    """The power of ten of the last non-zero place; 0 for zero."""
    shortest = amount.normalize()
    return shortest.adjusted() - len(shortest.as_tuple().digits) + 1 if amount else 0
