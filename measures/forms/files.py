"""Evidence as a clerk hands it in: one file or several at once."""

from typing import Any, cast

from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.files import File

from measures.forms.contents import ACCEPTED, Taken, take
from measures.forms.rows import LedgerForm
from measures.models import PROVEN, Evidence, EvidenceKind, EvidenceLink
from organs.forms import has_personal_number

_LONGEST_CAPTION = 100


class FilesInput(forms.FileInput):
    """A choice of several files; on a telephone the camera is among the ways to choose."""

    allow_multiple_selected = True

    def __init__(self) -> None:
        super().__init__({"accept": "image/*,.heic,.pdf,.docx,.xlsx,.pptx"})


class FilesField(forms.FileField):
    """Several files; `taken` is what is kept of the good ones, `refused` has a sentence for each of the others."""

    widget = FilesInput

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.taken: list[Taken] = []
        self.refused: list[str] = []

    def clean(self, data: Any, initial: Any = None) -> list[Taken]:
        """Each file by itself: a bad one does not cost the good ones; ValidationError if none is good."""
        self.taken, self.refused = [], []
        if len(data) > settings.EVIDENCE_MAX_FILES:
            raise ValidationError(f"一次最多传{settings.EVIDENCE_MAX_FILES}份，请分几次上传。")
        for file in data:
            try:
                self.taken.append(take(file))
            except ValidationError as error:
                self.refused.append(f"“{file.name}”没有收：{error.messages[0]}")
        if not self.taken:
            raise ValidationError(self.refused or "请选择文件。")
        return self.taken


class EvidenceForm(LedgerForm):
    """What is said of a piece of evidence (佐证材料)."""

    past_days = ("day",)
    questions = {"caption": "佐证选什么", "day": "日期"}

    class Meta:
        model = Evidence
        fields = ("organ", "caption", "kind", "document_number", "day")


class UploadForm(EvidenceForm):
    """New evidence: each file is known by its content, not by its name, and becomes a row of its own."""

    file = FilesField(label="文件")
    typed: dict[str, Any]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["caption"].required = self.fields["kind"].required = False
        self.fields["caption"].help_text = "这份材料是什么，如“签到表”；不填则用文件名，以后可以改。"
        self.fields["kind"].help_text = "不选则照片归照片，表格归表册，其余归文件。"
        cast(forms.ChoiceField, self.fields["kind"]).choices = [("", "按文件类型"), *EvidenceKind.choices]
        self.initial["kind"] = ""
        self.fields["file"].help_text = (
            f"{ACCEPTED}，每份{settings.EVIDENCE_MAX_MB}MB 以内，可以一次选多份（最多"
            f"{settings.EVIDENCE_MAX_FILES}份）。照片自动缩小，并去掉拍摄地点等信息。"
        )

    def clean_file(self) -> File:
        """The first file, which becomes the row of the form."""
        first = self.taken[0]
        self.instance.uploaded_by = self.by
        for name, value in vars(first).items():
            setattr(self.instance, name, value)
        return first.file

    def clean(self) -> dict[str, Any] | None:
        """Give the first file its caption and kind."""
        data = super().clean() or self.cleaned_data
        if "file" in data and "caption" in data and "kind" in data:
            self.typed = dict(data)
            data |= self._about(0)
        return data

    @property
    def taken(self) -> list[Taken]:
        """The files that are kept."""
        return cast(FilesField, self.fields["file"]).taken

    @property
    def refused(self) -> list[str]:
        """A sentence for each file that is not."""
        return cast(FilesField, self.fields["file"]).refused

    def others(self) -> list[Evidence]:
        """A row for each file after the first, like the first in all that was typed."""
        shared = {name: self.typed[name] for name in ("organ", "document_number", "day")}
        return [
            Evidence(**shared, **vars(taken), **self._about(place), uploaded_by=self.by)
            for place, taken in enumerate(self.taken)
            if place
        ]

    def _about(self, place: int) -> dict[str, str]:
        """Caption and kind of a file: as typed, captions numbered where there are several; else what the file says."""
        taken, caption = self.taken[place], self.typed["caption"]
        if not caption:
            caption = taken.name.rpartition(".")[0][:_LONGEST_CAPTION]
        elif len(self.taken) > 1:
            caption = f"{caption[: _LONGEST_CAPTION - 4]}（{place + 1}）"
        return {"caption": caption, "kind": self.typed["kind"] or _kind(taken.content_type)}

    def personal_numbers(self) -> list[str]:
        """Labels of the fields in which a personal number was typed, and whether one is in the name of a file."""
        named = any(has_personal_number(taken.name) for taken in self.taken)
        return [*super().personal_numbers(), *(["文件名"] if named else [])]


def _kind(content_type: str) -> str:
    if content_type.startswith("image/"):
        return EvidenceKind.PHOTO
    return EvidenceKind.SHEET if content_type.endswith("sheet") else EvidenceKind.DOCUMENT


class LinkForm(LedgerForm):
    """What a piece of evidence proves; one that the address filled in counts without being touched."""

    class Meta:
        model = EvidenceLink
        fields = tuple(PROVEN)

    def has_changed(self) -> bool:
        """Whether something is chosen."""
        return super().has_changed() or (
            self.instance.pk is None and any(self.data.get(self.add_prefix(name)) for name in PROVEN)
        )
