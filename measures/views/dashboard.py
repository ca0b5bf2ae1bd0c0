"""The pages that leaders read."""

from functools import partial

from django.core.exceptions import PermissionDenied
from django.http import FileResponse, Http404, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_safe

from measures import rollups
from measures.exports import exported
from measures.filters import OverviewFilter, chosen, days_of
from measures.models import CONFIRMED_STATES, Action, Evidence, Honour, Metric, Theme
from measures.pages import shown
from measures.period import Period, PeriodError
from organs.audit import record
from organs.models import AuditVerb, Organ
from organs.permissions import Right, SignedInRequest, scope

#: What a browser shows by itself; everything else is saved.
INLINE = ("image/", "application/pdf")
#: A file is no page of this site: it runs nothing and loads nothing.
FILE_POLICY = "sandbox; default-src 'none'; frame-ancestors 'none'"


@require_safe
def home(request: SignedInRequest) -> HttpResponse:
    """The first page after signing in: entry for staff, the trail for who only audits, the overview for leaders."""
    user = request.user
    if user.may_enter:
        return redirect("admin:index")
    return redirect("audit" if user.may_audit and not scope(user, Right.VIEW) else "overview")


@require_safe
def overview(request: SignedInRequest) -> HttpResponse:
    """Where the organs that the user sees stand."""
    if not scope(request.user, Right.VIEW):
        raise PermissionDenied
    view, found = chosen(request, by=OverviewFilter)
    days = days_of(found)
    if file := exported(request, lambda: rollups.overview_sheets(view, days), view):
        return file
    top = view.top or next(iter(view.visible), None)
    compare = view.narrowed("compare", **{"other" if view.top else "as_of": ""})
    context = {"form": found.form, "top": top, "compare": compare}
    return shown(request, "measures/overview.html", view, lambda: rollups.overview(view, days), **context)


@require_safe
def organ(request: SignedInRequest, pk: int) -> HttpResponse:
    """One organ: its ledger, figures and honours."""
    view, found = chosen(request, pk)
    shown = view.organs[0]  # the organ itself comes before those below it
    if file := exported(request, lambda: rollups.organ_sheets(view, shown), view):
        return file
    page = rollups.organ_page(view, shown)
    context = {"page": page, "view": view, "organ": shown, "form": found.form, "path": view.above(shown)}
    return render(request, "measures/organ.html", context)


@require_safe
def metric(request: SignedInRequest, pk: int, organ_pk: int | None = None) -> HttpResponse:
    """One metric: its total, its organs, its series; or the series of one organ."""
    rows = Metric.objects.visible_to(request.user)
    shown = get_object_or_404(rows.select_related("unit__base", "theme", "owner", "part_of", "pair"), pk=pk)
    view, found = chosen(request, organ_pk)
    only = view.organs[0] if organ_pk else None
    page = rollups.metric_page(view, shown, only)
    if file := exported(request, partial(rollups.metric_sheets, shown.name, page), view):
        return file
    context = {"page": page, "view": view, "organ": only, "metric": shown, "form": found.form}
    return render(request, "measures/metric.html", context)


@require_safe
def theme(request: SignedInRequest, pk: int) -> HttpResponse:
    """One theme: what the organs that the user sees do for it; nothing for whom there is no organ to see."""
    if not scope(request.user, Right.VIEW):
        raise Http404
    shown = get_object_or_404(Theme, pk=pk)
    view, found = chosen(request)
    if file := exported(request, lambda: rollups.theme_sheets(view, shown), view):
        return file
    context = {"view": view, "theme": shown, "form": found.form, "page": rollups.theme_page(view, shown)}
    return render(request, "measures/theme.html", context)


@require_safe
def passport(request: SignedInRequest, pk: int, organ_pk: int, key: str) -> HttpResponse:
    """The passport (溯源卡) of a figure at its lasting address: metric, organ, period."""
    shown = get_object_or_404(Metric, pk=pk)
    of: Organ = get_object_or_404(Organ, pk=organ_pk)
    try:
        period = Period.from_key(key)
    except PeriodError as error:
        raise Http404 from error
    rows = rollups.versions(request.user, shown, of, period)
    if not rows:
        raise Http404
    view, _ = chosen(request, at=period)
    page = rollups.passport(view, rows)
    if file := exported(request, partial(rollups.passport_sheets, page), view, of):
        return file
    context = {"page": page, "organ": of, "view": view}
    return render(request, "measures/passport.html", {**context, "sees_organ": _sees(request, of)})


@require_safe
def honour(request: SignedInRequest, pk: int) -> HttpResponse:
    """One honour."""
    shown = get_object_or_404(
        Honour.objects.visible_to(request.user).select_related("organ", "pillar"), pk=pk
    )
    view, _ = chosen(request)
    context = {"page": rollups.honour_page(view, shown), "organ": shown.organ, "view": view}
    return render(request, "measures/honour.html", {**context, "sees_organ": True})


@require_safe
def action(request: SignedInRequest, pk: int) -> HttpResponse:
    """One action with its activities; the address of a corrected version leads to the one that took its place."""
    rows = Action.objects.visible_to(request.user).select_related("organ", "pillar__theme", "theme", "kind")
    shown = get_object_or_404(rows, pk=pk)
    if shown.superseded_at:
        newer = shown.next_versions.get(state__in=CONFIRMED_STATES)
        return redirect(reverse("action", args=(newer.pk,), query=request.GET))
    view, _ = chosen(request)
    page = rollups.action_page(view, shown)
    if file := exported(request, partial(rollups.action_sheets, page), view, shown.organ):
        return file
    context = {"page": page, "organ": shown.organ, "view": view}
    return render(request, "measures/action.html", {**context, "sees_organ": _sees(request, shown.organ)})


@require_safe
def evidence(request: SignedInRequest, pk: int) -> HttpResponseBase:
    """The file of a piece of evidence, for those who may see it; each download leaves an event."""
    shown = get_object_or_404(Evidence.objects.visible_to(request.user).select_related("organ"), pk=pk)
    try:
        content = shown.file.open("rb")
    except FileNotFoundError as error:
        raise Http404 from error
    record(AuditVerb.DOWNLOAD, shown, by=request.user, organ=shown.organ)
    return FileResponse(
        content,
        as_attachment=not shown.content_type.startswith(INLINE),
        filename=shown.name,
        content_type=shown.content_type,
        headers={
            "Cache-Control": "private, no-store",
            "Content-Security-Policy": FILE_POLICY,
            "X-Content-Type-Options": "nosniff",
        },
    )


def _sees(request: SignedInRequest, organ: Organ) -> bool:
    """Whether the user may open the organ's page; joint organs may not."""
    return organ.path in scope(request.user, Right.VIEW)
