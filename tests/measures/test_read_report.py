"""The command that prints what a report says."""

import json
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from measures.models import Observation
from organs.models import Organ

TEXT = "召开学习会56次。因病致贫由38.9%降低到25.6%。引进人才50余人。"


@pytest.fixture
def report(tmp_path: Path) -> Path:
    path = tmp_path / "report.txt"
    path.write_text(TEXT, encoding="gb18030")
    return path


def said(*arguments: object, **options: object) -> str:
    out = StringIO()
    call_command("read_report", *map(str, arguments), stdout=out, **options)
    return out.getvalue()


def test_a_report_is_told_line_by_line_and_nothing_is_stored(report: Path, bureau: Organ) -> None:
    lines = said(report, organ=bureau.name).splitlines()
    assert lines[0] == "学习会　56次"
    assert lines[2] == "引进人才　50余人（51至59人）"
    assert lines[-1].endswith("共读出3个数字，没有入库。")
    assert not Observation.objects.exists()


def test_a_program_gets_exact_text_for_amounts(report: Path, bureau: Organ) -> None:
    told = json.loads(said(report, organ=bureau.name, json=True))
    assert told["organ"] == bureau.name
    change = told["figures"][1]
    assert (change["amount"], change["baseline"], change["qualifier"]) == ("25.6", "38.9", "change_from_to")
    assert TEXT[change["start"] : change["end"]] == change["words"]


def test_what_cannot_be_read_is_said(report: Path, bureau: Organ, tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="没有单位“谁”"):
        said(report, organ="谁")
    with pytest.raises(CommandError, match="打不开文件"):
        said(tmp_path / "没有.txt", organ=bureau.name)
    (tmp_path / "a.docx").write_bytes(b"PK\x03\x04\x00\x00\xff\xff")
    with pytest.raises(CommandError, match="不是文本文件"):
        said(tmp_path / "a.docx", organ=bureau.name)
