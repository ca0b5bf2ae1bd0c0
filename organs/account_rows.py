"""Who has which right where: the rows of the list of accounts, its filter and its sheet."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import django_filters
from django.db.models import QuerySet
from django.utils import timezone

from organs.models import Membership, Organ, Role, User
from organs.permissions import Right, scope
from organs.pinyin import sounds_like
from organs.sheets import Sheet
from organs.signin import is_locked

IN_USE, TO_COME, OVER, OFF, NONE = "use", "come", "over", "off", "none"
STATES = {IN_USE: "在用", TO_COME: "未到任", OVER: "已到期", OFF: "停用", NONE: "没有任职"}
#: Asked for as a state, and told beside it.
LOCKED = ("locked", "已锁定")
HEADS = ("姓名", "用户名", "职务", "单位", "角色", "含下级", "起始日", "截止日", "状态")


@dataclass(frozen=True)
class AccountRow:
    """One role of an account, or an account without any; nothing of when somebody was there."""

    pk: int
    name: str
    username: str
    job: str
    state: str
    membership: int = 0
    organ: str = ""
    role: str = ""
    with_below: bool = False
    first_day: date | None = None
    last_day: date | None = None
    locked: bool = False

    @property
    def label(self) -> str:
        """The state in words."""
        return STATES[self.state]

    @property
    def days(self) -> str:
        """From when to when, in words."""
        if not (self.first_day or self.last_day):
            return "长期"
        ends = (f"{day:%Y-%m-%d}" if day else "" for day in (self.first_day, self.last_day))
        return "至".join(ends)


def row_of(held: Membership, today: date) -> AccountRow:
    """A membership, fetched with its user and organ, as the pages show it."""
    user = held.user
    if not user.is_active:
        state = OFF
    elif held.first_day and held.first_day > today:
        state = TO_COME
    else:
        state = OVER if held.last_day and held.last_day < today else IN_USE
    return AccountRow(
        *(user.pk, user.name, user.username, user.post, state, held.pk, held.organ.name),
        *(held.get_role_display(), held.with_below, held.first_day, held.last_day),
        locked=user.is_active and getattr(held, "locked", False),
    )


class AccountFilter(django_filters.FilterSet):
    """Words, an organ with all below it, a role, a state."""

    q = django_filters.CharFilter(label="姓名、用户名（可用拼音）", method="kept", max_length=50)
    organ = django_filters.ChoiceFilter(label="单位（含下级）", method="below", empty_label="全部")
    role = django_filters.ChoiceFilter(label="角色", choices=Role.choices, empty_label="全部")
    state = django_filters.ChoiceFilter(
        label="状态", method="kept", choices=[*STATES.items(), LOCKED], empty_label="全部"
    )

    class Meta:
        model = Membership
        fields = ("q", "organ", "role", "state")

    def __init__(self, *args: Any, by: User, organs: Sequence[Organ], **kwargs: Any) -> None:
        held = Membership.objects.filter(scope(by, Right.ADMINISTER).q("organ__path"))
        held = held.filter(user__in=User.objects.visible_to(by)).annotate(locked=is_locked("user__username"))
        held = held.select_related("user", "organ").order_by("organ__path", "role", "user__username", "pk")
        super().__init__(*args, queryset=held, **kwargs)
        self.by = by
        self.paths = {str(organ.pk): organ.path for organ in organs}
        self.filters["organ"].extra["choices"] = [
            (organ.pk, "　" * (organ.depth - 1) + organ.name) for organ in organs
        ]

    def kept(self, rows: QuerySet[Membership], name: str, value: str) -> QuerySet[Membership]:
        """Narrowed down by `rows` later: it asks for what no query knows."""
        return rows

    def below(self, rows: QuerySet[Membership], name: str, pk: str) -> QuerySet[Membership]:
        """Roles on the organ and all below it."""
        return rows.filter(organ__path__startswith=self.paths[pk])

    def rows(self) -> list[AccountRow]:
        """The rows asked for in official order, those without any role last; none for what was not understood."""
        if not self.form.is_valid():
            return []
        asked, today = self.form.cleaned_data, timezone.localdate()
        found = [row_of(held, today) for held in self.qs]
        if scope(self.by, Right.ADMINISTER).everything and not (asked["organ"] or asked["role"]):
            bare = User.objects.filter(memberships__isnull=True).annotate(locked=is_locked())
            found += [
                AccountRow(
                    *(u.pk, u.name, u.username, u.post, NONE if u.is_active else OFF),
                    locked=u.is_active and u.locked,
                )
                for u in bare
            ]
        return [row for row in found if _is_in(row, asked["state"]) and _has(row, asked["q"])]

    def in_words(self) -> str:
        """What was asked for, for the event that an export leaves."""
        named = [
            (field.label, dict(getattr(field, "choices", ())).get(value, value))
            for name, field in self.form.fields.items()
            if (value := self.form.cleaned_data.get(name))
        ]
        return "；".join(f"{label}：{str(said).strip()}" for label, said in named) or "全部"


def _is_in(row: AccountRow, state: str) -> bool:
    return row.locked if state == LOCKED[0] else state in ("", row.state)


def _has(row: AccountRow, typed: str) -> bool:
    said = typed.strip().lower()
    return said in row.name.lower() or said in row.username.lower() or sounds_like(said, row.name)


def sheet_of(rows: Iterable[AccountRow]) -> Sheet:
    """The rows as a spreadsheet for the yearly check."""
    return Sheet(
        "rights",
        "账号和任职",
        HEADS,
        tuple(
            (
                *(row.name, row.username, row.job, row.organ, row.role, "是" if row.with_below else "否"),
                *(row.first_day, row.last_day, "，".join([row.label, *([LOCKED[1]] if row.locked else [])])),
            )
            for row in rows
        ),
        basis="的账号",
    )
