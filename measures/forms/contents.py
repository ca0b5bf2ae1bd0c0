"""What an uploaded file is by its content, and what of it is kept."""

import hashlib
import zipfile
import zlib
from dataclasses import dataclass
from io import BytesIO
from typing import IO, Any
from xml.etree import ElementTree

import filetype
from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.files import File
from django.core.files.base import ContentFile
from PIL import Image, ImageCms, ImageOps

from measures.forms.heic import LONGER_SIDE, TooManyPixelsError, decoded
from organs.typed import half_width

ACCEPTED = "PDF、照片和截图（JPG、PNG、WEBP、HEIC）、DOCX、XLSX、PPTX"
_OFFICE = "application/vnd.openxmlformats-officedocument"
#: Endings of names by what is kept, the usual one first.
ENDINGS = {
    "application/pdf": ("pdf",),
    "image/jpeg": ("jpg", "jpeg"),
    "image/png": ("png",),
    "image/webp": ("webp",),
    f"{_OFFICE}.wordprocessingml.document": ("docx",),
    f"{_OFFICE}.spreadsheetml.sheet": ("xlsx",),
    f"{_OFFICE}.presentationml.presentation": ("pptx",),
}
_CONVERTED = ("heic", "heif")
#: What is opened, and what it turns out to be → how it is kept: MPO is the JPEG of phones that keep several
#: pictures in one file.
FORMATS = ("JPEG", "PNG", "WEBP")
PICTURES = {"JPEG": "JPEG", "MPO": "JPEG", "PNG": "PNG", "WEBP": "WEBP"}
#: An Office file is a ZIP: what all its parts together may hold, and how many parts there may be.
_MOST_UNPACKED = 200 * 1024 * 1024
_MOST_PARTS = 10_000
_MOST_TYPES = 1024 * 1024
_PDF, _ZIP, _ZIP_END, _OLE = b"%PDF-", b"PK\x03\x04", b"PK\x05\x06", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_ZIP_END_LENGTH = 22
#: The reader of a PDF finds its end within so many bytes.
_PDF_END = 1024
_BAD_PICTURE = (OSError, SyntaxError, ValueError, EOFError, RuntimeError)
_BAD_ZIP = (zipfile.BadZipFile, zlib.error, OSError, EOFError, ValueError, RuntimeError, KeyError)


@dataclass(frozen=True)
class Taken:
    """A file as it is kept, with the SHA-256 of what is kept and of what was uploaded."""

    file: File
    name: str
    content_type: str
    size: int
    sha256: str
    upload_sha256: str


def take(file: File) -> Taken:
    """The file as it is kept: pictures without their metadata, upright and scaled; ValidationError with a sentence."""
    size = file.size or 0
    if size > settings.EVIDENCE_MAX_MB * 1024 * 1024:
        raise ValidationError(
            f"文件有{-(-size // 1024 // 1024)}MB，超过{settings.EVIDENCE_MAX_MB}MB，请压缩或拆分后再传。"
        )
    uploaded, content_type = digest(file), recognised(file)
    content = file
    if content_type.startswith("image/"):
        content, content_type = tidy_picture(file, is_heic=content_type == "image/heic")
    name = tidy_name(file.name or "", content_type)
    content.name = name
    kept = uploaded if content is file else digest(content)
    return Taken(content, name, content_type, content.size, kept, uploaded)


def recognised(file: IO[bytes] | File) -> str:
    """The media type that the content shows, whatever the name says; ValidationError for what is not accepted."""
    file.seek(0)
    start = file.read(8192)
    kind = filetype.guess_mime(start) or ""
    if kind == "application/pdf":
        _check_pdf(file, start)
    elif start.startswith(_ZIP):
        kind = _office_type(file)
    elif kind not in ("image/jpeg", "image/png", "image/webp", "image/heic"):
        raise ValidationError(_refusal(start, kind))
    file.seek(0)
    return kind


def _refusal(start: bytes, kind: str) -> str:
    """What is accepted and what to do instead."""
    if not start:
        return "文件是空的，请重新选择。"
    if start.startswith(_OLE):
        return "旧版或加了密码的 Office、WPS 文件不收，请去掉密码，另存为 DOCX、XLSX、PPTX 或 PDF 再传。"
    if kind.startswith(("image/", "video/", "audio/")):
        return f"不收这种图片、视频或录音，只收{ACCEPTED}；图片请另存为 JPG 或截图再传。"
    return f"只收{ACCEPTED}，这个文件的内容不是；压缩包请解开后逐份上传，网页、程序不收。"


def _check_pdf(file: IO[bytes] | File, start: bytes) -> None:
    """Raise ValidationError unless it is a PDF from its first byte to its last and nothing else besides."""
    file.seek(0, 2)
    file.seek(max(0, file.tell() - _PDF_END))
    if not start.startswith(_PDF) or b"%%EOF" not in file.read():
        raise ValidationError("这份 PDF 不完整或已损坏，请重新扫描、导出后再传。")
    if zipfile.is_zipfile(file):
        raise ValidationError("这份 PDF 里夹带了压缩包，请重新导出成 PDF 再传。")


def _office_type(file: Any) -> str:
    """The media type of an Office file without macros; ValidationError for every other ZIP.

    Its list of parts ([Content_Types].xml, ECMA-376 part 2) names the main part; all parts are unpacked once to see
    that they are whole.
    """
    file.seek(-_ZIP_END_LENGTH, 2)
    whole = file.read(len(_ZIP_END)) == _ZIP_END  # nothing hangs behind it
    try:
        with zipfile.ZipFile(file) as package:
            parts = package.infolist()
            if len(parts) > _MOST_PARTS or sum(part.file_size for part in parts) > _MOST_UNPACKED:
                raise ValidationError(
                    "这份文件解开后太大，不收；请删减图片、工作表后另存，或导出成 PDF 再传。"
                )
            types = _part_types(package)
            if any("macro" in name or "vba" in name for name in types | {p.filename.lower() for p in parts}):
                raise ValidationError("带宏的文件不收，请另存为不带宏的 DOCX、XLSX、PPTX 或 PDF 再传。")
            main = [kind for kind in ENDINGS if f"{kind}.main+xml" in types]
            whole = whole and package.testzip() is None
    except _BAD_ZIP as error:
        raise ValidationError("文件不完整或已损坏，请重新保存后再传。") from error
    if len(main) != 1:
        raise ValidationError(_refusal(_ZIP, "application/zip"))
    if not whole:
        raise ValidationError("文件不完整或已损坏，请重新保存后再传。")
    return main[0]


def _part_types(package: zipfile.ZipFile) -> set[str]:
    """The media types that the package declares of its parts; none for a ZIP that is no Office file."""
    if "[Content_Types].xml" not in package.namelist():
        return set()
    with package.open("[Content_Types].xml") as listed:
        text = listed.read(_MOST_TYPES)
    if b"<!" in text:  # no declarations: nothing to expand
        return set()
    try:
        return {element.get("ContentType", "").lower() for element in ElementTree.fromstring(text)}
    except ElementTree.ParseError:
        return set()


def tidy_picture(file: IO[bytes] | File, *, is_heic: bool = False) -> tuple[ContentFile, str]:
    """The picture upright, at most 2,000 pixels wide and high, without metadata, and its media type.

    HEIC becomes JPEG. Raises ValidationError for too many pixels (before they are unpacked) and for a damaged file.
    """
    content = BytesIO()
    try:
        source = BytesIO(decoded(file.read(), settings.EVIDENCE_MAX_PIXELS)) if is_heic else file
        with Image.open(source, formats=FORMATS) as opened:
            if opened.width * opened.height > settings.EVIDENCE_MAX_PIXELS:
                raise ValidationError(_too_many_pixels())
            kind = "JPEG" if is_heic else PICTURES[opened.format or ""]
            picture = _plain_colours(_upright(opened), kind)
            picture.info.clear()
            picture.save(content, kind, quality=85)
    except (Image.DecompressionBombError, TooManyPixelsError) as error:
        raise ValidationError(_too_many_pixels()) from error
    except _BAD_PICTURE as error:
        raise ValidationError("图片不完整或已损坏，请重新拍照、截图或另存后再传。") from error
    return ContentFile(content.getvalue()), f"image/{kind.lower()}"


def _too_many_pixels() -> str:
    return f"图片超过{settings.EVIDENCE_MAX_PIXELS // 10_000}万像素，请缩小或截取后再传。"


def _upright(picture: Image.Image) -> Image.Image:
    """Scaled, then turned as the camera was held: the limit is the same for both sides, and a smaller picture turns faster."""
    if picture.mode in ("1", "P"):
        picture = picture.convert("RGBA" if picture.has_transparency_data else "RGB")
    picture.thumbnail((LONGER_SIDE, LONGER_SIDE), Image.Resampling.LANCZOS, reducing_gap=2)
    return ImageOps.exif_transpose(picture)


def _plain_colours(picture: Image.Image, kind: str) -> Image.Image:
    """In the colours that every screen takes for granted (sRGB): the profile of the camera goes with the metadata."""
    wanted = "L" if picture.mode in ("L", "I;16") else "RGB"
    if picture.has_transparency_data and kind != "JPEG":
        wanted = "RGBA"
    if picture.mode == "I;16":
        picture = picture.point(lambda level: level / 256)
    profile = picture.info.get("icc_profile")
    if profile and picture.mode in ("RGB", "RGBA", "CMYK"):
        try:
            own = ImageCms.ImageCmsProfile(BytesIO(profile))
            target = "RGBA" if picture.mode == "RGBA" else "RGB"
            picture = (
                ImageCms.profileToProfile(picture, own, ImageCms.createProfile("sRGB"), outputMode=target)
                or picture
            )
        except (ImageCms.PyCMSError, OSError):
            pass  # a profile that cannot be read changes no colours
    return picture if picture.mode == wanted else picture.convert(wanted)


def tidy_name(name: str, content_type: str) -> str:
    """The name of a file without folders, with the ending of what is kept of it; at most 200 characters."""
    name = half_width(name).replace("\\", "/").rpartition("/")[2]
    stem, _, ending = name.rpartition(".")
    endings = ENDINGS[content_type]
    if stem and ending.lower() in _CONVERTED:
        ending = endings[0]
    if not stem or ending.lower() not in endings:
        stem, ending = name, endings[0]
    return f"{stem[: 199 - len(ending)]}.{ending}"


def digest(file: File) -> str:
    """The SHA-256 of the content."""
    sha = hashlib.sha256()
    file.seek(0)
    for chunk in file.chunks():
        sha.update(chunk)
    file.seek(0)
    return sha.hexdigest()
