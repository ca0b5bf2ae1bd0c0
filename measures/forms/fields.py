"""Figures and periods as a clerk types them."""

from datetime import date
from decimal import Decimal
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString

from measures.models import Campaign, Metric, Unit
from measures.numerals import plain
from measures.period import Period, PeriodError
from measures.quantity import Quantity, QuantityError, UnitSpec
from organs.typed import half_width, last_such, next_such, pointed


def due_day(typed: str, start: date | None, campaign: Campaign) -> date | None:
    """The due day that was typed without its year: the next one from the start on, else the next one of the campaign from
    today on, or the last one of the campaign. None where none lies in it, and for what says its year.
    """
    if start:
        return next_such(typed, start)
    coming = next_such(typed, max(timezone.localdate(), campaign.first_day))
    found = coming if coming and coming <= campaign.last_day else last_such(typed, campaign.last_day)
    return found if found and found >= campaign.first_day else None


class QuantityInput(forms.TextInput):
    """A line of text with the unit beside it, once the unit is known and unless the words end with it."""

    unit = ""

    def render(self, name: str, value: Any, attrs: Any = None, renderer: Any = None) -> SafeString:
        """The line and the unit."""
        line = super().render(name, value, attrs, renderer)
        if not self.unit or str(value or "").endswith(self.unit):
            return line
        return format_html('{} <span class="unit">{}</span>', line, self.unit)


class QuantityField(forms.CharField):
    """A figure as typed (19425, 1.2万余, 近百, 95%以上) → Quantity in the base unit of its metric; raises a sentence.

    Until the metric is known (`for_metric`) it hands on the words; `read` turns them into a quantity.
    """

    widget = QuantityInput

    def __init__(self, *, metric: Metric | None = None, **kwargs: Any) -> None:
        kwargs.setdefault("help_text", "照材料写：19425、1.2万余、近百、95%以上都可以。")
        super().__init__(**kwargs)
        self.metric: Metric | None = None
        if metric:
            self.for_metric(metric)

    def for_metric(self, metric: Metric) -> None:
        """Read and show figures in the unit of this metric."""
        self.metric = metric
        self.widget.unit = metric.unit.symbol

    def prepare_value(self, value: Any) -> Any:
        """The words back, as they were said."""
        return str(value) if isinstance(value, Quantity) else value

    def has_changed(self, initial: Any, data: Any) -> bool:
        """Whether other words were typed."""
        return super().has_changed(self.prepare_value(initial), data)

    def clean(self, value: Any) -> Any:
        """A Quantity, None for an empty line; the words themselves while the metric is unknown."""
        words = super().clean(value)
        return self.read(words, self.metric) if self.metric else words

    @staticmethod
    def read(words: str, metric: Metric, convertible: tuple[UnitSpec, ...] | None = None) -> Quantity | None:
        """The quantity that the words say of a metric; None for no words; ValidationError with a sentence.

        `convertible` are the other units that it may be written in, asked for where they are not given.
        """
        if not words:
            return None
        if metric.is_percentage:
            _ask_share(words)
        unit = metric.unit.spec
        if convertible is None:
            same = Unit.objects.filter(dimension=unit.dimension).exclude(pk=metric.unit_id)
            convertible = tuple(other.spec for other in same.select_related("base"))
        try:
            return Quantity.parse(
                words, unit, minimum=metric.minimum, maximum=metric.maximum, convertible=convertible
            )
        except QuantityError as error:
            raise ValidationError(str(error), code="invalid") from error


def _ask_share(words: str) -> None:
    """A bare 0.956 may be 95.6 % or 0.956 %: ValidationError with the question."""
    narrow = pointed(half_width(words)).replace(",", "")
    if narrow.replace(".", "", 1).isdecimal() and 0 < Decimal(narrow) <= 1:
        share = f"{plain(Decimal(narrow) * 100)}%"
        raise ValidationError(f"“{words}”是{share}还是{narrow}%？请写上%，如 {share}。", code="invalid")


class PeriodField(forms.CharField):
    """A period as typed (2021年, 2021年一季度, 2021.3, 2021年1月1日至5月3日) → Period; raises a sentence."""

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault(
            "help_text", "如 2021年、2021年上半年、2021年一季度、2021年3月、2021年1月1日至5月3日。"
        )
        super().__init__(**kwargs)

    def prepare_value(self, value: Any) -> Any:
        """In a form that can be read again; the words of a span stand in a field of their own."""
        if not isinstance(value, Period):
            return value
        if value.last == value.start:
            return f"{value.start}至{value.last}"
        return Period(value.kind, value.start, value.end).label

    def has_changed(self, initial: Any, data: Any) -> bool:
        """Whether other words were typed."""
        return super().has_changed(self.prepare_value(initial), data)

    def clean(self, value: Any) -> Period | None:
        """The period."""
        words = super().clean(value)
        if not words:
            return None
        try:
            return Period.parse(words)
        except PeriodError as error:
            raise ValidationError(str(error), code="invalid") from error
