"""The register of rules (制度): what an office has laid down, and whether it still holds."""

from django.core.exceptions import ValidationError
from django.db import models
from django.utils import timezone

from organs.models import Organ, User
from organs.permissions import Right, scope


class Force(models.TextChoices):
    """Whether a rule holds (效力)."""

    IN_FORCE = "in_force", "现行有效"
    REVISED = "revised", "已修订"
    WITHDRAWN = "withdrawn", "已废止"


class RuleQuerySet(models.QuerySet["Rule"]):
    """Rules by who sees them."""

    def visible_to(self, user: User) -> "RuleQuerySet":
        """Those of organs whose figures the user sees."""
        return self.filter(scope(user, Right.VIEW).q("organ__path"))


class Rule(models.Model):
    """A rule of an organ (制度): name, number, day, whether it is in force, and which one it took the place of."""

    organ = models.ForeignKey(Organ, models.PROTECT, related_name="rules", verbose_name="机关单位")
    name = models.CharField("名称", max_length=100, help_text="照文件写，如“机关党委议事规则”。")
    number = models.CharField("文号", max_length=50, blank=True, help_text="没有就不填。")
    day = models.DateField("印发日期")
    force = models.CharField("效力", max_length=10, choices=Force, default=Force.IN_FORCE)
    replaces = models.ForeignKey(
        "self",
        models.PROTECT,
        related_name="replaced_by",
        null=True,
        blank=True,
        verbose_name="代替",
        help_text="修订的，选它代替的旧制度；旧的一条请改成“已修订”。",
    )

    objects = RuleQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "制度"
        ordering = ("organ__path", "-day", "pk")

    def __str__(self) -> str:
        return self.name

    def clean(self) -> None:
        """It was issued by now; it takes the place of an older one of the same organ."""
        if self.day and self.day > timezone.localdate():
            raise ValidationError({"day": "印发日期不能在将来。"})
        old = self.replaces
        if old and (old.pk == self.pk or old.organ_id != self.organ_id or (self.day and old.day > self.day)):
            raise ValidationError({"replaces": "只能代替本单位更早印发的制度。"})
