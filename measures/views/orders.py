"""Long lists that a person has ordered, and their files."""

from io import BytesIO

from django.db import transaction
from django.db.models import Func
from django.http import FileResponse, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.views.decorators.http import require_safe

from measures.models import ListOrder
from measures.resources.kinds import KINDS
from measures.resources.orders import DAYS
from organs.audit import home_of, record
from organs.exports import CONTENT_TYPE
from organs.models import AuditVerb
from organs.permissions import SignedInRequest


@require_safe
def orders(request: SignedInRequest) -> HttpResponse:
    """What the person has ordered, ready or not."""
    found = ListOrder.objects.visible_to(request.user).defer("content", "rows")
    lines = [
        (row, KINDS[row.kind].label) for row in found.annotate(number=Func("rows", function="CARDINALITY"))
    ]
    return render(request, "measures/orders.html", {"lines": lines, "days": DAYS})


@require_safe
def order_file(request: SignedInRequest, pk: int) -> HttpResponseBase:
    """The file, for who has ordered it."""
    ready = ListOrder.objects.visible_to(request.user).filter(ready_at__isnull=False)
    row = get_object_or_404(ready, pk=pk)
    label = KINDS[row.kind].label
    with transaction.atomic():
        note = f"{label}列表，{len(row.rows)}行，{timezone.localtime(row.at):%Y-%m-%d %H:%M}要的"
        record(AuditVerb.DOWNLOAD, None, by=request.user, organ=home_of(request.user), note=note)
    name = f"{label}{timezone.localtime(row.ready_at):%Y%m%d}.xlsx"
    return FileResponse(
        BytesIO(bytes(row.content or b"")), as_attachment=True, filename=name, content_type=CONTENT_TYPE
    )
