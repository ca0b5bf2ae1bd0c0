"""Entry pages for organs, their succession, accounts and roles."""

from typing import Any, cast

from django.contrib import admin, messages
from django.contrib.admin.utils import unquote
from django.contrib.auth.forms import UserCreationForm
from django.contrib.auth.models import Group
from django.core.exceptions import PermissionDenied
from django.db import models, transaction
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect

from organs.accounts import is_auditor, may_manage
from organs.admin_signin import SignInAdmin, with_locks
from organs.admin_site import LedgerAdminSite, drop_down, me
from organs.audit import record
from organs.door import OrganDoor, organ_of
from organs.forms import GuardedForm, MembershipForm, OrganForm
from organs.guarded import GuardedAdmin, GuardedInline, NamedFormSet, in_use
from organs.models import (
    AuditVerb,
    Membership,
    Organ,
    OrganKind,
    OrganSuccession,
    PartyKind,
    Role,
    User,
)
from organs.permissions import Right, can, scope

site = cast(LedgerAdminSite, admin.site)


class AdministeredAdmin(GuardedAdmin):
    """Pages for the stewards of an area."""

    door = OrganDoor()

    def may_see_any(self, user: User) -> bool:
        """Stewards only."""
        return bool(scope(user, Right.ADMINISTER))

    def may_write(self, user: User, row: models.Model | None = None) -> bool:
        """Within the area that the steward administers."""
        organ = organ_of(row) if row else None
        return can(user, Right.ADMINISTER, organ) if organ else bool(scope(user, Right.ADMINISTER))

    def may_delete(self, user: User, row: models.Model | None = None) -> bool:
        """What nothing hangs on."""
        return self.may_write(user, row) and not (row and in_use(row))


@admin.register(Organ)
class OrganAdmin(AdministeredAdmin):
    """Organs as an indented list in official order."""

    form = OrganForm
    menu_place = 10
    list_display = ("indented", "short_name", "kind", "party_kind", "office", "telephone", "active_to")
    list_display_links = ("indented",)
    list_filter = (
        drop_down("kind", "类别", lambda user: OrganKind.choices),
        drop_down("party_kind", "党组织形式", lambda user: PartyKind.choices),
    )
    search_fields = ("name", "short_name")
    sounding = ("name", "short_name")
    search_help_text = "按全称、简称或拼音首字母找"
    ordering = ("path",)
    sortable_by = ()
    list_per_page = 200
    fields = (
        "superior",
        "name",
        "short_name",
        "kind",
        "party_kind",
        "office",
        "telephone",
        "active_from",
        "active_to",
    )
    change_form_template = "admin/organ_form.html"

    @admin.display(description="单位（按法定次序）")
    def indented(self, organ: Organ) -> str:
        """The name, set in by its depth."""
        return "　" * (organ.depth - 1) + organ.name

    def get_fields(self, request: HttpRequest, obj: Organ | None = None) -> tuple[str, ...]:
        """An organ that exists is never moved below another one."""
        return self.fields[1:] if obj else self.fields

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        """Organs of the area."""
        return Organ.objects.filter(scope(me(request), Right.ADMINISTER).q("path"))

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: Any = None,
    ) -> HttpResponse:
        """The form, and the two buttons that change the order among siblings."""
        if request.method == "POST" and object_id and (way := request.POST.get("_move")):
            return self._move(request, self.get_object(request, unquote(object_id)), way)
        organ = self.get_object(request, unquote(object_id)) if object_id else None
        context = {"may_move": organ is not None and may_order(me(request), organ)}
        return super().changeform_view(request, object_id, form_url, context | (extra_context or {}))

    def _move(self, request: HttpRequest, organ: Organ, way: str) -> HttpResponse:
        if not may_order(me(request), organ):
            raise PermissionDenied
        neighbour = (
            Organ.objects.get_prev_sibling(organ) if way == "up" else Organ.objects.get_next_sibling(organ)
        )
        if neighbour is None:
            self.message_user(request, "已经排在最前或最后。", messages.WARNING)
            return redirect(request.path)
        with transaction.atomic():
            Organ.objects.move(organ, neighbour, "left" if way == "up" else "right")
            organ.refresh_from_db()
            said = f"排到“{neighbour}”之{'前' if way == 'up' else '后'}"
            record(AuditVerb.CHANGE, organ, by=me(request), organ=organ, note=said)
        self.message_user(request, f"已{said}。", messages.SUCCESS)
        return redirect(request.path)


def may_order(user: User, organ: Organ) -> bool:
    """Whether the user may change the organ's place among its siblings: it is the superior's to say."""
    superior = Organ.objects.get_parent(organ)
    return can(user, Right.ADMINISTER, superior) if superior else scope(user, Right.ADMINISTER).everything


@admin.register(OrganSuccession)
class SuccessionAdmin(AdministeredAdmin):
    """How organs followed each other."""

    menu_place = 20
    list_display = ("day", "predecessor", "kind", "successor")
    list_select_related = ("predecessor", "successor")
    date_hierarchy = "day"

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        """Those of the area."""
        return (
            super().get_queryset(request).filter(scope(me(request), Right.ADMINISTER).q("predecessor__path"))
        )


class RolesFormSet(NamedFormSet):
    """The roles of one account."""

    default_error_messages = {
        **NamedFormSet.default_error_messages,
        "too_few_forms": "请至少留一行任职：没有任职的账号，工委管理员就管不到了。离岗的请填截止日或停用账号。",
    }


class MembershipInline(GuardedInline):
    """The roles of an account: only by them do stewards see it, so it always keeps one."""

    door = OrganDoor()
    model = Membership
    form = MembershipForm
    formset = RolesFormSet
    fields = ("organ", "role", "with_below", "first_day", "last_day")

    def may_see_any(self, user: User) -> bool:
        """Stewards only."""
        return bool(scope(user, Right.ADMINISTER))

    def may_write(self, user: User, row: models.Model | None = None) -> bool:
        """Where the account may be changed."""
        return self.may_see_any(user)

    def get_formset(self, request: HttpRequest, obj: User | None = None, **kwargs: Any) -> Any:
        """At least one row, but for technical administrators."""
        least = 0 if me(request).is_superuser else 1
        return super().get_formset(request, obj, **kwargs, min_num=least, validate_min=True)

    def get_extra(self, request: HttpRequest, obj: User | None = None, **kwargs: Any) -> int:
        """An empty row for a new account of a technical administrator."""
        return int(obj is None and me(request).is_superuser)


class NewUserForm(GuardedForm, UserCreationForm):
    """A new account with its first password."""

    class Meta(UserCreationForm.Meta):
        model = User
        fields = ("username", "name", "post", "email")


@admin.register(User)
class UserAdmin(AdministeredAdmin, SignInAdmin):
    """Accounts; roles stand below, a superuser is made only by a superuser."""

    form = GuardedForm
    add_form = NewUserForm
    menu_place = 30
    list_display = ("name", "username", "post", "is_active", "locked", "roles")
    list_filter = (
        drop_down("is_active", "启用", lambda user: [("True", "启用"), ("False", "停用")]),
        drop_down("role", "角色", lambda user: Role.choices, lookup="memberships__role"),
    )
    search_fields = ("username", "name", "post", "email")
    sounding = ("name",)
    ordering = ("username",)
    filter_horizontal = ()
    fieldsets = ((None, {"fields": ("username", "name", "post", "email", "is_active")}),)
    add_fieldsets = (
        (
            None,
            {
                "fields": ("username", "name", "post", "email", "password1", "password2"),
                "description": "密码当面或打电话告诉本人；本人第一次登录时须先改成只有自己知道的。",
            },
        ),
    )
    change_form_template = "admin/user_form.html"
    add_form_template = "admin/form.html"

    def get_fieldsets(self, request: HttpRequest, obj: User | None = None) -> Any:
        """The flag of the technical administrator only for such a one."""
        if obj and me(request).is_superuser:
            return ((None, {"fields": (*self.fieldsets[0][1]["fields"], "is_superuser")}),)
        return super().get_fieldsets(request, obj)

    def get_inlines(self, request: HttpRequest, obj: User | None) -> list[Any]:
        """Roles, but nobody sees to their own."""
        own = obj == me(request) and not me(request).is_superuser
        return [MembershipInline] if not own and self.may_write(me(request), obj) else []

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        """Those of the area."""
        return with_locks(User.objects.visible_to(me(request))).prefetch_related("memberships__organ")

    def may_write(self, user: User, row: models.Model | None = None) -> bool:
        """An account all of whose roles lie in the steward's area: its password opens all of them; no auditor's."""
        return may_manage(user, row) if isinstance(row, User) else bool(scope(user, Right.ADMINISTER))

    def may_delete(self, user: User, row: models.Model | None = None) -> bool:
        """Accounts are switched off, not deleted: what they entered names them."""
        return False

    @admin.display(description="角色")
    def roles(self, user: User) -> str:
        """Roles and where they hold."""
        return (
            "；".join(f"{m.organ.label}{m.get_role_display()}" for m in user.memberships.all()) or "（未设）"
        )


@admin.register(Membership)
class MembershipAdmin(AdministeredAdmin):
    """Who holds which role where."""

    form = MembershipForm
    menu_place = 40
    list_display = ("organ", "user", "role", "with_below", "first_day", "last_day")
    list_display_links = ("user",)
    list_select_related = ("organ", "user")
    list_filter = (drop_down("role", "角色", lambda user: Role.choices),)
    search_fields = ("user__name", "user__username", "organ__name")
    autocomplete_fields = ("user",)

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        """Roles in the area."""
        return Membership.objects.filter(scope(me(request), Right.ADMINISTER).q("organ__path"))

    def may_write(self, user: User, row: models.Model | None = None) -> bool:
        """Neither one's own nor an auditor's."""
        kept = isinstance(row, Membership) and (row.user_id == user.pk or is_auditor(row.user))
        return (user.is_superuser or not kept) and super().may_write(user, row)

    def may_delete(self, user: User, row: models.Model | None = None) -> bool:
        """Not the last one of an account, by which stewards see it."""
        last = isinstance(row, Membership) and row.user.memberships.count() == 1
        return (user.is_superuser or not last) and super().may_delete(user, row)


def choices(field: models.Field, user: User) -> QuerySet | None:
    """What a steward may choose in the fields of this app."""
    if field.model in (Membership, OrganSuccession) and field.related_model is Organ:
        return Organ.objects.filter(scope(user, Right.ADMINISTER).q("path"))
    if field.model is Membership and field.related_model is User:
        return User.objects.visible_to(user)
    return None


site.choice_rules.append(choices)
# Rights come from roles alone; Django's groups would only mislead.
site.unregister(Group)
