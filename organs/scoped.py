"""What entry pages and the tables within them share: rights from memberships, choices of the user, plain words."""

from abc import abstractmethod
from collections.abc import Callable, Mapping
from functools import cache
from typing import Any, ClassVar, Protocol, cast

from django.contrib import admin
from django.contrib.admin.options import BaseModelAdmin
from django.contrib.admin.widgets import RelatedFieldWidgetWrapper
from django.db import models
from django.db.models import QuerySet
from django.forms import Field, ModelMultipleChoiceField
from django.http import HttpRequest
from django.utils.html import format_html

from organs.admin_site import LedgerAdminSite, me
from organs.forms import AmountField, DayField, WholeField, plain
from organs.models import User
from organs.widgets import chosen

FIELDS: Mapping[type[models.Field], Mapping[str, Any]] = {
    models.DateField: {"form_class": DayField},
    models.PositiveIntegerField: {"form_class": WholeField, "widget": WholeField.widget},
    models.PositiveSmallIntegerField: {"form_class": WholeField, "widget": WholeField.widget},
    models.DecimalField: {"form_class": AmountField, "widget": AmountField.widget},
}


@cache
def in_words(field: models.Field) -> Callable[[models.Model], str]:
    """A column that says a boolean or decimal field plainly; Django's pictures speak English, its decimals in zeros."""

    @admin.display(description=field.verbose_name, ordering=field.name)
    def spoken(row: models.Model) -> str:
        value = getattr(row, field.name)
        if isinstance(field, models.DecimalField):
            return "—" if value is None else plain(value)
        said = "是" if value else "否"
        return format_html('<span class="card-label">{}：</span>{}', field.verbose_name, said)

    spoken.__name__ = field.name
    return spoken


class Door(Protocol):
    """The only way by which rows are written, each with its audit event."""

    def create(self, row: models.Model, *, by: User, links: Any = None) -> None:
        """Store a new row."""

    def change(self, row: models.Model, *, by: User, links: Any = None) -> None:
        """Store a changed row."""

    def delete(self, row: models.Model, *, by: User) -> object:
        """Delete a row."""


class Scoped(BaseModelAdmin):
    """Rights and choices that pages and their inlines share: computed from memberships, not from Django's table."""

    door: ClassVar[Door]

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        """The rows that the user may see; everything else does not exist for them."""
        rows = super().get_queryset(request)
        return rows.visible_to(me(request)) if hasattr(rows, "visible_to") else rows

    @abstractmethod
    def may_see_any(self, user: User) -> bool:
        """Whether the user finds anything here at all."""

    @abstractmethod
    def may_write(self, user: User, row: models.Model | None = None) -> bool:
        """Whether the user may write the row, or any row."""

    def may_delete(self, user: User, row: models.Model | None = None) -> bool:
        """Whether the user may delete the row, or any row."""
        return self.may_write(user, row)

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Rows outside the user's scope are kept away by get_queryset."""
        return self.may_see_any(me(request))

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Whether the user may add a row."""
        return self.may_write(me(request))

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Whether the user may change the row, or any row."""
        return self.may_write(me(request), obj)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Whether the user may delete the row, or any row; there is nothing to delete of one that is not stored."""
        return (obj is None or obj.pk is not None) and self.may_delete(me(request), obj)

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        """Where a page only tells, a box to tick becomes 是 or 否, and numbers lose needless zeros."""
        sets = super().get_fieldsets(request, obj)
        if obj is None or self.has_change_permission(request, obj):
            return sets
        return [
            (title, {**rest, "fields": [self._spoken(n) for n in rest["fields"]]}) for title, rest in sets
        ]

    def _spoken(self, name: Any) -> Any:
        told = (models.BooleanField, models.DecimalField)
        known = {f.name: f for f in self.opts.get_fields() if isinstance(f, told)}
        return in_words(known[name]) if name in known else name

    def formfield_for_dbfield(
        self, db_field: models.Field, request: HttpRequest, **kwargs: Any
    ) -> Field | None:
        """The field with the choices of this user and without the pop-ups for related rows."""
        if db_field.is_relation and "queryset" not in kwargs:
            rows = cast(LedgerAdminSite, self.admin_site).choices(db_field, me(request))
            if rows is not None:
                kwargs["queryset"] = rows
        if db_field.name in self.get_autocomplete_fields(request):
            kwargs["widget"] = chosen(db_field, self.admin_site)
        field = super().formfield_for_dbfield(db_field, request, **kwargs)
        if field and isinstance(field.widget, RelatedFieldWidgetWrapper):
            field.widget = field.widget.widget
        if isinstance(field, ModelMultipleChoiceField):
            # Each choice has its cross; one more for all would stand in their list, where readers aloud trip over it.
            field.widget.is_required = True
        return field
