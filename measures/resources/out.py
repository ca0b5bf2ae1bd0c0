"""Rows of the ledger as sheets that can be taken in again: lists as they are filtered, and an organ's ledger for print."""

from collections.abc import Iterable, Iterator
from datetime import date
from decimal import Decimal
from io import BytesIO
from itertools import groupby
from typing import Any

from django.db import transaction
from django.db.models import QuerySet
from django.http import FileResponse
from django.utils import timezone
from openpyxl import Workbook
from openpyxl.styles import Alignment, Border, Font, PatternFill, Side
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.worksheet import Worksheet

from measures.models import Action, Campaign, ReviewedQuerySet
from measures.resources.kind import Kind
from measures.resources.kinds import KINDS
from measures.resources.known import Known
from organs.audit import AT_ONCE, home_of, record
from organs.exports import CONTENT_TYPE
from organs.models import AuditVerb, Organ, User
from organs.permissions import Right
from organs.sheets import Cell, Sheet, file_safe, in_rows, put

_EDGE = Side("thin", color="808080")
_FRAME = Border(left=_EDGE, right=_EDGE, top=_EDGE, bottom=_EDGE)
_TOP, _MIDDLE = Alignment(vertical="top", wrap_text=True), Alignment("center", "center", wrap_text=True)
#: The columns of a printed ledger with their widths in characters.
LEDGER = (
    *(("number", "序号", 5), ("pillar", "创建支柱", 22), ("title", "举措", 26), ("kind", "类别", 10)),
    *(("leader", "责任领导", 11), ("office", "责任科室", 11), ("due_day", "完成时限", 11)),
    *(
        ("progress", "进展", 26),
        ("problem", "存在问题", 18),
        ("campaign", "创建活动", 16),
        ("mark", "系统标记", 12),
    ),
)
#: What only the program reads.
HIDDEN = frozenset({"campaign", "mark"})


def rows_out(kind: Kind, rows: QuerySet, known: Known) -> Iterator[tuple[Cell, ...]]:
    """The rows of a list with the marks by which they are known when they come back; a part of them in memory at a time."""
    ties = [field.name for field in kind.model._meta.many_to_many]
    found = rows.select_related(*kind.foreign).prefetch_related(*ties)
    for row in found.iterator(chunk_size=AT_ONCE):
        said = kind.texts(known, row)
        yield tuple(_cell(said.get(column.key)) for column in kind.columns)


def list_out(kind: Kind, rows: QuerySet, known: Known) -> Sheet:
    """A list of a kind as it is filtered."""
    return Sheet("rows", kind.label, heads(kind), tuple(rows_out(kind, rows, known)), "")


def heads(kind: Kind) -> tuple[str, ...]:
    """The heads of its columns."""
    return tuple(column.label for column in kind.columns)


@transaction.atomic
def list_file(kind: Kind, rows: ReviewedQuerySet, *, by: User) -> bytes:
    """A list as a file, with its event; what was retracted or corrected cannot be taken in again, and is left out."""
    asked, rows, day = rows.count(), rows.live(), timezone.localdate()
    number = rows.count()
    note = f"{kind.label}列表，{number}行"
    record(AuditVerb.EXPORT, None, by=by, organ=home_of(by), note=note)
    without = f"；已撤销、已更正的{asked - number}行没有列出" if asked > number else ""
    line = f"{kind.label} · {day:%Y-%m-%d}导出，改好可以再导入{without}"
    return in_rows(kind.label, line, heads(kind), rows_out(kind, rows, Known(by, right=Right.VIEW_DRAFTS)))


def handed_out(kind: Kind, rows: ReviewedQuerySet, *, by: User) -> FileResponse:
    """The same, to be stored by a browser."""
    content, name = BytesIO(list_file(kind, rows, by=by)), f"{kind.label}{timezone.localdate():%Y%m%d}.xlsx"
    return FileResponse(content, as_attachment=True, filename=name, content_type=CONTENT_TYPE)


def _cell(value: Any) -> Cell:
    return value if isinstance(value, str | Decimal | int | date) else ""


def ledger_out(organ: Organ, campaign: Campaign, rows: Iterable[Action], known: Known, day: date) -> bytes:
    """The ledger (台账) of an organ in a campaign as offices print it; taken in again, nothing has changed."""
    book = Workbook()
    page = book.active
    assert isinstance(page, Worksheet)
    page.title = file_safe(f"{organ.label}台账")[:31]
    last = get_column_letter(len(LEDGER) - len(HIDDEN))
    for row, (words, font) in enumerate(
        (
            (f"{organ.name}{campaign.name}台账", Font(size=18, bold=True)),
            (f"填报单位：{organ.name}　　　　填报日期：{day.year}年{day.month}月{day.day}日", Font(size=11)),
        ),
        1,
    ):
        page.merge_cells(f"A{row}:{last}{row}")
        put(page[f"A{row}"], words)
        page[f"A{row}"].font, page[f"A{row}"].alignment = (
            font,
            _MIDDLE if row == 1 else Alignment(vertical="center"),
        )
    for place, (key, label, width) in enumerate(LEDGER, 1):
        head = page.cell(3, place)
        put(head, label)
        head.font, head.border, head.alignment = Font(bold=True), _FRAME, _MIDDLE
        head.fill = PatternFill("solid", fgColor="F0EEEA")
        page.column_dimensions[get_column_letter(place)].width = width
        page.column_dimensions[get_column_letter(place)].hidden = key in HIDDEN
    bottom = 3
    actions = KINDS["actions"]
    numbered = enumerate(rows, 1)
    for _, group in groupby(numbered, lambda pair: pair[1].pillar_id):
        top = bottom + 1
        for number, action in group:
            bottom += 1
            said = {**actions.texts(known, action), "number": number}
            for place, (key, _, _) in enumerate(LEDGER, 1):
                cell = page.cell(bottom, place)
                if key != "pillar" or bottom == top:
                    put(cell, _cell(said.get(key)))
                cell.border, cell.alignment = _FRAME, _TOP
        if bottom > top:
            page.merge_cells(start_row=top, end_row=bottom, start_column=2, end_column=2)
    put(page.cell(bottom + 2, 2), "填报人：")
    put(page.cell(bottom + 2, 4), "审核人：")
    put(page.cell(bottom + 2, 8), "负责人：")
    _for_paper(page)
    file = BytesIO()
    book.save(file)
    return file.getvalue()


def _for_paper(page: Worksheet) -> None:
    """A4 across, as wide as the paper, heads on every page, pages numbered."""
    page.freeze_panes = "A4"
    page.print_title_rows = "3:3"
    page.page_setup.orientation = Worksheet.ORIENTATION_LANDSCAPE
    page.page_setup.paperSize = Worksheet.PAPERSIZE_A4
    page.page_setup.fitToHeight = 0
    page.sheet_properties.pageSetUpPr.fitToPage = True
    page.oddFooter.center.text = "第&P页，共&N页"
