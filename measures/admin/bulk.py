"""What is done to many rows at once: shown first, then done one by one, and told in one message."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.contrib import admin, messages
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString

from measures import batches, ledger, locks
from measures.admin.base import seen
from measures.models import KEPT_DAYS, Action, Batch, Reviewed
from measures.workflow import LINE, NO_RIGHT, Move, advance, refusal
from organs.admin_site import me
from organs.forms import has_personal_number
from organs.guarded import GuardedAdmin, answer, in_use
from organs.models import User
from organs.permissions import Right, scope

MOST_ROWS = 300
HELD = "还有佐证材料或别的内容与它相关，不能删除。"


@dataclass(frozen=True)
class Deed:
    """One thing to do to each of the rows chosen."""

    name: str
    label: str
    right: Right
    do: Callable[..., None]
    why_not: Callable[..., str]
    asks: str = ""
    four_eyes: bool = False


def _step(move: Move) -> Deed:
    def do(row: Reviewed, *, by: User, note: str, seen: datetime | None) -> None:
        advance(row, move.step, by=by, note=note, seen=seen)

    def refused(row: Reviewed, *, by: User) -> str:
        return refusal(row, move.step, by=by)

    return Deed(str(move.step), move.label, move.right, do, refused, move.asks, move.four_eyes)


def _delete(row: Reviewed, *, by: User, note: str, seen: datetime | None) -> None:
    locks.refuse_unseen(row, seen)
    ledger.delete(row, by=by, note=note)


def _why_kept(row: Reviewed, *, by: User) -> str:
    if not ledger.may_write(by, row):
        return NO_RIGHT
    return locks.why_locked(row) or locks.why_named(row, by=by) or (HELD if in_use(row) else "")


DEEDS = (*(_step(move) for move in LINE), Deed("delete", "删除", Right.ENTER, _delete, _why_kept))


def deeds_of(user: User, model: type[Reviewed]) -> list[Deed]:
    """What the user may do to rows of the model; closing is for actions only."""
    closing = {str(move.step) for move in LINE if move.field == "closing_state"}
    return [
        deed for deed in DEEDS if scope(user, deed.right) and (model is Action or deed.name not in closing)
    ]


def action_for(deed: Deed) -> Callable[..., Any]:
    """The deed as an action of a list."""

    def run(page: GuardedAdmin, request: HttpRequest, rows: QuerySet) -> HttpResponse | None:
        chosen = list(rows.order_by("pk")[: MOST_ROWS + 1])
        if len(chosen) > MOST_ROWS:
            page.message_user(request, f"一次最多办理{MOST_ROWS}条，请先筛选。", messages.WARNING)
            return None
        note = request.POST.get("review_note", "")
        missing = deed.asks and not note.strip()
        if "confirmed" not in request.POST or missing:
            return _ask(page, request, deed, chosen, missing="confirmed" in request.POST)
        _carry_out(page, request, deed, chosen, note)
        return None

    return run


def _ask(
    page: admin.ModelAdmin, request: HttpRequest, deed: Deed, chosen: list[Reviewed], *, missing: bool
) -> HttpResponse:
    if chosen and deed.name == "delete":
        locks.fetch_naming(chosen)
    rows = [(row, deed.why_not(row, by=me(request))) for row in chosen]
    context = {
        "title": f"{deed.label}：{page.opts.verbose_name}",
        "opts": page.opts,
        "deed": deed,
        "rows": rows,
        "possible": sum(not why for _, why in rows),
        "checkbox": ACTION_CHECKBOX_NAME,
        "missing": missing,
        "media": page.media,
    }
    return answer(request, "admin/bulk.html", context, page.admin_site)


def _carry_out(
    page: GuardedAdmin, request: HttpRequest, deed: Deed, chosen: list[Reviewed], note: str
) -> None:
    done, refused = [], []
    for row in chosen:
        try:
            with transaction.atomic():
                as_of = seen(request, f"seen_{row.pk}", needed=deed.four_eyes)
                deed.do(row, by=me(request), note=note, seen=as_of)
            done.append(row)
        except ValidationError as error:
            refused.append(f"“{row}”：{' '.join(error.messages)}")
        except PermissionDenied:
            refused.append(f"“{row}”：{deed.why_not(row, by=me(request))}")
    page.point_out(request, ["意见"] if has_personal_number(note) else [])
    said = f"{deed.label}：{len(done)}条已办"
    batch = batches.remember(
        [(row, (deed.name,)) for row in done], f"{said}（{page.opts.verbose_name}）", by=me(request)
    )
    if refused:
        more = f"等{len(refused)}条" if len(refused) > 5 else ""
        said += f"，{len(refused)}条未办——" + "；".join(why.rstrip("。") for why in refused[:5]) + more
    told = with_undo(said, batch, binned=deed.name == "delete") if batch else f"{said}。"
    page.message_user(request, told, messages.WARNING if refused else messages.SUCCESS)


def with_undo(said: str, batch: Batch, *, binned: bool = False) -> SafeString:
    """A message with the way to undo what it tells of, and to the bin where that is where the rows are."""
    kept = (
        format_html('；已移到<a href="{}">回收站</a>，{}天内可以恢复', reverse("bin"), KEPT_DAYS)
        if binned
        else ""
    )
    undo = reverse("bin_undo", args=(batch.pk,))
    return format_html('{}{}。<a href="{}">撤销这次操作</a>', said, kept, undo)
