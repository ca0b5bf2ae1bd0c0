"""Choices that are found as one types."""

from typing import Any

from django.contrib.admin import AdminSite
from django.contrib.admin.widgets import AutocompleteMixin, AutocompleteSelect, AutocompleteSelectMultiple
from django.db import models

from organs.forms import row_number


class _Chosen(AutocompleteMixin):
    def optgroups(self, name: str, value: Any, attr: Any = None) -> Any:
        """The rows chosen so far; what is no row's number is refused by the field and not looked for."""
        return super().optgroups(name, [v for v in value if row_number(str(v))], attr)


class _ChosenRow(_Chosen, AutocompleteSelect):
    """One row."""


class _ChosenRows(_Chosen, AutocompleteSelectMultiple):
    """Several rows."""


def chosen(field: models.Field, site: AdminSite) -> AutocompleteMixin:
    """The widget for the field."""
    return (_ChosenRows if field.many_to_many else _ChosenRow)(field, site)
