"""Accounts, and their roles on organs from day to day."""

from __future__ import annotations

from collections.abc import Collection
from copy import copy
from dataclasses import replace
from datetime import date
from typing import Any

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.auth.models import PermissionsMixin
from django.contrib.auth.validators import UnicodeUsernameValidator
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Func, Q
from django.utils import timezone

from organs.asking import Question, Together
from organs.models.organ import Organ
from organs.models.roles import ENTERING, REVIEWING, SEEING, Role
from organs.scope import Scope


class UserManager(BaseUserManager["User"]):
    """Makes accounts."""

    def visible_to(self, user: User) -> models.QuerySet[User]:
        """The user's own account, and those with a role on an organ that the user administers.

        Accounts without any role, and those of technical administrators, are seen by these alone.
        """
        if user.is_superuser and user.is_active:
            return self.all()
        held = Membership.objects.filter(user.scope([Role.STEWARD]).q("organ__path"))
        return self.filter(Q(pk__in=held.values("user"), is_superuser=False) | Q(pk=user.pk))

    def known(self, pk: int) -> User | None:
        """The account of this key, if there is one, with today's memberships."""
        user, held = _WITH_POSTS.rows([pk], [pk, timezone.localdate()])
        if user:
            user.hold(sorted(held, key=lambda post: (post.organ.path, post.role, post.pk)))
        return user

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
    email = models.EmailField(
        "办公邮箱", blank=True, help_text="收提醒用，只填工作邮箱；不填就只在系统里提醒。"
    )
    is_active = models.BooleanField("启用", default=True, help_text="离岗时去掉勾选，不要删除账号。")
    must_change_password = models.BooleanField("须先改密码", default=False, editable=False)
    date_joined = models.DateTimeField("建立时间", default=timezone.now, editable=False)
    hints_away = ArrayField(
        models.CharField(max_length=20), verbose_name="不再提示", default=list, blank=True, editable=False
    )

    #: Of an account that `known` has found: what tells it from the same one changed.
    stamp: str

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

    def put_away(self, hint: str) -> None:
        """Show a hint no more. No audit event: it is no deed of the ledger, and nobody keeps a record of who looked where."""
        self.hints_away = sorted({*self.hints_away, hint})
        self.save(update_fields=["hints_away"])

    @property
    def title(self) -> str:
        """Name and post as they stand on a passport (溯源卡)."""
        return f"{self.name}（{self.post}）" if self.post else self.name

    @property
    def may_enter(self) -> bool:
        """Whether the entry pages are open to the user today."""
        return bool(self.scope(ENTERING))

    @property
    def may_view(self) -> bool:
        """Whether figures of some organ are open to the user today."""
        return bool(self.scope(SEEING))

    @property
    def may_audit(self) -> bool:
        """Whether the audit trail of some organ is open to the user today."""
        return bool(self.scope([Role.AUDITOR]))

    @property
    def may_review(self) -> bool:
        """Whether the reviewer's page is open to the user today."""
        return bool(self.scope(REVIEWING))

    @property
    def may_administer(self) -> bool:
        """Whether accounts of some organ are the user's to see to today."""
        return bool(self.scope([Role.STEWARD]))

    def scope(self, roles: Collection[Role]) -> Scope:
        """What the user's memberships in these roles reach today; everything for a superuser. Reckoned once, as they are."""
        if not self.is_active:
            return Scope()
        held = self.current_memberships()
        known: dict[tuple[bool, frozenset[Role]], Scope] = self.__dict__.setdefault("_scopes", {})
        if (asked := (self.is_superuser, frozenset(roles))) not in known:
            reached = [(m.organ.path, m.with_below) for m in held if m.role in asked[1]]
            known[asked] = Scope.of([*reached, ("", True)] if self.is_superuser else reached)
        return known[asked]

    def nearest_scope(self, roles: Collection[Role]) -> Scope:
        """As `scope`, without the organs to which somebody else in one of these roles is nearer."""
        holders = ((m.organ.path, m.with_below) for m in self.holders(roles))
        return replace(self.scope(roles), nearer=Scope.of(holders))

    def current_memberships(self) -> list[Membership]:
        """Today's memberships with their organs, fetched once for each instance."""
        if "_current_memberships" not in self.__dict__:
            self.hold(_POSTS.rows(self.pk, timezone.localdate()))
        return self._current_memberships

    def hold(self, posts: list[Membership]) -> None:
        """Take these for today's memberships, in their order."""
        self._current_memberships = posts
        for held in posts:
            held.user = self

    def anew(self) -> User:
        """A copy of the account with the same memberships, which shares nothing that one of them has reckoned."""
        names = [field.attname for field in self._meta.concrete_fields]
        user = User.from_db(self._state.db, names, [getattr(self, name) for name in names])
        user.stamp = self.stamp
        user.hold([copy(post) for post in self.current_memberships()])
        return user

    def holders(self, roles: Collection[Role]) -> list[Membership]:
        """Anybody's memberships in these roles today, with their organs; fetched once for each instance, too."""
        known: dict[frozenset[Role], list[Membership]] = self.__dict__.setdefault("_holders", {})
        if (asked := frozenset(roles)) not in known:
            rows = Membership.objects.active().filter(role__in=asked, user__is_active=True)
            known[asked] = list(rows.select_related("organ").order_by())
        return known[asked]


class PasswordRecordQuerySet(models.QuerySet["PasswordRecord"]):
    """Passwords that people have had."""

    def visible_to(self, user: User) -> PasswordRecordQuerySet:
        """Nobody looks at them."""
        return self.none()


class PasswordRecord(models.Model):
    """The hash of a password that a person has had (用过的密码), kept to refuse it when it comes again."""

    user = models.ForeignKey(User, models.CASCADE, related_name="password_records", verbose_name="用户")
    password = models.CharField("密码", max_length=128)

    objects = PasswordRecordQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "用过的密码"
        ordering = ("-pk",)

    def __str__(self) -> str:
        return f"{self.user}用过的密码"


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

    def reaches(self, organ: Organ) -> bool:
        """Whether the role holds on the organ."""
        return self.organ == organ or (self.with_below and organ.path.startswith(self.organ.path))


_POSTS = Question(
    lambda user, day: Membership.objects.filter(user=user).active(day).select_related("organ"), -1, date.min
)
#: The transaction that wrote an account, and its place in the table, which is another one after each change.
STAMP: Any = {
    "stamp": Func(
        template="organs_user.xmin::text || organs_user.ctid::text", output_field=models.CharField()
    )
}
_WITH_POSTS = Together(
    Question(lambda pk: User.objects.filter(pk=pk).annotate(**STAMP).order_by(), -1), _POSTS
)
