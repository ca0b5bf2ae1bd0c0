"""Numbers and days as people type them, with a Chinese input method switched on or not (pure)."""

import re
import unicodedata
from collections.abc import Iterable, Iterator
from contextlib import suppress
from datetime import date, timedelta

#: What a Chinese input method types for the point and the slash; only digits beside it make it one.
_POINT = re.compile(r"(?<=[0-9])[。．·](?=[0-9])")
_SLASH = re.compile(r"(?<=[0-9])、(?=[0-9])")
_WHOLE_DAY = re.compile(
    r"([0-9]{4})[年./-]([0-9]{1,2})[月./-]([0-9]{1,2})[日号]?|([0-9]{4})([0-9]{2})([0-9]{2})"
)
_DAY = re.compile(r"([0-9]{1,2})[月./-]([0-9]{1,2})[日号]?")
_FROM_TODAY = {"前天": -2, "昨天": -1, "昨日": -1, "今天": 0, "今日": 0, "明天": 1, "明日": 1}
_GROUPED = re.compile(r"[+-]?[0-9]{1,3}(?:,[0-9]{3})+(?:\.[0-9]*)?")
_VAGUE = re.compile("[余多几近约以超不左]")
_SIGNED = re.compile(r"([+-]?[0-9.,]+)(\D+)")
#: Every 29 February comes again within so many years.
_LEAP = 8
_HALF_A_YEAR = timedelta(days=183)
COMMA = "“{}”里的逗号不清楚：小数点请用“.”，千分位每三位一个逗号，如 19,425。"


class TypedError(ValueError):
    """What was typed is no such thing; the message is a Chinese sentence for the person who typed it."""


def half_width(text: object) -> str:
    """What was typed, with full-width digits and signs made half-width and without spaces around it."""
    return unicodedata.normalize("NFKC", str(text)).strip()


def pointed(text: str) -> str:
    """With 12。5 written as 12.5, and without the full stop of a sentence at the end."""
    return _POINT.sub(".", text).removesuffix("。")


def number_text(typed: str) -> str:
    """A typed number ready to be read: 1，200 → 1200, 12。5 → 12.5; TypedError for a comma or a sign that fits none."""
    tidy = pointed(half_width(typed))
    if "," in tidy and not _GROUPED.fullmatch(tidy):
        raise TypedError(COMMA.format(tidy[:20]))
    if (match := _SIGNED.fullmatch(tidy)) and not _VAGUE.search(match[2]):  # 60余 is not 60
        raise TypedError(f"这里只填数，“{match[2].strip()[:10]}”请去掉。")
    return tidy.replace(",", "")


def read_day(typed: str, today: date, *, past: bool = False, coming: bool = False) -> date:
    """The day that was typed (今天 too); TypedError with a sentence for anything else.

    Without a year it is one of this year; where the day must lie in the past, the latest that is not in the future; where
    it is still to come, one of the next half year (1月15日, typed in December) if there is one.
    """
    tidy = _tidy(typed)
    if tidy in _FROM_TODAY:
        return today + timedelta(days=_FROM_TODAY[tidy])
    if past and (match := _DAY.fullmatch(tidy)):
        if found := last_such(typed, today):
            return found
        raise TypedError(f"没有{int(match[1])}月{int(match[2])}日这一天。")
    if coming and (found := next_such(typed, today)) and found <= today + _HALF_A_YEAR:
        return found
    return written_day(typed, today.year)


def written_day(typed: str, year: int | None) -> date:
    """A day with its year, or of this year if one is given; TypedError with a sentence for anything else."""
    tidy = _tidy(typed)
    if match := _WHOLE_DAY.fullmatch(tidy):
        return _day(*(int(part) for part in match.groups() if part))
    if year and (match := _DAY.fullmatch(tidy)):
        return _day(year, int(match[1]), int(match[2]))
    raise TypedError(
        f"看不懂“{tidy[:20]}”，日期请写成 2024-03-05、2024年3月5日" + (" 或 3月5日。" if year else "。")
    )


def next_such(typed: str, since: date) -> date | None:
    """The first day on or after another that was typed without its year (1月31日); None for what says more or no day."""
    years = range(since.year, since.year + _LEAP + 1)
    return next((found for found in _such_days(typed, years) if found >= since), None)


def last_such(typed: str, until: date) -> date | None:
    """As `next_such`, the last day on or before another."""
    years = range(until.year, until.year - _LEAP - 1, -1)
    return next((found for found in _such_days(typed, years) if found <= until), None)


def _such_days(typed: str, years: Iterable[int]) -> Iterator[date]:
    if match := _DAY.fullmatch(_tidy(typed)):
        for year in years:
            with suppress(ValueError):
                yield date(year, int(match[1]), int(match[2]))


def _tidy(typed: str) -> str:
    return _SLASH.sub("/", pointed(re.sub(r"\s", "", half_width(typed))))


def _day(year: int, month: int, day: int) -> date:
    try:
        return date(year, month, day)
    except ValueError as error:
        raise TypedError(f"没有{year}年{month}月{day}日这一天。") from error
