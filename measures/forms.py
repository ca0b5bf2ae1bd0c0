"""Forms of the ledger: figures and periods as a clerk types them, and files known by their content."""

import hashlib
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile
from django.core.validators import MaxValueValidator, MinValueValidator
from django.utils.html import format_html
from django.utils.safestring import SafeString
from PIL import Image, UnidentifiedImageError

from measures.ledger import may_write
from measures.models import Action, Activity, Evidence, Honour, Metric, Observation, Pillar, Target, Unit
from measures.period import Period, PeriodError, PeriodKind
from measures.quantity import Quantity, QuantityError
from measures.totals import Presence
from organs.forms import GuardedForm, half_width

MOST_BYTES = 20 * 1024 * 1024
#: What is opened, and what it may turn out to be: MPO is the JPEG of phones that keep several pictures in one file.
FORMATS = ("JPEG", "PNG", "WEBP")
PICTURES = {"JPEG": "image/jpeg", "MPO": "image/jpeg", "PNG": "image/png", "WEBP": "image/webp"}
#: Endings of names by content, the usual one first.
ENDINGS = {
    "application/pdf": ("pdf",),
    "image/jpeg": ("jpg", "jpeg"),
    "image/png": ("png",),
    "image/webp": ("webp",),
}
MOST_PEOPLE = 100_000


class QuantityInput(forms.TextInput):
    """A line of text with the unit beside it, once the unit is known."""

    unit = ""

    def render(self, name: str, value: Any, attrs: Any = None, renderer: Any = None) -> SafeString:
        """The line and the unit."""
        line = super().render(name, value, attrs, renderer)
        return format_html('{} <span class="unit">{}</span>', line, self.unit) if self.unit else line


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
    def read(words: str, metric: Metric) -> Quantity | None:
        """The quantity that the words say of a metric; None for no words; ValidationError with a sentence."""
        if not words:
            return None
        unit = metric.unit.spec
        same_base = (
            Unit.objects.select_related("base").filter(dimension=unit.dimension).exclude(pk=metric.unit_id)
        )
        try:
            return Quantity.parse(
                words,
                unit,
                minimum=metric.minimum,
                maximum=metric.maximum,
                convertible=tuple(other.spec for other in same_base),
            )
        except QuantityError as error:
            raise ValidationError(str(error), code="invalid") from error


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


class LedgerForm(GuardedForm):
    """A form over a row of the ledger; says beside the form what the door would only refuse."""

    def _post_clean(self) -> None:
        super()._post_clean()
        if self.alone and not self.errors and not may_write(self.by, self.instance):
            self.add_error(None, "您没有在这里录入的权限，请核对所选的单位。")


class FigureForm(LedgerForm):
    """A form with figures of a metric."""

    metric: Metric | None = None

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in self.compounds:
            if name in self.fields and name not in self.initial:
                self.initial[name] = getattr(self.instance, name)
        metric = self.instance.metric if self.instance.metric_id else None
        if metric and not self.is_bound:
            for field in self._figures():
                field.for_metric(metric)

    def _figures(self) -> list[QuantityField]:
        return [field for field in self.fields.values() if isinstance(field, QuantityField)]

    def clean(self) -> dict[str, Any] | None:
        """Read the figures in the unit of the metric chosen, and hand them to the row."""
        data = super().clean() or self.cleaned_data
        metric = data.get("metric") or (self.instance.metric if self.instance.metric_id else None)
        self.metric = metric
        for name, field in self.fields.items():
            if metric and isinstance(field, QuantityField) and name in data:
                field.widget.unit = metric.unit.symbol
                try:
                    data[name] = field.read(data[name], metric)
                except ValidationError as error:
                    self.add_error(name, error)
        for name in self.compounds:
            if name in data and not isinstance(data[name], str):
                setattr(self.instance, name, data[name])
        return data


class ObservationForm(FigureForm):
    """An observation (数值) as a clerk types it."""

    compounds = ("period", "quantity")
    period = PeriodField(label="期间")
    quantity = QuantityField(label="数值", required=False)

    class Meta:
        model = Observation
        fields = (
            *("organ", "metric", "period_words", "presence", "numerator", "denominator", "absence"),
            *("coverage", "actions", "pillar", "phrase", "remark"),
        )

    def clean(self) -> dict[str, Any] | None:
        """What was said must fit 有数值, 零报告 or 不适用."""
        stored = self.instance.period
        data = super().clean() or self.cleaned_data
        if (why := self._why_not_then(data)) and "period" in data:
            self.add_error("period", why)
            if stored:  # said here, not once more by the row
                self.instance.period = stored
            else:
                self.instance.period_days = None
        if (data.get("numerator") is None) != (data.get("denominator") is None):
            self.add_error("denominator", "分子和分母要一起填。")
        if "quantity" not in data or "presence" not in data or self.metric is None:
            return data
        figure, presence = data["quantity"], data["presence"]
        if presence == Presence.VALUE.value and figure is None:
            self.add_error("quantity", "请填数值；确实没有发生的选“零报告”，不该填的选“不适用”并写理由。")
        elif presence == Presence.NIL.value and figure is None:
            data["quantity"] = self.instance.quantity = Quantity.zero(self.metric.unit.spec.stored_as)
        elif presence == Presence.NIL.value and figure.amount != 0:
            self.add_error("quantity", f"“零报告”就是0，您填了{figure}；有数请选“有数值”。")
        elif presence == Presence.NOT_APPLICABLE.value:
            if figure is not None:
                self.add_error("quantity", "选了“不适用”就不填数值。")
            if not data.get("absence"):
                self.add_error("absence", "请写明为什么不适用。")
        return data

    def _why_not_then(self, data: dict[str, Any]) -> str:
        """Why the metric of the organ cannot be entered for the period, as a sentence; empty if it can."""
        organ, metric, period = data.get("organ"), self.metric, data.get("period")
        if metric is None or not isinstance(period, Period):
            return ""
        if metric.rhythm not in (PeriodKind.SPAN.value, period.kind.value):
            example = Period.of(PeriodKind(metric.rhythm), period.start).label
            return f"“{metric.name}”按{metric.get_rhythm_display()}填报，请写成如 {example}。"
        if organ is None or self.instance.previous_id:
            return ""
        same = Observation.objects.filter(metric=metric, organ=organ).exclude(pk=self.instance.pk)
        days = (period.start, period.end)
        if there := same.open().filter(period_days=days).first():
            return f"这个期间已有一份在办理（{said(there)}，{there.get_state_display()}），请在那一份上修改。"
        if there := same.current().filter(period_days__overlap=days).first():
            when = "" if there.period == period else f"（{there.period.label}）"
            return f"这个期间已有审核过的{said(there)}{when}，请打开它用“更正”。"
        return ""


def said(row: Observation) -> str:
    """The figure of an observation as said; 零报告 and 不适用 in words."""
    return str(row.get_presence_display() if row.quantity is None else row.quantity)


class TargetForm(FigureForm):
    """A target (目标): where it starts from and what it aims at."""

    compounds = ("baseline", "value")
    baseline = QuantityField(label="基线", required=False)
    value = QuantityField(label="目标值", required=False)

    class Meta:
        model = Target
        fields = ("organ", "metric", "campaign", "baseline_day", "baseline_note", "phrase")

    def clean(self) -> dict[str, Any] | None:
        """At least one of the two."""
        data = super().clean() or self.cleaned_data
        if not self.errors and "value" in data and data["value"] is None and data.get("baseline") is None:
            self.add_error("value", "基线和目标值至少填一个。")
        return data


class PillarForm(LedgerForm):
    """A heading of an organ."""

    class Meta:
        model = Pillar
        fields = ("campaign", "organ", "heading", "theme", "order")


class ActionForm(LedgerForm):
    """A ledger line (举措)."""

    class Meta:
        model = Action
        fields = (
            *(
                "pillar",
                "order",
                "title",
                "kind",
                "what",
                "leader",
                "office",
                "joint_organs",
                "start_day",
                "due_day",
            ),
            *("progress", "problem", "closed_on", "theme", "counted_metrics"),
        )


class ActivityForm(LedgerForm):
    """A held activity (活动)."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        most = MaxValueValidator(MOST_PEOPLE, f"最多{MOST_PEOPLE}，请核对；确实更多的分几次登记。")
        for name in ("expected", "attended"):
            if field := self.fields.get(name):
                field.error_messages["invalid"] = "请填整数；不确切的可不填，写在备注里。"
                field.validators = [MinValueValidator(0, "人数不会小于0。"), most]

    class Meta:
        model = Activity
        fields = ("action", "day", "title", "place", "expected", "attended", "also_serves", "note")


class HonourForm(LedgerForm):
    """An honour (荣誉)."""

    class Meta:
        model = Honour
        fields = (
            *("organ", "title", "level", "issuer", "recipient", "year", "day", "date_words"),
            *("streak_years", "valid_until", "pillar", "note"),
        )


class MetricForm(LedgerForm):
    """A metric (成效指标); one of the whole catalogue belongs to no organ."""

    class Meta:
        model = Metric
        exclude = ()

    def clean(self) -> dict[str, Any] | None:
        """A metric without an organ is the steward's."""
        data = super().clean() or self.cleaned_data
        if not data.get("owner") and not may_write(self.by, Metric()):
            self.add_error("owner", "请选择本单位；各单位通用的指标由工委管理员建立。")
        return data


class EvidenceForm(LedgerForm):
    """A piece of evidence (佐证材料); the file is known by its content, not by its name."""

    class Meta:
        model = Evidence
        fields = ("organ", "file", "caption", "kind", "document_number", "day")

    def clean_file(self) -> Any:
        """A PDF or a picture of at most 20 MB; ValidationError with a sentence."""
        file = self.cleaned_data["file"]
        if not isinstance(file, UploadedFile):
            return file
        size = file.size or 0
        if size > MOST_BYTES:
            raise ValidationError(f"文件有{size // 1024 // 1024}MB，超过20MB，请压缩后再传。")
        row = self.instance
        row.content_type, row.size, row.sha256 = recognised(file), size, digest(file)
        row.name, row.uploaded_by = tidy_name(file.name or "", row.content_type), self.by
        return file


def recognised(file: Any) -> str:
    """The media type that the content shows, whatever the name says; ValidationError for any other."""
    file.seek(0)
    start = file.read(5)
    file.seek(0)
    if start == b"%PDF-":
        return "application/pdf"
    try:
        with Image.open(file, formats=FORMATS) as picture:
            kind = PICTURES[picture.format or ""]
            picture.verify()
    except (UnidentifiedImageError, Image.DecompressionBombError, OSError, SyntaxError, ValueError) as error:
        raise ValidationError("只收 PDF、JPG、PNG、WEBP，这个文件不是，或者已经损坏。") from error
    finally:
        file.seek(0)
    return kind


def tidy_name(name: str, content_type: str) -> str:
    """The name of a file without folders, with the ending that its content has; at most 200 characters."""
    name = half_width(name).replace("\\", "/").rpartition("/")[2]
    stem, _, ending = name.rpartition(".")
    endings = ENDINGS[content_type]
    if not stem or ending.lower() not in endings:
        stem, ending = name, endings[0]
    return f"{stem[: 199 - len(ending)]}.{ending}"


def digest(file: Any) -> str:
    """The SHA-256 of the content."""
    sha = hashlib.sha256()
    file.seek(0)
    for chunk in file.chunks():
        sha.update(chunk)
    file.seek(0)
    return sha.hexdigest()
