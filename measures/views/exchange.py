"""Sheets in (导入): brought, looked at row by row, then taken over as drafts or dropped."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from io import BytesIO

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import FileResponse, Http404, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from measures.models import Action, Campaign, Upload
from measures.resources import waiting
from measures.resources.analysis import STATUS_LABELS, Analysis, Entry, Status
from measures.resources.form_file import form_file
from measures.resources.kinds import KINDS
from measures.resources.known import Known
from measures.resources.organ_sheet import ORGANS, begun
from measures.resources.out import ledger_out
from measures.resources.upload_form import SheetForm
from measures.rollups.reminders import asked_of
from organs.audit import record
from organs.exports import CONTENT_TYPE
from organs.forms import has_personal_number, row_number
from organs.models import AuditVerb, Organ
from organs.permissions import Right, SignedInRequest, scope
from organs.sheets import file_safe

#: Rows that are shown of each kind; all are counted.
MOST_SHOWN = 100
MOST_NAMED = 5


@dataclass(frozen=True)
class Line:
    """A row as it is shown: the heads and texts of its cells."""

    entry: Entry
    texts: Sequence[tuple[str, str]]


@dataclass(frozen=True)
class Group:
    """Rows of which the same would become."""

    status: str
    label: str
    count: int
    lines: Sequence[Line]

    @property
    def more(self) -> int:
        """How many are not shown."""
        return self.count - len(self.lines)


def _guard(request: SignedInRequest) -> None:
    if not scope(request.user, Right.ENTER) and not scope(request.user, Right.ADMINISTER):
        raise PermissionDenied


@require_http_methods(["GET", "HEAD", "POST"])
def sheets(request: SignedInRequest) -> HttpResponse:
    """Where sheets are brought, and their forms handed out."""
    _guard(request)
    form = SheetForm(request.POST or None, request.FILES or None, by=request.user)
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        upload = waiting.wait(
            data["content"], name=data["file"].name, kind=data["kind"], home=data["home"], by=request.user
        )
        return redirect("sheet", upload.pk)
    context = {
        "form": form,
        "kinds": form.kinds,
        "keeps": form.kept.exists(),
        "organs": form.organs,
        "asked": asked_of(request.user),
        "waiting": Upload.objects.visible_to(request.user).defer("content"),
    }
    return render(request, "measures/sheets.html", context)


@require_safe
def sheet_form(request: SignedInRequest, name: str) -> HttpResponseBase:
    """The empty form of a kind for an organ."""
    reach = scope(request.user, Right.ADMINISTER if name == ORGANS.name else Right.ENTER)
    if not reach:
        raise PermissionDenied
    organs = Organ.objects.filter(reach.q("path"))
    asked = request.GET.get("home")
    found = organs.filter(pk=row_number(asked) or 0) if asked else organs
    organ = found.first()
    if name not in waiting.FORMS or organ is None:
        raise Http404
    kind = waiting.FORMS[name]
    title = file_safe(f"{organ.label} {kind.label}导入表")
    rows = None
    if name == ORGANS.name:
        rows = begun(request.user)
        record(AuditVerb.EXPORT, None, by=request.user, organ=organ, note=f"{title}，{len(rows)}行")
    content = BytesIO(form_file(kind, Known(request.user, organ), organ, begun=rows))
    return FileResponse(content, as_attachment=True, filename=f"{title}.xlsx", content_type=CONTENT_TYPE)


@require_http_methods(["GET", "HEAD", "POST"])
def sheet(request: SignedInRequest, pk: int) -> HttpResponse:
    """What would become of each row of a waiting sheet; sent, it is taken over or dropped."""
    upload = get_object_or_404(Upload.objects.visible_to(request.user).select_related("home", "by"), pk=pk)
    _guard(request)
    if request.method != "POST":
        return _shown(request, upload, waiting.looked_at(upload))
    if "drop" in request.POST:
        waiting.drop(upload)
        messages.success(request, f"“{upload.name}”没有导入，已从待导入里去掉。")
        return redirect("sheets")
    try:
        analysis, done = waiting.take(upload, request.POST.get("token", ""))
    except Upload.DoesNotExist:
        messages.warning(request, f"“{upload.name}”刚才已经导入或去掉，没有再导一次。")
        return redirect("sheets")
    except ValidationError as error:
        messages.error(request, " ".join(error.messages))
        return _shown(request, upload, waiting.looked_at(upload))
    if done is None:
        messages.warning(request, "看过以后内容有变动，还没有导入；请看过下面的新结果再确认。")
        return _shown(request, upload, analysis)
    new, changed = done
    words = [f"{verb}{n}条" for verb, n in (("新增", new), ("修改", changed)) if n]
    told = f"已导入“{upload.name}”：{'、'.join(words)}{_how_far(analysis.drafts, new + changed)}。"
    messages.success(request, told if words else "没有变化，什么也没有改。")
    if upload.kind == ORGANS.name:
        return redirect("admin:organs_organ_changelist")
    kind = KINDS[upload.kind].model._meta.model_name
    address = f"admin:measures_{kind}_changelist"
    if words and not analysis.drafts:
        return redirect(address)
    return redirect(f"{reverse(address)}?state=draft" if words else "sheets")


def _how_far(drafts: int, stored: int) -> str:
    """What is still to be done with what was stored."""
    if drafts == stored:
        return "草稿，请核对后报审"
    return f"，其中草稿{drafts}条，请核对后报审，其余已经生效" if drafts else "，已经生效"


@require_safe
def ledger(request: SignedInRequest, pk: int) -> HttpResponseBase:
    """The ledger of an organ in a campaign, as offices print it."""
    drafts = scope(request.user, Right.VIEW_DRAFTS)
    organ: Organ = get_object_or_404(Organ.objects.visible_to(request.user), pk=pk)
    if organ.path not in drafts:
        raise PermissionDenied
    campaigns = Campaign.objects.filter(pillars__organ=organ).distinct()
    asked = request.GET.get("campaign")
    campaign = campaigns.filter(pk=row_number(asked) or 0).first() if asked else campaigns.first()
    if campaign is None:
        raise Http404
    rows = Action.objects.heads().filter(organ=organ, pillar__campaign=campaign)
    rows = rows.select_related(*KINDS["actions"].foreign).order_by("pillar__order", "pillar", "order", "pk")
    day = timezone.localdate()
    content = ledger_out(organ, campaign, rows, Known(request.user, organ, right=Right.VIEW_DRAFTS), day)
    record(AuditVerb.EXPORT, None, by=request.user, organ=organ, note=f"{campaign.name}台账，{len(rows)}行")
    name = file_safe(f"{organ.label}{campaign.name}台账{day:%Y%m%d}")
    return FileResponse(
        BytesIO(content), as_attachment=True, filename=f"{name}.xlsx", content_type=CONTENT_TYPE
    )


def _shown(request: SignedInRequest, upload: Upload, analysis: Analysis) -> HttpResponse:
    kind = waiting.FORMS[upload.kind]
    entries = analysis.entries
    columns = [c for c in kind.columns if any(e.cells.get(c.key) or c.key in e.proposed for e in entries)]

    def line(entry: Entry) -> Line:
        return Line(entry, [(column.label, _said(entry, column.key)) for column in columns])

    groups = [
        Group(status.value, STATUS_LABELS[status], len(found), [line(entry) for entry in found[:MOST_SHOWN]])
        for status in (Status.REFUSED, Status.CHANGED, Status.NEW, Status.SAME)
        if (found := analysis.of(status))
    ]
    context = {
        "upload": upload,
        "kind": kind,
        "drafts": analysis.drafts,
        "analysis": analysis,
        "groups": groups,
        "columns": columns,
        "proposed": [c.label for c in columns if any(c.key in e.proposed for e in analysis.of(Status.NEW))],
        "possible": not analysis.refused and any(g.status in ("new", "changed") for g in groups),
        "personal": _personal(analysis),
    }
    return render(request, "measures/sheet.html", context)


def _said(entry: Entry, key: str) -> str:
    """What stands in a cell: a day as it will be stored, and what is only proposed with a mark."""
    if entry.status is Status.NEW and key in entry.proposed:
        return f"{entry.proposed[key]}（拟）"
    value, typed = getattr(entry.row, key, None), entry.cells.get(key, "")
    return f"{value:%Y-%m-%d}" if typed and isinstance(value, date) else typed


def _personal(analysis: Analysis) -> list[str]:
    """The rows in which a personal number seems to stand, a few of them."""
    found = (e.number for e in analysis.entries if any(map(has_personal_number, e.cells.values())))
    return [f"第{number}行" for number, _ in zip(found, range(MOST_NAMED), strict=False)]
