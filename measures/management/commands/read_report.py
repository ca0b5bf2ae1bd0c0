"""Reads a report and prints which figures it says; stores nothing."""

import hashlib
import json
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db.models import Q

from measures.figures import Figure, read
from measures.numerals import plain
from organs.models import Organ

MOST_BYTES = 10_000_000


class Command(BaseCommand):
    """Proposals only: what a clerk would see beside the text."""

    help = "读一篇报告（TXT），列出其中的数字（只读，不入库）"

    def add_arguments(self, parser: CommandParser) -> None:
        """The file, whose report it is, and how to print."""
        parser.add_argument("file", metavar="文件", type=Path, help="TXT 文件，UTF-8 或 GB18030 编码。")
        parser.add_argument(
            "--organ", required=True, metavar="单位", help="这篇报告是哪个单位的：全称或简称。"
        )
        parser.add_argument("--json", action="store_true", help="按 JSON 输出。")

    def handle(self, *args: Any, **options: Any) -> None:
        """One line for each figure, or one JSON object."""
        organ = _organ(options["organ"])
        content = _content(options["file"])
        figures = read(_text(content, options["file"]))
        if options["json"]:
            told = {
                "organ": organ.name,
                "sha256": hashlib.sha256(content).hexdigest(),
                "figures": [as_plain(each) for each in figures],
            }
            self.stdout.write(json.dumps(told, ensure_ascii=False, indent=2))
            return
        for figure in figures:
            self.stdout.write(_line(figure))
        self.stdout.write(f"{organ.label}：共读出{len(figures)}个数字，没有入库。")


def as_plain(figure: Figure) -> dict[str, Any]:
    """A figure for JSON; amounts are text, so that none of them turns into a binary fraction."""
    quantity = figure.quantity
    return {
        "words": figure.words,
        "start": figure.start,
        "end": figure.end,
        "amount": plain(figure.amount),
        "unit": figure.unit,
        "qualifier": figure.qualifier.value,
        "range": quantity.range_words if quantity else None,
        "baseline": None if figure.baseline is None else plain(figure.baseline),
        "what": figure.what,
        "applies_to": list(figure.applies_to),
        "part_of": figure.part_of,
        "pair": figure.pair,
        "period": figure.period,
        "sentence": figure.sentence,
        "reason": figure.reason,
    }


def _line(figure: Figure) -> str:
    quantity = figure.quantity
    known = f"（{quantity.range_words}）" if quantity and quantity.uncertain else ""
    part = "其中：" if figure.part_of is not None else ""
    return f"{part}{figure.what or '（没有名称）'}　{figure.words}{known}"


def _organ(name: str) -> Organ:
    found = Organ.objects.filter(Q(name=name) | Q(short_name=name))[:2]
    if len(found) != 1:
        raise CommandError(f"有多个单位叫“{name}”，请写全称。" if found else f"没有单位“{name}”。")
    return found[0]


def _content(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            content = file.read(MOST_BYTES + 1)
    except OSError as error:
        raise CommandError(f"打不开文件“{path}”：{error.strerror}。") from error
    if len(content) > MOST_BYTES:
        raise CommandError(f"文件“{path}”太大了，最多{MOST_BYTES // 1_000_000} MB。")
    return content


def _text(content: bytes, path: Path) -> str:
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            text = content.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\0" not in text:
            return text
    raise CommandError(f"“{path}”不是文本文件，请另存为 TXT（UTF-8）再试。")
