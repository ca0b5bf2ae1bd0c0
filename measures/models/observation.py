"""The numbers: one metric's quantity for one organ in one period."""

from datetime import date
from typing import Any, ClassVar, cast

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import RangeOperators
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Q
from django.utils import timezone

from measures.models.action import Action, Activity, JointQuerySet
from measures.models.article import Excerpted, excerpt_constraint
from measures.models.columns import PeriodColumns, QuantityColumns, choices, quantity_constraints
from measures.models.metric import Metric
from measures.models.plan import Pillar
from measures.models.reviewed import OPEN_STATES, Reviewed, ReviewState, reviewed_constraints
from measures.period import PERIOD_KIND_LABELS, Period, PeriodKind
from measures.progress import pooled, round_half_up
from measures.totals import COVERAGE_LABELS, PRESENCE_LABELS, Coverage, Presence
from organs.models import Organ


class Source(models.TextChoices):
    """Where an observation comes from."""

    REPORTED = "reported", "填报"
    COUNTED = "counted", "活动计数"
    IMPORTED = "imported", "表格导入"
    READ = "read", "材料摘录"
    CARRIED = "carried", "沿用上期"


class ObservationQuerySet(JointQuerySet):
    """Observations; joint organs are those of the actions they belong to."""

    joint_path = "actions__joint_organs__path"


class Observation(Reviewed, Excerpted):
    """An observation (数值): one metric's quantity for one organ in one period."""

    # An index of its own would hold every version; the planner takes it where `observation_current` is the one.
    organ = models.ForeignKey(Organ, models.PROTECT, verbose_name="机关单位", db_index=False)
    metric = models.ForeignKey(Metric, models.PROTECT, related_name="observations", verbose_name="成效指标")
    period = PeriodColumns("期间")
    presence = models.CharField(
        "有无", max_length=15, choices=choices(PRESENCE_LABELS), default=Presence.VALUE.value
    )
    quantity = QuantityColumns("数值")
    numerator = models.DecimalField("分子", max_digits=20, decimal_places=4, null=True, blank=True)
    denominator = models.DecimalField("分母", max_digits=20, decimal_places=4, null=True, blank=True)
    absence = models.CharField("不适用的理由", max_length=100, blank=True)
    source = models.CharField("来源", max_length=10, choices=Source, default=Source.REPORTED, editable=False)
    coverage = models.CharField(
        "统计口径",
        max_length=10,
        choices=choices(COVERAGE_LABELS),
        default=Coverage.OWN.value,
        help_text="选“含下级”时，合计里以这一个数代替下级各自的数。",
    )
    actions = models.ManyToManyField(Action, related_name="observations", blank=True, verbose_name="所属举措")
    activities = models.ManyToManyField(
        Activity, related_name="counted_in", blank=True, verbose_name="计入的活动"
    )
    pillar = models.ForeignKey(
        Pillar,
        models.PROTECT,
        related_name="observations",
        null=True,
        blank=True,
        verbose_name="所属支柱",
        help_text="没有对应举措时选。",
    )
    phrase = models.CharField(
        "出处原话", max_length=200, blank=True, help_text="材料里带着这个数的那半句话。"
    )
    remark = models.CharField(
        "说明", max_length=200, blank=True, help_text="累计数比上期少、户数和人数对不上时，在这里写明原因。"
    )

    objects: ClassVar[Any] = ObservationQuerySet.as_manager()

    class Meta(Reviewed.Meta):
        abstract = False
        verbose_name = verbose_name_plural = "数值"
        ordering = ("metric", "organ__path", "-period_days", "-version")
        indexes = [
            models.Index(fields=("organ", "metric"), name="observation_by_organ_metric"),
            models.Index(
                fields=("organ", "metric"),
                condition=Q(state=ReviewState.APPROVED, superseded_at__isnull=True),
                name="observation_current",
            ),
        ]
        constraints = [
            *reviewed_constraints("observation"),
            excerpt_constraint("observation"),
            *quantity_constraints("observation", "quantity"),
            models.UniqueConstraint(
                name="observation_one_open_version",
                fields=("metric", "organ", "period_days"),
                condition=Q(state__in=OPEN_STATES),
                violation_error_message="这个单位、这个期间的这个指标已有一份在办理，请在那一份上修改。",
            ),
            ExclusionConstraint(
                name="observation_no_overlap",
                expressions=[
                    ("metric", RangeOperators.EQUAL),
                    ("organ", RangeOperators.EQUAL),
                    ("period_days", RangeOperators.OVERLAPS),
                ],
                condition=Q(state=ReviewState.APPROVED, superseded_at__isnull=True),
                violation_error_message="这个单位的这个指标在这段时间里已有审核过的数值，请用“更正”。",
            ),
            models.CheckConstraint(
                name="observation_presence_fits",
                condition=Q(presence=Presence.VALUE.value, quantity_amount__isnull=False, absence="")
                | Q(presence=Presence.NIL.value, quantity_amount=0, quantity_qualifier="exact", absence="")
                | (Q(presence=Presence.NOT_APPLICABLE.value, quantity_amount__isnull=True) & ~Q(absence="")),
                violation_error_message="有数值就填数值；零报告是0；不适用要写理由。",
            ),
            models.CheckConstraint(
                name="observation_parts_of_share_paired",
                condition=Q(numerator__isnull=True, denominator__isnull=True)
                | Q(presence=Presence.VALUE.value, numerator__gte=0, denominator__gt=0)
                & Q(numerator__isnull=False, denominator__isnull=False),
                violation_error_message="分子和分母要一起填，分母要大于0。",
            ),
            models.CheckConstraint(
                name="observation_period_not_empty",
                condition=Q(
                    period_days__isempty=False, period_days__lower_inf=False, period_days__upper_inf=False
                ),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.organ.label}·{self.metric.name}·{self.period.label}"

    def clean(self) -> None:
        """Hold the figure against its metric: period, unit, natural bounds, numerator and denominator."""
        if self.metric_id is None or self.period is None:
            return
        if self.period.start > timezone.localdate():
            raise ValidationError({"period": "期间在将来，还没有数可填。"})
        if self.metric.rhythm not in (PeriodKind.SPAN.value, self.period.kind.value):
            kind = PERIOD_KIND_LABELS[PeriodKind(self.metric.rhythm)]
            example = Period.of(PeriodKind(self.metric.rhythm), self.period.start).label
            raise ValidationError({"period": f"“{self.metric.name}”按{kind}填报，期间请写成如 {example}。"})
        if self.organ_id:
            self.metric.refuse_organ(self.organ)
        if self.pillar and self.organ_id and self.pillar.organ_id != self.organ_id:
            raise ValidationError({"pillar": "所属支柱不是本单位的。"})
        before = cast("Observation | None", self.previous)
        was_nil = before is not None and before.presence == Presence.NIL.value
        if self.presence == Presence.NIL.value and self.metric.needs_denominator and not was_nil:
            why = (
                f"“零报告”没有分母，不能跨单位合并；请选“有数值”，填0{self.metric.unit}，分子填0，分母照实填；"
                "分母也是0的，选“不适用”并写理由。"
            )
            raise ValidationError({"denominator": why})
        if self.presence == Presence.VALUE.value and self.quantity is not None:
            self._clean_value()

    def _clean_value(self) -> None:
        metric, quantity = self.metric, self.quantity
        if quantity.unit != metric.unit.spec.base:
            raise ValidationError(
                {"quantity": f"“{metric.name}”的单位是{metric.unit}，不是{quantity.unit}。"}
            )
        scale = metric.unit.spec.scale
        if metric.minimum is not None and quantity.amount < metric.minimum * scale:
            raise ValidationError(
                {"quantity": f"“{metric.name}”不会小于{metric.minimum.normalize():f}{metric.unit}。"}
            )
        if metric.maximum is not None and quantity.amount > metric.maximum * scale:
            raise ValidationError(
                {"quantity": f"“{metric.name}”不会大于{metric.maximum.normalize():f}{metric.unit}。"}
            )
        if self.denominator == 0:
            raise ValidationError({"denominator": "分母不能是0；一个也没有的，选“不适用”并写理由。"})
        if self.numerator is None or self.denominator is None:
            if metric.needs_denominator:
                raise ValidationError({"denominator": "这个指标要跨单位合并，请填分子和分母。"})
            return
        share = pooled([(self.numerator, self.denominator)])
        # the clerk may have typed more places than the metric shows
        places = max(metric.decimals, -int(quantity.amount.normalize().as_tuple().exponent))
        said = None if share is None else round_half_up(share, places)
        if said is not None and metric.is_percentage and not quantity.possible(said):
            raise ValidationError({"denominator": f"分子÷分母是{said}%，与填的{quantity}对不上。"})

    @property
    def said(self) -> str:
        """The figure as said; 零报告 and 不适用 in words."""
        told = self.quantity if self.presence == Presence.VALUE.value else self.get_presence_display()
        return str(told)

    def held_days(self) -> tuple[date, date]:
        """The days of its period."""
        return self.period.start, self.period.end
