"""Lists that are too long for a request, ordered by a person and written by a command."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils import timezone

from organs.models import User


class ListOrderQuerySet(models.QuerySet["ListOrder"]):
    """Ordered lists."""

    def visible_to(self, user: User) -> "ListOrderQuerySet":
        """A person's own: a list holds what this person may see."""
        return self.filter(by=user)


class ListOrder(models.Model):
    """A list (备好的导出) that a person has ordered: its rows as they were filtered, and the file once it is written."""

    by = models.ForeignKey(User, models.CASCADE, related_name="+", verbose_name="导出人")
    kind = models.CharField("种类", max_length=20)
    rows = ArrayField(models.BigIntegerField(), verbose_name="条目")
    at = models.DateTimeField("时间", default=timezone.now)
    content = models.BinaryField("内容", null=True)
    ready_at = models.DateTimeField("备好时间", null=True)

    objects = ListOrderQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "备好的导出"
        ordering = ("-at", "-pk")

    def __str__(self) -> str:
        return f"{self.kind} {self.at:%Y-%m-%d %H:%M}"
