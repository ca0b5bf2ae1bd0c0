"""What is measured: units, metrics and what is aimed at."""

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator
from django.db import models
from django.db.models import F, Q

from measures.models.article import Excerpted, excerpt_constraint
from measures.models.columns import QuantityColumns, choices, quantity_constraints
from measures.models.metric_beside import refuse_bounds, refuse_circle, refuse_pair
from measures.models.plan import Campaign, Theme
from measures.models.reviewed import SETTLED_STATES, Reviewed, reviewed_constraints, series_constraints
from measures.period import PERIOD_KIND_LABELS, PeriodKind
from measures.progress import DIRECTION_LABELS, Direction
from measures.quantity import UnitSpec
from measures.totals import OVER_ORGANS_LABELS, OVER_TIME_LABELS, OverOrgans, OverTime
from organs.models import Organ, User
from organs.permissions import Right, scope

MOST_DECIMALS = 6
#: Begins the phrase of a target whose value was only taken over from last year: nobody submits it like that.
PENDING = "待定："


class Unit(models.Model):
    """A unit of measurement (计量单位); 人 and 人次 are different dimensions, 万元 is stored as 元."""

    symbol = models.CharField(
        "单位", max_length=10, unique=True, help_text="如 个、户、人、人次、%、元、万元。"
    )
    dimension = models.CharField("量纲", max_length=20, help_text="同一量纲的单位才能相加或换算，如“金额”。")
    scale = models.DecimalField(
        "换算倍数", max_digits=14, decimal_places=4, default=1, help_text="折合多少个基本单位：万元填 10000。"
    )
    base = models.ForeignKey(
        "self",
        models.PROTECT,
        null=True,
        blank=True,
        verbose_name="基本单位",
        help_text="万元的基本单位是元；自己就是基本单位的不填。",
    )
    whole = models.BooleanField("只取整数", default=True, help_text="人、户、次这类不会有小数的单位。")

    class Meta:
        verbose_name = verbose_name_plural = "计量单位"
        ordering = ("dimension", "scale", "pk")
        constraints = [
            models.CheckConstraint(
                name="unit_scale_positive",
                condition=Q(scale__gt=0),
                violation_error_message="换算倍数要大于0。",
            ),
            models.CheckConstraint(
                name="unit_base_has_scale_one",
                condition=Q(base__isnull=False) | Q(scale=1),
                violation_error_message="基本单位的换算倍数是1。",
            ),
        ]

    def __str__(self) -> str:
        return self.symbol

    def clean(self) -> None:
        """It is converted in one step, and only into what is of the same dimension."""
        if not self.base:
            apart = Unit.objects.filter(base=self).exclude(dimension=self.dimension) if self.pk else None
            if apart and (other := apart.first()):
                raise ValidationError(
                    {"dimension": f"“{other}”折合成它，量纲是“{other.dimension}”，两个要相同。"}
                )
            return
        if self.base == self:
            raise ValidationError({"base": "自己就是基本单位的不填。"})
        if self.base.base:
            raise ValidationError(
                {"base": f"“{self.base}”还要折合成“{self.base.base}”，只能一步折合，请选“{self.base.base}”。"}
            )
        if self.pk and Unit.objects.filter(base=self).exists():
            raise ValidationError({"base": "别的单位折合成它，它自己不能再折合。"})
        if self.base.dimension != self.dimension:
            raise ValidationError(
                {"base": f"“{self.base}”的量纲是“{self.base.dimension}”，量纲相同的才能换算。"}
            )

    @property
    def frozen(self) -> frozenset[str]:
        """Fields that stay as they are: all, once figures are stored in it or in a unit based on it."""
        figures = Q(observations__isnull=False) | Q(targets__isnull=False)
        used = Metric.objects.filter(Q(unit=self) | Q(unit__base=self), figures).exists()
        return frozenset({"symbol", "dimension", "scale", "base", "whole"}) if used else frozenset()

    @property
    def spec(self) -> UnitSpec:
        """The unit as the pure modules know it."""
        return UnitSpec(
            symbol=self.symbol,
            whole=self.whole,
            dimension=self.dimension,
            scale=self.scale.normalize() + 0 if isinstance(self.scale, Decimal) else Decimal(self.scale),
            base=self.base.symbol if self.base else self.symbol,
        )


class Nature(models.TextChoices):
    """What kind of number a metric is; presets how it adds up over time and over organs."""

    FLOW = "flow", "流量"
    STOCK = "stock", "存量"
    CUMULATIVE = "cumulative", "累计"
    RATIO = "ratio", "比率"
    RANK = "rank", "位次"


NATURE_RULES: dict[Nature, tuple[OverTime, OverOrgans]] = {
    Nature.FLOW: (OverTime.SUM, OverOrgans.SUM),
    Nature.STOCK: (OverTime.LATEST, OverOrgans.SUM),
    Nature.CUMULATIVE: (OverTime.LATEST, OverOrgans.SUM),
    Nature.RATIO: (OverTime.LATEST, OverOrgans.POOLED),
    Nature.RANK: (OverTime.NONE, OverOrgans.NONE),
}


class Counts(models.TextChoices):
    """What the program counts by itself from held activities."""

    ACTIVITIES = "activities", "活动场次"
    ATTENDANCE = "attendance", "参加人次"


class MetricQuerySet(models.QuerySet["Metric"]):
    """Metrics by who sees them."""

    def visible_to(self, user: User) -> "MetricQuerySet":
        """Metrics of the catalogue, of organs that the user sees, and of those above, which are for all below them."""
        if not (seen := scope(user, Right.VIEW)):
            return self.none()
        above = Q(owner__path__in=seen.above(Organ.steplen))
        return self.filter(Q(owner__isnull=True) | seen.q("owner__path") | above)


class Metric(models.Model):
    """An outcome metric (成效指标): what its numbers mean and how they add up."""

    #: Fixed once figures exist, which are stored by them.
    STORED_BY = frozenset({"unit", "nature", "over_time", "over_organs", "rhythm"})
    #: Fixed once figures have been submitted: what reviewers and leaders read them by. Another meaning is another metric.
    READ_BY = frozenset(
        {"name", "owner", "decimals", "direction", "theme", "part_of", "parts_overlap", "counts"}
    )

    name = models.CharField(
        "名称", max_length=60, help_text="数的是什么，如“组建公共卫生委员会的村（社区）”。"
    )
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="metrics", verbose_name="计量单位")
    nature = models.CharField(
        "性质",
        max_length=10,
        choices=Nature,
        help_text="流量逐期相加；存量、累计取最新；比率按分子分母合并；位次不相加。",
    )
    over_time = models.CharField(
        "跨期规则", max_length=10, choices=choices(OVER_TIME_LABELS), blank=True, help_text="不填则按性质。"
    )
    over_organs = models.CharField(
        "跨单位规则",
        max_length=10,
        choices=choices(OVER_ORGANS_LABELS),
        blank=True,
        help_text="不填则按性质。",
    )
    rhythm = models.CharField(
        "填报周期",
        max_length=10,
        choices=choices(PERIOD_KIND_LABELS),
        default=PeriodKind.YEAR.value,
        help_text="多久填一次；一次性的选“起止日期”。",
    )
    direction = models.CharField(
        "好的方向", max_length=5, choices=choices(DIRECTION_LABELS), default=Direction.UP.value
    )
    decimals = models.PositiveSmallIntegerField(
        "小数位数", default=0, validators=[MaxValueValidator(MOST_DECIMALS, f"小数最多{MOST_DECIMALS}位。")]
    )
    minimum = models.DecimalField(
        "最小可能值", max_digits=20, decimal_places=4, null=True, blank=True, default=0
    )
    maximum = models.DecimalField(
        "最大可能值",
        max_digits=20,
        decimal_places=4,
        null=True,
        blank=True,
        help_text="占比填100；完成率可以超过100，不填。",
    )
    needs_denominator = models.BooleanField(
        "须填分子分母", default=False, help_text="比率要跨单位合并时勾选。"
    )
    needs_evidence = models.BooleanField(
        "须附佐证",
        default=False,
        help_text="勾选后，没有佐证材料的数值不能报审。佐证宜少而精，确有必要才勾。",
    )
    theme = models.ForeignKey(
        Theme, models.PROTECT, related_name="metrics", verbose_name="标准主题", null=True, blank=True
    )
    owner = models.ForeignKey(
        Organ,
        models.PROTECT,
        related_name="metrics",
        verbose_name="所属单位",
        null=True,
        blank=True,
        help_text="不填表示各单位通用。",
    )
    pair = models.OneToOneField(
        "self",
        models.PROTECT,
        null=True,
        blank=True,
        verbose_name="户人配对",
        help_text="户数指标在这里选同一件事的人数指标。",
    )
    part_of = models.ForeignKey(
        "self",
        models.PROTECT,
        related_name="parts",
        null=True,
        blank=True,
        verbose_name="其中项属于",
        help_text="“其中”的数不另算一个总数。",
    )
    parts_overlap = models.BooleanField(
        "其中项可重叠", default=False, help_text="同一人可能同时算在几个“其中”里。"
    )
    counts = models.CharField(
        "自动计数", max_length=10, choices=Counts, blank=True, help_text="由活动自动得出的，选数什么。"
    )

    objects = MetricQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "成效指标"
        ordering = ("theme__order", "name", "pk")
        constraints = [
            models.UniqueConstraint(
                name="metric_name_once",
                fields=("owner", "name", "unit"),
                nulls_distinct=False,
                violation_error_message="已有同名、同单位的指标。",
            ),
            models.CheckConstraint(
                name="metric_bounds_in_order",
                condition=Q(minimum__isnull=True) | Q(maximum__isnull=True) | Q(minimum__lte=F("maximum")),
                violation_error_message="最大可能值不能小于最小可能值。",
            ),
            models.CheckConstraint(
                name="metric_not_part_of_itself",
                condition=Q(part_of__isnull=True) | ~Q(part_of=F("pk")),
                violation_error_message="指标不能是自己的其中项。",
            ),
            models.CheckConstraint(
                name="metric_rank_never_sums",
                condition=~Q(nature=Nature.RANK) | (Q(over_time="none") & Q(over_organs="none")),
                violation_error_message="位次不能相加，也不能平均。",
            ),
            models.CheckConstraint(
                name="metric_ratio_never_sums",
                condition=~Q(nature=Nature.RATIO) | ~(Q(over_time="sum") | Q(over_organs="sum")),
                violation_error_message="比率不能相加；跨单位按分子分母合并，或者不合并。",
            ),
            models.CheckConstraint(
                name="metric_not_its_own_pair",
                condition=Q(pair__isnull=True) | ~Q(pair=F("pk")),
                violation_error_message="指标不能和自己配对。",
            ),
            models.CheckConstraint(
                name="metric_decimals_are_few",
                condition=Q(decimals__lte=MOST_DECIMALS),
                violation_error_message=f"小数最多{MOST_DECIMALS}位。",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.name}（{self.unit}）"

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Store with both rules filled."""
        self.preset()
        super().save(*args, **kwargs)

    def clean(self) -> None:
        """Fill the rules that were left open before they are checked; percentages do not add, pairs have one head."""
        if self.nature in Nature.values:
            self.preset()
        if self.unit_id and self.nature == Nature.RATIO:
            self._clean_ratio()
        elif self.unit_id and self.over_organs == OverOrgans.POOLED and not self.is_percentage:
            if self.pk and Metric.objects.filter(pk=self.pk, unit=self.unit, over_organs=OverOrgans.POOLED):
                return  # from when that was let in: its rules are fixed as soon as it has figures
            raise ValidationError(
                {
                    "over_organs": f"只有比率才把分子、分母合并；数{self.unit}的请选“各单位相加”或“各单位不合并”。"
                }
            )
        if self.unit_id and self.is_percentage and "sum" in (self.over_time, self.over_organs):
            raise ValidationError("百分比不能相加，性质请选“比率”，跨期、跨单位规则不选“相加”。")
        refuse_pair(self)
        refuse_circle(self)
        if self.unit_id:
            refuse_bounds(self)

    def _clean_ratio(self) -> None:
        """A ratio is measured, not counted; and what is pooled comes out in per cent."""
        if self.unit.whole:
            raise ValidationError(
                {"unit": f"比率不会以“{self.unit}”计：请选“%”；数{self.unit}的，性质请选流量、存量或累计。"}
            )
        if self.over_organs == OverOrgans.POOLED and not self.is_percentage:
            raise ValidationError(
                {"over_organs": f"分子分母合并得出的是“%”；以“{self.unit}”计的请选“各单位不合并”。"}
            )

    def preset(self) -> None:
        """Fill the two rules that were left open from the nature."""
        over_time, over_organs = NATURE_RULES[Nature(self.nature)]
        self.over_time = self.over_time or over_time.value
        self.over_organs = self.over_organs or over_organs.value

    @property
    def frozen(self) -> frozenset[str]:
        """Fields that stay as they are, for stewards too."""
        states = {*self.observations.values_list("state", flat=True).distinct().order_by()}
        states |= {*self.targets.values_list("state", flat=True).distinct().order_by()}
        read = self.READ_BY if states.intersection(SETTLED_STATES) else frozenset()
        return self.STORED_BY | read if states else frozenset()

    def refuse_organ(self, organ: Organ) -> None:
        """Raise ValidationError if the metric is another organ's own: it is for its owner and those below it."""
        if self.owner_id == organ.pk:
            return
        if self.owner and not organ.path.startswith(self.owner.path):
            raise ValidationError(
                {"metric": f"“{self.name}”是{self.owner.label}的指标，{organ.label}不能填报。"}
            )

    @property
    def is_percentage(self) -> bool:
        """Whether changes are told in percentage points (百分点)."""
        return self.unit.symbol == "%"


class Target(Reviewed, Excerpted):
    """What an organ starts from and aims at in a campaign (目标), in versions with a reason."""

    metric = models.ForeignKey(Metric, models.PROTECT, related_name="targets", verbose_name="成效指标")
    campaign = models.ForeignKey(Campaign, models.PROTECT, related_name="targets", verbose_name="创建活动")
    baseline = QuantityColumns("基线")
    baseline_day = models.DateField("基线日期", null=True, blank=True)
    baseline_note = models.CharField(
        "基线说明", max_length=100, blank=True, help_text="没有确切日期时写明，如“创建前”。"
    )
    value = QuantityColumns("目标值")
    phrase = models.CharField("出处原话", max_length=200, blank=True)

    class Meta(Reviewed.Meta):
        abstract = False
        verbose_name = verbose_name_plural = "目标"
        ordering = ("metric", "organ__path", "-version")
        constraints = [
            *reviewed_constraints("target"),
            excerpt_constraint("target"),
            *quantity_constraints("target", "baseline"),
            *quantity_constraints("target", "value"),
            *series_constraints("target", "metric", "organ", "campaign"),
            models.CheckConstraint(
                name="target_says_something",
                condition=Q(baseline_amount__isnull=False) | Q(value_amount__isnull=False),
                violation_error_message="基线和目标值至少填一个。",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.organ.label}·{self.metric.name}的目标"

    def clean(self) -> None:
        """Nobody aims at another organ's own metric."""
        if self.metric_id and self.organ_id:
            self.metric.refuse_organ(self.organ)

    def held_days(self) -> tuple[date, date]:
        """The days of the campaign."""
        return self.campaign.first_day, self.campaign.last_day + timedelta(days=1)
