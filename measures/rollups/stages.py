"""The stage of a project (项目阶段) that is past its day.

Stages are not reviewed: a late one does not make its project late, whose own day is reviewed. It is said beside it.
"""

from datetime import date

from django.db.models import Case, OuterRef, Subquery, Value, When

from measures.models import LineKind, Milestone

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
