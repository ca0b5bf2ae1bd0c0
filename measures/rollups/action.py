"""The page of an action: its line, its figures, the activities held for it, its proof."""

from dataclasses import dataclass

from django.urls import reverse

from measures.models import Action, Activity
from measures.progress import STANDING_LABELS
from measures.rollups.figures import FigureRow, figure_row
from measures.rollups.load import load_figures
from measures.rollups.metric import Fact
from measures.rollups.passport import Held, Proof, Station, held, proofs, stations
from measures.rollups.standing import standing
from measures.rollups.view import View


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
    proofs: tuple[Proof, ...]
    stations: tuple[Station, ...]


def action_page(view: View, action: Action) -> ActionPage:
    """One action for a user who may see it; joint organs see its approved figures, not its proof."""
    figures = load_figures(view)
    metrics = {figures.observations[pk].metric_id for pk in figures.of_action.get(action.pk, ())}
    rows = []
    for pk in metrics:
        own = figures.own(figures.metrics[pk], action.organ)
        if own is not None:
            rows.append(figure_row(figures, own, figures.metrics[pk], action.organ))
    activities = Activity.objects.visible_to(view.user).filter(action=action, superseded_at__isnull=True)
    stands = standing(action, view, held=activities.exists())
    own_organ = action.organ in view.visible
    return ActionPage(
        title=action.title,
        organ=action.organ.name,
        pillar=action.pillar.heading,
        standing=stands.value,
        standing_label=STANDING_LABELS[stands],
        review_label="" if action.state == "approved" else action.get_state_display(),
        facts=_facts(action),
        figures=tuple(rows),
        activities=held(activities.order_by("-day", "-pk")),
        proofs=proofs("action", [action.pk]) if own_organ else (),
        stations=stations([action]) if own_organ else (),
    )


def _facts(action: Action) -> tuple[Fact, ...]:
    joint = "、".join(organ.label for organ in action.joint_organs.all())
    day = "%Y-%m-%d"
    pairs = (
        ("类别", action.kind.name),
        ("标准主题", (action.theme or action.pillar.theme).name),
        ("具体内容", action.what),
        ("责任", "，".join(part for part in (action.leader, action.office) if part)),
        ("协办", joint),
        ("开始", f"{action.start_day:{day}}" if action.start_day else ""),
        ("时限", f"{action.due_day:{day}}" if action.due_day else ""),
        ("进展", action.progress),
        ("存在问题", action.problem),
        ("完成", f"{action.closed_on:{day}}" if action.closed_on else ""),
    )
    own = Fact("单位", action.organ.name, reverse("organ", args=(action.organ_id,)))
    return (own, *(Fact(label, words) for label, words in pairs if words))
