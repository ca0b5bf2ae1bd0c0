"""A table of a page as an XLSX file: what is handed out, to whom, and the event that it leaves."""

from collections.abc import Callable, Iterable

from django.db import transaction
from django.http import Http404, HttpResponse

from measures.rollups.view import View
from organs.audit import record
from organs.exports import spreadsheet
from organs.models import AuditVerb, Organ
from organs.permissions import SignedInRequest
from organs.sheets import Sheet


def exported(
    request: SignedInRequest, sheets: Callable[[], Iterable[Sheet]], view: View, organ: Organ | None = None
) -> HttpResponse | None:
    """The table that the address asks for by `export=<name>` as a file; None if it asks for the page itself.

    Leaves an event with the organ that the page is about (the top one of the view unless named). Raises Http404
    for a name that no table of the page has.
    """
    if "export" not in request.GET:
        return None
    sheet = next((sheet for sheet in sheets() if sheet.name == request.GET["export"]), None)
    if sheet is None:
        raise Http404
    organ = organ or view.top
    about = [sheet.of or (organ.name if organ else "全部单位")]
    if not sheet.of:
        about.append(view.when)
    said = f"{sheet.title}（{'，'.join(about)}，{len(sheet.rows)}行）"
    day = view.as_of or view.today
    line = " · ".join((*about, f"截至{day:%Y-%m-%d}{sheet.basis}"))
    with transaction.atomic():  # pages are read without one
        record(
            AuditVerb.EXPORT, None, by=request.user, organ=organ or next(iter(view.visible), None), note=said
        )
        return spreadsheet(sheet, line, " ".join((about[0], sheet.title, *about[1:2])), day)
