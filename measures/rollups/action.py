"""The page of an action: its line, its figures, the activities held for it, its proof."""

from dataclasses import dataclass, replace
from typing import Any

from django.db.models import Prefetch, Q, QuerySet

from measures.models import (
    SERVING,
    Action,
    Activity,
    Instruction,
    LineKind,
    Metric,
    Milestone,
    Observation,
    Pillar,
    Target,
    begun,
)
from measures.progress import dissolved
from measures.rollups.definition import Fact
from measures.rollups.figures import FigureRow, line_figure
from measures.rollups.instructions import Box, action_box, contact
from measures.rollups.load import ACTIONS, WITH_METRIC, load_figures
from measures.rollups.narrow import row_unless_changed, unless_changed
from measures.rollups.proofs import Held, Proof, held, proofs
from measures.rollups.reading import TIES
from measures.rollups.rows import STAMP, one_of
from measures.rollups.standing import label, standing
from measures.rollups.stations import Station, stations
from measures.rollups.summary import PRESSING
from measures.rollups.versions import Version, lineage, version_rows
from measures.rollups.view import View, address
from organs.asking import Question
from organs.permissions import Right, SignedInRequest, can

#: What an action has besides figures and proof stands here.
TABLES = (
    *(Action, Activity, SERVING, Pillar, Action.joint_organs.through, Action.counted_metrics.through),
    *(Milestone, Instruction),
)


def _stamps(organ: int, action: int) -> QuerySet:
    metrics = TIES.objects.filter(action=action).order_by().values("observation__metric")
    rows = Observation.objects.current().filter(one_of("metric_id", metrics), organ=organ)
    return rows.annotate(stamp=STAMP).order_by("pk").values_list("pk", "stamp")


#: Asks what tells a changed one among an organ's figures of the metrics that an action has had to do with.
_STAMPS: Question[Observation] = Question(_stamps, -1, -2)


@dataclass(frozen=True)
class StageRow:
    """A stage of a project: done, late, the next one, or still to come."""

    name: str
    standing: str
    label: str
    note: str


@dataclass(frozen=True)
class ActionPage:
    """All that the page of an action shows."""

    title: str
    organ: str
    pillar: str
    standing: str
    standing_label: str
    review_label: str
    facts: tuple[Fact, ...]
    figures: tuple[FigureRow, ...]
    activities: tuple[Held, ...]
    stage_late: str
    stages: tuple[StageRow, ...]
    instructions: Box
    proofs: tuple[Proof, ...]
    versions: tuple[Version, ...]
    stations: tuple[Station, ...]


def seen_action(request: SignedInRequest, pk: int) -> Action:
    """An action that who asks may see; raises Http404."""
    beside = ("organ", "pillar__theme", "pillar__campaign", "theme", "kind")

    def rows() -> QuerySet[Action]:
        return Action.objects.visible_to(request.user).select_related(*beside)

    return row_unless_changed(request, rows, pk, TABLES)


def action_page(view: View, action: Action) -> ActionPage:
    """One action for a user who may see it; joint organs see its approved figures, not its proof."""
    sees = action.organ in view.visible
    figures = _own_figures(view, action) if sees else _figures(view, action, _joint(view, action))
    what = ("action", action.pk, sees)
    page = unless_changed(view, action.organ_id, TABLES, what, lambda: _page(view, action, sees=sees))
    pks = [action.pk, *page.others]
    return replace(page.rows, figures=figures, proofs=proofs(view.user, "action", pks))


def _own_figures(view: View, action: Action) -> tuple[FigureRow, ...]:
    """The figures of an action whose organ the user sees: one query if they stand as they did."""
    read = _STAMPS.columns(action.organ_id, action.pk)

    def make() -> tuple[list[tuple[Any, ...]], tuple[FigureRow, ...]]:
        return read, _figures(view, action)

    what, tables = ("figures of action", action.pk, view.period), (*TABLES, TIES, Target)
    kept = unless_changed(view, action.organ_id, tables, what, make, lambda kept: kept[0] == read)
    return kept[1]


def _figures(view: View, action: Action, rows: QuerySet[Observation] | None = None) -> tuple[FigureRow, ...]:
    """The figures of an action among its organ's own, or among those given."""
    figures = load_figures(replace(view, organs=(action.organ,)), rows)  # nobody else's are its own
    campaign = action.pillar.campaign
    told = figures.of_line(action.pk, action.organ, campaign.first_day, campaign.last_day)
    return tuple(
        line_figure(figures, own, figures.metrics[pk], action.organ, campaign.pk) for pk, own in told.items()
    )


def _joint(view: View, action: Action) -> QuerySet[Observation]:
    """The figures of an action of another organ that the user may see."""
    rows = Observation.objects.visible_to(view.user).current().filter(actions=action)
    return rows.select_related(*WITH_METRIC).annotate(**ACTIONS)


@dataclass(frozen=True)
class _Page:
    """The page without its figures and its proof, and the keys of all versions of the action."""

    rows: ActionPage
    others: tuple[int, ...]


def _page(view: View, action: Action, *, sees: bool) -> _Page:
    serving = Q(pk__in=SERVING.objects.filter(action=action).values("activity"), organ=action.organ)
    activities = Activity.objects.visible_to(view.user).heads().filter(Q(action=action) | serving)
    activities = activities.select_related("action", "organ").order_by("-day", "-pk")
    started = Action.objects.filter(begun(Activity.objects.current()), pk=action.pk).exists()
    stands = standing(action, view.today, held=started)
    stages = _stages(view, action)
    behind = any(stage.standing == "late" for stage in stages) and not action.is_closed
    versions = lineage(_versions(view), action) if sees else []
    rows = ActionPage(
        title=action.title,
        organ=action.organ.name,
        pillar=action.pillar.heading,
        standing=stands.value,
        standing_label=label(stands, action.closing_state, sees=sees),
        review_label="" if action.state == "approved" else action.get_state_display(),
        facts=_facts(view, action, pressing=behind or stands in PRESSING, sees=sees),
        figures=(),
        activities=held(activities, view, on=action.pk),
        stage_late="有阶段逾期" if behind else "",
        stages=stages,
        instructions=action_box(view, action),
        proofs=(),
        versions=version_rows(versions),
        stations=stations(versions, staff=can(view.user, Right.VIEW_DRAFTS, action.organ)),
    )
    return _Page(rows, tuple(row.pk for row in versions))


def _stages(view: View, action: Action) -> tuple[StageRow, ...]:
    """The stages of a project in their order: one query; none for another line."""
    if action.line != LineKind.PROJECT:
        return ()
    rows, gone = [], action.over or dissolved(action.due_day, action.until, view.today)
    for row in action.milestones.all():
        due = f"计划{row.due_day:%Y-%m-%d}" if row.due_day else ""
        if row.done_day:
            rows.append(StageRow(row.stage, "done", "已完成", f"{row.done_day:%Y-%m-%d}完成"))
        elif row.due_day and row.due_day < view.today and not gone:
            rows.append(
                StageRow(row.stage, "late", "逾期", f"{due}，已过{(view.today - row.due_day).days}天")
            )
        else:
            rows.append(StageRow(row.stage, "not_started", "未完成", due))
    return tuple(rows)


def _versions(view: View) -> QuerySet[Action]:
    rows = Action.objects.visible_to(view.user).select_related("pillar", "kind", "theme")
    return rows.prefetch_related(
        "joint_organs", Prefetch("counted_metrics", Metric.objects.select_related("unit"))
    )


def _source(action: Action) -> str:
    found = f"{action.found_on:%Y-%m-%d}发现" if action.found_on else ""
    return "，".join(part for part in (action.get_source_display(), found, action.document_number) if part)


def _facts(view: View, action: Action, *, pressing: bool, sees: bool) -> tuple[Fact, ...]:
    joint = "、".join(organ.label for organ in action.joint_organs.all())
    day = "%Y-%m-%d"
    pairs = (
        ("台账类型", "" if action.line == LineKind.ACTION else action.get_line_display()),
        ("问题来源", _source(action)),
        ("问题", action.finding),
        ("类别", action.kind.name),
        ("标准主题", (action.theme or action.pillar.theme).name),
        ("整改措施" if action.is_problem else "具体内容", action.what),
        ("责任", "，".join(part for part in (action.leader, action.office) if part)),
        ("协办", joint),
        ("开始", f"{action.start_day:{day}}" if action.start_day else ""),
        ("时限", f"{action.due_day:{day}}" if action.due_day else ""),
        ("进展", action.progress),
        ("存在问题", action.problem),
        ("联系", contact(action.organ) if pressing else ""),
        ("完成", f"{action.closed_on:{day}}" if action.closed_on else ""),
    )
    own = Fact("单位", action.organ.name, view.link(address("organ", action.organ_id)) if sees else "")
    return (own, *(Fact(label, words) for label, words in pairs if words))
