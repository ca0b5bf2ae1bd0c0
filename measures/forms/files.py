"""Files known by their content."""

import hashlib
from typing import Any

from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile
from PIL import Image, UnidentifiedImageError

from measures.forms.rows import LedgerForm
from measures.models import Evidence
from organs.forms import half_width

MOST_BYTES = 20 * 1024 * 1024
#: What is opened, and what it may turn out to be: MPO is the JPEG of phones that keep several pictures in one file.
FORMATS = ("JPEG", "PNG", "WEBP")
PICTURES = {"JPEG": "image/jpeg", "MPO": "image/jpeg", "PNG": "image/png", "WEBP": "image/webp"}
#: Endings of names by content, the usual one first.
ENDINGS = {
    "application/pdf": ("pdf",),
    "image/jpeg": ("jpg", "jpeg"),
    "image/png": ("png",),
    "image/webp": ("webp",),
}


class EvidenceForm(LedgerForm):
    """A piece of evidence (佐证材料); the file is known by its content, not by its name."""

    class Meta:
        model = Evidence
        fields = ("organ", "file", "caption", "kind", "document_number", "day")

    def clean_file(self) -> Any:
        """A PDF or a picture of at most 20 MB; ValidationError with a sentence."""
        file = self.cleaned_data["file"]
        if not isinstance(file, UploadedFile):
            return file
        size = file.size or 0
        if size > MOST_BYTES:
            raise ValidationError(f"文件有{size // 1024 // 1024}MB，超过20MB，请压缩后再传。")
        row = self.instance
        row.content_type, row.size, row.sha256 = recognised(file), size, digest(file)
        row.name, row.uploaded_by = tidy_name(file.name or "", row.content_type), self.by
        return file


def recognised(file: Any) -> str:
    """The media type that the content shows, whatever the name says; ValidationError for any other."""
    file.seek(0)
    start = file.read(5)
    file.seek(0)
    if start == b"%PDF-":
        return "application/pdf"
    try:
        with Image.open(file, formats=FORMATS) as picture:
            kind = PICTURES[picture.format or ""]
            picture.verify()
    except (UnidentifiedImageError, Image.DecompressionBombError, OSError, SyntaxError, ValueError) as error:
        raise ValidationError("只收 PDF、JPG、PNG、WEBP，这个文件不是，或者已经损坏。") from error
    finally:
        file.seek(0)
    return kind


def tidy_name(name: str, content_type: str) -> str:
    """The name of a file without folders, with the ending that its content has; at most 200 characters."""
    name = half_width(name).replace("\\", "/").rpartition("/")[2]
    stem, _, ending = name.rpartition(".")
    endings = ENDINGS[content_type]
    if not stem or ending.lower() not in endings:
        stem, ending = name, endings[0]
    return f"{stem[: 199 - len(ending)]}.{ending}"


def digest(file: Any) -> str:
    """The SHA-256 of the content."""
    sha = hashlib.sha256()
    file.seek(0)
    for chunk in file.chunks():
        sha.update(chunk)
    file.seek(0)
    return sha.hexdigest()
