"""A sheet that waits between being looked at and being taken over."""

from django.db import models
from django.utils import timezone

from organs.models import Organ, User


class UploadQuerySet(models.QuerySet["Upload"]):
    """Waiting sheets."""

    def visible_to(self, user: User) -> "UploadQuerySet":
        """A person's own: nobody else looks at or takes over what they brought."""
        return self.filter(by=user)


class Upload(models.Model):
    """A sheet (待导入表格) that a person has brought, until they take it over or drop it; no row of the ledger."""

    by = models.ForeignKey(User, models.CASCADE, related_name="+", verbose_name="上传人")
    kind = models.CharField("种类", max_length=20)
    home = models.ForeignKey(Organ, models.CASCADE, null=True, related_name="+", verbose_name="机关单位")
    name = models.CharField("文件名", max_length=200)
    content = models.BinaryField("内容")
    at = models.DateTimeField("时间", default=timezone.now)

    objects = UploadQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "待导入表格"
        ordering = ("-at", "-pk")

    def __str__(self) -> str:
        return self.name
