"""Seals of the audit trail: all heads of its chains, signed with a key that is not in the database, in a file outside it.

One seal is one line of JSON, tied to the line before it; once a head is sealed, events before it can neither be cut
off nor written anew without a trace.
"""

import fcntl
import hmac
import json
import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from io import TextIOWrapper
from pathlib import Path
from typing import Any

from django.conf import settings
from django.utils import timezone

from organs.models import AuditLink


@dataclass(frozen=True)
class Seal:
    """The heads of all chains at one moment: number and hash of the last link by chain."""

    number: int
    at: str
    heads: dict[int, tuple[int, str]]
    signature: str


@contextmanager
def held(path: Path, *, to_write: bool = False) -> Iterator[TextIOWrapper]:
    """The file of seals, held against others that write (or, to write, against all) until the end of the block.

    To write it is made where there is none, readable for its owner only; to read, FileNotFoundError is raised.
    """
    if to_write:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    flags = os.O_RDWR | os.O_APPEND | os.O_CREAT if to_write else os.O_RDONLY
    handle = os.open(path, flags, 0o600)
    with os.fdopen(handle, "r+" if to_write else "r", encoding="ascii", errors="replace") as file:
        fcntl.flock(file, fcntl.LOCK_EX if to_write else fcntl.LOCK_SH)
        yield file


def read(file: TextIOWrapper) -> tuple[list[Seal], list[str]]:
    """The seals that are as they were written, and a sentence for each line that is not."""
    seals: list[Seal] = []
    wrong: list[str] = []
    previous = ""
    for row, line in enumerate(file, 1):
        if (said := _said(line)) is None:
            wrong.append(f"封存文件第{row}行：签名不符，这一行被改动，或者密钥不是封存时的密钥。")
            continue
        if said["previous"] != previous:
            wrong.append(f"封存文件第{row}行：与上一行接不上，中间有删除、插入或调换。")
        previous = said["signature"]
        heads = {chain: (number, hash) for chain, number, hash in said["heads"]}
        seals.append(Seal(said["number"], said["at"], heads, previous))
    return seals, wrong


def append(file: TextIOWrapper, links: Iterable[AuditLink], after: Seal | None) -> Seal:
    """Seal the heads behind the last seal; the line is on the disk when this returns."""
    said: dict[str, Any] = {
        "number": after.number + 1 if after else 1,
        "at": f"{timezone.localtime():%Y-%m-%d %H:%M:%S}",
        "heads": [[link.chain, link.number, link.hash] for link in links],
        "previous": after.signature if after else "",
    }
    said["signature"] = _signature(said)
    file.write(_text(said) + "\n")
    file.flush()
    os.fsync(file.fileno())
    heads = {chain: (number, hash) for chain, number, hash in said["heads"]}
    return Seal(said["number"], said["at"], heads, said["signature"])


def _said(line: str) -> dict[str, Any] | None:
    """What a line says; None unless it is signed with our key."""
    try:
        said = json.loads(line)
        signature = said.pop("signature")
        genuine = hmac.compare_digest(signature, _signature(said))
    except (ValueError, KeyError, TypeError, AttributeError):
        return None
    return {**said, "signature": signature} if genuine and line.endswith("\n") else None


def _signature(said: dict[str, Any]) -> str:
    return hmac.new(settings.AUDIT_SEAL_KEY.encode(), _text(said).encode(), "sha256").hexdigest()


def _text(said: dict[str, Any]) -> str:
    return json.dumps(said, sort_keys=True, separators=(",", ":"))
