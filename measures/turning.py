"""The turn of the year: a new campaign from the last one in one transaction, and all of it undone again."""

from collections import Counter
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.apps import apps
from django.core.exceptions import PermissionDenied
from django.db import models, transaction
from django.db.models import Q, QuerySet
from django.utils import timezone

from measures import batches, ledger
from measures.carrying import Copy, carry_over, copied, take_away
from measures.locks import Locked
from measures.models import (
    CONFIRMED_STATES,
    Action,
    Activity,
    Batch,
    Campaign,
    Evidence,
    EvidenceLink,
    Honour,
    Milestone,
    Observation,
    Participation,
    Pillar,
    Target,
)
from measures.rollups.turning import Aim, Chosen, Plan, moved, pending
from organs.models import Organ, User
from organs.permissions import Right, can

#: Names the old campaign in a batch, if the turn closed it.
CLOSED = "close"
#: So many organs are named of those that have entered something.
MOST_NAMED = 5


@transaction.atomic
def turn(
    plan: Plan, ticks: Collection[str], *, name: str, days: tuple[date, date], close: bool, by: User
) -> Campaign:
    """The new campaign with drafts of all that is ticked; raises PermissionDenied, Locked or ValidationError."""
    old = Campaign.objects.select_for_update(of=("self",), no_key=True).get(pk=plan.campaign.pk)
    if not can(by, Right.CATALOGUE, old.owner):
        raise PermissionDenied
    if turned_from(old):
        raise Locked("这个活动已经办过结转，要重新办请先撤销那一次。")
    new = Campaign(name=name, owner=old.owner, first_day=days[0], last_day=days[1])
    ledger.create(new, by=by, note=f"由“{old.name}”结转")
    chosen = plan.chosen(plan.known(ticks))
    again = [Participation(campaign=new, organ=part.organ) for part in chosen if part.takes_part]
    for row in again:
        ledger.create(row, by=by)
    copies = _copies(chosen, old, new)
    carry_over(copies, of=old, into=new, by=by)
    if closes := close and not old.closed:
        old.closed = True
        ledger.change(old, by=by, note=f"结转为“{new.name}”")
    made: list[models.Model] = [new, *again, *(copy.row for copy in copies)]
    done: list[tuple[models.Model, tuple[str, ...]]] = [(row, ("create",)) for row in made]
    batches.remember(done, f"由“{old.name}”结转为“{new.name}”"[:200], by=by, turned=old, closed=closes)
    return new


def _copies(chosen: Iterable[Chosen], old: Campaign, new: Campaign) -> list[Copy]:
    """What is ticked as rows of the new campaign."""
    copies = []
    for part in chosen:
        pillars = {row.pk: copied(row, campaign=new) for row in part.pillars}
        copies += [Copy(pillars[row.pk], row) for row in part.pillars]
        for action in part.actions:
            start, due = moved(action, old, new.first_day)
            anew = {"pillar": pillars[action.pillar_id], "start_day": start, "due_day": due}
            row = copied(action, **anew, progress="", problem="", closed_on=None)
            links = {n: list(getattr(action, n).all()) for n in ("joint_organs", "counted_metrics")}
            copies.append(Copy(row, action, links))
        copies += [Copy(_aimed_anew(aim, new), aim.row) for aim in part.aims]
    return copies


def _aimed_anew(aim: Aim, new: Campaign) -> Target:
    found = aim.baseline
    row: Target = copied(aim.row, campaign=new, phrase=pending(aim.row.value))
    row.baseline = found.quantity
    row.baseline_day = found.day
    row.baseline_note = f"上一届：{found.words}" if found.quantity else ""
    return row


def turned_from(campaign: Campaign) -> Batch | None:
    """The turn of the year that made a new campaign from this one, unless it has been undone."""
    turns = Batch.objects.filter(turned=campaign, undone_at__isnull=True)
    return turns.select_related("by", "turned__owner").first()


def turned_into(campaign: Campaign) -> Batch | None:
    """The turn of the year that made this campaign."""
    made = [{"kind": "campaign", "pk": campaign.pk, "deeds": ["create"]}]
    return Batch.objects.filter(turned__isnull=False, undone_at__isnull=True, rows__contains=made).first()


@dataclass(frozen=True)
class Standing:
    """What has become of a turn: the new campaign, why it cannot be undone any more, what undoing would lose."""

    new: Campaign | None
    why: str
    lost: tuple[str, ...]
    made: tuple[tuple[str, int], ...]


def standing(batch: Batch) -> Standing:
    """How the turn stands; a constant number of queries."""
    created = [row for row in batch.rows if CLOSED not in row["deeds"]]
    new = Campaign.objects.filter(pk=_keys(batch, "campaign")[0]).first()
    lost = batches.touched(Batch(rows=[row for row in created if row["kind"] != "campaign"]))
    made = Counter(str(apps.get_model("measures", row["kind"])._meta.verbose_name) for row in created)
    del made[str(Campaign._meta.verbose_name)]
    return Standing(
        new, _why_kept(batch, new) if new else "新活动已经不在了。", tuple(lost), tuple(made.items())
    )


def _keys(batch: Batch, kind: str) -> list[int]:
    return [row["pk"] for row in batch.rows if row["kind"] == kind and CLOSED not in row["deeds"]]


def _why_kept(batch: Batch, new: Campaign) -> str:
    """Why the turn is not undone any more; empty if it may be."""
    actions, targets = (
        Action.objects.filter(pillar__campaign=new),
        Target.objects.filter(campaign=new),
    )
    for rows in (actions, targets):
        if row := rows.filter(state__in=CONFIRMED_STATES).first():
            return f"“{row}”已经审核通过，不能再整体撤销；不要的请逐条删除。"
    if turned_from(new):
        return "新活动已经结转到下一届，请先撤销那一次。"
    said = "；".join(said for rows in _added(batch, new) if (said := _told_by_organ(rows)))
    return f"新活动里还有各单位自己新增的{said}。请先由各单位处理，再撤销。" if said else ""


def _told_by_organ(rows: QuerySet[Any]) -> str:
    """How many there are, and whose: 活动2项（甲局、乙局）; empty for none."""
    proofs = rows.model is EvidenceLink
    what = (Evidence if proofs else rows.model)._meta.verbose_name
    stages = rows.model is Milestone
    owner = "evidence__organ" if proofs else "action__organ" if stages else "organ"
    owners = [organ for _, organ in rows.values_list("pk", owner)]
    if not owners:
        return ""
    organs = [organ.label for organ in Organ.objects.filter(pk__in=owners)]
    more = f"等{len(organs)}家" if len(organs) > MOST_NAMED else ""
    return f"{what}{len(owners)}项（{'、'.join(organs[:MOST_NAMED])}{more}）"


def _added(batch: Batch, new: Campaign) -> Iterable[QuerySet[Any]]:
    """What people have entered in the new campaign themselves."""
    pillars, actions = Pillar.objects.filter(campaign=new), Action.objects.filter(pillar__campaign=new)
    under = Q(pillar__campaign=new)
    yield pillars.exclude(pk__in=_keys(batch, "pillar"))
    yield actions.exclude(pk__in=_keys(batch, "action"))
    yield Milestone.objects.filter(action__in=_keys(batch, "action"))
    yield Target.objects.filter(campaign=new).exclude(pk__in=_keys(batch, "target"))
    yield Activity.objects.filter(Q(action__in=actions) | Q(also_serves__in=actions)).distinct()
    yield Observation.objects.filter(under | Q(actions__in=actions)).distinct()
    yield Honour.objects.filter(under)
    yield EvidenceLink.objects.filter(action__in=actions)


@transaction.atomic
def undo(batch: Batch, *, by: User) -> Campaign:
    """Take away the new campaign with all copies, and open the old one again; the old campaign.

    Raises PermissionDenied, or Locked once a copy is approved or people have entered something of their own.
    """
    stored = Batch.objects.select_for_update(of=("self",)).get(pk=batch.pk)
    old = stored.turned
    if old is None or not can(by, Right.CATALOGUE, old.owner):
        raise PermissionDenied
    if stored.undone_at:
        raise Locked("这次结转已经撤销过了。")
    found = standing(stored)
    if found.why or found.new is None:
        raise Locked(found.why)
    new = Campaign.objects.select_for_update(of=("self",)).get(pk=found.new.pk)
    if new.closed:
        raise Locked(f"“{new.name}”已结束，请先去掉“已结束”再撤销。")
    kinds: tuple[tuple[str, type[models.Model]], ...] = (
        ("target", Target),
        ("action", Action),
        ("pillar", Pillar),
    )
    take_away((kind(pk=pk) for name, kind in kinds for pk in _keys(stored, name)), of=new, by=by)
    for row in Participation.objects.filter(campaign=new):
        ledger.delete(row, by=by, note="撤销结转")
    ledger.delete(new, by=by, note="撤销结转")
    if any(CLOSED in row["deeds"] for row in stored.rows):
        old.closed = False
        ledger.change(old, by=by, note="撤销结转")
    stored.undone_at = timezone.now()
    stored.save()
    return old
