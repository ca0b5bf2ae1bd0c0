"""Rows that count, light enough for a hundred thousand of them: figures and actions as totals and lists read them."""

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from functools import lru_cache
from operator import attrgetter
from typing import Any, NamedTuple

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import BigIntegerField, BooleanField, CharField, Func, QuerySet
from django.utils import timezone

from measures.models import Metric, Observation
from measures.period import SHANGHAI, Period, PeriodKind
from measures.progress import dissolved
from measures.quantity import Qualifier, Quantity
from measures.totals import Coverage, Entry, Presence
from organs.models import Organ

#: In microseconds.
AN_HOUR = 3_600_000_000
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
#: The columns of a figure, as `FigureLine` takes them: from its kind on in its order.
COLUMNS = (
    *("organ_id", "pk", "metric_id", "period_kind"),
    *("period_days__startswith", "period_days__endswith", "period_words", "presence"),
    *("quantity_amount", "quantity_range__startswith", "quantity_range__endswith"),
    *("quantity_range__lower_inc", "quantity_range__upper_inc"),
    *("quantity_qualifier", "quantity_unit", "quantity_words", "numerator", "denominator"),
    *("coverage", "absence", "version", "moment", "pillar_id", "stamp"),
)
#: A moment as microseconds since 1970: a tenth of the cost of a datetime with its zone.
MOMENT = Func(
    "approved_at",
    template="(extract(epoch from %(expressions)s) * 1000000)::bigint",
    output_field=BigIntegerField(),
)
#: The transaction that wrote a row, and its place in the table, which is another one after each change, even in the same
#: transaction: the same row with the same stamp says the same.
STAMP = Func(
    template='"measures_observation".xmin::text || "measures_observation".ctid::text',
    output_field=CharField(),
)
#: The same behind the row's key.
KEY_AND_STAMP = Func(
    template='"measures_observation"."id"::text || \':\' || "measures_observation".xmin::text'
    ' || "measures_observation".ctid::text',
    output_field=CharField(),
)


def key_of(stamp: str) -> int:
    """The key of the row that a `KEY_AND_STAMP` is about."""
    return int(stamp.partition(":")[0])


#: Where a figure stands among those of its organ.
PLACE = attrgetter("start", "end", "pk")
#: In a `Question` these stand for a list of keys, or of paths, which is another one each time it is asked.
SOME, SOME_PATHS = [-7], ["-7"]


def one_of(column: str, keys: QuerySet) -> Any:
    """The condition that a column is among those keys, which are read first into an array and not joined with."""
    words = {"template": "%(expressions)s)", "arg_joiner": " = ANY("}
    return Func(column, ArraySubquery(keys), output_field=BooleanField(), **words)


@lru_cache(4096)
def _period(kind: str, start: date, end: date, words: str) -> Period:
    """Thousands of figures tell of the same months."""
    return Period(PeriodKind(kind), start, end, words)


class FigureLine(NamedTuple):
    """An approved figure; read like an `Observation`, made at a tenth of its cost."""

    pk: int
    organ: Organ
    metric: Metric
    organ_id: int
    metric_id: int
    period_kind: str
    start: date
    end: date
    period_words: str
    presence: str
    amount: Decimal | None
    low: Decimal | None
    high: Decimal | None
    low_closed: bool | None
    high_closed: bool | None
    qualifier: str
    unit: str
    words: str
    numerator: Decimal | None
    denominator: Decimal | None
    coverage: str
    absence: str
    version: int
    moment: int
    pillar_id: int | None
    stamp: str

    @property
    def approved_at(self) -> datetime:
        """When it was approved."""
        return datetime.fromtimestamp(self.moment // 1_000_000, SHANGHAI)

    @property
    def period(self) -> Period:
        """The days that it tells of."""
        return _period(self.period_kind, self.start, self.end, self.period_words)

    @property
    def quantity(self) -> Quantity | None:
        """What it says; None where it says that the metric does not apply."""
        if self.amount is None or self.low is None:
            return None
        return Quantity(
            amount=self.amount.normalize() + 0,
            low=self.low.normalize() + 0,
            high=None if self.high is None else self.high.normalize() + 0,
            low_closed=bool(self.low_closed),
            high_closed=bool(self.high_closed),
            qualifier=Qualifier(self.qualifier),
            unit=self.unit,
            words=self.words,
        )


Row = FigureLine | Observation


class ActionLine(NamedTuple):
    """An approved action, as far as totals and lists of many organs tell of it."""

    pk: int
    organ_id: int
    pillar_id: int
    theme_id: int
    title: str
    start_day: date | None
    due_day: date | None
    closed_on: date | None  # only once the closing is approved
    asked_on: date | None  # the day given as completed, while the closing waits for the reviewer
    progress: bool  # whether any was noted, or an activity that serves it was ever held
    held: int  # activities of its own in the period
    served: bool  # whether one of another action in the period serves it too
    approved_at: datetime
    first_day: date  # of its campaign
    last_day: date
    over: bool  # whether that is closed
    until: date | None  # the first day on which its organ is no more
    is_problem: bool
    stage: str | None  # of a project the first that is to be done
    stage_due: date | None

    @property
    def is_closed(self) -> bool:
        """Whether the line is closed out (已销号)."""
        return self.closed_on is not None

    def goes_on(self, today: date) -> bool:
        """Whether it is to be finished still."""
        return not (self.is_closed or self.over or dissolved(self.due_day, self.until, today))


def entry(row: Row) -> Entry:
    """A figure as the pure modules know it."""
    return Entry(
        organ=row.organ.path,
        period=row.period,
        presence=Presence(row.presence),
        quantity=row.quantity,
        numerator=row.numerator,
        denominator=row.denominator,
        coverage=Coverage(row.coverage),
        order=(approved(row), row.pk),
        key=row.pk,
    )


def about(rows: Sequence[Row], period: Period) -> Sequence[Row]:
    """Of figures that were read in the order of their days, and so do not overlap, those that a period may use."""
    if not isinstance(rows[0], FigureLine):
        return rows
    first = bisect_right(rows, period.start, key=attrgetter("end"))
    end = bisect_left(rows, period.end, key=attrgetter("start"))
    return rows[max(first - 1, 0) : max(end, 1)]


def approved(row: Row) -> int:
    """When it was approved, in microseconds; what waits would be approved last."""
    if isinstance(row, FigureLine):
        return row.moment
    return moment(row.approved_at or timezone.now())


def day_of(moment: int) -> date:
    """The day in Asia/Shanghai of a moment in microseconds since 1970."""
    return _day_of(moment // AN_HOUR)


@lru_cache(4096)
def _day_of(hour: int) -> date:
    """Of one hour there are many: days begin and end with it, and asking for the zone takes long."""
    return datetime.fromtimestamp(hour * 3600, SHANGHAI).date()


def moment(at: datetime) -> int:
    """A moment in microseconds since 1970."""
    return (at - EPOCH) // timedelta(microseconds=1)
