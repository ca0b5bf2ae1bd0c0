"""What files of office programs have in common (pure): how large they may be, and what of them is never opened."""

import lzma
import re
import struct
import zipfile
import zlib

MOST_MB = 20
MOST_UNPACKED = 200 * 1024 * 1024
#: One part of XML, and the elements of all: 20,000 rows of 14 columns are 30 MB and not a million elements.
MOST_XML, MOST_ELEMENTS = 64 * 1024 * 1024, 2_000_000
ZIP, OLE = b"PK\x03\x04", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
#: What reading a damaged package can raise.
BAD = (
    *(zipfile.BadZipFile, KeyError, ValueError, OSError, EOFError, TypeError, AttributeError, IndexError),
    *(RuntimeError, SyntaxError, zlib.error, lzma.LZMAError, struct.error),
)
_DECLARED = re.compile(
    b"|".join(
        re.escape(word.encode(code))
        for word in ("<!DOCTYPE", "<!ENTITY")
        for code in ("utf-8", "utf-16-le", "utf-16-be")
    )
)
_PIECE = 1024 * 1024
_OVERLAP = 20


def too_large(package: zipfile.ZipFile) -> bool:
    """Whether a package would fill the memory."""
    return sum(part.file_size for part in package.infolist()) > MOST_UNPACKED


def too_long(package: zipfile.ZipFile) -> bool:
    """Whether there is more XML in a package than is read while somebody waits; a few bytes are an element."""
    parts = [part for part in package.infolist() if part.filename.lower().endswith(".xml")]
    if any(part.file_size > MOST_XML for part in parts):
        return True
    left = MOST_ELEMENTS
    for part in parts:
        with package.open(part) as opened:
            while piece := opened.read(_PIECE):
                left -= piece.count(b"<") - piece.count(b"</")
                if left < 0:
                    return True
    return False


def declares(package: zipfile.ZipFile) -> bool:
    """Whether any XML in a package declares what it would be expanded to; office programs never write that."""
    return any(
        _declares(package, part) for part in package.infolist() if part.filename.endswith((".xml", ".rels"))
    )


def _declares(package: zipfile.ZipFile, part: zipfile.ZipInfo) -> bool:
    with package.open(part) as opened:
        end = b""
        while piece := opened.read(_PIECE):
            if _DECLARED.search(end + piece):
                return True
            end = piece[-_OVERLAP:]
    return False
