"""Proof: files, and what each of them proves."""

import secrets

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Q
from django.utils import timezone

from measures.models.action import Action, Activity
from measures.models.honour import Honour
from measures.models.observation import Observation
from organs.models import Organ, User
from organs.permissions import Right, scope

#: Kinds of rows that evidence may prove, as the link names them.
PROVEN = {"action": Action, "activity": Activity, "observation": Observation, "honour": Honour}


class EvidenceKind(models.TextChoices):
    """What a piece of evidence is."""

    DOCUMENT = "document", "文件"
    PHOTO = "photo", "照片"
    SHEET = "sheet", "表册"
    CERTIFICATE = "certificate", "证书奖牌"
    OTHER = "other", "其他"


def private_path(evidence: "Evidence", name: str) -> str:
    """A path that nobody guesses and that says nothing of the content."""
    token = secrets.token_hex(16)
    return f"evidence/{token[:2]}/{token}"


class EvidenceQuerySet(models.QuerySet["Evidence"]):
    """Evidence by who may see it."""

    def visible_to(self, user: User) -> "EvidenceQuerySet":
        """Evidence of organs whose drafts and proof the user sees, and what proves approved rows the user sees."""
        proving = EvidenceLink.objects.filter(_proves_what_is_seen(user)).values("evidence")
        return self.filter(
            scope(user, Right.VIEW_DRAFTS).q("organ__path")
            | (scope(user, Right.VIEW).q("organ__path") & Q(pk__in=proving))
        )


def _proves_what_is_seen(user: User) -> Q:
    """A condition on links: what they prove is a row that the user may see."""
    seen = Q(pk__in=[])
    for name, model in PROVEN.items():
        seen |= Q(**{f"{name}__in": model.objects.visible_to(user).values("pk")})
    return seen


class Evidence(models.Model):
    """A piece of evidence (佐证材料): a file whose content is known by its SHA-256."""

    organ = models.ForeignKey(Organ, models.PROTECT, related_name="evidence", verbose_name="机关单位")
    file = models.FileField("文件", upload_to=private_path, max_length=200)
    name = models.CharField("文件名", max_length=200, editable=False)
    content_type = models.CharField("类型", max_length=100, editable=False)
    size = models.PositiveIntegerField("字节数", editable=False)
    sha256 = models.CharField("校验值", max_length=64, editable=False, db_index=True)
    upload_sha256 = models.CharField("上传时的校验值", max_length=64, editable=False, db_index=True)
    caption = models.CharField("说明", max_length=100, help_text="这份材料是什么，如“签到表”。")
    kind = models.CharField("种类", max_length=12, choices=EvidenceKind, default=EvidenceKind.DOCUMENT)
    document_number = models.CharField("文号", max_length=50, blank=True)
    day = models.DateField("材料日期", null=True, blank=True)
    uploaded_by = models.ForeignKey(
        User, models.PROTECT, related_name="+", verbose_name="上传人", editable=False
    )
    uploaded_at = models.DateTimeField("上传时间", default=timezone.now, editable=False)

    objects = EvidenceQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "佐证材料"
        ordering = ("-uploaded_at", "-pk")

    def __str__(self) -> str:
        return self.caption

    def clean(self) -> None:
        """No document is of tomorrow."""
        if self.day and self.day > timezone.localdate():
            raise ValidationError({"day": "材料日期不能在将来。"})


class EvidenceLinkQuerySet(models.QuerySet["EvidenceLink"]):
    """Links by who may see the evidence and what it proves."""

    def visible_to(self, user: User) -> "EvidenceLinkQuerySet":
        """Links of evidence that the user may see to rows that the user may see.

        Evidence of an organ that the user sees proves, by this very link, a row that the user may see.
        """
        return self.of_seen(user).filter(_proves_what_is_seen(user))

    def of_seen(self, user: User) -> "EvidenceLinkQuerySet":
        """Links of evidence of organs that the user sees; to be narrowed to rows that the user may see."""
        seen = scope(user, Right.VIEW).q("evidence__organ__path")
        drafts = scope(user, Right.VIEW_DRAFTS).q("evidence__organ__path")
        return self.filter(seen | drafts)

    def with_proven(self) -> "EvidenceLinkQuerySet":
        """With all that the names of what they prove are made of."""
        return self.select_related(
            "action", "activity", "observation__metric__unit", "observation__organ", "honour"
        )


class EvidenceLink(models.Model):
    """One piece of evidence proves exactly one action, activity, observation or honour."""

    evidence = models.ForeignKey(Evidence, models.PROTECT, related_name="links", verbose_name="佐证材料")
    action = models.ForeignKey(
        Action, models.PROTECT, null=True, blank=True, related_name="proofs", verbose_name="举措"
    )
    activity = models.ForeignKey(
        Activity, models.PROTECT, null=True, blank=True, related_name="proofs", verbose_name="活动"
    )
    observation = models.ForeignKey(
        Observation, models.PROTECT, null=True, blank=True, related_name="proofs", verbose_name="数值"
    )
    honour = models.ForeignKey(
        Honour, models.PROTECT, null=True, blank=True, related_name="proofs", verbose_name="荣誉"
    )
    by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name="关联人", editable=False)
    at = models.DateTimeField("关联时间", default=timezone.now, editable=False)
    after_approval = models.BooleanField("审核后补充", default=False, editable=False)

    objects = EvidenceLinkQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "佐证关系"
        ordering = ("at", "pk")
        constraints = [
            models.CheckConstraint(
                name="evidence_link_proves_one_thing",
                condition=Q(action__isnull=False, activity=None, observation=None, honour=None)
                | Q(action=None, activity__isnull=False, observation=None, honour=None)
                | Q(action=None, activity=None, observation__isnull=False, honour=None)
                | Q(action=None, activity=None, observation=None, honour__isnull=False),
                violation_error_message="一份佐证一次只证明一件事：举措、活动、数值、荣誉里选一个。",
            ),
            *[
                models.UniqueConstraint(
                    name=f"evidence_link_{what}_once",
                    fields=("evidence", what),
                    violation_error_message="这份材料已经关联过了。",
                )
                for what in ("action", "activity", "observation", "honour")
            ],
        ]

    def __str__(self) -> str:
        return f"{self.evidence} → {self.proven}"

    @property
    def proven(self) -> Action | Activity | Observation | Honour | None:
        """What the evidence proves."""
        return self.action or self.activity or self.observation or self.honour
