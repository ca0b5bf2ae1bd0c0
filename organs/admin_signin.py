"""What a steward does about signing in: first passwords, and locks that wrong passwords have brought."""

from typing import Any, cast

from django.contrib import admin, messages
from django.contrib.admin.utils import unquote
from django.contrib.auth.admin import UserAdmin as BaseUserAdmin
from django.contrib.auth.forms import AdminPasswordChangeForm
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import URLPattern, path

from organs.admin_site import me
from organs.door import OrganDoor
from organs.guarded import GuardedAdmin
from organs.models import User
from organs.signin import is_locked, locks, unlock


def with_locks(users: QuerySet[User]) -> QuerySet[User]:
    """The users, each with whether it is locked out at present."""
    return users.annotate(locked=is_locked())


class NewPasswordForm(AdminPasswordChangeForm):
    """Always a password: nobody could sign in without one."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields.pop("usable_password", None)


class SignInAdmin(GuardedAdmin, BaseUserAdmin):
    """The part of the account's pages that passwords and locks stand on; its rows come `with_locks`."""

    change_password_form = NewPasswordForm
    change_user_password_template = "admin/password_form.html"

    @admin.display(description="登录锁定", ordering="locked")
    def locked(self, user: User) -> str:
        """Whether too many wrong passwords keep the person out at present."""
        return "◆ 已锁定" if cast(Any, user).locked else "未锁定"

    def save_model(self, request: HttpRequest, obj: User, form: Any, change: bool) -> None:
        """Who makes an account knows its first password: it is to be changed at the first sign-in."""
        if not change:
            obj.must_change_password = True
        super().save_model(request, obj, form, change)

    def user_change_password(self, request: HttpRequest, id: str, form_url: str = "") -> HttpResponse:
        """A password to begin with, with its audit event; one's own is changed on one's own page."""
        if (known := self.get_object(request, unquote(id))) is None:
            raise Http404
        if known == me(request):
            return redirect("password_change")
        with transaction.atomic():
            response = super().user_change_password(request, id, form_url)
            user = User.objects.get(pk=known.pk)
            if user.password != known.password:
                user.must_change_password = True
                OrganDoor().change(user, by=me(request), note="重设密码")
                unlock(user, by=me(request))
        return response

    def get_urls(self) -> list[URLPattern]:
        """With the button that lets somebody try again."""
        view = self.admin_site.admin_view(self.unlock)
        return [path("<path:id>/unlock/", view, name="organs_user_unlock"), *super().get_urls()]

    def unlock(self, request: HttpRequest, id: str) -> HttpResponse:
        """End the lock that wrong passwords have brought."""
        if (user := self.get_object(request, unquote(id))) is None:
            raise Http404
        if not self.may_write(me(request), user):
            raise PermissionDenied
        if request.method == "POST":
            if unlock(user, by=me(request)):
                self.message_user(request, f"已解除“{user}”的登录锁定。", messages.SUCCESS)
            else:
                self.message_user(request, f"“{user}”没有被锁定。", messages.WARNING)
        return redirect("admin:organs_user_change", user.pk)

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        """The account, and from where it may not sign in at present."""
        user = self.get_object(request, unquote(object_id))
        held = locks(user.username) if user else []
        return super().change_view(request, object_id, form_url, {"locks": held, **(extra_context or {})})
