"""The pages that leaders read."""

from django.core.exceptions import PermissionDenied
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_safe

from measures import rollups
from measures.filters import chosen
from measures.models import Action, Evidence, Honour, Metric
from measures.period import Period, PeriodError
from organs.audit import record
from organs.models import AuditVerb, Organ
from organs.permissions import Right, scope

INLINE = ("image/", "application/pdf")


def home(request: HttpRequest) -> HttpResponse:
    """The first page after signing in: entry for staff, the overview for leaders."""
    if request.user.is_staff or not scope(request.user, Right.VIEW):
        return redirect("admin:index" if request.user.is_staff else "overview")
    return redirect("overview")


@require_safe
def overview(request: HttpRequest) -> HttpResponse:
    """Where the organs that the user sees stand."""
    if not scope(request.user, Right.VIEW):
        raise PermissionDenied
    view, found = chosen(request)
    top = view.organs[0] if view.organs else None
    context = {"page": rollups.overview(view), "view": view, "form": found.form, "top": top}
    return render(request, "measures/overview.html", context)


@require_safe
def organ(request: HttpRequest, pk: int) -> HttpResponse:
    """One organ: its ledger, figures and honours."""
    shown = get_object_or_404(Organ.objects.visible_to(request.user), pk=pk)
    view, found = chosen(request, shown)
    page = rollups.organ_page(view, shown)
    context = {"page": page, "view": view, "organ": shown, "form": found.form, "path": _above(request, shown)}
    return render(request, "measures/organ.html", context)


@require_safe
def metric(request: HttpRequest, pk: int, organ_pk: int | None = None) -> HttpResponse:
    """One metric: its total, its organs, its series; or the series of one organ."""
    shown = get_object_or_404(
        Metric.objects.visible_to(request.user).select_related("unit__base", "theme", "owner", "part_of", "pair"), pk=pk
    )
    only = get_object_or_404(Organ.objects.visible_to(request.user), pk=organ_pk) if organ_pk else None
    view, found = chosen(request, only)
    page = rollups.metric_page(view, shown, only)
    context = {"page": page, "view": view, "organ": only, "metric": shown, "form": found.form}
    return render(request, "measures/metric.html", context)


@require_safe
def passport(request: HttpRequest, pk: int, organ_pk: int, key: str) -> HttpResponse:
    """The passport (溯源卡) of a figure at its lasting address: metric, organ, period."""
    shown = get_object_or_404(Metric, pk=pk)
    of = get_object_or_404(Organ.objects.visible_to(request.user), pk=organ_pk)
    try:
        period = Period.from_key(key)
    except PeriodError as error:
        raise Http404 from error
    rows = rollups.versions(request.user, shown, of, period)
    if not rows:
        raise Http404
    context = {"page": rollups.passport(request.user, rows), "organ": of, "metric": shown}
    return render(request, "measures/passport.html", context)


@require_safe
def honour(request: HttpRequest, pk: int) -> HttpResponse:
    """One honour."""
    shown = get_object_or_404(Honour.objects.visible_to(request.user).select_related("organ", "pillar"), pk=pk)
    return render(request, "measures/honour.html", {"page": rollups.honour_page(shown), "organ": shown.organ})


@require_safe
def action(request: HttpRequest, pk: int) -> HttpResponse:
    """One action with its activities."""
    rows = Action.objects.visible_to(request.user).select_related("organ", "pillar__theme", "theme", "kind")
    shown = get_object_or_404(rows, pk=pk)
    view, _ = chosen(request, shown.organ)
    context = {"page": rollups.action_page(view, shown), "organ": shown.organ}
    return render(request, "measures/action.html", context)


@require_safe
def evidence(request: HttpRequest, pk: int) -> HttpResponse:
    """The file of a piece of evidence, for those who may see it; each download leaves an event."""
    shown = get_object_or_404(Evidence.objects.visible_to(request.user).select_related("organ"), pk=pk)
    record(AuditVerb.DOWNLOAD, shown, by=request.user, organ=shown.organ)
    return FileResponse(
        shown.file.open("rb"),
        as_attachment=not shown.content_type.startswith(INLINE),
        filename=shown.name,
        content_type=shown.content_type,
    )


def _above(request: HttpRequest, shown: Organ) -> list[Organ]:
    """The organs above one that the user may see."""
    return [o for o in shown.get_ancestors() if o.path in scope(request.user, Right.VIEW)]
