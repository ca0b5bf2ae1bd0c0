"""Rounds as a steward opens them, and as an organ answers them: every row of the page is a small form."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, cast

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import Q
from django.forms.utils import ErrorDict

from measures.counting import counted
from measures.forms.fields import PeriodField, QuantityField
from measures.forms.rows import LedgerForm, ValueForm
from measures.models import ActionKind, Metric, Observation, ReviewState, Round, Source
from measures.period import Period, PeriodKind
from measures.quantity import Quantity
from measures.rollups.rounds import CARRIED, Asked, AskedKind, gone, may_answer, told_apart
from measures.rounds import Answer
from measures.totals import PRESENCE_LABELS, Presence
from organs.forms import AmountField, DayField
from organs.models import Organ, User
from organs.permissions import Right, scope

#: So many metrics or organs are named in a refusal.
MOST_NAMED = 5


class OrgansChoice(forms.ModelMultipleChoiceField):
    """Organs to tick, set in by their depth."""

    def label_from_instance(self, obj: Organ) -> str:
        """Set in by its depth."""
        return "　" * (obj.depth - 1) + obj.name


class MetricsChoice(forms.ModelMultipleChoiceField):
    """Metrics to tick, those of one name told apart."""

    def label_from_instance(self, obj: Metric) -> str:
        """With its owner, where it has one."""
        return told_apart(obj)


class RoundForm(LedgerForm):
    """What a round asks, of whom, for which period, until when."""

    compounds = ("period",)
    period = PeriodField(label="期间")
    until = DayField(label="截止日期", help_text="含当日。", coming=True)
    metrics = MetricsChoice(
        Metric.objects.none(), label="成效指标", required=False, widget=forms.CheckboxSelectMultiple
    )
    kinds = forms.ModelMultipleChoiceField(
        ActionKind.objects.all(),
        label="举措类别",
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text="选中的类别，问各单位本期有没有开展活动；已登记的活动自动算作回答。",
    )
    organs = OrgansChoice(
        Organ.objects.none(), label="填报单位", required=False, widget=forms.CheckboxSelectMultiple
    )

    class Meta:
        model = Round
        fields = ("owner", "title", "period", "until", "note", "metrics", "kinds", "organs")

    def __init__(self, *args: Any, by: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        vars(self)["by"] = by
        reach = scope(by, Right.CATALOGUE)
        fields = cast(Any, self.fields)
        fields["owner"].queryset = Organ.objects.filter(reach.q("path"))
        fields["owner"].empty_label = None
        fields["metrics"].queryset = (
            Metric.objects.filter(Q(owner__isnull=True) | reach.q("owner__path"))
            .select_related("unit", "owner")
            .order_by("theme__order", "pk")
        )
        fields["organs"].queryset = Organ.objects.filter(reach.q("path")).exclude(gone())
        fields["title"].widget.attrs["class"] = fields["note"].widget.attrs["class"] = "wide"
        self.fields["until"].widget = forms.TextInput()
        if self.instance.pk:
            self.initial["period"] = self.instance.period

    def clean(self) -> dict[str, Any] | None:
        """Something is asked, of somebody, in the rhythm of what is asked."""
        data = super().clean() or self.cleaned_data
        period = data.get("period")
        if isinstance(period, Period):
            self.instance.period = period
            other = [
                m.name
                for m in data.get("metrics", ())
                if m.rhythm not in (PeriodKind.SPAN.value, period.kind.value)
            ]
            if other:
                self.add_error(
                    "metrics",
                    f"{period.label}里填不了：{'、'.join(other)}。它们的填报周期不同，请去掉，或另开一轮。",
                )
        elif "period" in self.errors:
            self.instance.period_days = None
        if "metrics" in data and "kinds" in data and not data["metrics"] and not data["kinds"]:
            self.add_error("metrics", "请至少选一个指标或一个举措类别。")
        if "organs" in data and not data["organs"]:
            self.add_error("organs", "请至少选一个单位。")
        if data.get("metrics") and data.get("organs"):
            self._refuse_unanswerable(data)
        return data

    def _refuse_unanswerable(self, data: dict[str, Any]) -> None:
        """Every organ is asked something, and every metric of somebody."""
        metrics, organs = data["metrics"], data["organs"]
        if idle := [m for m in metrics if not any(may_answer(m, organ) for organ in organs)]:
            named = _listed([told_apart(metric) for metric in idle], "项")
            self.add_error("metrics", f"所选单位都没有这些指标：{named}。请去掉，或改选单位。")
        unasked = [organ.label for organ in organs if not any(may_answer(m, organ) for m in metrics)]
        if unasked and not data.get("kinds"):
            named = _listed(unasked, "家")
            self.add_error("organs", f"{named}没有所选的这些指标，请去掉，或加选它们有的指标。")


def _listed(names: list[str], counted_in: str) -> str:
    """The first few names, and how many there are where that is not all."""
    more = f"等{len(names)}{counted_in}" if len(names) > MOST_NAMED else ""
    return "、".join(names[:MOST_NAMED]) + more


class ProlongForm(forms.Form):
    """A later day for one organ, with the reason."""

    until = DayField(
        label="延期至",
        coming=True,
        widget=forms.TextInput(),
        help_text="含当日。",
        error_messages={"required": "请填延到哪一天。"},
    )
    reason = forms.CharField(
        label="延期理由",
        max_length=100,
        help_text="该单位会看到。",
        error_messages={"required": "请写明为什么延期。"},
    )


class AnswerForm(ValueForm):
    """One metric as an organ answers it; what is known stands in it already, and `mark` says where that is from."""

    compounds = ("quantity",)
    reason_field = "words"
    quantity = QuantityField(label="数值", required=False, help_text="")
    presence = forms.ChoiceField(
        label="情况", choices=[(kind.value, label) for kind, label in PRESENCE_LABELS.items()]
    )
    numerator = AmountField(label="分子", required=False)
    denominator = AmountField(label="分母", required=False)
    words = forms.CharField(label="说明", max_length=100, required=False)
    seen = forms.CharField(required=False, widget=forms.HiddenInput())

    class Meta:
        model = Observation
        fields = ("presence", "numerator", "denominator")

    def __init__(
        self, asked: Asked, data: Mapping[str, Any] | None, *, by: User, period: Period, whole: bool
    ) -> None:
        metric, self.whole = asked.metric, whole
        row = asked.figure or Observation()
        if asked.figure is None:
            row.period = period
        row.metric, row.organ = metric, asked.cell.organ
        self.asked, self.mark = asked, ""
        self.proposed: Source = Source.REPORTED
        self.stored = row.said if row.pk else ""  # before what was typed is put into the row
        initial: dict[str, Any] = {"words": row.absence or row.remark, "seen": _mark(row)}
        if not row.pk:
            initial["quantity"] = self._proposal(asked)
        super().__init__(data, instance=row, initial=initial, prefix=f"c{asked.cell.pk}")
        vars(self)["by"] = by
        if not (metric.needs_denominator or metric.is_percentage):
            del self.fields["numerator"], self.fields["denominator"]
        for field in self.fields.values():
            field.widget.attrs["aria-label"] = f"{metric.name}：{field.label}"
        if row.pk:
            state = ReviewState(row.state)
            self.mark = "已退回，请改好再报" if state is ReviewState.RETURNED else "已存为草稿"
            if row.source in (Source.COUNTED, Source.CARRIED):
                self.mark += f"（{Source(row.source).label}）"

    def _proposal(self, asked: Asked) -> Quantity | None:
        """What the program would say, which a person looks at: counted, or the figure before that goes on."""
        if asked.activities:
            self.proposed = Source.COUNTED
            self.mark = f"按活动计数（{len(asked.activities)}次活动），请核对"
            return counted(asked.metric, list(asked.activities))
        if asked.earlier and asked.metric.nature in CARRIED:
            self.proposed = Source.CARRIED
            self.mark = f"沿用{asked.earlier.period.label}，请核对"
            found: Quantity | None = asked.earlier.quantity
            return found
        return None

    @property
    def earlier(self) -> str:
        """The figure of the last period, in words."""
        before = self.asked.earlier
        return f"{before.period.label}：{before.said}" if before else ""

    @property
    def blank(self) -> bool:
        """Whether nothing at all was said of something that nothing was stored of when it was shown."""
        typed = [
            self[name].data
            for name in ("quantity", "words", "numerator", "denominator")
            if name in self.fields
        ]
        nothing = not any(str(text or "").strip() for text in typed)
        return nothing and not self.shown and self["presence"].data in (None, Presence.VALUE.value)

    @property
    def shown(self) -> bool:
        """Whether what is sent was typed over something stored."""
        return bool(self["seen"].data)

    @property
    def came_meanwhile(self) -> bool:
        """Whether nothing was typed here, and a figure has been stored since it was shown."""
        return self.is_bound and self.instance.pk is not None and self.blank

    def full_clean(self) -> None:
        """Nothing is asked of what was left blank, unless everything is to be said."""
        if self.is_bound and not self.whole and self.blank:
            self._errors, self.cleaned_data = ErrorDict(), {}
        else:
            super().full_clean()

    def _shown_at(self, name: str) -> str:
        return "words" if name in ("absence", "remark") else super()._shown_at(name)

    def clean(self) -> dict[str, Any] | None:
        """The words are the reason of 不适用, and remarks beside everything else."""
        data = super().clean() or self.cleaned_data
        self.fit_presence(data)
        if data.get("seen", "") != _mark(self.instance):
            now = f"现在存的是“{self.stored}”" if self.stored else "刚才存的已被删除"
            self.add_error("quantity", f"刚才有人改动过，{now}；请核对后再保存一次。")
        words = data.get("words", "")
        absent = data.get("presence") == Presence.NOT_APPLICABLE.value
        self.instance.absence, self.instance.remark = (words, "") if absent else ("", words)
        return data

    def answer(self) -> Answer:
        """What was said, for the door; untouched proposals keep where they come from."""
        untouched = not {"quantity", "presence"} & set(self.changed_data)
        alone = untouched and not {"words", "numerator", "denominator"} & set(self.changed_data)
        row: Observation = self.instance
        seen = row.changed_at if row.pk else None
        if not row.pk and untouched and self.proposed is Source.CARRIED:
            row.source = Source.CARRIED
        as_counted = not row.pk and alone and self.proposed is Source.COUNTED
        return Answer(self.asked.cell.pk, row, as_counted, bool(self.changed_data), seen)


class AbsenceForm(forms.Form):
    """Why there was no activity of a kind."""

    absence = forms.CharField(label="没有开展的说明", max_length=100, required=False)

    def __init__(self, asked: AskedKind, data: Mapping[str, Any] | None, *, needed: bool) -> None:
        super().__init__(data, initial={"absence": asked.cell.absence}, prefix=f"c{asked.cell.pk}")
        self.asked, self.needed = asked, needed and not asked.activities
        self.fields["absence"].widget.attrs["aria-label"] = f"{asked.cell.kind}：没有开展的说明"

    def clean_absence(self) -> str:
        """Words, where there is no activity and everything is to be said."""
        words = str(self.cleaned_data["absence"])
        if self.needed and not words:
            raise ValidationError("请登记活动；本期没有开展的，在这里写明情况，如“本期未安排”。")
        return words


def _mark(row: Observation) -> str:
    """As of when a row was shown."""
    moment: datetime = row.changed_at
    return f"{row.pk}-{moment.isoformat()}" if row.pk else ""
