"""Reads a report and prints its pillars, actions and figures, and what to look at again; stores nothing."""

import hashlib
import json
from collections.abc import Iterator
from dataclasses import asdict
from itertools import chain
from pathlib import Path
from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError, CommandParser

from measures.documents import DocumentError, text_of, unwrapped
from measures.figures import Figure, read
from measures.numerals import plain
from measures.outline import Outline, outline
from measures.packages import MOST_MB
from organs.models import Organ

MOST_SHOWN = 30


class Command(BaseCommand):
    """Proposals only: what a clerk would see beside the text."""

    help = "读一篇报告（DOCX 或 TXT），列出支柱、举措和其中的数字（只读，不入库）"

    def add_arguments(self, parser: CommandParser) -> None:
        """The file, whose report it is, and how to print."""
        parser.add_argument(
            "file", metavar="文件", type=Path, help="DOCX 文件，或 TXT（UTF-8、GB18030 编码）。"
        )
        parser.add_argument(
            "--organ", required=True, metavar="单位", help="这篇报告是哪个单位的：全称或简称。"
        )
        parser.add_argument("--json", action="store_true", help="按 JSON 输出。")

    def handle(self, *args: Any, **options: Any) -> None:
        """The outline, a line for each figure and for each remark; or one JSON object."""
        try:
            organ = Organ.objects.named(options["organ"])
        except ValidationError as error:
            raise CommandError(error.message) from error
        content = _content(options["file"])
        try:
            text = unwrapped(text_of(options["file"].name, content))
        except DocumentError as error:
            raise CommandError(str(error)) from error
        figures, found = read(text), outline(text)
        if options["json"]:
            told = {
                "organ": organ.name,
                "sha256": hashlib.sha256(content).hexdigest(),
                "text": text,
                "figures": [as_plain(each) for each in figures],
                "parts": [asdict(part) for part in found.parts],
                "remarks": [asdict(remark) for remark in found.remarks],
            }
            self.stdout.write(json.dumps(told, ensure_ascii=False, indent=2))
            return
        for line in chain(_outlined(found), ["数字"], map(_line, figures), _remarked(found)):
            self.stdout.write(line)
        steps = sum(len(part.steps) for part in found.parts)
        pillars = sum(bool(part.heading) for part in found.parts)
        self.stdout.write(
            f"{organ.label}：共读出{pillars}个支柱、{steps}条举措、{len(figures)}个数字，没有入库。"
        )


def _outlined(found: Outline) -> Iterator[str]:
    for part in found.parts:
        theme = f"（{part.theme}）" if part.theme else ""
        yield f"{part.number}{part.heading or '（没有标题）'}{theme}"
        for step in part.steps:
            yield f"　　{step.title}　{step.kind}"


def _remarked(found: Outline) -> Iterator[str]:
    if found.remarks:
        yield "请核对"
    for remark in found.remarks:
        yield f"　　{' '.join(remark.words.split())[:MOST_SHOWN]}：{remark.says}"


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


def _content(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            return file.read(MOST_MB * 1024 * 1024 + 1)
    except OSError as error:
        raise CommandError(f"打不开文件“{path}”：{error.strerror}。") from error
