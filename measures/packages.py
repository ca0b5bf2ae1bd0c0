"""What files of office programs have in common (pure): how large they may be, and what of them is never opened."""

import lzma
import re
import struct
import zipfile
import zlib

MOST_MB = 20
MOST_UNPACKED = 200 * 1024 * 1024
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
