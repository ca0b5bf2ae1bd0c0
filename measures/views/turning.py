"""The year turns (结转): a steward makes the next campaign from the last one, and takes that back while nobody has approved."""

from collections.abc import Iterable

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods

from measures import rollups, turning
from measures.forms.turning import TurningForm
from measures.models import Batch, Campaign
from measures.rollups import Plan
from organs.permissions import Right, SignedInRequest, can


@require_http_methods(["GET", "HEAD", "POST"])
def next_campaign(request: SignedInRequest, pk: int) -> HttpResponse:
    """Three steps on one address: what to take along, what comes of it, done; afterwards how it stands."""
    rows = Campaign.objects.visible_to(request.user).select_related("owner")
    old = get_object_or_404(rows, pk=pk)
    if not can(request.user, Right.CATALOGUE, old.owner):
        raise PermissionDenied
    if batch := turning.turned_from(old):
        return _undo(request, batch) if "undo" in request.POST else _standing(request, old, batch)
    form = TurningForm(request.POST if request.method == "POST" else None, old=old)
    plan = rollups.turning_plan(old, request.user, form.begins)
    if request.method != "POST":
        return _first_step(request, plan, form, plan.ticked)
    ticks = plan.known(request.POST.get("ticks", "").split() or request.POST.getlist("tick"))
    if "all" in request.POST or "none" in request.POST:
        asked = request.POST.get("all", request.POST.get("none", ""))
        of = _items_of(plan, asked)
        return _first_step(
            request, plan, form, ticks | of if "all" in request.POST else ticks - of, opened=asked
        )
    if not form.is_valid() or not ({"preview", "confirm"} & request.POST.keys()):
        return _first_step(request, plan, form, ticks)
    return (
        _confirm(request, plan, form, ticks)
        if "confirm" in request.POST
        else _preview(request, plan, form, ticks)
    )


def _items_of(plan: Plan, asked: str) -> set[str]:
    """What the buttons 全选 and 全不选 of an organ mean, or those over all."""
    parts = (part for part in plan.parts if asked in ("", str(part.organ.pk)))
    return plan.known(item.token for part in parts for item in part.items)


def _first_step(
    request: SignedInRequest, plan: Plan, form: TurningForm, ticks: Iterable[str], *, opened: str = ""
) -> HttpResponse:
    context = {"old": plan.campaign, "plan": plan, "form": form, "ticks": set(ticks), "opened": opened}
    return render(request, "measures/turning.html", context)


def _preview(request: SignedInRequest, plan: Plan, form: TurningForm, ticks: set[str]) -> HttpResponse:
    parts = plan.chosen(ticks)
    chosen = [part for part in parts if part.takes_part or part.refused or part.goes_on]
    sums = {name: sum(len(getattr(part, name)) for part in chosen) for name in ("pillars", "actions", "aims")}
    sums |= {
        name: sum(getattr(part, name) for part in parts) for name in ("problems", "open_problems", "stages")
    }
    context = {
        "old": plan.campaign,
        "form": form,
        "new": form.cleaned_data,
        "chosen": chosen,
        "organs": sum(part.takes_part for part in chosen),
        "sums": sums,
        "ticks": " ".join(sorted(ticks)),
    }
    return render(request, "measures/turning_preview.html", context)


def _confirm(request: SignedInRequest, plan: Plan, form: TurningForm, ticks: set[str]) -> HttpResponse:
    asked = form.cleaned_data
    days = (asked["first_day"], asked["last_day"])
    try:
        new = turning.turn(plan, ticks, name=asked["name"], days=days, close=form.closes, by=request.user)
    except ValidationError as error:
        messages.error(request, f"没有办成，什么都没有改动：{' '.join(error.messages)}")
        return _first_step(request, plan, form, ticks)
    messages.success(request, f"已建立“{new}”。复制的内容都是草稿，请各单位核对后报审。")
    return redirect(request.path)


def _standing(request: SignedInRequest, old: Campaign, batch: Batch) -> HttpResponse:
    context = {"old": old, "batch": batch, "found": turning.standing(batch)}
    return render(request, "measures/turned.html", context)


def _undo(request: SignedInRequest, batch: Batch) -> HttpResponse:
    try:
        old = turning.undo(batch, by=request.user)
    except ValidationError as error:
        messages.error(request, f"没有撤销：{' '.join(error.messages)}")
    else:
        messages.success(request, f"已撤销结转，“{old}”恢复到结转以前。")
    return redirect(request.path)
