"""What is planned: campaigns, who takes part, themes, and each organ's own headings."""

from datetime import date

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateRangeField, RangeOperators
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import F, Func, Q
from django.db.models.functions import Greatest, Least

from measures.models.reviewed import SETTLED_STATES
from measures.period import FIRST_YEAR, LAST_YEAR, Period
from organs.models import Organ, User
from organs.permissions import Right, scope


class CampaignQuerySet(models.QuerySet["Campaign"]):
    """Campaigns by who sees them and by day."""

    def visible_to(self, user: User) -> "CampaignQuerySet":
        """Campaigns whose owner, or one of whose organs, the user sees."""
        seen = scope(user, Right.VIEW)
        taking_part = Participation.objects.filter(seen.q("organ__path")).values("campaign")
        return self.filter(seen.q("owner__path") | Q(pk__in=taking_part))

    def around(self, organ: Organ, days: tuple[date, date]) -> "CampaignQuerySet":
        """Campaigns on some of the days (half-open) in which the organ, or one above it, takes part."""
        taking_part = Participation.objects.filter(organ__path__in=organ.above_and_own).values("campaign")
        return self.filter(pk__in=taking_part, first_day__lt=days[1], last_day__gte=days[0])


class Campaign(models.Model):
    """A campaign (创建活动) that a superior organ runs and its bureaus take part in."""

    name = models.CharField("名称", max_length=100, unique=True, help_text="如“模范机关创建（2021年）”。")
    owner = models.ForeignKey(Organ, models.PROTECT, related_name="campaigns", verbose_name="主办单位")
    first_day = models.DateField("开始日期")
    last_day = models.DateField("结束日期", help_text="含当日。")
    closed = models.BooleanField("已结束", default=False, help_text="结束后，本活动的台账和数值都不能再改。")

    objects = CampaignQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "创建活动"
        ordering = ("-first_day", "pk")
        constraints = [
            models.CheckConstraint(
                name="campaign_days_in_order",
                condition=Q(first_day__lte=F("last_day")),
                violation_error_message="结束日期不能早于开始日期。",
            ),
            models.CheckConstraint(
                name="campaign_in_known_years",
                condition=Q(first_day__gte=date(FIRST_YEAR, 1, 1), last_day__lte=date(LAST_YEAR, 12, 31)),
                violation_error_message=f"年份要在{FIRST_YEAR}年到{LAST_YEAR}年之间。",
            ),
        ]

    def __str__(self) -> str:
        return self.name


class ParticipationQuerySet(models.QuerySet["Participation"]):
    """Who takes part when."""

    def visible_to(self, user: User) -> "ParticipationQuerySet":
        """Participations of organs that the user sees."""
        return self.filter(scope(user, Right.VIEW).q("organ__path"))

    def days(self) -> dict[int, tuple[tuple[date, date], ...]]:
        """The first and the last day of each participation, by organ; one query."""
        found: dict[int, tuple[tuple[date, date], ...]] = {}
        # what is not written is left out of the greatest and the least by PostgreSQL
        first = Greatest("first_day", "campaign__first_day")
        last = Least("last_day", "campaign__last_day")
        for organ, *days in self.order_by().values_list("organ_id", first, last):
            found[organ] = (*found.get(organ, ()), (days[0], days[1]))
        return found

    def during(self, period: Period) -> "ParticipationQuerySet":
        """Participations in force on at least one day of the period."""
        return self.filter(
            Q(first_day__isnull=True) | Q(first_day__lt=period.end),
            Q(last_day__isnull=True) | Q(last_day__gte=period.start),
            campaign__first_day__lt=period.end,
            campaign__last_day__gte=period.start,
        )


class Participation(models.Model):
    """An organ takes part in a campaign (参加单位): the “9” of “9家中7家已报”."""

    campaign = models.ForeignKey(
        Campaign, models.PROTECT, related_name="participations", verbose_name="创建活动"
    )
    organ = models.ForeignKey(Organ, models.PROTECT, related_name="participations", verbose_name="机关单位")
    first_day = models.DateField("起始日", null=True, blank=True, help_text="不填则自活动开始。")
    last_day = models.DateField("截止日", null=True, blank=True, help_text="不填则到活动结束。")

    objects = ParticipationQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "参加单位"
        ordering = ("campaign", "organ__path")
        constraints = [
            models.CheckConstraint(
                name="participation_days_in_order",
                condition=Q(first_day__isnull=True)
                | Q(last_day__isnull=True)
                | Q(first_day__lte=F("last_day")),
                violation_error_message="截止日不能早于起始日。",
            ),
            ExclusionConstraint(
                name="participation_once_at_a_time",
                expressions=[
                    ("campaign", RangeOperators.EQUAL),
                    ("organ", RangeOperators.EQUAL),
                    (
                        Func(
                            "first_day",
                            "last_day",
                            models.Value("[]"),
                            function="DATERANGE",
                            output_field=DateRangeField(),
                        ),
                        RangeOperators.OVERLAPS,
                    ),
                ],
                violation_error_message="该单位在这段时间已经参加了本活动。",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.organ}·{self.campaign}"

    def clean(self) -> None:
        """Days in order, said before the database makes a range of them."""
        if self.first_day and self.last_day and self.first_day > self.last_day:
            raise ValidationError({"last_day": "截止日不能早于起始日。"})


class Theme(models.Model):
    """A standard theme (标准主题): the comparable reading of a heading, across bureaus and campaigns."""

    name = models.CharField("名称", max_length=20, unique=True)
    short_name = models.CharField("简称", max_length=4, help_text="热力图表头用，两到四个字。")
    order = models.PositiveSmallIntegerField("次序", default=0)

    class Meta:
        verbose_name = verbose_name_plural = "标准主题"
        ordering = ("order", "pk")

    def __str__(self) -> str:
        return self.name


class PillarQuerySet(models.QuerySet["Pillar"]):
    """Headings in ledger order."""

    def visible_to(self, user: User) -> "PillarQuerySet":
        """Headings of organs that the user sees."""
        return self.filter(scope(user, Right.VIEW).q("organ__path"))


class Pillar(models.Model):
    """A creation pillar (创建支柱): one organ's heading in one campaign, in its own words."""

    campaign = models.ForeignKey(Campaign, models.PROTECT, related_name="pillars", verbose_name="创建活动")
    organ = models.ForeignKey(Organ, models.PROTECT, related_name="pillars", verbose_name="机关单位")
    heading = models.CharField(
        "标题", max_length=100, help_text="照本单位方案原样填写，如“着力政治建设抓创建”。"
    )
    theme = models.ForeignKey(
        Theme,
        models.PROTECT,
        related_name="pillars",
        verbose_name="标准主题",
        help_text="选最接近的一个，用于各单位对照。",
    )
    order = models.PositiveSmallIntegerField("次序", default=1, help_text="在本单位方案中排第几。")

    objects = PillarQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "创建支柱"
        ordering = ("campaign", "organ__path", "order", "pk")
        constraints = [
            models.UniqueConstraint(
                name="pillar_heading_once",
                fields=("campaign", "organ", "heading"),
                violation_error_message="本单位在这个活动中已有同名支柱。",
            ),
        ]

    def __str__(self) -> str:
        return self.heading

    @property
    def frozen(self) -> frozenset[str]:
        """Fields that stay as they are: what it says and where, once something under it has been submitted."""
        used = any(
            rows.filter(state__in=SETTLED_STATES).exists()
            for rows in (self.actions, self.observations, self.honours)
        )
        return frozenset({"campaign", "organ", "heading", "theme"}) if used else frozenset()
