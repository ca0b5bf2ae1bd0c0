"""The admin site of the ledger: its base classes keep every write behind a door and every row behind its scope."""

from collections.abc import Callable
from typing import Any, cast

from django.conf import settings
from django.contrib import admin
from django.contrib.admin.utils import unquote
from django.contrib.admin.views.autocomplete import AutocompleteJsonView
from django.contrib.auth.decorators import login_not_required
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.db import models
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.views.i18n import JavaScriptCatalog

from organs.models import User
from organs.permissions import Right, scope

#: For a field and a user: the rows to choose from, or None to leave the question to the next rule.
ChoiceRule = Callable[[models.Field, User], QuerySet | None]


def me(request: HttpRequest) -> User:
    """Who asks; LoginRequiredMiddleware let nobody unknown through."""
    return cast(User, request.user)


class ChoicesView(AutocompleteJsonView):
    """Offers only what the user may choose in the field that asks."""

    def _allowed(self, request: HttpRequest) -> QuerySet | None:
        return cast(LedgerAdminSite, self.admin_site).choices(self.source_field, me(request))

    def get_queryset(self) -> QuerySet:
        """Rows that match the words typed."""
        rows = self._allowed(self.request)
        if rows is None:
            return super().get_queryset()
        rows = rows.complex_filter(self.source_field.get_limit_choices_to())
        rows, double = self.model_admin.get_search_results(self.request, rows, self.term)
        return rows.distinct() if double else rows

    def has_perm(self, request: HttpRequest, obj: Any = None) -> bool:
        """Those who fill in the form that asks; for a table within a form, those who see what is offered."""
        asking = cast(LedgerAdminSite, self.admin_site)._registry.get(self.source_field.model)
        return asking.has_add_permission(request) if asking else super().has_perm(request, obj)


class LedgerAdminSite(admin.AdminSite):
    """Django's admin under our name; other apps add choices and their place in the menu."""

    site_header = "模范机关创建台账·录入"
    site_title = "台账录入"
    index_title = "开始"
    empty_value_display = "—"
    enable_nav_sidebar = True

    def __init__(self, name: str = "admin") -> None:
        super().__init__(name)
        self.choice_rules: list[ChoiceRule] = []
        self.disable_action("delete_selected")

    def has_permission(self, request: HttpRequest) -> bool:
        """Those whose role has something to do there."""
        return request.user.is_authenticated and me(request).may_enter

    def each_context(self, request: HttpRequest) -> dict[str, Any]:
        """With whether the way to the figures is open."""
        sees = request.user.is_authenticated and bool(scope(me(request), Right.VIEW))
        return {**super().each_context(request), "sees_figures": sees}

    def choices(self, field: models.Field, user: User) -> QuerySet | None:
        """The rows that the user may choose in a field; None where every visible row may be chosen."""
        answers = (rule(field, user) for rule in self.choice_rules)
        return next((rows for rows in answers if rows is not None), None)

    @login_not_required
    def login(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """There is one sign-in page for all."""
        return redirect_to_login(request.GET.get("next") or reverse("home"), reverse(settings.LOGIN_URL))

    def logout(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """Out by the button; who only opens the address stays in."""
        return super().logout(request, extra_context) if request.method == "POST" else redirect("home")

    def password_change(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """There is one page for it."""
        return redirect("password_change")

    def admin_view(
        self, view: Callable[..., HttpResponse], cacheable: bool = False
    ) -> Callable[..., HttpResponse]:
        """As in Django, but somebody who is signed in without the right gets 403, not the sign-in page again.

        And 404 where the page is about a row that they do not see.
        """
        guarded, page = super().admin_view(view, cacheable), getattr(view, "__self__", None)

        def inner(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            if request.user.is_authenticated and not self.has_permission(request):
                if isinstance(page, admin.ModelAdmin) and kwargs:
                    page.get_object(request, unquote(next(iter(kwargs.values()))))
                raise PermissionDenied
            return guarded(request, *args, **kwargs)

        return inner

    def autocomplete_view(self, request: HttpRequest) -> Any:
        """Choices as one types."""
        return ChoicesView.as_view(admin_site=self)(request)

    def i18n_javascript(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> Any:
        """Django's words for scripts, and ours where it has none."""
        return JavaScriptCatalog.as_view(packages=["django.contrib.admin", "organs"])(request)

    def get_app_list(self, request: HttpRequest, app_label: str | None = None) -> list[Any]:
        """The menu in the order of work, the ledger before accounts."""
        apps = super().get_app_list(request, app_label)
        for app in apps:
            app["models"].sort(key=lambda m: getattr(self._registry[m["model"]], "menu_place", 99))
        return sorted(apps, key=lambda app: app["app_label"])

    def index(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """There is one first page for all."""
        return redirect("home")


class DropDown(admin.SimpleListFilter):
    """A filter as a drop-down list; `lookup` is filtered by the chosen value."""

    template = "admin/drop_down.html"
    lookup = ""

    def queryset(self, request: HttpRequest, queryset: QuerySet) -> QuerySet:
        """The rows with the chosen value; a value that is not offered filters nothing."""
        if self.value() not in {str(value) for value, _ in self.lookup_choices}:
            return queryset
        rows = queryset.filter(**{self.lookup: self.value()})
        return rows.distinct() if "__" in self.lookup else rows


def drop_down(parameter: str, label: str, options: Callable[[User], Any], lookup: str = "") -> type[DropDown]:
    """A drop-down filter; `options` gives pairs of value and words for a user."""

    class Filter(DropDown):
        title = label
        parameter_name = parameter

        def lookups(self, request: HttpRequest, model_admin: admin.ModelAdmin) -> list[tuple[str, str]]:
            return [(str(value), str(words)) for value, words in options(me(request))]

    Filter.lookup = lookup or parameter
    return Filter
