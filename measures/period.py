"""Periods (统计期): their kinds, edges and nesting; half-open, counted in days of Asia/Shanghai."""

import re
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from measures.numerals import NumeralError, half_width, read_number
from organs.typed import TypedError, pointed, written_day

SHANGHAI = ZoneInfo("Asia/Shanghai")
FIRST_YEAR = 1949
LAST_YEAR = 2200


class PeriodKind(StrEnum):
    """How long a period is; a span is any run of days, with the words it was given in."""

    MONTH = "month"
    QUARTER = "quarter"
    HALF = "half"
    YEAR = "year"
    SPAN = "span"


PERIOD_KIND_LABELS = {
    PeriodKind.MONTH: "月",
    PeriodKind.QUARTER: "季度",
    PeriodKind.HALF: "半年",
    PeriodKind.YEAR: "年",
    PeriodKind.SPAN: "起止日期",
}
MONTHS_IN = {PeriodKind.MONTH: 1, PeriodKind.QUARTER: 3, PeriodKind.HALF: 6, PeriodKind.YEAR: 12}
_QUARTERS = "一二三四"
_HALVES = "上下"


class PeriodError(ValueError):
    """No such period; the message is a Chinese sentence for the person who typed it."""


@dataclass(frozen=True)
class Period:
    """From the first day to the day after the last; the edges fit the kind; words as written (自创建以来)."""

    kind: PeriodKind
    start: date
    end: date
    words: str = ""

    def __post_init__(self) -> None:
        if not self.start < self.end:
            raise PeriodError("结束日期早于开始日期，请检查。")
        if self.start.year < FIRST_YEAR or self.last.year > LAST_YEAR:
            raise PeriodError(f"年份要在{FIRST_YEAR}年到{LAST_YEAR}年之间。")
        months = MONTHS_IN.get(self.kind)
        if months and (self.start != _first_day(self.start, months) or self.end != _add(self.start, months)):
            raise PeriodError(f"起止日期不是一个完整的{PERIOD_KIND_LABELS[self.kind]}。")

    @classmethod
    def of(cls, kind: PeriodKind, day: date) -> "Period":
        """The month, quarter, half or year that a day belongs to; a span of that one day."""
        months = MONTHS_IN.get(kind)
        if months is None:
            return cls.span(day, day + timedelta(days=1))
        start = _first_day(day, months)
        return cls(kind, start, _add(start, months))

    @classmethod
    def year(cls, year: int) -> "Period":
        """A calendar year."""
        return cls.of(PeriodKind.YEAR, _day(year, 1))

    @classmethod
    def half(cls, year: int, number: int) -> "Period":
        """The first (1) or second (2) half of a year."""
        return cls._part(PeriodKind.HALF, year, number)

    @classmethod
    def quarter(cls, year: int, number: int) -> "Period":
        """A quarter of a year, 1 to 4."""
        return cls._part(PeriodKind.QUARTER, year, number)

    @classmethod
    def month(cls, year: int, number: int) -> "Period":
        """A calendar month, 1 to 12."""
        return cls._part(PeriodKind.MONTH, year, number)

    @classmethod
    def span(cls, start: date, end: date, words: str = "") -> "Period":
        """Any run of days; `end` is the day after the last."""
        return cls(PeriodKind.SPAN, start, end, words)

    @classmethod
    def _part(cls, kind: PeriodKind, year: int, number: int) -> "Period":
        months = MONTHS_IN[kind]
        if not 1 <= number <= 12 // months:
            raise PeriodError(f"一年没有第{number}个{PERIOD_KIND_LABELS[kind]}。")
        return cls.of(kind, _day(year, (number - 1) * months + 1))

    @classmethod
    def from_key(cls, key: str) -> "Period":
        """The period of an address: 2021, 2021H1, 2021Q1, 2021-03, 20210101-20210503 (last day included)."""
        if match := re.fullmatch(r"([0-9]{4})(?:([HQ])([0-9])|-([0-9]{2}))?", key):
            year = int(match[1])
            if match[4]:
                return cls.month(year, int(match[4]))
            if not match[2]:
                return cls.year(year)
            return (cls.half if match[2] == "H" else cls.quarter)(year, int(match[3]))
        if match := re.fullmatch(r"([0-9]{8})-([0-9]{8})", key):
            first, last = (_day(int(k[:4]), int(k[4:6]), int(k[6:])) for k in match.groups())
            return cls.span(first, last + timedelta(days=1))
        raise PeriodError(f"“{key[:20]}”不是统计期，应如 2021、2021Q1 或 2021-03。")

    @classmethod
    def parse(cls, text: str) -> "Period":
        """What a clerk types: 2021年, 2021年上半年, 2021年一季度, 2021.3, 2021年3月, 2021年1月1日至5月3日."""
        tidy = pointed(re.sub(r"\s+", "", half_width(text[:60]))).removesuffix("份")
        if match := re.fullmatch(r"([0-9]{4})年?(?:全年|度)?", tidy):
            return cls.year(int(match[1]))
        if match := re.fullmatch(r"([0-9]{4})年?([上下])半年", tidy):
            return cls.half(int(match[1]), _HALVES.index(match[2]) + 1)
        if match := re.fullmatch(r"([0-9]{4})年?第?([一二三四1-4])季度?", tidy):
            return cls.quarter(int(match[1]), _small(match[2]))
        if match := re.fullmatch(r"([0-9]{4})(?:年|\.|-|/)([0-9]{1,2}|[一二三四五六七八九十]{1,2})月?", tidy):
            return cls.month(int(match[1]), _small(match[2]))
        if match := re.fullmatch(r"(.+?)(?:至|到|—+|–|~)(.+)|([^-]+[./月][^-]+)-([^-]+)", tidy):
            earlier, later = filter(None, match.groups())
            first = _written_day(earlier, None)
            return cls.span(first, _written_day(later, first.year) + timedelta(days=1))
        if re.fullmatch(r".*[日号]|[0-9]{4}(?:[0-9]{4}|([./-])[0-9]{1,2}\1[0-9]{1,2})", tidy):
            return cls.of(PeriodKind.SPAN, _written_day(tidy, None))
        if re.fullmatch(r"[0-9]{4}(?:[HQ][0-9]|-?[0-9]{4}-[0-9]{8})", tidy):
            return cls.from_key(tidy)
        raise PeriodError(f"看不懂“{tidy[:20]}”，请写成 2021年、2021年一季度 或 2021年3月。")

    @property
    def last(self) -> date:
        """The last day that belongs to it."""
        return self.end - timedelta(days=1)

    @property
    def label(self) -> str:
        """As people write it: 2021年, 2021年第一季度, the words of a span, or its first and last day."""
        year = self.start.year
        match self.kind:
            case PeriodKind.YEAR:
                return f"{year}年"
            case PeriodKind.HALF:
                return f"{year}年{_HALVES[self.start.month // 7]}半年"
            case PeriodKind.QUARTER:
                return f"{year}年第{_QUARTERS[self.start.month // 3]}季度"
            case PeriodKind.MONTH:
                return f"{year}年{self.start.month}月"
        return self.words or _days_label(self.start, self.last)

    @property
    def key(self) -> str:
        """Its name in an address; from_key is the inverse, words apart."""
        year = f"{self.start.year:04}"
        match self.kind:
            case PeriodKind.YEAR:
                return year
            case PeriodKind.HALF:
                return f"{year}H{self.start.month // 7 + 1}"
            case PeriodKind.QUARTER:
                return f"{year}Q{self.start.month // 3 + 1}"
            case PeriodKind.MONTH:
                return f"{year}-{self.start.month:02}"
        return f"{self.start:%Y%m%d}-{self.last:%Y%m%d}"

    def __str__(self) -> str:
        return self.label

    def contains(self, other: "date | Period") -> bool:
        """Whether a day, or every day of another period, belongs to it."""
        if isinstance(other, Period):
            return self.start <= other.start and other.end <= self.end
        return self.start <= other < self.end

    def overlaps(self, other: "Period") -> bool:
        """Whether at least one day belongs to both."""
        return self.start < other.end and other.start < self.end

    def within(self, first: date, last: date) -> "Period":
        """The part of it from a first to a last day; all of it where none lies there."""
        start, end = max(self.start, first), min(self.end, last + timedelta(days=1))
        return self if start >= end or (start, end) == (self.start, self.end) else Period.span(start, end)

    def parts(self, kind: PeriodKind) -> tuple["Period", ...]:
        """The periods of a shorter kind that make it up without gap; raises PeriodError if they do not fit."""
        if kind not in MONTHS_IN or Period.of(kind, self.start).start != self.start:
            raise PeriodError(f"{self.label}不能按{PERIOD_KIND_LABELS[kind]}分。")
        found = [Period.of(kind, self.start)]
        while found[-1].end < self.end:
            found.append(Period.of(kind, found[-1].end))
        if found[-1].end != self.end:
            raise PeriodError(f"{self.label}不能按{PERIOD_KIND_LABELS[kind]}分。")
        return tuple(found)

    def previous(self) -> "Period":
        """The one of the same kind before it; for a span the same number of days before it."""
        if self.kind is PeriodKind.SPAN:
            return Period.span(self.start - (self.end - self.start), self.start)
        return Period.of(self.kind, self.start - timedelta(days=1))

    def next(self) -> "Period":
        """The one of the same kind after it; for a span the same number of days after it."""
        if self.kind is PeriodKind.SPAN:
            return Period.span(self.end, self.end + (self.end - self.start))
        return Period.of(self.kind, self.end)


def shanghai_day(moment: datetime) -> date:
    """The day in Asia/Shanghai that an aware moment falls on; raises ValueError for a naive one."""
    if moment.tzinfo is None:
        raise ValueError("a moment without time zone has no day in Shanghai")
    return moment.astimezone(SHANGHAI).date()


def end_of_day(day: date) -> datetime:
    """The last moment of a day in Asia/Shanghai that a clock of microseconds tells."""
    return datetime.combine(day + timedelta(days=1), time(), SHANGHAI) - timedelta(microseconds=1)


def _first_day(day: date, months: int) -> date:
    return date(day.year, (day.month - 1) // months * months + 1, 1)


def _add(start: date, months: int) -> date:
    years, month = divmod(start.month - 1 + months, 12)
    return date(start.year + years, month + 1, 1)


def _day(year: int, month: int, day: int = 1) -> date:
    """A date; raises PeriodError outside the years of this program or of the calendar."""
    if not FIRST_YEAR <= year <= LAST_YEAR:
        raise PeriodError(f"年份要在{FIRST_YEAR}年到{LAST_YEAR}年之间。")
    try:
        return date(year, month, day)
    except ValueError as error:
        raise PeriodError(f"没有{year}年{month}月{day}日这一天。") from error


def _small(text: str) -> int:
    try:
        return int(read_number(text).amount)
    except NumeralError as error:
        raise PeriodError(f"看不懂“{text}”月，请写成 2021年3月。") from error


def _written_day(text: str, year: int | None) -> date:
    """2021年1月1日 or 2021.1.1; the year may be missing where one is known."""
    try:
        found = written_day(text, year)
    except TypedError as error:
        raise PeriodError(str(error)) from error
    return _day(found.year, found.month, found.day)


def _days_label(first: date, last: date) -> str:
    start = f"{first.year}年{first.month}月{first.day}日"
    if first == last:
        return start
    return (
        f"{start}至" + (f"{last.year}年" if last.year != first.year else "") + f"{last.month}月{last.day}日"
    )
