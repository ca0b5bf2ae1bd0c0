"""The command that prints what a report says."""

import json
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from measures.models import Observation
from organs.models import Organ
from tests.measures.test_document_text import docx, paragraph

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
    assert lines[0] == "（没有标题）"
    assert lines[1] == "　　召开学习会　学习教育"
    figures = lines[lines.index("数字") + 1 :]
    assert figures[0] == "学习会　56次"
    assert figures[2] == "引进人才　50余人（51至59人）"
    assert lines[-1].endswith("共读出0个支柱、3条举措、3个数字，没有入库。")
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
    with pytest.raises(CommandError, match="文件不完整或已损坏"):
        said(tmp_path / "a.docx", organ=bureau.name)


OUTLINED = "某局总结\n一、突出政治建设\n上专题康政党课15场次。\n三、突出作风建设\n开展明察暗访3次。\n"


def test_the_outline_of_a_word_file_is_printed_with_what_to_look_at(bureau: Organ, tmp_path: Path) -> None:
    path = tmp_path / "总结.docx"
    path.write_bytes(docx("".join(map(paragraph, OUTLINED.splitlines()))))
    lines = said(path, organ=bureau.name).splitlines()
    assert lines[:2] == ["一、突出政治建设（政治建设）", "　　上专题康政党课　学习教育"]
    assert lines[2] == "三、突出作风建设（作风建设）"
    assert "　　三、：序号是一、三，不连续，照原文保留，请核对。" in lines
    assert "　　康政党课：“康政党课”可能是“廉政党课”，照原文保留，请核对。" in lines


def test_a_program_gets_the_outline_with_its_places_in_the_text(bureau: Organ, tmp_path: Path) -> None:
    path = tmp_path / "总结.txt"
    path.write_text(OUTLINED)
    told = json.loads(said(path, organ=bureau.name, json=True))
    first = told["parts"][0]
    assert (first["number"], first["heading"], first["theme"]) == ("一、", "突出政治建设", "政治建设")
    step = first["steps"][0]
    assert OUTLINED[step["start"] : step["end"]] == step["sentence"] == "上专题康政党课15场次。"
    assert [remark["words"] for remark in told["remarks"]] == ["康政党课", "三、"]
