"""From the bytes of a TXT or DOCX to its text, or a refusal in a sentence."""

import re
import zipfile
from io import BytesIO

from measures.documents.docx import TooLongError, body_text
from measures.packages import BAD, MOST_MB, OLE, ZIP, declares, too_large

MOST_CHARACTERS = 3_000_000
#: Programs on the net write document2.xml.
_MAIN = re.compile(r"word/document[0-9]?\.xml")
_ENCRYPTED = "EncryptedPackage".encode("utf-16-le")
_CONTROLS = re.compile("[\x00-\x08\x0e-\x1f\x7f]")
_UTF16 = (b"\xff\xfe", b"\xfe\xff")
_OTHER = {
    b"%PDF": "这是 PDF，读不出文字；请用 Word 文件（DOCX），或把正文复制过来。",
    b"{\\rtf": "这是 RTF 文件，请在 Word 或 WPS 里另存为 DOCX 再传。",
    b"<html": "这是网页，请在 Word 或 WPS 里另存为 DOCX 再传。",
    b"<!DOC": "这是网页，请在 Word 或 WPS 里另存为 DOCX 再传。",
    b"<?xml": "这不是 Word 文件，请在 Word 或 WPS 里另存为 DOCX 再传。",
}
_DAMAGED = "文件不完整或已损坏，请在 Word 或 WPS 里打开，另存为 DOCX 再传。"


class DocumentError(ValueError):
    """The file cannot be read; the message is a Chinese sentence for the person who gave it."""


def text_of(name: str, content: bytes) -> str:
    """The text of a TXT or DOCX, lines parted by "\\n"; what it is is seen from its content. Raises DocumentError."""
    if len(content) > MOST_MB * 1024 * 1024:
        raise DocumentError(f"文件超过{MOST_MB}MB，请删去图片或拆成几份再传。")
    if not content.strip():
        raise DocumentError("文件是空的，请重新选择。")
    if content.startswith(OLE):
        raise DocumentError(
            "文件加了密码，请去掉密码再传。"
            if _ENCRYPTED in content
            else "这是旧格式的文件（.doc 或 .wps），请在 Word 或 WPS 里另存为 DOCX 再传。"
        )
    if content.startswith(ZIP):
        text = _docx(content)
    elif name.lower().endswith((".docx", ".doc", ".wps", ".docm")):
        raise DocumentError(_said_of(content) or _DAMAGED)
    else:
        text = _plain(content)
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    if len(text) > MOST_CHARACTERS:
        raise DocumentError(_too_long())
    if not text.strip():
        raise DocumentError("文件里没有文字；如果是扫描的图片，请把正文打出来再传。")
    return text


def _docx(content: bytes) -> str:
    try:
        with zipfile.ZipFile(BytesIO(content)) as package:
            return body_text(package, _safe_main(package), MOST_CHARACTERS)
    except DocumentError:
        raise
    except TooLongError as error:
        raise DocumentError(_too_long()) from error
    except BAD as error:
        raise DocumentError(_DAMAGED) from error


def _safe_main(package: zipfile.ZipFile) -> str:
    """The name of the part that holds the text; raises DocumentError for what is not opened."""
    names = package.namelist()
    main = next((name for name in names if _MAIN.fullmatch(name)), None)
    if too_large(package):
        raise DocumentError("文件解开后太大，请删去图片再传。")
    if main is None:
        raise DocumentError("这不是 Word 文件，请在 Word 或 WPS 里另存为 DOCX 再传。")
    if any(part.flag_bits & 1 for part in package.infolist()):
        raise DocumentError("文件加了密码，请去掉密码再传。")
    if any(each.lower().endswith(("vbaproject.bin", "vbadata.xml")) for each in names):
        raise DocumentError("文件里有宏，不能打开；请另存为不带宏的 DOCX 再传。")
    if declares(package):
        raise DocumentError("文件里有不该有的声明，不能打开；请把正文复制到新的文件里再传。")
    return main


def _plain(content: bytes) -> str:
    """Text in UTF-8, in UTF-16 with its mark, or, as older programs of Chinese offices write it, GB18030."""
    if said := _said_of(content):
        raise DocumentError(said)
    for code in ("utf-16",) if content.startswith(_UTF16) else ("utf-8-sig", "gb18030"):
        try:
            text = content.decode(code)
        except UnicodeDecodeError:
            continue
        if not _CONTROLS.search(text):
            return text
    raise DocumentError("看不懂这个文件，请用 Word 文件（DOCX）或纯文本（TXT）。")


def _said_of(content: bytes) -> str:
    start = content[:1000].lstrip().removeprefix(b"\xef\xbb\xbf").lower()
    return next((said for mark, said in _OTHER.items() if start.startswith(mark.lower())), "")


def _too_long() -> str:
    return f"文字太多（最多{MOST_CHARACTERS // 10_000}万字），请拆成几份再传。"
