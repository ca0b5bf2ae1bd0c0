"""WHO: organs, their order and succession, users and their roles, and what was done by whom."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.auth.models import PermissionsMixin
from django.contrib.auth.validators import UnicodeUsernameValidator
from django.core.validators import RegexValidator
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from treebeard.mp_tree import MP_Node, MP_NodeManager, MP_NodeQuerySet

from organs.scope import Scope


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


class Role(models.TextChoices):
    """What a membership makes of a user."""

    CLERK = "clerk", "填报员"
    REVIEWER = "reviewer", "审核员"
    LEADER = "leader", "领导"
    STEWARD = "steward", "工委管理员"
    AUDITOR = "auditor", "安全审计员"


#: Roles that see figures; an auditor reads the audit trail and nothing else.
SEEING = (Role.CLERK, Role.REVIEWER, Role.LEADER, Role.STEWARD)
#: Roles that have something to do, or to look up, in the entry pages.
ENTERING = (Role.CLERK, Role.REVIEWER, Role.STEWARD, Role.AUDITOR)


class OrganQuerySet(MP_NodeQuerySet):
    """Organs in official order: that of siblings in the tree."""

    def visible_to(self, user: User) -> OrganQuerySet:
        """The organs whose figures the user may see."""
        return self.filter(user.scope(SEEING).q("path"))

    def active_on(self, day: date) -> OrganQuerySet:
        """Organs that exist on the day."""
        return self.filter(
            Q(active_from__isnull=True) | Q(active_from__lte=day),
            Q(active_to__isnull=True) | Q(active_to__gt=day),
        )


class OrganManager(MP_NodeManager):
    """Treebeard's manager over our verbs."""

    def get_queryset(self) -> OrganQuerySet:
        """All organs in official order."""
        return OrganQuerySet(self.model, using=self._db).order_by("path")

    def visible_to(self, user: User) -> OrganQuerySet:
        """The organs whose figures the user may see."""
        return self.get_queryset().visible_to(user)


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


class SuccessionKind(models.TextChoices):
    """How one organ followed another."""

    RENAMED = "renamed", "更名"
    MERGED = "merged", "并入"
    SPLIT = "split", "分设"


class OrganSuccessionQuerySet(models.QuerySet["OrganSuccession"]):
    """What became of organs, by who sees them."""

    def visible_to(self, user: User) -> OrganSuccessionQuerySet:
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


class UserManager(BaseUserManager["User"]):
    """Makes accounts."""

    def visible_to(self, user: User) -> models.QuerySet[User]:
        """The user's own account, and those with a role on an organ that the user administers."""
        held = user.scope([Role.STEWARD]).q("organ__path")
        return self.filter(Q(pk__in=Membership.objects.filter(held).values("user")) | Q(pk=user.pk))

    def create_user(self, username: str, name: str, password: str | None = None, **fields: object) -> User:
        """A new account; without a password nobody can sign in with it."""
        user = self.model(username=self.model.normalize_username(username), name=name, **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def create_superuser(
        self, username: str, name: str, password: str | None = None, **fields: object
    ) -> User:
        """A new technical administrator."""
        return self.create_user(username, name, password, is_superuser=True, **fields)


class User(AbstractBaseUser, PermissionsMixin):
    """A person with an account; what they may do comes from their memberships alone."""

    username = models.CharField(
        "用户名",
        max_length=150,
        unique=True,
        validators=[UnicodeUsernameValidator()],
        help_text="登录用，可用字母、数字、汉字和 @ . + - _。",
        error_messages={"unique": "这个用户名已经有人用了。"},
    )
    name = models.CharField("姓名", max_length=50)
    post = models.CharField("职务", max_length=50, blank=True, help_text="如“机关党办主任”，溯源卡上显示。")
    is_active = models.BooleanField("启用", default=True, help_text="离岗时去掉勾选，不要删除账号。")
    date_joined = models.DateTimeField("建立时间", default=timezone.now, editable=False)

    objects = UserManager()

    USERNAME_FIELD = "username"
    REQUIRED_FIELDS = ["name"]

    class Meta:
        verbose_name = verbose_name_plural = "用户"
        ordering = ("username",)

    def __str__(self) -> str:
        return self.name or self.username

    def get_short_name(self) -> str:
        """The person's name."""
        return self.name

    @property
    def title(self) -> str:
        """Name and post as they stand on a passport (溯源卡)."""
        return f"{self.name}（{self.post}）" if self.post else self.name

    @property
    def may_enter(self) -> bool:
        """Whether the entry pages are open to the user today."""
        return bool(self.scope(ENTERING))

    def scope(self, roles: Collection[Role]) -> Scope:
        """What the user's memberships in these roles reach today; everything for a superuser, for nobody else."""
        if not self.is_active:
            return Scope()
        if self.is_superuser:
            return Scope(everything=True)
        held = [m for m in self.current_memberships() if m.role in roles]
        return Scope(
            organs=frozenset(m.organ.path for m in held if not m.with_below),
            subtrees=frozenset(m.organ.path for m in held if m.with_below),
        )

    def current_memberships(self) -> list[Membership]:
        """Today's memberships with their organs, fetched once for each instance (that is, each request)."""
        if "_current_memberships" not in self.__dict__:
            self._current_memberships = list(self.memberships.active().select_related("organ"))
        return self._current_memberships


class MembershipQuerySet(models.QuerySet["Membership"]):
    """Memberships by day."""

    def active(self, on: date | None = None) -> MembershipQuerySet:
        """Memberships in force on the day (today in Asia/Shanghai)."""
        day = on or timezone.localdate()
        return self.filter(
            Q(first_day__isnull=True) | Q(first_day__lte=day), Q(last_day__isnull=True) | Q(last_day__gte=day)
        )

    def visible_to(self, user: User) -> MembershipQuerySet:
        """Memberships on organs that the user administers, and the user's own."""
        return self.filter(user.scope([Role.STEWARD]).q("organ__path") | Q(user=user))


class Membership(models.Model):
    """A role on an organ, with or without all below it, from a day to a day (任职)."""

    user = models.ForeignKey(User, models.CASCADE, related_name="memberships", verbose_name="用户")
    organ = models.ForeignKey(Organ, models.PROTECT, related_name="memberships", verbose_name="机关单位")
    role = models.CharField("角色", max_length=10, choices=Role)
    with_below = models.BooleanField(
        "含下级", default=False, help_text="勾选后对该单位的所有下级单位同样有效。"
    )
    first_day = models.DateField("起始日", null=True, blank=True, help_text="不填表示一直有效。")
    last_day = models.DateField("截止日", null=True, blank=True, help_text="含当日；不填表示长期有效。")

    objects = MembershipQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "任职"
        ordering = ("organ__path", "role", "pk")
        constraints = [
            models.CheckConstraint(
                name="membership_days_in_order",
                condition=Q(first_day__isnull=True)
                | Q(last_day__isnull=True)
                | Q(first_day__lte=F("last_day")),
                violation_error_message="截止日不能早于起始日。",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.organ} {self.get_role_display()}"


class AuditVerb(models.TextChoices):
    """What was done."""

    CREATE = "create", "新增"
    CHANGE = "change", "修改"
    DELETE = "delete", "删除"
    SUBMIT = "submit", "报审"
    APPROVE = "approve", "审核通过"
    RETURN = "return", "退回"
    CORRECT = "correct", "更正"
    CLOSE = "close", "申请销号"
    APPROVE_CLOSING = "approve_closing", "同意销号"
    RETURN_CLOSING = "return_closing", "退回销号"
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
