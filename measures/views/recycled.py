"""The bin (回收站) and the undoing of what was done to many rows at once."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.paginator import Page, Paginator
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.html import format_html
from django.views.decorators.http import require_http_methods

from measures import batches, restoring
from measures.filters import BinFilter
from measures.models import KEPT_DAYS, Batch, Discarded
from organs.forms import row_number
from organs.models import User
from organs.permissions import Right, SignedInRequest, scope

ROWS_ON_A_PAGE = 50
#: So many of the latest steps are looked at for one that can still be undone.
LATEST = 5


@require_http_methods(["GET", "HEAD", "POST"])
def bin_page(request: SignedInRequest) -> HttpResponse:
    """What was deleted of the organs that the user enters for; a POST restores one of it."""
    if not scope(request.user, Right.ENTER):
        raise PermissionDenied
    if request.method == "POST":
        return _restore(request)
    rows = Discarded.objects.visible_to(request.user).kept()
    form = BinFilter(request.GET, rows=rows)
    found = form.found.select_related("organ", "by")
    query = request.GET.copy()
    query.pop("page", None)
    done = Batch.objects.filter(by=request.user, turned=None).undoable()[:LATEST]
    page: Page[Discarded] = Paginator(found, ROWS_ON_A_PAGE).get_page(request.GET.get("page"))
    lost = restoring.lost(page)
    context = {
        "form": form,
        "page": page,
        "rows": [(row, lost.get(row.pk, "")) for row in page],
        "query": query.urlencode(),
        "days": KEPT_DAYS,
        "last": next((batch for batch in done if _is_open(batch, by=request.user)), None),
        "today": timezone.localdate(),
    }
    return render(request, "measures/bin.html", context)


def _is_open(batch: Batch, *, by: User) -> bool:
    return batches.is_seen(batch, by=by) and not batches.touched(batch)


def _restore(request: SignedInRequest) -> HttpResponse:
    asked = row_number(request.POST.get("restore"))
    entry = Discarded.objects.visible_to(request.user).kept().filter(pk=asked or 0).first()
    if entry is None:
        messages.warning(request, restoring.GONE)
        return redirect(request.get_full_path())
    try:
        row, left = restoring.restore(entry, by=request.user)
    except ValidationError as error:
        messages.warning(request, f"没有恢复“{entry}”：{' '.join(error.messages)}")
    except PermissionDenied:
        messages.warning(request, f"没有恢复“{entry}”：它所证明的内容不归您填报。")
    else:
        said = format_html(
            '已恢复{}“<a href="{}">{}</a>”。', entry.get_kind_display(), restoring.address(row), entry
        )
        messages.success(request, said)
        if left:
            messages.warning(request, f"它原来证明的内容有{left}项已经不在了，请打开重新选上它证明什么。")
    return redirect(request.get_full_path())


@require_http_methods(["GET", "HEAD", "POST"])
def undo(request: SignedInRequest, pk: int) -> HttpResponse:
    """What undoing would do, row by row; a POST does it for all of them or for none."""
    batch = get_object_or_404(Batch, pk=pk, by=request.user, turned=None)
    if not batches.is_seen(batch, by=request.user):
        raise Http404
    if request.method == "POST":
        try:
            number = batches.undo(batch, by=request.user)
        except ValidationError as error:
            messages.warning(request, " ".join(error.messages))
            return redirect(request.path)
        messages.success(request, f"已撤销“{batch}”，{number}条恢复原样。")
        return redirect("bin")
    past = batches.PAST if batch.is_past else ""
    touched = [] if batch.undone_at or past else batches.touched(batch)
    rows = [(row["name"], batches.undone_by(row["deeds"])) for row in batch.rows]
    context = {"batch": batch, "rows": rows, "touched": touched, "past": past}
    return render(request, "measures/bin_undo.html", context)
