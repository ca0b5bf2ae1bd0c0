"""What is typed into the search box."""

from django import forms
from django.core.exceptions import ValidationError

from measures.rollups.search import KINDS
from measures.searching import MOST, words

LAST_PAGE = 10_000


class SearchForm(forms.Form):
    """Words, and perhaps one kind of what was found and a page of it; what is no kind or page narrows nothing."""

    q = forms.CharField(
        max_length=MOST,
        required=False,
        error_messages={"max_length": f"最多输入{MOST}个字，请只写关键的词。"},
    )
    kind = forms.ChoiceField(choices=list(KINDS.items()), required=False)
    page = forms.IntegerField(min_value=1, max_value=LAST_PAGE, required=False)

    def clean_q(self) -> str:
        """What was typed; signs alone name nothing."""
        typed: str = self.cleaned_data["q"]
        if typed and not words(typed):
            raise ValidationError("请输入文字或数字，只有标点符号查不到内容。")
        return typed
