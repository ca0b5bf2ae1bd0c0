"""An article as a clerk brings it: pasted, or as a file."""

import re
from datetime import date
from typing import Any, cast

from django import forms
from django.utils import timezone

from measures.documents import DocumentError, text_of, unwrapped
from measures.forms.fields import PeriodField
from measures.models import LONGEST
from measures.period import Period, PeriodError
from organs.forms import OrganChoice
from organs.models import Organ, User
from organs.permissions import Right, scope

LONGEST_TITLE = 100
MOST_BYTES = 5 * 1024 * 1024
_NAMED = re.compile(
    r"(20[0-9]{2})年(?:第?[一二三四]季度|上半年|下半年|[0-9]{1,2}月(?![0-9]{0,2}[日至到—-]))?"
)
_YEAR = re.compile("(20[0-9]{2})年")
_HEAD = 60


class PasteForm(forms.Form):
    """Whose article it is, the text or a file, and the period that it tells of."""

    organ = OrganChoice(Organ.objects.none(), label="单位")
    text = forms.CharField(
        label="材料全文",
        required=False,
        widget=forms.Textarea({"rows": 16}),
        help_text="月报、小结、信息稿，整篇贴进来。",
    )
    file = forms.FileField(
        label="或者选文件",
        required=False,
        help_text="TXT 或 DOCX，5MB 以内。贴了文字就不用选。",
        widget=forms.FileInput({"accept": ".txt,.docx"}),
    )
    title = forms.CharField(label="标题", required=False, help_text="不填就用材料的第一行。")
    period = PeriodField(
        label="期间",
        required=False,
        help_text="里面的数算在哪个期间，如 2024年、2024年6月；不填就照材料里写的。",
    )

    def __init__(self, *args: Any, by: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.use_required_attribute = False
        self.organs = Organ.objects.filter(scope(by, Right.ENTER).q("path"))
        organ = cast(OrganChoice, self.fields["organ"])
        organ.queryset, organ.empty_label = self.organs, None
        cast(forms.CharField, self.fields["text"]).strip = False

    def clean_text(self) -> str:
        """The text with one kind of line end."""
        return tidied(self.cleaned_data["text"])

    def clean(self) -> dict[str, Any]:
        """`given` as it was brought, `text` without the line ends of a page; refuses nothing and too much, in words."""
        data = super().clean() or self.cleaned_data
        if file := data.get("file"):
            if data.get("text"):
                self.add_error("file", "贴了文字又选了文件，请留下一样。")
                return data
            self._read(file, data)
        if not self.errors and not data.get("text"):
            self.add_error("text", "请贴上材料，或者选一个文件。")
        elif len(data.get("text", "")) > LONGEST:
            self.add_error(
                "text", f"这篇有{len(data['text'])}个字，一次最多{LONGEST // 10_000}万字；请分几段贴。"
            )
        data["given"] = data.get("text", "")
        if not self.errors:
            data["text"] = unwrapped(data["given"])
            data["title"] = (data.get("title") or title_of(data["text"]))[:LONGEST_TITLE]
            data["period"] = data.get("period") or period_of(data["text"], timezone.localdate())
            if data["period"].start > timezone.localdate():
                self.add_error("period", f"{data['period'].label}还没有到，没有数可填。")
        return data

    def _read(self, file: Any, data: dict[str, Any]) -> None:
        if file.size > MOST_BYTES:
            self.add_error("file", "文件太大了，最多5MB。")
            return
        try:
            data["text"] = tidied(text_of(file.name, file.read()))
        except DocumentError as error:
            self.add_error("file", str(error))
            return
        if not data["text"]:
            self.add_error("file", "这个文件里没有文字。")


def tidied(text: str) -> str:
    """The text with one kind of line end, without empty lines around it and signs that no prose has."""
    text = text.replace("\r\n", "\n").replace("\r", "\n").replace("\0", "")
    return text.strip("\n\t \ufeff")


def title_of(text: str) -> str:
    """The first line; of a long one its beginning."""
    first = next((line.strip() for line in text.splitlines() if line.strip()), "")
    return first if len(first) <= _HEAD else f"{first[: _HEAD - 1]}…"


def period_of(text: str, today: date) -> Period:
    """The period that the beginning of a text names, else the latest year anywhere in it, else this year."""
    first = text[: _HEAD * 5]
    for match in _NAMED.finditer(first):
        try:
            period = Period.parse(match[0])
        except PeriodError:
            continue
        if period.start <= today:
            return period
    years = [int(year) for year in _YEAR.findall(text) if int(year) <= today.year]
    return Period.year(max(years, default=today.year))
