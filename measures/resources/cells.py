"""Texts of cells → values, by the cleaners of the entry forms; what is wrong raises ValidationError with a sentence."""

import re
from calendar import monthrange
from collections.abc import Callable, Mapping, Sequence
from datetime import date, timedelta
from decimal import Decimal
from typing import Any, TypeVar

from django.core.exceptions import ValidationError

from measures.forms import fields
from measures.forms.fields import PeriodField
from measures.models import Campaign
from measures.period import Period
from measures.workbooks import Month, Untold
from organs.forms import AmountField, DayField, WholeField
from organs.typed import half_width

__all__ = [
    "amount",
    "choice",
    "day",
    "due_day",
    "fit_due",
    "folded",
    "half_width",
    "named",
    "past_day",
    "period",
    "text",
    "whole",
    "year",
]

Named = TypeVar("Named")
Cleaner = Callable[[str], Any]

_DAY, _PAST_DAY = DayField(), DayField(past=True)
#: What stands behind a day: 9:00, 下午, 下午3:30-5:30, T09:00:00.
_CLOCK = r"(?:[上下]午|中午|晚上?)?\s*[0-9]{1,2}(?::[0-9]{2}){1,2}"
_TIME = re.compile(rf"(?:\s+|T|(?<=[日号]))(?:{_CLOCK}(?:\s*[-~—–至到]+\s*{_CLOCK})?|[上下]午|中午|晚上?)$")
_PERIOD = PeriodField()
#: A day without its year that may be one of the tens: 3.1, 3.10; there is no 30 February.
_TENTHS_OF_DAY = re.compile(r"(?!0?2\.3)([0-9]{1,2})\.([123])")
_WHOLE = WholeField(min_value=0, max_value=100_000)
_WHOLE.error_messages["invalid"] = "请填整数；不确切的可不填，写在备注里。"
_AMOUNT = AmountField(max_digits=20, decimal_places=4, min_value=0)
#: Days as the numbers that spreadsheets store, from 1954 to 2119; day 0 of theirs is the last but one of 1899.
_SERIAL = re.compile("[2-7][0-9]{4}")
_DAY_ZERO = date(1899, 12, 30)
MOST_OFFERED = 3
#: A month is over at its end, also where only the month is written: 12月底前, 2026年12月.
_MONTH_END = re.compile(r"(?:([0-9]{4})年)?([0-9]{1,2})月份?[底末]之?前?")
_MONTH = re.compile(r"([0-9]{4})年([0-9]{1,2})月份?")
_YEAR_END = re.compile(r"([0-9]{4}年)?年?[底末]之?前?")
_BEFORE = re.compile(r"(?<=[日号])(?:之?前|以前)$")
_NO_LEAP_YEAR = 2001
#: What stands for a due day where there is none.
_NO_END = re.compile(r"(?:长期|常态化|持续)(?:坚持|推进|开展|进行)?|全年(?:坚持|推进|开展)?")


def text(said: str) -> str:
    """As it stands."""
    return str(said)


def past_day(said: str) -> date | None:
    """As `day`, where it must lie in the past: without its year, the latest one that is not in the future."""
    return day(said, _PAST_DAY)


def day(said: str, field: DayField = _DAY) -> date | None:
    """A day as people or spreadsheets write it, without the time of the day if somebody wrote that."""
    if isinstance(said, Untold) and (one := _TENTHS_OF_DAY.fullmatch(said)):
        raise ValidationError(
            f"“{said}”是{one[1]}月{one[2]}日还是{one[1]}月{one[2]}0日？请写成 {one[1]}月{one[2]}日。"
        )
    if isinstance(said, Month):
        said = f"{said}1日"
    if _SERIAL.fullmatch(said):
        return _DAY_ZERO + timedelta(days=int(said))
    return field.clean(_TIME.sub("", half_width(said)))


def due_day(said: str) -> date | None:
    """As `day`, also a month or a year that ends (12月底前, 2026年底), a day with 前 behind it, and 长期, which is none."""
    return None if _NO_END.fullmatch(said) else day(_due_words(said))


def fit_due(said: str, values: dict[str, Any], proposed: dict[str, Any], campaign: Campaign) -> None:
    """Give a due day without its year the one that fits; 长期坚持 is kept in what is done, for there is no day.

    Where the row says nothing of what is done, that is `proposed` for a new one: what is stored stays.
    """
    if _NO_END.fullmatch(said):
        values.pop("due_day", None)
        if said not in values.get("what", ""):
            told = values if values.get("what") else proposed
            told["what"] = f"{values.get('what', '')}\n完成时限：{said}。".strip()
    elif values.get("due_day"):
        start = values.get("start_day")
        values["due_day"] = fields.due_day(_due_words(said), start, campaign) or values["due_day"]


def _due_words(said: str) -> str:
    """A due day without 前 and its like, and with the day that an end of a month or a year is."""
    tidy = re.sub(r"\s", "", half_width(said))
    if ending := _MONTH_END.fullmatch(tidy) or _MONTH.fullmatch(tidy):
        year, month = ending.groups()
        last = monthrange(int(year or _NO_LEAP_YEAR), int(month))[1] if 1 <= int(month) <= 12 else 31
        return f"{f'{year}年' if year else ''}{month}月{last}日"
    if ending := _YEAR_END.fullmatch(tidy):
        return f"{ending[1] or ''}12月31日"
    return _BEFORE.sub("", tidy) if _BEFORE.search(tidy) else said


def period(said: str) -> Period | None:
    """A period as people write it; what a spreadsheet may have made of October is asked about."""
    if isinstance(said, Untold) and (one := re.fullmatch(r"([0-9]{4})\.1", said)):
        raise ValidationError(
            f"“{said}”是{one[1]}年1月还是{one[1]}年10月？请写成 {one[1]}年1月 或 {one[1]}年10月。"
        )
    return _PERIOD.clean(said)


def whole(said: str) -> int | None:
    """A whole number, with its unit if somebody wrote that (50人)."""
    return _WHOLE.clean(re.sub(r"(人次?|次|年)$", "", said.strip()))


def amount(said: str) -> Decimal | None:
    """A decimal."""
    return _AMOUNT.clean(said)


def year(said: str) -> int | None:
    """A year: 2021, 2021年, 2021年度."""
    found = re.fullmatch(r"([0-9]{4})(?:年度?)?", half_width(said))
    if not found:
        raise ValidationError(f"“{said[:20]}”不是年度，请写成 2021。")
    return int(found[1])


def choice(options: Mapping[str, str]) -> Cleaner:
    """One of some words (their value by the words), also by the beginning of a word that begins no other."""

    def clean(said: str) -> str:
        if said in options:
            return options[said]
        near = [word for word in options if word.startswith(said)]
        if len(near) == 1:
            return options[near[0]]
        raise ValidationError(f"“{said[:20]}”不在可选的里面，请填{'、'.join(options)}中的一个。")

    return clean


def named(found: Sequence[Named], said: str, what: str, names: Sequence[str], whose: str = "") -> Named:
    """The one row that a name means; `names` are those that could be meant. ValidationError for none and for several."""
    if len(found) == 1:
        return found[0]
    if found:
        raise ValidationError(
            f"{whose}叫“{said[:30]}”的{what}有{len(found)}个，看不出是哪一个；请写得更全，或者用模板填。"
        )
    alike = {name: len(set(said) & set(name)) for name in names}
    best = max(alike.values(), default=0)
    near = [name for name, much in alike.items() if much == best][:MOST_OFFERED]
    offered = "、".join(f"“{name}”" for name in near)
    if best:
        offered = f"，是不是{offered}？"
    elif offered:
        offered = f"，请照系统里的名称写，如{offered}。"
    raise ValidationError(f"{whose}没有叫“{said[:30]}”的{what}{offered or '。'}")


def folded(name: str) -> str:
    """A name as it is compared: half-width, without spaces and quotation marks."""
    return re.sub(r"[\s“”\"'《》]", "", half_width(name)).lower()
