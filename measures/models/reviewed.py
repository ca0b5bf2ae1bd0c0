"""What every reviewed row has: state, version, hands, and who moved it when."""

from datetime import date, datetime
from typing import Any, ClassVar, Self

from django.contrib.contenttypes.fields import GenericForeignKey
from django.contrib.contenttypes.models import ContentType
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.db.models.constraints import BaseConstraint
from django.utils import timezone

from organs.models import AuditVerb, Organ, User
from organs.permissions import Right, scope


class ReviewState(models.TextChoices):
    """Where a row stands on the review line (审核状态)."""

    DRAFT = "draft", "草稿"
    SUBMITTED = "submitted", "待审"
    APPROVED = "approved", "已审核"
    RETURNED = "returned", "已退回"
    RETRACTED = "retracted", "已撤销"


OPEN_STATES = (ReviewState.DRAFT, ReviewState.SUBMITTED, ReviewState.RETURNED)
#: Confirmed by a second person, whether it still counts or not.
CONFIRMED_STATES = (ReviewState.APPROVED, ReviewState.RETRACTED)
#: Read by reviewers or leaders: what the row hangs on stays as it is.
SETTLED_STATES = (ReviewState.SUBMITTED, *CONFIRMED_STATES)


class ReviewedQuerySet(models.QuerySet):
    """Reviewed rows by state and by who may see them."""

    def visible_to(self, user: User) -> Self:
        """Confirmed rows of organs that the user sees, and all rows of those whose drafts the user sees."""
        return self.filter(
            (scope(user, Right.VIEW).q("organ__path") & Q(state__in=CONFIRMED_STATES))
            | scope(user, Right.VIEW_DRAFTS).q("organ__path")
        )

    def current(self) -> Self:
        """The versions that count: approved, not superseded, not retracted."""
        return self.filter(state=ReviewState.APPROVED, superseded_at__isnull=True)

    def current_as_of(self, moment: datetime) -> Self:
        """The versions that counted at a past moment."""
        return self.filter(
            Q(superseded_at__isnull=True) | Q(superseded_at__gt=moment),
            Q(retracted_at__isnull=True) | Q(retracted_at__gt=moment),
            state__in=CONFIRMED_STATES,
            approved_at__lte=moment,
        )

    def open(self) -> Self:
        """Versions that are still on their way."""
        return self.filter(state__in=OPEN_STATES)

    def live(self) -> Self:
        """What counts and what is on its way: neither superseded nor retracted."""
        return self.filter(superseded_at__isnull=True).exclude(state=ReviewState.RETRACTED)

    def kept_by(self, user: User) -> Self:
        """Rows in the user's care: handed over to them, or entered by them and not handed over."""
        return self.filter(Q(keeper=user) | Q(keeper__isnull=True, created_by=user))

    def heads(self) -> Self:
        """Each thing once: the version that counts, or its first one on its way; no open corrections."""
        return self.live().filter(Q(state=ReviewState.APPROVED) | Q(previous__isnull=True))


class Reviewed(models.Model):
    """A row of an organ that counts only when a second person has approved it; corrected by new versions."""

    #: Fields that stay open to change after approval.
    OPEN_AFTER_APPROVAL: frozenset[str] = frozenset()

    organ = models.ForeignKey(Organ, models.PROTECT, verbose_name="机关单位")
    state = models.CharField(
        "审核状态", max_length=10, choices=ReviewState, default=ReviewState.DRAFT, editable=False
    )
    version = models.PositiveSmallIntegerField("版本", default=1, editable=False)
    previous_id: int | None
    previous = models.ForeignKey(
        "self",
        models.PROTECT,
        null=True,
        related_name="next_versions",
        verbose_name="上一版本",
        editable=False,
    )
    reason = models.CharField("更正理由", max_length=200, blank=True, editable=False)
    hands = ArrayField(models.BigIntegerField(), default=list, verbose_name="经手人", editable=False)
    created_by = models.ForeignKey(
        User, models.PROTECT, related_name="+", verbose_name="录入人", editable=False
    )
    #: Whoever took the row over (empty: who entered it); who had a hand in it stays in `hands`.
    keeper = models.ForeignKey(
        User, models.PROTECT, null=True, related_name="+", verbose_name="经办人", editable=False
    )
    created_at = models.DateTimeField("录入时间", default=timezone.now, editable=False)
    submitted_by = models.ForeignKey(
        User, models.PROTECT, null=True, related_name="+", verbose_name="报审人", editable=False
    )
    submitted_at = models.DateTimeField("报审时间", null=True, editable=False)
    approved_by = models.ForeignKey(
        User, models.PROTECT, null=True, related_name="+", verbose_name="审核人", editable=False
    )
    approved_at = models.DateTimeField("审核时间", null=True, editable=False)
    superseded_at = models.DateTimeField("被更正时间", null=True, editable=False)
    retracted_by = models.ForeignKey(
        User, models.PROTECT, null=True, related_name="+", verbose_name="撤销人", editable=False
    )
    retracted_at = models.DateTimeField("撤销时间", null=True, editable=False)
    changed_at = models.DateTimeField("最近改动时间", default=timezone.now, editable=False)

    objects: ClassVar[Any] = ReviewedQuerySet.as_manager()

    class Meta:
        abstract = True

    @property
    def is_current(self) -> bool:
        """Whether this version counts."""
        return self.state == ReviewState.APPROVED and self.superseded_at is None

    @property
    def is_head(self) -> bool:
        """Whether others may refer to this version (see `heads`)."""
        return self.is_current or (self.state in OPEN_STATES and self.previous_id is None)

    def held_days(self) -> tuple[date, date] | None:
        """First day and day after the last that the row tells of; None where it tells of no days."""
        return None


def reviewed_constraints(model: str) -> list[BaseConstraint]:
    """What no reviewed row may ever be; `model` begins the names."""
    approved, retracted = Q(state=ReviewState.APPROVED), Q(state=ReviewState.RETRACTED)
    confirmed = Q(state__in=CONFIRMED_STATES)
    return [
        models.CheckConstraint(
            name=f"{model}_approved_by_someone",
            condition=(
                confirmed
                & Q(approved_by__isnull=False, approved_at__isnull=False, submitted_by__isnull=False)
            )
            | (~confirmed & Q(approved_by__isnull=True, approved_at__isnull=True)),
        ),
        models.CheckConstraint(
            name=f"{model}_retracted_by_someone",
            condition=(retracted & Q(retracted_by__isnull=False, retracted_at__isnull=False))
            | (~retracted & Q(retracted_by__isnull=True, retracted_at__isnull=True)),
        ),
        models.CheckConstraint(
            name=f"{model}_four_eyes",
            condition=Q(approved_by__isnull=True) | ~Q(hands__contains=[F("approved_by_id")]),
            violation_error_message="录入、修改或报审过的人不能自己审核。",
        ),
        models.CheckConstraint(
            name=f"{model}_only_approved_superseded", condition=Q(superseded_at__isnull=True) | approved
        ),
        models.CheckConstraint(
            name=f"{model}_correction_has_reason",
            condition=Q(version=1, previous__isnull=True)
            | (Q(version__gt=1, previous__isnull=False) & ~Q(reason="")),
            violation_error_message="更正要写明理由。",
        ),
        models.UniqueConstraint(
            name=f"{model}_one_open_correction",
            fields=("previous",),
            condition=Q(state__in=OPEN_STATES),
            violation_error_message="这一条已经有一份更正在办理。",
        ),
        models.UniqueConstraint(
            name=f"{model}_one_current_correction",
            fields=("previous",),
            condition=approved,
        ),
    ]


def series_constraints(model: str, *series: str) -> list[BaseConstraint]:
    """One open version and one current version for each series, which the fields name together."""
    return [
        models.UniqueConstraint(
            name=f"{model}_one_open_version",
            fields=series,
            condition=Q(state__in=OPEN_STATES),
            violation_error_message="同一单位、同一事项已有一份在办理，请在那一份上修改。",
        ),
        models.UniqueConstraint(
            name=f"{model}_one_current_version",
            fields=series,
            condition=Q(state=ReviewState.APPROVED, superseded_at__isnull=True),
            violation_error_message="同一单位、同一事项已有审核过的一份，请用“更正”。",
        ),
    ]


class ReviewStepQuerySet(models.QuerySet["ReviewStep"]):
    """Steps by who may see what was moved."""

    def visible_to(self, user: User) -> "ReviewStepQuerySet":
        """Steps of rows that the user may see."""
        seen = Q(pk__in=[])
        for model in Reviewed.__subclasses__():
            rows = model._default_manager.visible_to(user)
            kind = ContentType.objects.get_for_model(model)
            seen |= Q(target_type=kind, target_id__in=rows.values("pk"))
        return self.filter(seen)


class ReviewStep(models.Model):
    """Who moved a row from which review state to which (审核记录), with which words."""

    target_type = models.ForeignKey(ContentType, models.PROTECT, verbose_name="对象类别")
    target_id = models.BigIntegerField("对象编号")
    target = GenericForeignKey("target_type", "target_id")
    step = models.CharField("步骤", max_length=20)
    before = models.CharField("原状态", max_length=10)
    after = models.CharField("新状态", max_length=10)
    by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name="经办人")
    at = models.DateTimeField("时间", default=timezone.now)
    note = models.TextField("意见", blank=True)

    objects = ReviewStepQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "审核记录"
        ordering = ("at", "pk")
        indexes = [models.Index(fields=("target_type", "target_id"), name="review_step_by_target")]

    def __str__(self) -> str:
        return f"{self.by} {AuditVerb(self.step).label}"
