"""The new campaign as the steward names it when the year turns."""

from datetime import date, timedelta
from typing import Any, cast

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone

from measures.models import Campaign
from measures.period import FIRST_YEAR, LAST_YEAR
from measures.rollups import next_name
from measures.rollups.turning import a_year_on, next_day
from organs.forms import DayField

_LINE = forms.TextInput(attrs={"autocomplete": "off"})


class TurningForm(forms.Form):
    """Name and days of the new campaign, and whether the old one is closed; proposed from the old one."""

    name = forms.CharField(label="新活动的名称", max_length=100)
    first_day = DayField(label="开始日期", widget=_LINE, help_text="如 2022-01-01。")
    last_day = DayField(label="结束日期", widget=_LINE, help_text="含当日。")
    close = forms.BooleanField(
        label="同时结束上一届活动", required=False, help_text="结束后，上一届的台账和数值都不能再改。"
    )

    def __init__(self, data: Any = None, *, old: Campaign) -> None:
        self.old = old
        super().__init__(data, initial=proposed(old))
        cast(forms.CharField, self.fields["name"]).error_messages["max_length"] = "名称最多100个字。"
        if old.closed:
            del self.fields["close"]

    def clean_name(self) -> str:
        """A name that no campaign has yet."""
        name: str = self.cleaned_data["name"]
        if Campaign.objects.filter(name=name).exists():
            raise ValidationError("已经有这个名称的活动，请换一个。")
        return name

    def clean(self) -> dict[str, Any]:
        """Days in order, and later than those of the old campaign."""
        data = super().clean() or {}
        first, last = data.get("first_day"), data.get("last_day")
        for name, day in (("first_day", first), ("last_day", last)):
            if day and not FIRST_YEAR <= day.year <= LAST_YEAR:
                self.add_error(name, f"年份要在{FIRST_YEAR}年到{LAST_YEAR}年之间。")
        if first and last and last < first:
            self.add_error("last_day", "结束日期不能早于开始日期。")
        if first and first <= self.old.first_day:
            self.add_error("first_day", f"要晚于上一届的开始日期{self.old.first_day}。")
        return data

    @property
    def begins(self) -> date:
        """The first day that was typed, where it is one; else the one proposed."""
        self.is_valid()
        return getattr(self, "cleaned_data", {}).get("first_day") or next_day(self.old)

    @property
    def closes(self) -> bool:
        """Whether the old campaign is to be closed."""
        return bool(self.cleaned_data.get("close"))


def proposed(old: Campaign) -> dict[str, Any]:
    """The year that follows the campaign; the old one is closed where its days are over."""
    begins = next_day(old)
    return {
        "name": next_name(old.name)[:100],
        "first_day": begins,
        "last_day": a_year_on(begins) - timedelta(days=1),
        "close": old.last_day < timezone.localdate(),
    }
