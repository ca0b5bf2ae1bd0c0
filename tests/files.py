"""Files as people upload them."""

import os
import subprocess
import zipfile
from collections.abc import Sequence
from io import BytesIO
from pathlib import Path
from typing import Any

from PIL import Image

#: 60 × 40, red below blue, turned by the camera to stand upright, with the place where it was taken.
HEIC = (Path(__file__).parent / "photo.heic").read_bytes()
_OFFICE = {
    "docx": ("word/document.xml", "wordprocessingml.document"),
    "xlsx": ("xl/workbook.xml", "spreadsheetml.sheet"),
    "pptx": ("ppt/presentation.xml", "presentationml.presentation"),
}


def pdf_file(words: str = "") -> bytes:
    """The least that is a PDF from its first byte to its last."""
    return f"%PDF-1.4\n% {words}\ntrailer <<>>\nstartxref\n0\n%%EOF\n".encode()


def picture(
    kind: str, *, mode: str = "RGB", size: tuple[int, int] = (3, 3), noise: bool = False, **more: Any
) -> bytes:
    """A picture in a format; plain, or of noise, which no format makes small."""
    content = BytesIO()
    image = Image.frombytes(mode, size, os.urandom(3 * size[0] * size[1])) if noise else Image.new(mode, size)
    image.save(content, kind, **more)
    return content.getvalue()


def office_file(kind: str, main: str = "", **parts: bytes) -> bytes:
    """The least that is a DOCX, XLSX or PPTX, with further parts; `main` is another type of its main part."""
    name, word = _OFFICE[kind]
    main = main or f"application/vnd.openxmlformats-officedocument.{word}.main+xml"
    types = f'<Types><Override PartName="/{name}" ContentType="{main}"/></Types>'
    return zip_file(**{"[Content_Types].xml": types.encode(), name: b"<x/>" * 20, **parts})


def zip_file(**parts: bytes) -> bytes:
    """An archive of these parts."""
    content = BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as package:
        for name, part in parts.items():
            package.writestr(name, part)
    return content.getvalue()


def saved_by_office(files: Sequence[Path], kind: str, out: Path) -> list[Path]:
    """Workbooks as LibreOffice opens and saves them in a kind (xlsx, xls), in the same order, from one start of it."""
    program = ["soffice", f"-env:UserInstallation=file://{out.parent}/profile", "--headless"]
    asked = ["--convert-to", kind, "--outdir", str(out), *map(str, files)]
    subprocess.run([*program, *asked], check=True, capture_output=True, timeout=120)
    return [out / f"{file.stem}.{kind}" for file in files]
