"""What was deleted and what was done to many rows at once, both kept so that it can be undone."""

from datetime import datetime, timedelta

from django.db import models
from django.db.models import Q
from django.utils import timezone

from measures.models.plan import Campaign
from organs.models import Organ, User
from organs.permissions import Right, scope

#: How many days the bin keeps what was deleted.
KEPT_DAYS = 30


class BinKind(models.TextChoices):
    """Kinds of rows that go to the bin, by the names of their models."""

    PILLAR = "pillar", "创建支柱"
    ACTION = "action", "举措"
    ACTIVITY = "activity", "活动"
    OBSERVATION = "observation", "数值"
    TARGET = "target", "目标"
    HONOUR = "honour", "荣誉"
    EVIDENCE = "evidence", "佐证材料"
    EVIDENCELINK = "evidencelink", "佐证关系"


class DiscardedQuerySet(models.QuerySet["Discarded"]):
    """What was deleted, by who may restore it and for how long."""

    def visible_to(self, user: User) -> "DiscardedQuerySet":
        """What was deleted of organs that the user enters for."""
        return self.filter(scope(user, Right.ENTER).q("organ__path"))

    def kept(self) -> "DiscardedQuerySet":
        """What can still be restored."""
        return self.filter(at__gt=_oldest())

    def outdated(self) -> "DiscardedQuerySet":
        """What the bin is to forget."""
        return self.filter(at__lte=_oldest())


def _oldest() -> datetime:
    return timezone.now() - timedelta(days=KEPT_DAYS)


class Discarded(models.Model):
    """Something deleted (回收站的一项): the row with all that was tied to it, until the bin forgets it.

    `data` is what `measures.packing` makes of the row; `row_id` is the key that it had and gets back.
    """

    organ = models.ForeignKey(Organ, models.PROTECT, related_name="+", verbose_name="机关单位")
    kind = models.CharField("类别", max_length=15, choices=BinKind)
    row_id = models.BigIntegerField("对象编号")
    name = models.CharField("内容", max_length=300)
    by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name="删除人")
    at = models.DateTimeField("删除时间", default=timezone.now)
    data = models.TextField("数据")

    objects = DiscardedQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "回收站"
        ordering = ("-at", "-pk")
        constraints = [
            models.UniqueConstraint(name="discarded_once", fields=("kind", "row_id")),
        ]
        indexes = [models.Index(fields=("organ", "at"), name="discarded_by_organ")]

    def __str__(self) -> str:
        return self.name

    @property
    def until(self) -> datetime:
        """Until when it can be restored."""
        return self.at + timedelta(days=KEPT_DAYS)


class BatchQuerySet(models.QuerySet["Batch"]):
    """What was done at once, by who did it."""

    def visible_to(self, user: User) -> "BatchQuerySet":
        """One's own, and turns of the year of campaigns that the user keeps."""
        return self.filter(Q(by=user) | scope(user, Right.CATALOGUE).q("turned__owner__path"))

    def undoable(self) -> "BatchQuerySet":
        """Not undone yet, and not older than what the bin keeps."""
        return self.filter(undone_at__isnull=True, at__gt=_oldest())


class Batch(models.Model):
    """Something done to many rows at once (成批操作), by one person.

    `rows` is a list of {kind, pk, name, organ, deeds, mark}: whose row it was, what was done to it, in order, and what
    tells whether somebody has touched it since (`batches.mark`). `turned` is the campaign that a new one was made from:
    such a batch is undone by `measures.turning` alone.
    """

    by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name="经办人")
    at = models.DateTimeField("时间", default=timezone.now)
    words = models.CharField("做了什么", max_length=200)
    rows = models.JSONField("各条", default=list)
    turned = models.ForeignKey(
        Campaign, models.CASCADE, null=True, related_name="turns", verbose_name="上一届活动"
    )
    undone_at = models.DateTimeField("撤销时间", null=True)

    objects = BatchQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "成批操作"
        ordering = ("-at", "-pk")
        indexes = [models.Index(fields=("by", "at"), name="batch_by_person")]
        constraints = [
            models.UniqueConstraint(
                name="campaign_turned_once",
                fields=("turned",),
                condition=Q(undone_at__isnull=True),
                violation_error_message="这个活动已经结转过，要重新办请先撤销那一次。",
            ),
        ]

    def __str__(self) -> str:
        return self.words

    @property
    def is_past(self) -> bool:
        """Whether it is older than what the bin keeps, and not undone any more."""
        return self.at <= _oldest()
