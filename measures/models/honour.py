"""Honours: what a bureau or its branch was commended for."""

from datetime import date, timedelta

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Q
from django.utils import timezone

from measures.models.article import Excerpted, excerpt_constraint
from measures.models.plan import Pillar
from measures.models.reviewed import Reviewed, reviewed_constraints
from measures.period import FIRST_YEAR, LAST_YEAR


class HonourLevel(models.TextChoices):
    """Who commends: the level of the issuer."""

    NATIONAL = "1national", "国家级"
    PROVINCIAL = "2provincial", "省级"
    MUNICIPAL = "3municipal", "市级"
    COUNTY = "4county", "县级"
    OTHER = "5other", "其他"


class Honour(Reviewed, Excerpted):
    """An honour (荣誉): title, level, issuer where known, recipient, and the years it was won in a row."""

    title = models.CharField("名称", max_length=100, help_text="照文件或奖牌写，如“先进基层党组织”。")
    level = models.CharField("级别", max_length=15, choices=HonourLevel)
    issuer = models.CharField(
        "授予单位", max_length=60, blank=True, help_text="不清楚可以不填，显示为“未写明”。"
    )
    recipient = models.CharField("获得者", max_length=60, help_text="单位或党支部，不填个人。")
    year = models.PositiveSmallIntegerField("年度", help_text="算在哪一年。")
    day = models.DateField("授予日期", null=True, blank=True)
    date_words = models.CharField(
        "日期原话", max_length=30, blank=True, help_text="没有确切日期时照原文写，如“今年10月”。"
    )
    streak_years = models.PositiveSmallIntegerField(
        "连续年数", null=True, blank=True, help_text="如“连续3年”填3。"
    )
    valid_until = models.DateField("有效期至", null=True, blank=True)
    pillar = models.ForeignKey(
        Pillar, models.PROTECT, related_name="honours", null=True, blank=True, verbose_name="所属支柱"
    )
    note = models.CharField("备注", max_length=100, blank=True)

    class Meta(Reviewed.Meta):
        abstract = False
        verbose_name = verbose_name_plural = "荣誉"
        ordering = ("level", "-year", "pk")
        constraints = [
            *reviewed_constraints("honour"),
            excerpt_constraint("honour"),
            models.CheckConstraint(
                name="honour_year_is_that_of_day",
                condition=Q(day__isnull=True) | Q(day__year=models.F("year")),
                violation_error_message="年度与授予日期不是同一年。",
            ),
            models.CheckConstraint(
                name="honour_streak_of_two_or_more",
                condition=Q(streak_years__isnull=True) | Q(streak_years__gte=2),
                violation_error_message="连续年数至少是2；只有一年的不填。",
            ),
        ]

    def __str__(self) -> str:
        return self.title

    def clean(self) -> None:
        """Nothing was awarded in the future, nor under another organ's heading."""
        today = timezone.localdate()
        if self.day and self.day > today:
            raise ValidationError({"day": "授予日期不能在将来。"})
        if self.day and self.valid_until and self.valid_until < self.day:
            raise ValidationError({"valid_until": "有效期不能早于授予日期。"})
        if self.year is not None and not FIRST_YEAR <= self.year <= today.year:
            raise ValidationError({"year": f"年度要在{FIRST_YEAR}到{today.year}之间。"})
        if self.pillar and self.organ_id and self.pillar.organ_id != self.organ_id:
            raise ValidationError({"pillar": "所属支柱不是本单位的。"})

    def held_days(self) -> tuple[date, date] | None:
        """The day it was awarded on; the year it counts in where no day is known. None of a year that `clean` refuses."""
        if not FIRST_YEAR <= (self.day.year if self.day else self.year) <= LAST_YEAR:
            return None
        if self.day:
            return self.day, self.day + timedelta(days=1)
        return date(self.year, 1, 1), date(self.year + 1, 1, 1)
