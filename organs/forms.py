"""Form fields, the base form of every entry page and the forms of this app: nothing typed is lost."""

import re
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from typing import Any, ClassVar, cast

from django import forms
from django.contrib.admin.widgets import AdminDateWidget
from django.core.exceptions import NON_FIELD_ERRORS, ValidationError
from django.db.models import BaseConstraint, CheckConstraint, F, Q
from django.utils import timezone

from organs.accounts import Post, refused_role
from organs.models import Organ, User
from organs.permissions import Right, scope
from organs.typed import TypedError, half_width, number_text, read_day

_IDENTITY_OR_MOBILE = re.compile(
    r"(?<![0-9])(?:[0-9]{17}[0-9Xx]|1[3-9][0-9][ -]?[0-9]{4}[ -]?[0-9]{4})(?![0-9])"
)

#: Said of the boxes in which `has_personal_number` finds one.
PERSONAL_NUMBER = "“{}”里像是有身份证号或手机号，请核对；本系统不登记个人信息。"


def has_personal_number(text: str) -> bool:
    """Whether the text holds what looks like an identity number (18 digits) or a mobile number."""
    return bool(_IDENTITY_OR_MOBILE.search(half_width(text)))


def row_number(text: str | None) -> int | None:
    """The primary key that an address or a form names; None for anything that cannot be one."""
    return int(text) if text and text.isascii() and text.isdecimal() and len(text) <= 18 else None


class DayField(forms.DateField):
    """A day as people write it: 2024-03-05, 2024.3.5, 2024年3月5日, 20240305, 3月5日, 今天, full-width digits too.

    `past`: a day without its year is the latest one that is not in the future; `coming`: one of the next half year.
    """

    widget = AdminDateWidget

    def __init__(self, *, past: bool = False, coming: bool = False, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.past, self.coming = past, coming
        # the calendar of the page and the stored value are written alike
        cast(forms.DateInput, self.widget).format = "%Y-%m-%d"

    def to_python(self, value: Any) -> date | None:
        """The day; ValidationError with a sentence for anything else."""
        if value in self.empty_values or isinstance(value, date):
            return super().to_python(value)
        try:
            return read_day(str(value), timezone.localdate(), past=self.past, coming=self.coming)
        except TypedError as error:
            raise ValidationError(str(error), code="invalid") from error


def typed_number(value: Any) -> Any:
    """A typed number ready for Django's fields; ValidationError for what can be none."""
    try:
        return number_text(value) if isinstance(value, str) else value
    except TypedError as error:
        raise ValidationError(str(error), code="invalid") from error


class WholeField(forms.IntegerField):
    """A whole number as a line of text: a browser's number box would swallow what it does not understand."""

    widget = forms.TextInput(attrs={"inputmode": "numeric", "class": "vNumberField"})

    def to_python(self, value: Any) -> int | None:
        """The number; takes full-width digits and separators."""
        return super().to_python(typed_number(value))


class AmountField(forms.DecimalField):
    """A decimal as a line of text."""

    widget = forms.TextInput(attrs={"inputmode": "decimal", "class": "vNumberField"})

    def to_python(self, value: Any) -> Any:
        """The number; takes full-width digits and separators."""
        return super().to_python(typed_number(value))

    def prepare_value(self, value: Any) -> Any:
        """Without the zeros that a column adds behind the point."""
        return plain(value) if isinstance(value, Decimal) else value


def plain(number: Decimal) -> str:
    """A decimal without exponent and needless zeros."""
    text = f"{number:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


class GuardedForm(forms.ModelForm):
    """A form whose row is stored by a door: what the door refuses comes back here as an error beside its field."""

    by: ClassVar[User]
    refusal: ClassVar[ValidationError | None] = None
    #: Whether the row was changed by somebody else after it was shown for this form.
    outdated: ClassVar[bool] = False
    #: False for a row within the page of its parent, which answers for it.
    alone: ClassVar[bool] = True
    #: Days that cannot lie in the future: without a year, the latest one is meant.
    past_days: ClassVar[tuple[str, ...]] = ()
    #: What the question mark beside a field opens: the term that the handbook explains it under, by field.
    questions: ClassVar[dict[str, str]] = {}
    #: Form fields whose values live in several columns: errors of quantity_amount belong to quantity.
    compounds: ClassVar[tuple[str, ...]] = ()

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in self.past_days:
            if isinstance(field := self.fields.get(name), DayField):
                field.past = True

    def _post_clean(self) -> None:
        cast(Any, super())._post_clean()
        if self.refusal:
            self._update_errors(self.refusal)
        if self.outdated:
            self._tell_what_is_stored()

    def refuse(self, refusal: ValidationError, *, outdated: bool = False) -> None:
        """Show beside its field what the door refused after the form had been found right."""
        self._update_errors(refusal)
        if outdated:
            self._tell_what_is_stored()

    def _tell_what_is_stored(self) -> None:
        """Beside each field whose stored value differs from the typed one."""
        for name in self.changed_data:
            field, stored = self.fields[name], self[name].initial
            if isinstance(field, forms.ModelMultipleChoiceField):
                said = "、".join(str(row) for row in stored)
            elif isinstance(field, forms.ModelChoiceField):
                said = str(cast(Any, field).queryset.filter(pk=stored).first() or "")
            elif isinstance(field, forms.ChoiceField):
                said = str(dict(cast(Any, field).choices).get(stored, stored))
            else:
                said = "" if stored is None else str(field.prepare_value(stored))
            self.add_error(name, f"现在存的是“{said}”。" if said else "现在存的是空的。")

    def _update_errors(self, errors: ValidationError) -> None:
        known = hasattr(errors, "error_dict")
        found = errors.error_dict if known else {NON_FIELD_ERRORS: errors.error_list}
        shown: dict[str, list[ValidationError]] = {}
        for name, several in found.items():
            for error in several:
                at = self._spoken_of(error) if name == NON_FIELD_ERRORS else self._shown_at(name)
                shown.setdefault(at, []).append(error)
        cast(Any, super())._update_errors(ValidationError(shown))

    def _spoken_of(self, error: ValidationError) -> str:
        """The form field that an error of no field is about, if it is plain which one its constraint means."""
        constraints = self._meta.model._meta.constraints
        said = (c for c in constraints if getattr(c, "violation_error_message", "") == error.message)
        places = {self._place(constraint) for constraint in said}
        return places.pop() if len(places) == 1 else NON_FIELD_ERRORS

    def _place(self, constraint: BaseConstraint) -> str:
        names, ordered = _columns(constraint)
        shown = dict.fromkeys(self._shown_at(name) for name in names)
        seen = [n for n in shown if n in self.fields and not self.fields[n].widget.is_hidden]
        return seen[-1] if seen and (ordered or len(seen) == 1) else NON_FIELD_ERRORS

    def _shown_at(self, name: str) -> str:
        """The form field at which an error of a model field is shown."""
        owners = (c for c in self.compounds if name.startswith(f"{c}_"))
        name = next(owners, name)
        return name if name in self.fields else NON_FIELD_ERRORS

    def links(self) -> dict[str, Any]:
        """The many-to-many values by field name, as the door takes them."""
        names = [field.name for field in self._meta.model._meta.many_to_many]
        return {name: self.cleaned_data[name] for name in names if name in self.cleaned_data}

    def personal_numbers(self) -> list[str]:
        """Labels of the fields in which a personal number was typed."""
        return [
            str(self.fields[name].label)
            for name, value in self.cleaned_data.items()
            if isinstance(value, str) and not name.startswith("password") and has_personal_number(value)
        ]


class OrganChoice(forms.ModelChoiceField):
    """Organs as an indented list."""

    def label_from_instance(self, organ: Organ) -> str:
        """Set in by its depth."""
        return "　" * (organ.depth - 1) + organ.name


def _columns(constraint: BaseConstraint) -> tuple[list[str], bool]:
    """The columns of a constraint, and whether the last one is to be put right: of two days or bounds the later one, of
    what is there once its name."""
    if isinstance(constraint, CheckConstraint) and isinstance(constraint.condition, Q):
        found = [*_compared(constraint.condition)]
        others = [cast(Any, value).name for _, value in found if isinstance(value, F)]
        return [lookup.partition("__")[0] for lookup, _ in found] + others, bool(others)
    names = getattr(constraint, "fields", ())
    return sorted(names, key=lambda name: name in ("name", "title", "heading", "symbol")), True


def _compared(condition: Q) -> Iterator[tuple[str, object]]:
    """What a condition asks of its columns, but for whether they are empty."""
    for child in condition.children:
        if isinstance(child, Q):
            yield from _compared(child)
        elif isinstance(child, tuple) and not child[0].endswith("__isnull"):
            yield child


class OrganForm(GuardedForm):
    """An organ; a new one says where it belongs."""

    superior = OrganChoice(
        Organ.objects.none(), label="上级单位", help_text="新单位排在同级的最后，保存后可以上移。"
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance.pk:
            del self.fields["superior"]
        else:
            administered = scope(self.by, Right.ADMINISTER)
            superior = cast(OrganChoice, self.fields["superior"])
            superior.queryset = Organ.objects.filter(administered.q("path"))
            superior.required = not administered.everything

    def clean(self) -> dict[str, Any] | None:
        """Hands the superior to the door."""
        if not self.instance.pk:
            self.instance.superior = self.cleaned_data.get("superior")
        return super().clean()


class MembershipForm(GuardedForm):
    """A role; nobody gives one to themselves, or one that reaches further than they do."""

    questions = {"role": "角色", "with_below": "任职含下级"}

    def clean(self) -> dict[str, Any] | None:
        """Within what the steward administers."""
        data = super().clean() or {}
        user = data.get("user") or getattr(self.instance, "user", None)
        if organ := data.get("organ"):
            post = Post(organ, data.get("role", ""), data.get("with_below", False))
            for name, refused in refused_role(self.by, user, post).items():
                self.add_error(name or None, refused)
        return data
