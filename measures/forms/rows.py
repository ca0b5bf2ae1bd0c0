"""Rows of the ledger as a clerk types them."""

from collections.abc import Callable
from datetime import timedelta
from functools import cache
from typing import Any, cast

from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db.models import QuerySet
from django.utils import timezone

from measures.forms.fields import PeriodField, QuantityField, due_day
from measures.ledger import may_write
from measures.models import (
    Action,
    Activity,
    Honour,
    Metric,
    Milestone,
    Observation,
    Pillar,
    Rule,
    Target,
)
from measures.period import Period, PeriodKind
from measures.quantity import Quantity
from measures.totals import Presence
from organs.forms import GuardedForm

MOST_PEOPLE = 100_000
#: So long ago something was stored that is not stored again as it is.
JUST_NOW = timedelta(minutes=15)
SAME_AGAIN = (
    "与您刚才存的一条一样，没有重复登记；要补充请打开那一条，确实是另一条请把名称写得不同，如“第二场”。"
)


class LedgerForm(GuardedForm):
    """A form over a row of the ledger; says beside the form what the door would only refuse."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "pillar" in self.fields:
            field = cast(Any, self.fields["pillar"])
            field.label_from_instance = _pillar_label(field.queryset)

    def _post_clean(self) -> None:
        super()._post_clean()
        if self.alone and not self.errors and not may_write(self.by, self.instance):
            self.add_error(None, "您没有在这里录入的权限，请核对所选的单位。")
        if (
            isinstance(self.instance, Action | Activity | Honour)
            and not self.errors
            and self._was_just_stored()
        ):
            self.add_error("title", SAME_AGAIN)

    def text_of(self, name: str) -> str:
        """What was typed into the line of a field."""
        return str(self.data.get(self.add_prefix(name)) or "")

    def _was_just_stored(self) -> bool:
        """Whether the same person has just stored the same: who goes back to the form and saves again means no second one."""
        row = self.instance
        if row.pk or (isinstance(row, Activity) and not row.action_id):
            return False
        typed = (field for field in row._meta.concrete_fields if field.name in self.cleaned_data)
        same = {field.attname: getattr(row, field.attname) for field in typed}
        since = timezone.now() - JUST_NOW
        stored = type(row)._default_manager.live().filter(created_by=self.by, created_at__gte=since, **same)
        tied = {
            field.name: {other.pk for other in self.cleaned_data[field.name]}
            for field in row._meta.many_to_many
            if field.name in self.cleaned_data
        }
        return any(
            all({other.pk for other in getattr(before, name).all()} == keys for name, keys in tied.items())
            for before in stored
        )


def _pillar_label(offered: QuerySet[Pillar]) -> Callable[[Pillar], str]:
    """What a heading is called among those offered: with its campaign where they are of several."""

    @cache
    def several() -> bool:
        return offered.order_by().values("campaign").distinct().count() > 1

    return lambda pillar: f"{pillar}（{pillar.campaign}）" if several() else str(pillar)


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


class ValueForm(FigureForm):
    """A figure that may also be 零报告 or 不适用; the reason for the latter is typed in the field `reason_field`."""

    reason_field = "absence"

    def fit_presence(self, data: dict[str, Any]) -> None:
        """What was said must fit 有数值, 零报告 or 不适用: an error beside the field that does not."""
        if (data.get("numerator") is None) != (data.get("denominator") is None):
            self.add_error("denominator", "分子和分母要一起填。")
        if "quantity" not in data or "presence" not in data or self.metric is None:
            return
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
            if not data.get(self.reason_field):
                self.add_error(self.reason_field, "请写明为什么不适用。")


class ObservationForm(ValueForm):
    """An observation (数值) as a clerk types it."""

    compounds = ("period", "quantity")
    questions = {
        "period": "期间",
        "quantity": "数值",
        "presence": "零报告和不适用",
        "coverage": "含下级",
        "numerator": "分子和分母",
        "phrase": "出处原话",
        "period_words": "期间原话",
    }
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
        self.fit_presence(data)
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
            return f"这个期间已有一份在办理（{there.said}，{there.get_state_display()}），请在那一份上修改。"
        if there := same.current().filter(period_days__overlap=days).first():
            when = "" if there.period == period else f"（{there.period.label}）"
            return f"这个期间已有审核过的{there.said}{when}，请打开它用“更正”。"
        return ""


class TargetForm(FigureForm):
    """A target (目标): where it starts from and what it aims at."""

    compounds = ("baseline", "value")
    past_days = ("baseline_day",)
    questions = {"baseline": "基线", "value": "目标值"}
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

    questions = {"heading": "支柱标题", "theme": "标准主题"}

    class Meta:
        model = Pillar
        fields = ("campaign", "organ", "heading", "theme", "order")


class ActionForm(LedgerForm):
    """A ledger line (举措)."""

    past_days = ("closed_on",)
    questions = {
        "joint_organs": "协办单位",
        "due_day": "日期",
        "progress": "进展",
        "closed_on": "完成日期",
        "theme": "标准主题",
        "counted_metrics": "自动计数",
    }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "line" in self.fields:
            self.fields["line"].required = False

    def clean_line(self) -> str:
        """A plain action, or what it was, where nothing was said."""
        return self.cleaned_data["line"] or self.instance.line

    def clean(self) -> dict[str, Any] | None:
        """A due day without its year is the next one from the start on, or from today."""
        data = super().clean() or self.cleaned_data
        pillar = data.get("pillar") or (self.instance.pillar if self.instance.pillar_id else None)
        if pillar and data.get("due_day"):
            start = data.get("start_day", self.instance.start_day)
            data["due_day"] = due_day(self.text_of("due_day"), start, pillar.campaign) or data["due_day"]
        return data

    class Meta:
        model = Action
        fields = (
            *(
                "pillar",
                "order",
                "title",
                "line",
                "kind",
                "source",
                "found_on",
                "document_number",
                "finding",
                "what",
                "leader",
                "office",
                "joint_organs",
                "start_day",
                "due_day",
            ),
            *("progress", "problem", "closed_on", "theme", "counted_metrics"),
        )


class MilestoneForm(LedgerForm):
    """A stage of a project."""

    def clean(self) -> dict[str, Any] | None:
        """A planned day without its year is the next one from the project's start on; none lies before that."""
        data = super().clean() or self.cleaned_data
        if data.get("due_day") and self.instance.action_id:
            start = self.instance.action.start_day
            campaign = self.instance.action.pillar.campaign
            data["due_day"] = due_day(self.text_of("due_day"), start, campaign) or data["due_day"]
            if start and data["due_day"] < start and "due_day" in self.changed_data:
                self.add_error("due_day", f"计划完成不能早于项目的开始日期{start}，请核对年份。")
        return data

    class Meta:
        model = Milestone
        fields = ("order", "stage", "due_day", "done_day")


class RuleForm(LedgerForm):
    """A rule of an organ (制度)."""

    class Meta:
        model = Rule
        fields = ("organ", "name", "number", "day", "force", "replaces")


class ActivityForm(LedgerForm):
    """A held activity (活动)."""

    past_days = ("day",)
    questions = {"day": "日期", "attended": "人次", "also_serves": "兼顾的举措"}

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

    past_days = ("day",)
    questions = {"day": "日期", "date_words": "日期原话"}

    class Meta:
        model = Honour
        fields = (
            *("organ", "title", "level", "issuer", "recipient", "year", "day", "date_words"),
            *("streak_years", "valid_until", "pillar", "note"),
        )


class MetricForm(LedgerForm):
    """A metric (成效指标); one of the whole catalogue belongs to no organ."""

    questions = {
        "nature": "性质",
        "rhythm": "填报周期",
        "direction": "方向",
        "theme": "标准主题",
        "maximum": "取值范围",
        "needs_denominator": "分子和分母",
        "needs_evidence": "须附佐证",
        "over_time": "跨期规则",
        "over_organs": "跨单位规则",
        "pair": "配对指标",
        "part_of": "其中项",
        "counts": "自动计数",
    }

    class Meta:
        model = Metric
        exclude = ()

    def clean(self) -> dict[str, Any] | None:
        """A metric without an organ is the steward's."""
        data = super().clean() or self.cleaned_data
        if not data.get("owner") and not may_write(self.by, Metric()):
            self.add_error("owner", "请选择本单位；各单位通用的指标由工委管理员建立。")
        return data
