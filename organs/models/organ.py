"""Organs, their order and their succession."""

from __future__ import annotations

from collections import defaultdict

from django.core.exceptions import ValidationError
from django.core.validators import RegexValidator
from django.db import models
from django.db.models import F, Q
from treebeard.mp_tree import MP_Node, MP_NodeManager, MP_NodeQuerySet

from organs.models.roles import SEEING, Holder


class OrganKind(models.TextChoices):
    """What an organ (机关单位) is."""

    AREA = "area", "地区或工委"
    BUREAU = "bureau", "局"
    UNIT = "unit", "下属单位"


class PartyKind(models.TextChoices):
    """The kind of an organ's party organisation (党组织)."""

    GROUP = "group", "党组"
    COMMITTEE = "committee", "党委"
    GENERAL_BRANCH = "general_branch", "党总支"
    BRANCH = "branch", "党支部"
    TEMPORARY_BRANCH = "temporary_branch", "临时党支部"


class OrganQuerySet(MP_NodeQuerySet):
    """Organs in official order: that of siblings in the tree."""

    def visible_to(self, user: Holder) -> OrganQuerySet:
        """The organs whose figures the user may see."""
        return self.filter(user.scope(SEEING).q("path"))


class OrganManager(MP_NodeManager):
    """Treebeard's manager over our verbs."""

    def get_queryset(self) -> OrganQuerySet:
        """All organs in official order."""
        return OrganQuerySet(self.model, using=self._db).order_by("path")

    def visible_to(self, user: Holder) -> OrganQuerySet:
        """The organs whose figures the user may see."""
        return self.get_queryset().visible_to(user)

    def named(self, said: str) -> Organ:
        """The organ of a full name, else of a short one, 示范县/甲局 where several are called so; ValidationError."""
        rows = self.get_queryset()
        *above, name = said.split("/") if not rows.filter(name=said).exists() else [said]
        found = list(rows.filter(name=name) or rows.filter(short_name=name))
        if above:
            superiors = {row.path for row in rows.filter(Q(name=above[-1]) | Q(short_name=above[-1]))}
            found = [row for row in found if row.path[: -row.steplen] in superiors]
        if len(found) > 1:
            raise ValidationError(
                f"叫“{said}”的单位有{len(found)}个，请写全称，连它的上级一起写，如“示范县/甲局”。"
            )
        if not found:
            raise ValidationError(f"没有单位“{said}”。")
        return found[0]


class Organ(MP_Node):
    """An organ (机关单位): county, bureau or subordinate unit; siblings stand in official order."""

    name = models.CharField("名称", max_length=100, help_text="单位全称，如“示范县卫生健康局”。")
    short_name = models.CharField(
        "简称", max_length=30, blank=True, help_text="表格和图上用的短名；不填则用全称。"
    )
    kind = models.CharField("类别", max_length=10, choices=OrganKind, default=OrganKind.BUREAU)
    party_kind = models.CharField("党组织形式", max_length=20, choices=PartyKind, blank=True)
    office = models.CharField(
        "联系科室", max_length=50, blank=True, help_text="负责台账的科室，一般是机关党办。"
    )
    telephone = models.CharField(
        "办公电话",
        max_length=30,
        blank=True,
        validators=[RegexValidator(r"^[0-9 +()（）转-]*$", "电话只写数字、空格和“-”，如 0914-3320000。")],
        help_text="办公座机，不填个人手机。",
    )
    active_from = models.DateField("成立日期", null=True, blank=True, help_text="不清楚可以不填。")
    active_to = models.DateField("撤并日期", null=True, blank=True, help_text="撤并当日；在用的单位不填。")

    #: Where a new organ is to belong.
    superior: Organ | None = None

    objects = OrganManager()

    class Meta:
        verbose_name = verbose_name_plural = "机关单位"
        ordering = ("path",)
        constraints = [
            models.CheckConstraint(
                name="organ_days_in_order",
                condition=Q(active_from__isnull=True)
                | Q(active_to__isnull=True)
                | Q(active_from__lt=F("active_to")),
                violation_error_message="撤并日期要晚于成立日期。",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def label(self) -> str:
        """The short name, or the full one where there is none."""
        return self.short_name or self.name

    @property
    def above_and_own(self) -> list[str]:
        """The paths of the organs above it, the root first, and its own."""
        return [self.path[:end] for end in range(self.steplen, len(self.path) + 1, self.steplen)]


class SuccessionKind(models.TextChoices):
    """How one organ followed another."""

    RENAMED = "renamed", "更名"
    MERGED = "merged", "并入"
    SPLIT = "split", "分设"


class OrganSuccessionQuerySet(models.QuerySet["OrganSuccession"]):
    """What became of organs, by who sees them."""

    def visible_to(self, user: Holder) -> OrganSuccessionQuerySet:
        """Successions from or to an organ that the user sees."""
        seen = user.scope(SEEING)
        return self.filter(seen.q("predecessor__path") | seen.q("successor__path"))


class OrganSuccession(models.Model):
    """One organ follows another from a day on (机构沿革); history stays with the organ it happened in."""

    predecessor = models.ForeignKey(Organ, models.PROTECT, related_name="successions", verbose_name="原单位")
    successor = models.ForeignKey(Organ, models.PROTECT, related_name="precessions", verbose_name="承接单位")
    day = models.DateField("生效日期")
    kind = models.CharField("方式", max_length=10, choices=SuccessionKind)

    objects = OrganSuccessionQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "机构沿革"
        ordering = ("day", "pk")
        constraints = [
            models.CheckConstraint(
                name="succession_of_two_organs",
                condition=~Q(predecessor=F("successor")),
                violation_error_message="承接单位不能是原单位自己。",
            ),
            models.UniqueConstraint(
                name="succession_once",
                fields=("predecessor", "successor"),
                violation_error_message="这两个单位的沿革已经登记过。",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.predecessor}{self.get_kind_display()}{self.successor}"

    def clean(self) -> None:
        """Refuse what would lead from an organ back to itself on one day; what is split off may come back later."""
        heirs: dict[int, list[int]] = defaultdict(list)
        same_day = OrganSuccession.objects.filter(day=self.day).exclude(pk=self.pk)
        for before, after in same_day.values_list("predecessor", "successor"):
            heirs[before].append(after)
        ahead, seen = [*heirs[self.successor_id]], set()
        while ahead:
            here = ahead.pop()
            if here == self.predecessor_id:
                words = f"同一天{self.successor}已经由{self.predecessor}承接（或经过别的单位），不能反过来再承接它。"
                raise ValidationError({"successor": words})
            if here not in seen:
                seen.add(here)
                ahead += heirs[here]
