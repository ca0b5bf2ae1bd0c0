"""Files are known by what they hold; pictures lose what tells of place and person."""

from collections.abc import Callable
from hashlib import sha256
from io import BytesIO
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import override_settings
from PIL import ExifTags, Image, ImageCms, PngImagePlugin

from measures.forms.contents import ENDINGS, recognised, take, tidy_name
from tests.files import HEIC, office_file, pdf_file, picture, zip_file

WORD, SHEET, SLIDES = (kind for kind in ENDINGS if "officedocument" in kind)


def upload(content: bytes, name: str = "表.doc") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, content)


def said(call: Callable[..., Any], content: bytes) -> str:
    with pytest.raises(ValidationError) as caught:
        call(upload(content))
    return " ".join(caught.value.messages)


def opened(content: bytes) -> Image.Image:
    """The picture as it is kept."""
    return Image.open(take(upload(content)).file)


def damaged(content: bytes) -> bytes:
    """One byte in the middle of the last part is another one."""
    at = content.rindex(b"PK\x01\x02") - 20
    return content[:at] + bytes([content[at] ^ 0xFF]) + content[at + 1 :]


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        (pdf_file(), "application/pdf"),
        (picture("PNG"), "image/png"),
        (picture("JPEG"), "image/jpeg"),
        (picture("WEBP"), "image/webp"),
        (picture("MPO", save_all=True, append_images=[Image.new("RGB", (3, 3))]), "image/jpeg"),
        (HEIC, "image/jpeg"),
        (office_file("docx"), WORD),
        (office_file("xlsx"), SHEET),
        (office_file("pptx"), SLIDES),
    ],
)
def test_a_file_is_known_by_its_content_whatever_its_name(content: bytes, kind: str) -> None:
    taken = take(upload(content))
    assert taken.content_type == kind
    assert taken.name.endswith(ENDINGS[kind][0])


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"", "文件是空的"),
        (b"MZ\x90" + bytes(90), "只收PDF"),
        (b"\x7fELF" + bytes(90), "只收PDF"),
        (b"#!/bin/sh\nrm x", "只收PDF"),
        (b"<!DOCTYPE html><html><script>1</script>", "网页、程序不收"),
        (b'<svg xmlns="http://www.w3.org/2000/svg"/>', "只收PDF"),
        ("签到表".encode(), "只收PDF"),
        (zip_file(a=b"x"), "压缩包请解开后逐份上传"),
        (b"Rar!\x1a\x07\x01\x00" + bytes(90), "压缩包请解开后逐份上传"),
        (b"7z\xbc\xaf\x27\x1c\x00\x04" + bytes(90), "压缩包请解开后逐份上传"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600), "旧版或加了密码"),
        (picture("GIF"), "请另存为 JPG"),
        (picture("TIFF"), "请另存为 JPG"),
        (b"\x00\x00\x00\x18ftypmp42" + bytes(90), "图片、视频或录音"),
    ],
)
def test_what_is_not_accepted_is_refused_with_what_to_do(content: bytes, sentence: str) -> None:
    assert sentence in said(recognised, content)


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (zip_file(**{"[Content_Types].xml": b"<Types/>", "word/document.xml": b"<w/>"}), "只收PDF"),
        (zip_file(**{"[Content_Types].xml": b"<!DOCTYPE x><Types/>"}), "只收PDF"),
        (zip_file(**{"[Content_Types].xml": b"no xml"}), "只收PDF"),
        (zip_file(**{"word/document.xml": b"<w/>"}), "只收PDF"),
        (office_file("docx", main="application/vnd.ms-word.document.macroEnabled.main+xml"), "带宏"),
        (office_file("xlsx", **{"xl/vbaProject.bin": b"x"}), "带宏"),
        (office_file("docx", **{"word/media/a.bmp": bytes(201 * 1024 * 1024)}), "解开后太大"),
        (office_file("docx")[:-30], "不完整或已损坏"),
        (damaged(office_file("docx")), "不完整或已损坏"),
        (office_file("docx") + b"<html>", "不完整或已损坏"),
        (b"<html>" + office_file("docx"), "只收PDF"),
    ],
)
def test_an_office_file_is_looked_into(content: bytes, sentence: str) -> None:
    assert sentence in said(recognised, content)


def test_an_office_file_of_too_many_parts_is_refused() -> None:
    assert "解开后太大" in said(recognised, office_file("xlsx", **{f"a{n}": b"" for n in range(10_000)}))


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"%PDF-1.7 x", "这份 PDF 不完整"),
        (pdf_file() + bytes(2000), "这份 PDF 不完整"),
        (b"<html>" + pdf_file(), "只收PDF"),
        (b"%PDF-1.4\n" + zip_file(a=b"x") + b"%%EOF", "夹带了压缩包"),
    ],
)
def test_a_pdf_is_a_pdf_from_beginning_to_end(content: bytes, sentence: str) -> None:
    assert sentence in said(recognised, content)


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_a_damaged_picture_is_refused(kind: str) -> None:
    content = picture(kind, size=(200, 200), noise=True)
    assert "图片不完整或已损坏" in said(take, content[: len(content) // 2])


def test_a_heic_at_which_the_decoder_breaks_down_is_refused() -> None:
    assert "图片不完整或已损坏" in said(take, HEIC[:178] + b"\xf7" + HEIC[179:])


def test_a_heic_of_too_many_pixels_is_refused(settings: object) -> None:
    settings.EVIDENCE_MAX_PIXELS = 100
    assert "请缩小" in said(take, HEIC)


def test_a_damaged_heic_is_refused() -> None:
    assert "图片不完整或已损坏" in said(take, HEIC[:-40])


def with_metadata(kind: str) -> bytes:
    """A picture that tells where and by whom it was taken, in every way its kind has; turned by the camera."""
    exif = Image.Exif()
    exif[ExifTags.Base.Orientation] = 6
    exif[ExifTags.Base.Artist] = "SECRET"
    exif.get_ifd(ExifTags.IFD.GPSInfo)[ExifTags.GPS.GPSLatitude] = (24.0, 1.0, 2.0)
    more: dict[str, Any] = {"exif": exif}
    if kind == "PNG":
        text = PngImagePlugin.PngInfo()
        text.add_text("Comment", "SECRET")
        text.add_itxt("XML:com.adobe.xmp", "<x>SECRET</x>")
        more["pnginfo"] = text
    else:
        more["xmp"] = b"<x>SECRET</x>"
    if kind == "JPEG":
        more["comment"] = b"SECRET"
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    return picture(kind, size=(60, 40), icc_profile=profile, **more) + b"SECRET"


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_a_picture_loses_its_place_its_author_and_its_comments_and_stands_upright(kind: str) -> None:
    content = with_metadata(kind)
    assert b"SECRET" in content
    taken = take(upload(content))
    kept = taken.file.read()
    kept_picture = Image.open(BytesIO(kept))
    assert b"SECRET" not in kept
    assert not set(kept_picture.info) & {"exif", "xmp", "comment", "Comment", "icc_profile"}
    assert not kept_picture.getexif()
    assert (kept_picture.size, kept_picture.format) == ((40, 60), kind)


def test_a_photo_of_a_telephone_becomes_an_upright_jpeg() -> None:
    assert b"Exif" in HEIC
    taken = take(upload(HEIC, "IMG_0001.HEIC"))
    photo = Image.open(taken.file)
    assert (photo.format, photo.size, taken.name) == ("JPEG", (40, 60), "IMG_0001.jpg")
    assert not photo.getexif()
    (red, _, _), (_, _, blue) = photo.getpixel((2, 30)), photo.getpixel((37, 30))
    assert (red > 200, blue > 200) == (True, True)  # the upper half, blue, has come to the right


@pytest.mark.parametrize(("size", "kept"), [((4000, 1000), (2000, 500)), ((100, 90), (100, 90))])
def test_a_picture_is_scaled_down_never_up(size: tuple[int, int], kept: tuple[int, int]) -> None:
    assert opened(picture("JPEG", size=size)).size == kept


@pytest.mark.parametrize(
    ("mode", "kind", "kept"),
    [
        ("P", "PNG", "RGB"),
        ("1", "PNG", "RGB"),
        ("I;16", "PNG", "L"),
        ("LA", "PNG", "RGBA"),
        ("CMYK", "JPEG", "RGB"),
    ],
)
def test_odd_colours_become_plain_ones(mode: str, kind: str, kept: str) -> None:
    assert opened(picture(kind, mode=mode)).mode == kept


def test_grey_stays_as_bright_as_it_was() -> None:
    content = BytesIO()
    Image.new("I;16", (9, 9), 128 * 256).save(content, "PNG")
    assert opened(content.getvalue()).getpixel((4, 4)) == 128


@override_settings(EVIDENCE_MAX_PIXELS=10_000)
def test_a_picture_of_too_many_pixels_is_refused_before_it_is_unpacked(monkeypatch: Any) -> None:
    monkeypatch.setattr(Image.Image, "thumbnail", lambda *args: pytest.fail("unpacked"))
    assert "超过1万像素" in said(take, picture("PNG", size=(101, 100)))


def test_a_bomb_of_a_picture_is_refused() -> None:
    assert "超过5000万像素" in said(take, picture("PNG", mode="1", size=(30_000, 30_000)))


@override_settings(EVIDENCE_MAX_MB=1)
def test_a_file_that_is_too_large_is_refused() -> None:
    assert "文件有2MB，超过1MB" in said(take, bytes(1024 * 1024 + 1))


def test_what_was_uploaded_and_what_is_kept_are_both_known_again() -> None:
    for content, same in ((pdf_file(), True), (picture("JPEG"), False)):
        taken = take(upload(content))
        assert taken.upload_sha256 == sha256(content).hexdigest()
        kept = taken.file.read()
        assert (taken.sha256, taken.size) == (sha256(kept).hexdigest(), len(kept))
        assert (taken.sha256 == taken.upload_sha256) is same


@pytest.mark.parametrize(
    ("name", "kept"),
    [
        ("奖牌.pdf", "奖牌.pdf"),
        ("ＩＭＧ．JPG", "IMG.JPG.pdf"),
        ("..／..／etc／签到表.PDF", "签到表.PDF"),
        ("C:\\桌面\\签到表.exe", "签到表.exe.pdf"),
        (".pdf", ".pdf.pdf"),
        ("长" * 300, "长" * 196 + ".pdf"),
    ],
)
def test_a_file_keeps_its_name_without_folders_and_ends_as_its_content(name: str, kept: str) -> None:
    assert tidy_name(name, "application/pdf") == kept
