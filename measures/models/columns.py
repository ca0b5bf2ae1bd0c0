"""A quantity and a period as columns of a row: value objects outside, exact ranges inside."""

from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping
from typing import Any

from django.contrib.postgres.fields import DateRangeField, DecimalRangeField
from django.db import models
from django.db.backends.postgresql.psycopg_any import DateRange, NumericRange
from django.db.models import F, Q
from django.db.models.constraints import BaseConstraint

from measures.period import PERIOD_KIND_LABELS, Period, PeriodKind
from measures.quantity import QUALIFIER_LABELS, Qualifier, Quantity


def choices(labels: Mapping[Any, str]) -> list[tuple[str, str]]:
    """Choices of a field from the labels of a StrEnum."""
    return [(member.value, label) for member, label in labels.items()]


class Columns(ABC):
    """Base of a value that lives in several columns; assign and read it as one attribute."""

    def __init__(self, label: str) -> None:
        self.label = label
        self.name = ""

    @abstractmethod
    def fields(self) -> Iterable[tuple[str, models.Field]]:
        """The columns: suffix and field."""

    def contribute_to_class(self, model: type[models.Model], name: str, private_only: bool = False) -> None:
        """Called by Django for each attribute of a new model class."""
        self.name = name
        for suffix, field in self.fields():
            model.add_to_class(f"{name}_{suffix}", field)
        setattr(model, name, self)


class QuantityColumns(Columns):
    """A `Quantity`: amount as said, the range of what it may be, qualifier, unit and the words; all or none."""

    def fields(self) -> Iterable[tuple[str, models.Field]]:
        """Amount in the base unit, range, qualifier, base unit and the words as written."""
        yield (
            "amount",
            models.DecimalField(self.label, max_digits=24, decimal_places=6, null=True, blank=True),
        )
        yield "range", DecimalRangeField(f"{self.label}的范围", null=True, blank=True)
        yield (
            "qualifier",
            models.CharField(
                f"{self.label}的限定词", max_length=10, blank=True, choices=choices(QUALIFIER_LABELS)
            ),
        )
        yield "unit", models.CharField(f"{self.label}的单位", max_length=20, blank=True)
        yield "words", models.CharField(f"{self.label}原话", max_length=100, blank=True)

    def __get__(self, row: Any, owner: type | None = None) -> Any:
        if row is None:
            return self
        amount = getattr(row, f"{self.name}_amount")
        if amount is None:
            return None
        span = getattr(row, f"{self.name}_range")
        return Quantity(
            amount=amount.normalize() + 0,
            low=span.lower.normalize() + 0,
            high=None if span.upper is None else span.upper.normalize() + 0,
            low_closed=span.lower_inc,
            high_closed=span.upper_inc,
            qualifier=Qualifier(getattr(row, f"{self.name}_qualifier")),
            unit=getattr(row, f"{self.name}_unit"),
            words=getattr(row, f"{self.name}_words"),
        )

    def __set__(self, row: Any, value: Quantity | None) -> None:
        columns: dict[str, Any] = {"amount": None, "range": None, "qualifier": "", "unit": "", "words": ""}
        if value is not None:
            bounds = ("[" if value.low_closed else "(") + (
                "]" if value.high_closed and value.high is not None else ")"
            )
            columns = {
                "amount": value.amount,
                "range": NumericRange(value.low, value.high, bounds),
                "qualifier": value.qualifier.value,
                "unit": value.unit,
                "words": value.words,
            }
        for suffix, column in columns.items():
            setattr(row, f"{self.name}_{suffix}", column)


class PeriodColumns(Columns):
    """A `Period`: kind, days as a half-open range, and the words as written."""

    def fields(self) -> Iterable[tuple[str, models.Field]]:
        """Kind, days, words."""
        yield (
            "kind",
            models.CharField(f"{self.label}类型", max_length=10, choices=choices(PERIOD_KIND_LABELS)),
        )
        yield "days", DateRangeField(f"{self.label}起止", help_text="含起始日，不含截止日的次日。")
        yield "words", models.CharField(f"{self.label}原话", max_length=50, blank=True)

    def __get__(self, row: Any, owner: type | None = None) -> Any:
        if row is None:
            return self
        days = getattr(row, f"{self.name}_days")
        if days is None:
            return None
        return Period(
            PeriodKind(getattr(row, f"{self.name}_kind")),
            days.lower,
            days.upper,
            getattr(row, f"{self.name}_words"),
        )

    def __set__(self, row: Any, value: Period) -> None:
        setattr(row, f"{self.name}_kind", value.kind.value)
        setattr(row, f"{self.name}_days", DateRange(value.start, value.end, "[)"))
        setattr(row, f"{self.name}_words", value.words)


def quantity_constraints(model: str, name: str) -> list[BaseConstraint]:
    """What a row may never say of its quantity: half of it, an empty range, or a range that contradicts the amount."""
    amount, low, high = F(f"{name}_amount"), f"{name}_range__startswith", f"{name}_range__endswith"
    # comparing with an end that is missing yields NULL, which a CHECK lets pass: say that the end is there
    open_ended, ends = Q(**{f"{name}_range__upper_inf": True}), Q(**{f"{name}_range__upper_inf": False})

    def said(*qualifiers: Qualifier) -> Q:
        return Q(**{f"{name}_qualifier__in": [q.value for q in qualifiers]})

    nothing = Q(
        **{
            f"{name}_amount": None,
            f"{name}_range": None,
            f"{name}_qualifier": "",
            f"{name}_unit": "",
            f"{name}_words": "",
        }
    )
    whole = Q(**{f"{name}_amount__isnull": False, f"{name}_range__isnull": False}) & ~Q(
        **{f"{name}_unit": ""}
    )
    held = (
        (said(Qualifier.EXACT) & ends & Q(**{low: amount, high: amount}))
        | (said(Qualifier.MORE, Qualifier.OVER) & Q(**{f"{low}__gte": amount}))
        | (said(Qualifier.AT_LEAST) & Q(**{low: amount}))
        | (said(Qualifier.AT_MOST) & ends & Q(**{high: amount}))
        | (said(Qualifier.NEAR, Qualifier.BELOW) & ends & Q(**{f"{high}__lte": amount}))
        | (
            said(Qualifier.APPROX, Qualifier.BETWEEN)
            & Q(**{f"{low}__lte": amount})
            & (Q(**{f"{high}__gte": amount}) | open_ended)
        )
    )
    lower_known = Q(**{f"{name}_range__isempty": False, f"{name}_range__lower_inf": False})
    return [
        models.CheckConstraint(
            name=f"{model}_{name}_whole_or_absent",
            condition=nothing | whole,
            violation_error_message="数值、范围、限定词和单位要么都有，要么都没有。",
        ),
        models.CheckConstraint(
            name=f"{model}_{name}_range_holds",
            condition=Q(**{f"{name}_amount": None}) | (lower_known & held),
            violation_error_message="数值与它的范围对不上。",
        ),
    ]
