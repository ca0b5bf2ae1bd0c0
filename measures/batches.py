"""What was done to many rows at once is remembered, so that the one who did it can undo it in one go.

`remember` is called in the transaction of the deeds, with each row and the names of what was done to it in order
("create", "delete", or a step of the review line that a clerk takes). `undo` takes the inverse of each, the last first,
through the same doors. What a reviewer said (approval, return, retraction) is never undone: such deeds have no inverse.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from hashlib import sha256
from typing import Any, cast

from django.apps import apps
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import models, transaction
from django.utils import timezone

from measures import ledger, restoring
from measures.locks import Locked, beside
from measures.models import KEPT_DAYS, Action, Batch, Campaign, Discarded, Reviewed
from measures.workflow import Step, advance, ask_again
from organs.audit import canonical
from organs.models import Organ, User
from organs.permissions import Right, scope

Undo = Callable[[models.Model, User], None]
Deeds = Sequence[str]
#: Rows by kind and key.
Found = dict[tuple[str, int], models.Model]
#: What the trail and the review line say of each row.
UNDOING = "撤销成批操作"
PAST = f"这次操作已过{KEPT_DAYS}天，不能再整体撤销，请逐条办理。"


def _step(step: Step) -> Undo:
    def take(row: models.Model, by: User) -> None:
        if isinstance(row, Reviewed):
            advance(row, step, by=by, note=UNDOING)

    return take


def _discard(row: models.Model, by: User) -> None:
    ledger.delete(row, by=by, note=UNDOING)


def _ask_again(row: models.Model, by: User) -> None:
    if isinstance(row, Action):
        ask_again(row, by=by, note=UNDOING)


def _restore(row: models.Model, by: User) -> None:
    entry = Discarded.objects.get(kind=row._meta.model_name, row_id=row.pk)
    restoring.restore(entry, by=by, note=UNDOING)


#: By what was done: what undoes it.
INVERSE: dict[str, Undo] = {
    "create": _discard,
    "delete": _restore,
    Step.SUBMIT: _step(Step.WITHDRAW),
    Step.WITHDRAW: _step(Step.SUBMIT),
    Step.CLOSE: _step(Step.WITHDRAW_CLOSING),
    Step.WITHDRAW_CLOSING: _ask_again,
}


def remember(
    done: Iterable[tuple[models.Model, Deeds]],
    words: str,
    *,
    by: User,
    turned: Campaign | None = None,
    closed: bool = False,
) -> Batch | None:
    """Keep what was done to each row; None where nothing was done, or something that no clerk undoes.

    `turned` is the campaign from which a new one was made, and `closed` whether that closed it (see `measures.turning`).
    """
    rows = [_remembered(row, deeds) for row, deeds in done]
    if not rows or any(deed not in INVERSE for row in rows for deed in row["deeds"]):
        return None
    if turned and closed:
        rows.append(_remembered(turned, ["close"]))
    batch = Batch(by=by, words=words[:200], rows=rows, turned=turned)
    batch.save()
    return batch


def _remembered(row: models.Model, deeds: Deeds) -> dict[str, Any]:
    known = {"kind": row._meta.model_name, "pk": row.pk, "name": str(row)[:100]}
    organ = ledger.organ_of(row)
    return {**known, "organ": organ and organ.pk, "deeds": list(deeds), "mark": mark(row)}


def is_seen(batch: Batch, *, by: User) -> bool:
    """Whether the user enters for all the organs to whose rows something was done, as when they did it."""
    organs = {row.get("organ") for row in batch.rows}
    entered = Organ.objects.filter(scope(by, Right.ENTER).q("path"), pk__in=organs - {None})
    return entered.count() == len(organs)


def mark(row: models.Model) -> str:
    """What tells whether somebody has touched the row since."""
    if isinstance(row, Reviewed):
        return row.changed_at.isoformat()
    return sha256(canonical(row).encode()).hexdigest()


def touched(batch: Batch) -> list[str]:
    """The names of the rows that somebody has touched since, or that are gone."""
    return _touched(batch, _stored(batch))


def _touched(batch: Batch, found: Found) -> list[str]:
    names = []
    for row in batch.rows:
        now = found.get((row["kind"], row["pk"]))
        if now is None or ("delete" not in row["deeds"] and mark(now) != row["mark"]):
            names.append(row["name"])
    return names


def _stored(batch: Batch, *, hold: bool = False) -> Found:
    """The rows as they are, locked with `hold`; for a deleted one, which the bin has, an empty row of its key."""
    found: Found = {}
    by_kind: dict[tuple[str, bool], list[int]] = defaultdict(list)
    for row in batch.rows:
        by_kind[row["kind"], "delete" in row["deeds"]].append(row["pk"])
    for (kind, deleted), pks in by_kind.items():
        model = cast(type[models.Model], apps.get_model("measures", kind))
        rows: list[models.Model]
        if deleted:
            kept = Discarded.objects.kept().filter(kind=kind, row_id__in=pks)
            rows = [model(pk=pk) for pk in kept.values_list("row_id", flat=True)]
        else:
            stored = model._default_manager.filter(pk__in=pks).select_related(*beside(model)).order_by("pk")
            rows = list(stored.select_for_update(of=("self",)) if hold else stored)
        found |= {(kind, row.pk): row for row in rows}
    return found


@transaction.atomic
def undo(batch: Batch, *, by: User) -> int:
    """Take back what was done to all the rows, or to none; how many they are.

    For the one who did it; raises PermissionDenied, or Locked with the names of the rows that cannot go back.
    """
    stored = Batch.objects.select_for_update(of=("self",)).get(pk=batch.pk)
    if stored.by_id != by.pk or stored.turned_id:
        raise PermissionDenied
    if stored.undone_at:
        raise Locked("这次操作已经撤销过了。")
    if stored.is_past:
        raise Locked(PAST)
    found = _stored(stored, hold=True)
    if changed := _touched(stored, found):
        raise Locked(f"没有撤销。这些内容后来有人动过，或者已经不在了：{named(changed)}。")
    for row in reversed(stored.rows):
        for deed in reversed(row["deeds"]):
            _take_back(found[row["kind"], row["pk"]], deed, row["name"], by=by)
    stored.undone_at = timezone.now()
    stored.save()
    return len(stored.rows)


def _take_back(row: models.Model, deed: str, name: str, *, by: User) -> None:
    try:
        INVERSE[deed](row, by)
    except ValidationError as error:
        raise Locked(f"没有撤销。“{name}”：{' '.join(error.messages)}") from error
    except PermissionDenied as error:
        raise Locked(f"没有撤销。“{name}”：您现在没有办理这一条的权限。") from error


def named(names: Sequence[str]) -> str:
    """Names for a sentence, the first five of many."""
    more = f"等{len(names)}条" if len(names) > 5 else ""
    return "、".join(f"“{name}”" for name in names[:5]) + more


#: What undoing a deed means for its row, in words.
UNDONE = {
    "create": "移到回收站",
    "delete": "从回收站恢复",
    Step.SUBMIT: "撤回，回到草稿",
    Step.WITHDRAW: "重新报审",
    Step.CLOSE: "撤回销号申请",
    Step.WITHDRAW_CLOSING: "重新申请销号",
}


def undone_by(deeds: Sequence[str]) -> str:
    """What undoing would do to a row, in words."""
    return "，".join(UNDONE[deed] for deed in reversed(deeds))
