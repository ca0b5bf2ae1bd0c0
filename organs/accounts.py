"""Accounts as stewards see to them: who may, what is refused, and the deeds, each with its audit events."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction

from organs.door import OrganDoor
from organs.models import Membership, Organ, Role, User
from organs.permissions import Right, scope
from organs.pinyin import user_name
from organs.signin import unlock

#: Without what is misread on paper or misheard on the telephone: 0 and o, 1 and l and i, u and v.
_SIGNS = "abcdefghjkmnpqrstwxyz23456789"
_PARTS, _LENGTH = 3, 4


@dataclass(frozen=True)
class Post:
    """A role on an organ, as it is given."""

    organ: Organ
    role: str
    with_below: bool = False

    @property
    def label(self) -> str:
        """The role in words."""
        return str(Role(self.role).label)


@dataclass(frozen=True)
class FirstPassword:
    """An account with the password that its person signs in with once; it is shown and never kept."""

    user: User
    password: str
    post: str = ""


@dataclass(frozen=True)
class Pending:
    """What an account still has in hand, in words, and where it is seen to."""

    words: str
    url: str
    action: str


#: What other apps know of what an account has in hand: for the account and for who asks.
pending_parts: list[Callable[[User, User], Pending | None]] = []


def pending(user: User, *, by: User) -> list[Pending]:
    """All that the account still has in hand."""
    return [found for part in pending_parts if (found := part(user, by)) is not None]


def is_auditor(user: User | None) -> bool:
    """Whether the account is, was or will be an auditor's: only the technical administrator sees to it."""
    return bool(user and user.pk and user.memberships.filter(role=Role.AUDITOR).exists())


def may_manage(by: User, user: User) -> bool:
    """An account all of whose roles lie in the steward's area: its password opens all of them; no auditor's."""
    administered = scope(by, Right.ADMINISTER)
    if by.is_superuser:
        return bool(administered)
    held = [m.organ.path in administered for m in user.memberships.select_related("organ")]
    return any(held) and all(held) and not user.is_superuser and not is_auditor(user)


def refused_role(by: User, user: User | None, post: Post) -> dict[str, str]:
    """Why somebody may not give the role, by field ("" for the whole): not to oneself, nor further than one reaches."""
    if by.is_superuser:
        return {}
    if user == by:
        return {"": "不能给自己设角色，请由另一位管理员办理。"}
    refused, reach = {}, scope(by, Right.ADMINISTER)
    if post.role == Role.AUDITOR or is_auditor(user):
        refused["role"] = "安全审计员由系统管理员设定。"
    if post.organ.path not in reach:
        refused["organ"] = f"“{post.organ}”不归您管理。"
    elif post.with_below and not any(post.organ.path.startswith(root) for root in reach.subtrees):
        refused["with_below"] = f"您不管理“{post.organ}”的下级单位，不能勾选。"
    return refused


def proposed_name(name: str, taken: Sequence[str] = ()) -> str:
    """A user name that nobody has, by the sound of the person's name: lina, then lina2; empty for a name without any."""
    if not (start := user_name(name)):
        return ""
    known = User.objects.filter(username__istartswith=start).values_list("username", flat=True)
    used = {used.lower() for used in (*known, *taken)}
    tried = (start if number == 1 else f"{start}{number}" for number in range(1, len(used) + 2))
    return next(name for name in tried if name not in used)


def first_password(user: User) -> str:
    """A password of three short groups that the rules for passwords take: 7kqm-x3hd-9wpz."""
    told = User(username=user.username, name=user.name, post=user.post)  # a new one was never used before
    while True:
        groups = ("".join(secrets.choice(_SIGNS) for _ in range(_LENGTH)) for _ in range(_PARTS))
        password = "-".join(groups)
        try:
            validate_password(password, told)
        except ValidationError:
            continue
        return password


@transaction.atomic
def create(user: User, post: Post, *, by: User) -> FirstPassword:
    """A new account with one role; raises PermissionDenied, or ValidationError, and then stores nothing."""
    if refused_role(by, None, post):
        raise PermissionDenied
    user.must_change_password = True
    password = first_password(user)
    user.set_password(password)
    user.full_clean()
    held = Membership(user=user, organ=post.organ, role=post.role, with_below=post.with_below)
    OrganDoor().create(user, by=by)
    OrganDoor().create(held, by=by)
    return FirstPassword(user, password, str(held))


@transaction.atomic
def reset_password(user: User, *, by: User) -> FirstPassword:
    """A password to begin with in place of the old one; ends a lock. Raises PermissionDenied."""
    _guard(user, by)
    password = first_password(user)
    user.must_change_password = True
    user.set_password(password)
    OrganDoor().change(user, by=by, note="重设密码")
    unlock(user, by=by)
    return FirstPassword(user, password)


@transaction.atomic
def give_role(user: User, post: Post, *, first_day: date | None, by: User) -> Membership:
    """One more role from a day on; raises PermissionDenied, or ValidationError if the account has it already."""
    _guard(user, by)
    if refused_role(by, user, post):
        raise PermissionDenied
    since = first_day or date.min
    for held in user.memberships.filter(organ=post.organ, role=post.role):
        if held.last_day is None or held.last_day >= since:
            raise ValidationError(f"“{user}”已经是{held}，不用再设；要改起止日期，请在后台的任职里改。")
    row = Membership(
        user=user, organ=post.organ, role=post.role, with_below=post.with_below, first_day=first_day
    )
    OrganDoor().create(row, by=by)
    return row


@transaction.atomic
def move(held: Membership, post: Post, *, first_day: date, by: User) -> Membership:
    """To another post (调岗): the old role ends on the day before. Raises PermissionDenied or ValidationError."""
    held = Membership.objects.select_for_update(of=("self",)).get(pk=held.pk)
    leave(held, last_day=first_day - timedelta(days=1), by=by)
    return give_role(held.user, post, first_day=first_day, by=by)


@transaction.atomic
def leave(held: Membership, *, last_day: date, by: User) -> None:
    """A role ends with a day; one that ends earlier stays as it is. Raises PermissionDenied or ValidationError."""
    _guard(held.user, by)
    if held.first_day and held.first_day > last_day:
        raise ValidationError({"first_day": f"这项任职从{held.first_day:%Y-%m-%d}开始，日期要晚于这一天。"})
    if held.last_day is None or held.last_day > last_day:
        held.last_day = last_day
        OrganDoor().change(held, by=by, note="调岗")


@transaction.atomic
def switch(user: User, active: bool, *, by: User) -> None:
    """Let the account in again, or no more; what it did keeps its name. Raises PermissionDenied."""
    _guard(user, by)
    if user.is_active != active:
        user.is_active = active
        OrganDoor().change(user, by=by, note="启用账号" if active else "停用账号")


def _guard(user: User, by: User) -> None:
    """Nobody sees to their own account here."""
    if user == by or not may_manage(by, user):
        raise PermissionDenied
