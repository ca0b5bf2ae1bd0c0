"""A table of a page as an XLSX file: what is handed out, to whom, and the event that it leaves."""

from collections.abc import Callable, Iterable

from django.http import Http404, HttpResponse
from django.utils.http import content_disposition_header

from measures.rollups.view import View
from measures.sheets import Sheet, file_safe, xlsx
from organs.audit import record
from organs.models import AuditVerb, Organ
from organs.permissions import SignedInRequest

CONTENT_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
LONGEST_NAME = 80


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
        about += [view.period.label, *([view.campaign.name] if view.campaign else [])]
    said = f"{sheet.title}（{'，'.join(about)}，{len(sheet.rows)}行）"
    record(AuditVerb.EXPORT, None, by=request.user, organ=organ or next(iter(view.visible), None), note=said)
    day = view.as_of or view.today
    name = file_safe(" ".join((about[0], sheet.title, *about[1:2])))[:LONGEST_NAME]
    line = " · ".join((*about, f"截至{day:%Y-%m-%d}{sheet.basis}"))
    return HttpResponse(
        xlsx(sheet, line),
        content_type=CONTENT_TYPE,
        headers={"Content-Disposition": content_disposition_header(True, f"{name}{day:%Y%m%d}.xlsx") or ""},
    )
