"""What was done by whom."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils import timezone

from organs.models.organ import Organ
from organs.models.roles import Role
from organs.models.user import User


class AuditVerb(models.TextChoices):
    """What was done."""

    CREATE = "create", "新增"
    CHANGE = "change", "修改"
    DELETE = "delete", "删除"
    RESTORE = "restore", "恢复"
    FORGET = "forget", "清空回收站"
    SUBMIT = "submit", "报审"
    APPROVE = "approve", "审核通过"
    RETURN = "return", "退回"
    WITHDRAW = "withdraw", "撤回"
    RETRACT = "retract", "撤销"
    CORRECT = "correct", "更正"
    CLOSE = "close", "申请销号"
    APPROVE_CLOSING = "approve_closing", "同意销号"
    RETURN_CLOSING = "return_closing", "退回销号"
    WITHDRAW_CLOSING = "withdraw_closing", "撤回销号申请"
    REOPEN = "reopen", "重新打开"
    INSTRUCT = "instruct", "批示"
    ANSWER = "answer", "答复批示"
    ASK_AGAIN = "ask_again", "再次批示"
    SETTLE = "settle", "办结批示"
    LOGIN = "login", "登录"
    LOGOUT = "logout", "退出"
    LOGIN_FAILED = "login_failed", "登录失败"
    LOCKED_OUT = "locked_out", "登录锁定"
    UNLOCK = "unlock", "解除锁定"
    DOWNLOAD = "download", "下载"
    EXPORT = "export", "导出"
    SEAL = "seal", "封存"


#: What changes no row: whether and when somebody was there is for auditors alone.
NO_WRITES = (
    AuditVerb.LOGIN,
    AuditVerb.LOGOUT,
    AuditVerb.LOGIN_FAILED,
    AuditVerb.LOCKED_OUT,
    AuditVerb.DOWNLOAD,
    AuditVerb.EXPORT,
)


class AuditEventQuerySet(models.QuerySet["AuditEvent"]):
    """Events by who may read them and what they tell of."""

    def visible_to(self, user: User) -> AuditEventQuerySet:
        """Events of organs that the user audits; those of no organ, or of a deleted one, for auditors of a whole tree.

        Asked by the organ's number: paths change when siblings change places.
        """
        audits = user.scope([Role.AUDITOR])
        if audits.everything:
            return self.all()
        audited = Organ.objects.filter(audits.q("path"))
        seen = Q(organ_id__in=audited.values("pk"))
        if audited.filter(depth=1).exists():
            seen |= ~Q(organ_id__in=Organ.objects.values("pk"))
        return self.filter(seen)

    def about(self, row: models.Model) -> AuditEventQuerySet:
        """What happened to a row."""
        return self.filter(target_type=row._meta.label_lower, target_id=row.pk)

    def writes(self) -> AuditEventQuerySet:
        """Without what changed no row, such as signing in."""
        return self.exclude(verb__in=NO_WRITES)


class AuditEvent(models.Model):
    """One thing done (审计记录): append-only, without foreign keys, so that nothing can be removed from under it."""

    at = models.DateTimeField("时间", default=timezone.now, editable=False)
    user_id = models.BigIntegerField("用户编号", null=True)
    user_name = models.CharField("用户", max_length=200, blank=True)
    roles = models.CharField("角色", max_length=200, blank=True, help_text="当时在该单位的角色。")
    organ_id = models.BigIntegerField("单位编号", null=True)
    organ_name = models.CharField("单位", max_length=100, blank=True)
    address = models.CharField("来源地址", max_length=45, blank=True)
    verb = models.CharField("动作", max_length=20, choices=AuditVerb)
    target_type = models.CharField("对象类别", max_length=50, blank=True)
    target_id = models.BigIntegerField("对象编号", null=True)
    target_name = models.CharField("对象", max_length=300, blank=True)
    before = models.TextField("原内容", blank=True)
    after = models.TextField("新内容", blank=True)
    note = models.TextField("说明", blank=True)

    objects = AuditEventQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "审计记录"
        ordering = ("-at", "-pk")
        indexes = [
            models.Index(fields=("target_type", "target_id"), name="audit_by_target"),
            models.Index(fields=("organ_id", "at"), name="audit_by_organ"),
            models.Index(fields=("user_id", "at"), name="audit_by_user"),
            models.Index(fields=("verb", "at"), name="audit_by_verb"),
            models.Index(fields=("at", "id"), name="audit_by_time"),
        ]

    def __str__(self) -> str:
        return f"{self.user_name} {self.get_verb_display()} {self.target_name}"


class AuditLinkQuerySet(models.QuerySet["AuditLink"]):
    """Links by chain."""

    def visible_to(self, user: User) -> AuditLinkQuerySet:
        """Links of events that the user may read."""
        return self.filter(event__in=AuditEvent.objects.visible_to(user))

    def heads(self) -> AuditLinkQuerySet:
        """The last link of each chain."""
        return self.filter(number__isnull=False).order_by("chain", "-number").distinct("chain")


class AuditLink(models.Model):
    """The place of an event in the chain of its organ (链环).

    The database gives `number` and `hash` when the transaction commits (see organs.chain); until then both are empty.
    """

    event = models.OneToOneField(
        AuditEvent,
        models.DO_NOTHING,
        primary_key=True,
        db_constraint=False,
        related_name="link",
        verbose_name="审计记录",
    )
    chain = models.BigIntegerField("链", help_text="单位编号，没有单位的为0。")
    number = models.BigIntegerField("序号", null=True)
    digest = models.CharField("内容摘要", max_length=64)
    hash = models.CharField("校验值", max_length=64, blank=True)

    objects = AuditLinkQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "审计链环"
        constraints = [models.UniqueConstraint(name="audit_link_place", fields=("chain", "number"))]
        indexes = [
            models.Index(fields=("chain",), name="audit_link_waiting", condition=Q(number__isnull=True)),
        ]

    def __str__(self) -> str:
        return f"第{self.number}条"
