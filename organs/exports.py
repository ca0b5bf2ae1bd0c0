"""A table as a file that is handed out."""

from datetime import date

from django.http import HttpResponse
from django.utils.http import content_disposition_header

from organs.sheets import Sheet, file_safe, xlsx

CONTENT_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
LONGEST_NAME = 80


def spreadsheet(sheet: Sheet, line: str, name: str, day: date) -> HttpResponse:
    """The sheet as XLSX with the line under its title; the file is called by the name and the day."""
    called = f"{file_safe(name)[:LONGEST_NAME]}{day:%Y%m%d}.xlsx"
    disposition = content_disposition_header(True, called) or ""
    return HttpResponse(
        xlsx(sheet, line), content_type=CONTENT_TYPE, headers={"Content-Disposition": disposition}
    )
