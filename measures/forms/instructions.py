"""What a leader and an organ say to each other."""

from typing import Any, ClassVar

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone

from measures.models import Instruction
from measures.models.instruction import MOST_WORDS
from organs.forms import DayField

TOO_LONG = f"最多写{MOST_WORDS}个字，请删短一些。"


class InstructionForm(forms.ModelForm):
    """A leader's words and until when they are to be answered."""

    due_day = DayField(
        label="答复时限",
        coming=True,
        required=False,
        widget=forms.DateInput(attrs={"placeholder": "如 2024-03-05"}),
        help_text="不急的可以不填。",
    )

    class Meta:
        model = Instruction
        fields = ("words", "due_day")
        widgets: ClassVar[dict[str, Any]] = {"words": forms.Textarea(attrs={"rows": 4, "autofocus": True})}
        error_messages: ClassVar[dict[str, Any]] = {
            "words": {"required": "请写批示内容。", "max_length": TOO_LONG}
        }

    def clean_due_day(self) -> Any:
        """An answer cannot be due in the past."""
        day = self.cleaned_data["due_day"]
        if day and day < timezone.localdate():
            raise ValidationError("答复时限不能早于今天。")
        return day


class TurnForm(forms.Form):
    """What is said to a leader's words, and which of them were read."""

    words = forms.CharField(
        label="内容",
        required=False,
        max_length=MOST_WORDS,
        error_messages={"max_length": TOO_LONG},
        widget=forms.Textarea(attrs={"rows": 4}),
    )
    seen = forms.DateTimeField(required=False, widget=forms.HiddenInput)
