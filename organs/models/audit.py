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
    LOGIN = "login", "登录"
    LOGOUT = "logout", "退出"
    LOGIN_FAILED = "login_failed", "登录失败"
    LOCKED_OUT = "locked_out", "登录锁定"
    DOWNLOAD = "download", "下载"


class AuditEventQuerySet(models.QuerySet["AuditEvent"]):
    """Events by who may read them."""

    def visible_to(self, user: User) -> AuditEventQuerySet:
        """Events of organs that the user audits; those of no organ for auditors of a whole tree.

        Asked by the organ's number: paths change when siblings change places.
        """
        audited = Organ.objects.filter(user.scope([Role.AUDITOR]).q("path"))
        whole = audited.filter(depth=1).exists()
        nowhere = Q(organ_id__isnull=True) if whole else Q(pk__in=[])
        return self.filter(Q(organ_id__in=audited.values("pk")) | nowhere)


class AuditEvent(models.Model):
    """One thing done (审计记录): append-only, without foreign keys, so that nothing can be removed from under it."""

    at = models.DateTimeField("时间", default=timezone.now, editable=False)
    user_id = models.BigIntegerField("用户编号", null=True)
    user_name = models.CharField("用户", max_length=200, blank=True)
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
        ]

    def __str__(self) -> str:
        return f"{self.user_name} {self.get_verb_display()} {self.target_name}"
