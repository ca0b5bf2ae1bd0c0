"""Rounds: what a superior organ asks of others for a period, until a day; and what people have been reminded of."""

from datetime import date
from typing import Any, ClassVar, Self

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Case, Exists, F, OuterRef, Q, Subquery, When
from django.db.models.functions import Coalesce, Least
from django.utils import timezone

from measures.models.action import SERVING, ActionKind, Activity
from measures.models.columns import PeriodColumns
from measures.models.metric import Metric
from measures.models.observation import Observation
from measures.models.reviewed import ReviewState
from organs.models import Organ, User
from organs.permissions import Right, scope


class Known(models.TextChoices):
    """What the system knew of something asked when the round was opened."""

    APPROVED = "approved", "已审核"
    SUBMITTED = "submitted", "已报审"
    DRAFTED = "drafted", "草稿或退回"
    COUNTED = "counted", "可按活动计数"


#: What is said already: it needs nothing more of the organ, so it may be left out.
SAID = (Known.APPROVED, Known.SUBMITTED)


class RoundQuerySet(models.QuerySet):
    """Rounds by who sees them."""

    def visible_to(self, user: User) -> Self:
        """Those that the user may open, and opened ones that ask organs whose drafts the user sees."""
        asked = RoundOrgan.objects.filter(scope(user, Right.VIEW_DRAFTS).q("organ__path")).values("round")
        return self.filter(
            scope(user, Right.CATALOGUE).q("owner__path") | Q(opened_at__isnull=False, pk__in=asked)
        )


class Round(models.Model):
    """A round (填报轮次): metrics and kinds of action that organs are asked about for a period, until a day."""

    owner = models.ForeignKey(Organ, models.PROTECT, related_name="rounds", verbose_name="发起单位")
    title = models.CharField("名称", max_length=60, help_text="如“2021年第三季度填报”。")
    period = PeriodColumns("期间")
    until = models.DateField("截止日期", help_text="含当日。")
    note = models.CharField("填报说明", max_length=200, blank=True, help_text="各单位会看到；没有就不填。")
    metrics = models.ManyToManyField(Metric, related_name="rounds", blank=True, verbose_name="成效指标")
    kinds = models.ManyToManyField(ActionKind, related_name="rounds", blank=True, verbose_name="举措类别")
    organs = models.ManyToManyField(
        Organ, through="RoundOrgan", related_name="asked_in", verbose_name="填报单位"
    )
    opened_at = models.DateTimeField("发布时间", null=True, blank=True)
    closed_at = models.DateTimeField("结束时间", null=True, blank=True)

    objects: ClassVar[Any] = RoundQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "填报轮次"
        ordering = ("-until", "-pk")
        constraints = [
            models.CheckConstraint(
                name="round_closed_after_opening",
                condition=Q(closed_at__isnull=True)
                | Q(opened_at__isnull=False, closed_at__gte=F("opened_at")),
            ),
            models.CheckConstraint(
                name="round_period_not_empty",
                condition=Q(
                    period_days__isempty=False, period_days__lower_inf=False, period_days__upper_inf=False
                ),
            ),
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def is_open(self) -> bool:
        """Whether organs answer it now."""
        return self.opened_at is not None and self.closed_at is None

    @property
    def stage(self) -> str:
        """Where it stands, in a word."""
        if self.opened_at is None:
            return "未发布"
        return "填报中" if self.closed_at is None else "已结束"

    def clean(self) -> None:
        """Nobody is asked about a period that has not begun."""
        if self.period is not None and self.period.start > timezone.localdate():
            raise ValidationError({"period_days": "期间在将来，还没有数可填。"})


class RoundOrganQuerySet(models.QuerySet):
    """Organs that are asked."""

    def visible_to(self, user: User) -> Self:
        """Those of rounds that the user may open, and the user's own of opened ones."""
        own = scope(user, Right.VIEW_DRAFTS).q("organ__path") & Q(round__opened_at__isnull=False)
        return self.filter(scope(user, Right.CATALOGUE).q("round__owner__path") | own)


class RoundOrgan(models.Model):
    """An organ that a round asks (填报单位); with a day of its own where it was prolonged."""

    round = models.ForeignKey(Round, models.CASCADE, related_name="asked_organs", verbose_name="填报轮次")
    organ = models.ForeignKey(Organ, models.PROTECT, related_name="+", verbose_name="机关单位")
    until = models.DateField("延期至", null=True, blank=True)
    reason = models.CharField("延期理由", max_length=100, blank=True)
    reminded_at = models.DateTimeField("催报时间", null=True, blank=True)

    objects: ClassVar[Any] = RoundOrganQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "轮次填报单位"
        ordering = ("round", "organ__path")
        constraints = [
            models.UniqueConstraint(name="round_asks_organ_once", fields=("round", "organ")),
            models.CheckConstraint(
                name="round_organ_prolonged_with_reason",
                condition=Q(until__isnull=True, reason="") | (Q(until__isnull=False) & ~Q(reason="")),
                violation_error_message="延期要写明日期和理由。",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.organ.label}·{self.round}"

    @property
    def last_day(self) -> date:
        """Until when it is to answer."""
        return self.until or self.round.until

    @property
    def as_of(self) -> date:
        """The day on which it is judged: that of the round's end, else today."""
        return timezone.localdate(self.round.closed_at) if self.round.closed_at else timezone.localdate()

    @property
    def gone(self) -> bool:
        """Whether the organ was no more on that day."""
        return self.organ.active_to is not None and self.organ.active_to <= self.as_of

    @property
    def overdue(self) -> bool:
        """Whether the last day passed while the organ was there and could answer."""
        outlived = self.organ.active_to is None or self.organ.active_to > self.last_day
        return outlived and self.as_of > self.last_day


def _first_time(rows: Any, moment: str) -> Least:
    """The earliest moment of live rows, and of those that these correct."""
    fresh = rows.live().filter(version=1).order_by(moment).values(moment)[:1]
    first = Subquery(rows.order_by(moment).values(moment)[:1])
    return Least(Subquery(fresh), Case(When(Exists(rows.live().filter(version__gt=1)), then=first)))


class RoundCellQuerySet(models.QuerySet):
    """Things asked of organs."""

    def visible_to(self, user: User) -> Self:
        """Those of rounds that the user may open, and of the user's own organs."""
        own = scope(user, Right.VIEW_DRAFTS).q("organ__path")
        return self.filter(scope(user, Right.CATALOGUE).q("round__owner__path") | own)

    def asked(self) -> Self:
        """What is asked; without what was left out because it was known."""
        return self.filter(left_out=False)

    def with_answers(self) -> Self:
        """With `said_at`, when it was answered (None: not yet), and whether there is a draft, or one sent back.

        A metric is answered by a figure that is submitted for the period or counts in it, a kind of action by an activity
        held in it, or by words why there was none; what is corrected later was answered by its first version.
        """
        period = OuterRef("round__period_days")
        figures = Observation.objects.filter(metric=OuterRef("metric"), organ=OuterRef("organ"))
        said = figures.filter(
            Q(state=ReviewState.APPROVED, period_days__overlap=period)
            | Q(state=ReviewState.SUBMITTED, period_days=period)
        )
        held = Activity.objects.filter(organ=OuterRef("organ"), day__contained_by=period)
        held = held.exclude(state=ReviewState.RETRACTED)
        also = SERVING.objects.filter(activity=OuterRef("pk"), action__kind=OuterRef(OuterRef("kind")))
        held = held.filter(
            Q(action__kind=OuterRef("kind")) | Exists(also.filter(action__organ=OuterRef("organ")))
        )
        return self.annotate(
            said_at=Coalesce(
                _first_time(said, "submitted_at"), _first_time(held, "created_at"), F("answered_at")
            ),
            drafted=Exists(figures.filter(state=ReviewState.DRAFT, period_days=period)),
            returned=Exists(figures.filter(state=ReviewState.RETURNED, period_days=period)),
        )

    def unanswered(self) -> Self:
        """What is asked and not answered yet."""
        return self.asked().with_answers().filter(said_at__isnull=True)


class RoundCell(models.Model):
    """One thing that an opened round asks of one organ (填报项): a metric, or a kind of action."""

    round = models.ForeignKey(Round, models.CASCADE, related_name="cells", verbose_name="填报轮次")
    organ = models.ForeignKey(Organ, models.PROTECT, related_name="+", verbose_name="机关单位")
    metric = models.ForeignKey(
        Metric, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="成效指标"
    )
    kind = models.ForeignKey(
        ActionKind, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="举措类别"
    )
    known = models.CharField("发布时已知", max_length=10, choices=Known, blank=True)
    left_out = models.BooleanField("不再问", default=False)
    absence = models.CharField("没有开展的说明", max_length=100, blank=True)
    answered_at = models.DateTimeField("说明时间", null=True, blank=True)

    objects: ClassVar[Any] = RoundCellQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "填报项"
        ordering = ("round", "organ__path", "pk")
        constraints = [
            models.CheckConstraint(
                name="round_cell_asks_one_thing",
                condition=Q(metric__isnull=True, kind__isnull=False)
                | Q(metric__isnull=False, kind__isnull=True, absence=""),
            ),
            models.UniqueConstraint(name="round_cell_metric_once", fields=("round", "organ", "metric")),
            models.UniqueConstraint(name="round_cell_kind_once", fields=("round", "organ", "kind")),
            models.CheckConstraint(
                name="round_cell_absence_has_time",
                condition=Q(absence="", answered_at__isnull=True)
                | (~Q(absence="") & Q(answered_at__isnull=False)),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.organ.label}·{self.metric.name if self.metric else self.kind}"


class ReminderQuerySet(models.QuerySet):
    """What people were reminded of."""

    def visible_to(self, user: User) -> Self:
        """A person's own."""
        return self.filter(user=user)


class Reminder(models.Model):
    """A mark that a person has been sent a reminder (已发提醒), so that it is not sent again; no row of the ledger."""

    user = models.ForeignKey(User, models.CASCADE, related_name="+", verbose_name="用户")
    key = models.CharField("事项", max_length=80)
    at = models.DateTimeField("时间", default=timezone.now)

    objects: ClassVar[Any] = ReminderQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "已发提醒"
        ordering = ("-at", "-pk")
        constraints = [models.UniqueConstraint(name="reminder_once", fields=("user", "key"))]

    def __str__(self) -> str:
        return self.key
