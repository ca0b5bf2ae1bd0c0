"""The pages that leaders read."""

from functools import partial

from django.core.exceptions import PermissionDenied
from django.http import FileResponse, Http404, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.views.decorators.http import require_safe

from measures import rollups
from measures.exports import exported
from measures.filters import OverviewFilter, chosen, days_of
from measures.models import CONFIRMED_STATES, Evidence
from measures.pages import kept, shown
from measures.period import Period, PeriodError
from organs.audit import record
from organs.models import AuditVerb
from organs.permissions import Right, SignedInRequest, scope

#: What a browser shows by itself; everything else is saved.
INLINE = ("image/", "application/pdf")
#: A file is no page of this site: it runs nothing and loads nothing.
FILE_POLICY = "sandbox; default-src 'none'; frame-ancestors 'none'"


@require_safe
@kept
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
@kept
def organ(request: SignedInRequest, pk: int) -> HttpResponse:
    """One organ: its ledger, figures and honours."""
    view, found = chosen(request, pk)
    own = view.organs[0]  # the organ itself comes before those below it
    if file := exported(request, lambda: rollups.organ_sheets(view, own), view):
        return file
    part = view.narrowed("overview") if len(view.organs) > 1 else ""
    context = {"organ": own, "form": found.form, "path": view.above(own), "part": part}
    return shown(request, "measures/organ.html", view, lambda: rollups.organ_page(view, own), **context)


@require_safe
@kept
def metric(request: SignedInRequest, pk: int, organ_pk: int | None = None) -> HttpResponse:
    """One metric: its total, its organs, its series; or the series of one organ."""
    view, found = chosen(request, organ_pk)
    row = rollups.load_metrics(view).get(pk)
    if row is None:
        raise Http404
    only = view.organs[0] if organ_pk else None
    page = partial(rollups.metric_page, view, row, only)
    if file := exported(request, lambda: rollups.metric_sheets(row.name, page()), view):
        return file
    context = {"organ": only, "metric": row, "form": found.form}
    return shown(request, "measures/metric.html", view, page, **context)


@require_safe
@kept
def theme(request: SignedInRequest, pk: int) -> HttpResponse:
    """One theme: what the organs that the user sees do for it; nothing for whom there is no organ to see."""
    if not scope(request.user, Right.VIEW):
        raise Http404
    view, found = chosen(request)
    row = rollups.load_themes(view).get(pk)
    if row is None:
        raise Http404
    if file := exported(request, lambda: rollups.theme_sheets(view, row), view):
        return file
    context = {"theme": row, "form": found.form}
    return shown(request, "measures/theme.html", view, lambda: rollups.theme_page(view, row), **context)


@require_safe
@kept
def passport(request: SignedInRequest, pk: int, organ_pk: int, key: str) -> HttpResponse:
    """The passport (溯源卡) of a figure at its lasting address: metric, organ, period."""
    try:
        period = Period.from_key(key)
    except PeriodError as error:
        raise Http404 from error
    view, _ = chosen(request, at=period)
    known = rollups.versions(view, pk, organ_pk, period)
    if not known.rows:
        raise Http404
    row, of = known.rows[0].metric, known.rows[0].organ
    page = partial(rollups.passport, view, known)
    if file := exported(request, lambda: rollups.passport_sheets(page()), view, of):
        return file
    context = {"metric": row, "organ": of, "sees_organ": of in view.visible}
    return shown(request, "measures/passport.html", view, page, about=of, **context)


@require_safe
@kept
def honour(request: SignedInRequest, pk: int) -> HttpResponse:
    """One honour."""
    row = rollups.seen_honour(request, pk)
    view, _ = chosen(request)
    context = {"honour": row, "organ": row.organ, "sees_organ": True}
    page = partial(rollups.honour_page, view, row)
    return shown(request, "measures/honour.html", view, page, about=row.organ, **context)


@require_safe
@kept
def action(request: SignedInRequest, pk: int) -> HttpResponse:
    """One action with its activities; the address of a corrected version leads to the one that took its place."""
    row = rollups.seen_action(request, pk)
    if row.superseded_at:
        newer = row.next_versions.get(state__in=CONFIRMED_STATES)
        return redirect(reverse("action", args=(newer.pk,), query=request.GET))
    view, _ = chosen(request)
    page = partial(rollups.action_page, view, row)
    if file := exported(request, lambda: rollups.action_sheets(page()), view, row.organ):
        return file
    context = {"action": row, "organ": row.organ, "sees_organ": row.organ in view.visible}
    return shown(request, "measures/action.html", view, page, about=row.organ, **context)


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
