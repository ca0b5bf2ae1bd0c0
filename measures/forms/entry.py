"""Forms of the fast entry pages: the forms of the entry pages, a row or a line each."""

from collections.abc import Sequence
from typing import Any, TypeVar, cast

from django import forms
from django.contrib import admin
from django.db import models
from django.forms import modelform_factory

from measures.forms.files import UploadForm
from measures.forms.rows import ActivityForm, LedgerForm, ObservationForm
from measures.models import Metric, Observation
from measures.period import Period
from organs.admin_site import LedgerAdminSite
from organs.models import Organ, User
from organs.scoped import FIELDS

AnyForm = TypeVar("AnyForm", bound=LedgerForm)
Choices = Sequence[tuple[Any, Any]]


def entry_form(form: type[AnyForm], user: User, *fields: str) -> type[AnyForm]:
    """The form over these fields, typed and chosen as on the entry pages, told who fills it in."""
    site = cast(LedgerAdminSite, admin.site)

    def typed(field: models.Field, **kwargs: Any) -> forms.Field | None:
        rows = site.choices(field, user) if field.is_relation else None
        options = next((FIELDS[kind] for kind in type(field).mro() if kind in FIELDS), {})
        return field.formfield(**{**options, **kwargs, **({} if rows is None else {"queryset": rows})})

    made = modelform_factory(form._meta.model, form=form, fields=fields, formfield_callback=typed)
    cast(type[LedgerForm], made).by = user
    return cast(type[AnyForm], made)


class ActivityRow(ActivityForm):
    """An activity as one row of several; one in which nothing but what stood there is no activity."""

    #: What was copied or proposed, which nobody typed.
    given_action = forms.CharField(required=False, widget=forms.HiddenInput)
    given_title = forms.CharField(required=False, widget=forms.HiddenInput)
    given_place = forms.CharField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, actions: Choices, **kwargs: Any) -> None:
        super().__init__(*args, empty_permitted=True, use_required_attribute=False, **kwargs)
        cast(Any, self.fields["action"].widget).choices = actions
        for name, field in self.fields.items():
            field.widget.attrs["aria-label"] = f"第{int(str(self.prefix)[1:]) + 1}行{field.label}"
            field.widget.attrs.pop("size", None)
            if name == "day":
                field.widget.attrs["placeholder"] = "如 2024.3.5"
            if name == "attended":
                field.error_messages["invalid"] = "请填整数；不确切的先不填，存草稿后打开，写在备注里。"

    def has_changed(self) -> bool:
        """Whether anything but what was given stands here; a row that was emptied has nothing in it."""
        typed = {name: str(self.data.get(self.add_prefix(name)) or "").strip() for name in self.fields}
        if not any(typed[name] for name in ("day", "title", "place", "attended")):
            return False
        given = {
            name: typed.get(f"given_{name}", "") for name in ("action", "day", "title", "place", "attended")
        }
        return any(typed[name] != given[name] for name in given)


class FigureLine(ObservationForm):
    """The figure of one metric for an organ and a period that the page has chosen."""

    def __init__(self, *args: Any, metric: Metric, organ: Organ, period: Period, **kwargs: Any) -> None:
        chosen = {"organ": organ, "metric": metric, "period": period.key}
        instance = kwargs.pop("instance", None) or Observation(metric=metric, organ=organ)
        prefix = f"m{metric.pk}"
        super().__init__(
            *args,
            instance=instance,
            initial=chosen,
            prefix=prefix,
            empty_permitted=instance.pk is None,
            use_required_attribute=False,
            **kwargs,
        )
        for name in chosen:
            self.fields[name].disabled = True
        cast(Any, self.fields["quantity"].widget).unit = metric.unit.symbol
        for field in self.fields.values():
            field.widget.attrs["aria-label"] = f"{metric.name}：{field.label}"
            field.help_text = ""
        self.fields["quantity"].widget.attrs |= {"aria-label": metric.name, "autocomplete": "off"}

    def clean(self) -> dict[str, Any] | None:
        """A draft keeps the words of its period."""
        words = self.instance.period_words
        data = super().clean()
        self.instance.period_words = words
        return data

    @property
    def beside(self) -> list[str]:
        """What is wrong with what the page has chosen, and with the whole."""
        names = ("period", "metric", "organ")
        return [*self.non_field_errors(), *(said for name in names for said in self.errors.get(name, ()))]

    @property
    def folded(self) -> list[forms.BoundField]:
        """What is mostly left alone."""
        return [self[name] for name in ("absence", "numerator", "denominator", "remark")]

    @property
    def more_open(self) -> bool:
        """Whether that has something to show."""
        return any(field.value() or field.errors for field in self.folded)


class PhotoForm(UploadForm):
    """Files that prove one thing, whose organ is theirs."""

    def __init__(self, *args: Any, organ: Organ | None, **kwargs: Any) -> None:
        super().__init__(*args, initial={"organ": organ}, use_required_attribute=False, **kwargs)
        self.fields["organ"].disabled, self.fields["organ"].required = True, organ is not None
        self.fields["caption"].widget.attrs["placeholder"] = "如 签到表、现场照片；不填则用文件名"

    @property
    def folded(self) -> list[forms.BoundField]:
        """What is mostly left alone."""
        return [self[name] for name in ("kind", "document_number", "day")]
