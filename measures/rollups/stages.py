"""The stage of a project (项目阶段) that is past its day.

Stages are not reviewed: a late one does not make its project late, whose own day is reviewed. It is said beside it.
"""

from collections import defaultdict
from collections.abc import Iterable
from datetime import date

from django.db.models import Case, OuterRef, Subquery, Value, When

from measures.models import Action, LineKind, Milestone

_OPEN = Milestone.objects.filter(action=OuterRef("pk"), done_day=None, due_day__isnull=False)
_FIRST = _OPEN.order_by("due_day", "order", "pk")
#: Of each action the stage that is to be done first, and its day; nothing for one that is no project.
NEXT_STAGE = tuple(
    Case(When(line=LineKind.PROJECT, then=Subquery(_FIRST.values(name)[:1])), default=Value(None))
    for name in ("stage", "due_day")
)


def late_stage(stage: str | None, due: date | None, today: date) -> str:
    """阶段“开工”已过12天; empty where none is late."""
    if due is None or due >= today:
        return ""
    return f"阶段“{stage}”已过{(today - due).days}天"


def told_stages(actions: Iterable[Action], today: date) -> dict[int, str]:
    """By the keys of projects their stages in words, those of what a correction corrects too; one query if there are any."""
    versions = {
        key: row.pk
        for row in actions
        if row.line == LineKind.PROJECT
        for key in (row.pk, row.previous_id)
        if key
    }
    found: dict[int, list[str]] = defaultdict(list)
    if versions:
        for stage in Milestone.objects.filter(action__in=versions).order_by("order", "pk"):
            found[versions[stage.action_id]].append(_told(stage, today))
    return {pk: "；".join(words) for pk, words in found.items()}


def _told(stage: Milestone, today: date) -> str:
    """立项：计划2021-03-05，2021-03-04完成; 开工：计划2021-06-01，逾期12天."""
    planned = f"计划{stage.due_day}" if stage.due_day else ""
    if stage.done_day:
        stands = f"{stage.done_day}完成"
    else:
        late = (today - stage.due_day).days if stage.due_day else 0
        stands = f"逾期{late}天" if late > 0 else "未完成"
    return f"{stage.stage}：{'，'.join(filter(None, (planned, stands)))}"
