"""What a person asks to have compared: the three forms of the page, each filled in by an address."""

from collections.abc import Sequence
from datetime import date
from typing import Any, ClassVar, cast

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone

from measures.period import FIRST_YEAR, Period, PeriodError
from organs.forms import DayField
from organs.models import Organ

FEWEST_ORGANS, MOST_ORGANS = 2, 4
Choices = list[tuple[Any, str]]


class Selects(forms.MultiWidget):
    """Drop-down lists of the same choices under one name: four, or as many as the address fills."""

    use_fieldset = True

    def __init__(self, choices: Choices, filled: int) -> None:
        places = range(1, max(filled, MOST_ORGANS) + 1)
        super().__init__([forms.Select({"aria-label": f"第{n}家单位"}, choices) for n in places])
        self.widgets_names = ["" for _ in places]

    def value_from_datadict(self, data: Any, files: Any, name: str) -> list[str]:
        """What was chosen, without the lists that were left alone."""
        return [value for value in data.getlist(name) if value]

    def decompress(self, value: Any) -> list[str]:
        """Nothing is chosen beforehand."""
        return []


class CompareForm(forms.Form):
    """Period and campaign as the filter of every page offers them; one of the three ways adds its own fields."""

    #: The name of the way, what it is for, and what to do while something is still missing.
    TITLE: ClassVar[str]
    STILL: ClassVar[str]
    #: The fields without which nothing can be compared.
    NEEDS: ClassVar[tuple[str, ...]]

    period = forms.ChoiceField(label="期间", required=False)
    campaign = forms.ChoiceField(label="活动", required=False)

    def __init__(self, data: Any, *, organs: Sequence[Organ], kept: forms.Form) -> None:
        super().__init__(data)
        self.named: Choices = [(str(organ.pk), "　" * (organ.depth - 1) + organ.name) for organ in organs]
        for name in ("period", "campaign"):
            self.offer(name, choices_of(kept, name))
        for field in self.fields.values():
            field.error_messages["invalid_choice"] = f"没有这样的{field.label}，请重新选。"

    def offer(self, name: str, choices: Choices, blank: str = "") -> None:
        """The choices of a field, with words for none of them."""
        first = [("", blank)] if blank else []
        cast(forms.ChoiceField, self.fields[name]).choices = [*first, *choices]

    @property
    def complete(self) -> bool:
        """Whether everything is there, and right."""
        return self.is_valid() and all(self.cleaned_data.get(name) for name in self.NEEDS)


class OrgansForm(CompareForm):
    """Two to four organs side by side."""

    TITLE = "单位并排"
    STILL = "请选两到四家单位，再点“对比”。各单位按规定次序排列，不排名。"
    NEEDS = ("organs",)
    field_order = ("organs",)

    organs = forms.MultipleChoiceField(label="单位", required=False)

    def __init__(self, data: Any, **kwargs: Any) -> None:
        super().__init__(data, **kwargs)
        filled = len([value for value in data.getlist("organs") if value])
        self.fields["organs"].widget = Selects([("", "请选单位"), *self.named], filled)
        self.offer("organs", self.named)

    def clean_organs(self) -> list[str]:
        """Each once, and no more than fit beside each other."""
        found: list[str] = self.cleaned_data["organs"]
        if twice := next((pk for pk in found if found.count(pk) > 1), ""):
            raise ValidationError(f"“{dict(self.named)[twice].strip()}”选了两次，请换一家或去掉一个。")
        if len(found) > MOST_ORGANS:
            raise ValidationError(f"选了{len(found)}家，最多并排四家，请去掉{len(found) - MOST_ORGANS}家。")
        return found

    @property
    def complete(self) -> bool:
        """Whether there are organs enough."""
        return super().complete and len(self.cleaned_data["organs"]) >= FEWEST_ORGANS


class PeriodsForm(CompareForm):
    """Two periods of one organ."""

    TITLE = "两期对比"
    STILL = "请选一家单位和两个期间，再点“对比”。"
    NEEDS = ("organ", "period", "other")
    field_order = ("organ", "period", "other")

    organ = forms.ChoiceField(label="单位", required=False)
    other = forms.ChoiceField(label="另一期间", required=False)

    def __init__(self, data: Any, **kwargs: Any) -> None:
        super().__init__(data, **kwargs)
        periods = [pair for pair in choices_of(self, "period") if pair[0]]
        asked = period_of(data.get("other", ""))
        if asked and asked.key not in dict(periods):
            periods.append((asked.key, asked.label))
        self.offer("organ", self.named, "请选单位")
        self.offer("period", periods, "请选期间")
        self.offer("other", periods, "请选期间")

    def clean_other(self) -> str:
        """Another one than the first."""
        other: str = self.cleaned_data["other"]
        if other and other == self.cleaned_data.get("period"):
            raise ValidationError("两个期间一样，请换一个。")
        return other


class DayForm(CompareForm):
    """A past day beside today."""

    TITLE = "回看某日"
    STILL = "请填一个以前的日子，再点“对比”，看当时审核过的数和现在有什么不同。"
    NEEDS = ("as_of",)
    field_order = ("organ", "as_of")

    organ = forms.ChoiceField(label="范围", required=False)
    as_of = DayField(
        label="日期", required=False, widget=forms.DateInput, help_text="如 2024-06-30 或 2024年6月30日。"
    )

    def __init__(self, data: Any, **kwargs: Any) -> None:
        super().__init__(data, **kwargs)
        self.offer("organ", self.named, "全部单位")

    def clean_as_of(self) -> date | None:
        """No day that is still to come, none before the years of this program."""
        day: date | None = self.cleaned_data["as_of"]
        if day and day > timezone.localdate():
            raise ValidationError("这一天还没有到，请填今天或以前的日子。")
        if day and day.year < FIRST_YEAR:
            raise ValidationError(f"请填{FIRST_YEAR}年以后的日子。")
        return day


def choices_of(form: forms.Form, name: str) -> Choices:
    """What a field of a form offers."""
    return list(cast(Any, form.fields[name]).choices)


def period_of(key: str) -> Period | None:
    """The period of an address; None if it names none."""
    try:
        return Period.from_key(key)
    except PeriodError:
        return None
