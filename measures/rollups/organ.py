"""The page of an organ: its ledger, its figures, its honours, and what is missing."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from django.urls import reverse

from measures.models import (
    OPEN_STATES,
    Action,
    Observation,
    Pillar,
    ReviewState,
)
from measures.progress import STANDING_LABELS, Standing
from measures.rollups.digest import Row
from measures.rollups.figures import BeforeAfter, FigureRow, before_after, figure_row, passport_url
from measures.rollups.honours import HonourGroup, honour_groups
from measures.rollups.load import Figures, load_actions, load_figures, load_honours
from measures.rollups.standing import Count, approved, counts, held_activities, standing
from measures.rollups.view import View
from organs.models import Organ
from organs.permissions import Right, can

MOST_CARDS = 4


@dataclass(frozen=True)
class ActionRow:
    """One line of the ledger."""

    url: str
    title: str
    kind: str
    responsible: str
    joint: str
    due: str
    due_note: str
    progress: str
    problem: str
    figures: tuple[FigureRow, ...]
    standing: str
    standing_label: str
    review: str = ""
    review_label: str = ""


@dataclass(frozen=True)
class PillarRow:
    """A heading in the organ's own words, its actions, and figures that belong to no action."""

    anchor: str
    heading: str
    theme: str
    count: int
    actions: tuple[ActionRow, ...]
    figures: tuple[FigureRow, ...]


@dataclass(frozen=True)
class OrganPage:
    """All that the page of an organ shows."""

    cards: tuple[BeforeAfter, ...]
    targets: tuple[FigureRow, ...]
    pillars: tuple[PillarRow, ...]
    other_figures: tuple[FigureRow, ...]
    honours: tuple[HonourGroup, ...]
    counts: tuple[Count, ...]
    number_of_actions: int
    without_figure: tuple[ActionRow, ...]
    facts: tuple[str, ...]


def organ_page(view: View, organ: Organ) -> OrganPage:
    """The ledger of one organ, from a constant number of queries."""
    figures = load_figures(view)
    actions = load_actions(view, [organ])
    held = held_activities([organ])
    joint: dict[int, list[str]] = defaultdict(list)
    for action, name, short in Action.joint_organs.through.objects.filter(action__in=actions).values_list(
        "action_id", "organ__name", "organ__short_name"
    ):
        joint[action].append(short or name)
    standings = {a.pk: standing(a, view.today, held=a.pk in held) for a in actions}
    own_rows = _own_rows(figures, organ)
    rows, used = _action_rows(view, figures, organ, actions, standings, held, joint, own_rows)
    pillars, loose_used = _pillars(view, figures, organ, actions, rows, own_rows)
    counted = [standings[a.pk] for a in approved(actions)]
    cards = _cards(figures, organ, own_rows)
    return OrganPage(
        cards=tuple(cards.values()),
        targets=tuple(row for pk, row in own_rows.items() if row.bar is not None and pk not in cards),
        pillars=pillars,
        other_figures=tuple(row for pk, row in own_rows.items() if pk not in used | loose_used),
        honours=honour_groups(view, load_honours(view, [organ])),
        counts=counts(counted),
        number_of_actions=len(counted),
        without_figure=tuple(rows[a.pk] for a in approved(actions) if not figures.metrics_of(a)),
        facts=_facts(organ),
    )


def _facts(organ: Organ) -> tuple[str, ...]:
    contact = f"联系：{organ.office} {organ.telephone}".strip() if organ.office or organ.telephone else ""
    return tuple(fact for fact in (organ.get_party_kind_display(), contact) if fact)


def _own_rows(figures: Figures, organ: Organ) -> dict[int, FigureRow]:
    """The organ's own figures by metric."""
    found = {}
    for pk, metric in figures.metrics.items():
        if own := figures.owns.get((pk, organ.pk)):
            found[pk] = figure_row(figures, own, metric, organ)
        elif over := [
            row for row in figures.by_metric[pk] if row.organ_id == organ.pk and _over_edge(row, figures)
        ]:
            found[pk] = FigureRow(
                figures.view.link(passport_url(over[-1])),
                metric.name,
                absent="跨期未计",
                note=over[-1].period.label,
            )
    return found


def _over_edge(row: Row, figures: Figures) -> bool:
    """Whether the figure tells of days in the period and of days outside it."""
    period = figures.view.period
    return row.period.overlaps(period) and not period.contains(row.period)


def _cards(figures: Figures, organ: Organ, rows: dict[int, FigureRow]) -> dict[int, BeforeAfter]:
    """Figures that have a baseline, beside it, by metric; at most four."""
    cards = {}
    for pk, metric in figures.metrics.items():
        target, own = figures.target(metric, organ), figures.owns.get((pk, organ.pk))
        if target is None or target.baseline is None or own is None or own.quantity is None:
            continue
        cards[pk] = before_after(rows[pk], own.quantity, metric, target)
        if len(cards) == MOST_CARDS:
            break
    return cards


def _action_rows(
    view: View,
    figures: Figures,
    organ: Organ,
    actions: list[Action],
    standings: dict[int, Standing],
    held: dict[int, int],
    joint: dict[int, list[str]],
    own_rows: dict[int, FigureRow],
) -> tuple[dict[int, ActionRow], set[int]]:
    """The lines of the ledger and the metrics that they show."""
    pending = _pending(view, organ)
    rows, used = {}, set()
    for action in actions:
        metrics = figures.metrics_of(action) | {
            figures.observations[pk].metric_id
            for pk in figures.of_action.get(action.pk, ())
            if figures.observations[pk].organ_id == organ.pk and _over_edge(figures.observations[pk], figures)
        }
        used |= metrics
        shown = [row for pk, row in own_rows.items() if pk in metrics] + pending.get(action.pk, [])
        rows[action.pk] = action_row(
            action, standings[action.pk], tuple(shown), held.get(action.pk, 0), joint.get(action.pk, []), view
        )
    return rows, used


def _pending(view: View, organ: Organ) -> dict[int, list[FigureRow]]:
    """Figures on their way by action, for those who may see drafts."""
    if not can(view.user, Right.VIEW_DRAFTS, organ):
        return {}
    rows = (
        Observation.objects.visible_to(view.user)
        .filter(organ=organ, state__in=OPEN_STATES, period_days__overlap=(view.period.start, view.period.end))
        .select_related("metric__unit__base", "organ")
        .prefetch_related("actions")
    )
    found: dict[int, list[FigureRow]] = defaultdict(list)
    for row in rows:
        words = str(row.quantity) if row.quantity else row.get_presence_display()
        label = f"{row.metric.name}，{row.get_state_display()}"
        for action in row.actions.all():
            found[action.pk].append(
                FigureRow(url=view.link(passport_url(row)), label=label, words=words, standing=row.state)
            )
    return found


def action_row(
    action: Action,
    stands: Standing,
    figures: tuple[FigureRow, ...],
    held: int,
    joint: Iterable[str],
    view: View,
) -> ActionRow:
    """One action as a line of the ledger."""
    days = (action.due_day - view.today).days if action.due_day and not action.is_closed else None
    notes = {Standing.LATE: f"已过{-(days or 0)}天", Standing.SOON: f"还有{days}天"}
    progress = action.progress or (f"已办活动{held}次" if held else "")
    waiting = action.state != ReviewState.APPROVED
    return ActionRow(
        url=view.link(reverse("action", args=(action.pk,))),
        title=action.title,
        kind=action.kind.name,
        responsible="，".join(part for part in (action.leader, action.office) if part),
        joint=f"协办：{'、'.join(joint)}" if joint else "",
        due=f"{action.due_day:%Y-%m-%d}" if action.due_day else "",
        due_note=f"{action.closed_on:%Y-%m-%d}完成"
        if action.is_closed and action.closed_on
        else notes.get(stands, ""),
        progress=progress,
        problem=action.problem,
        figures=figures,
        standing=stands.value,
        standing_label=STANDING_LABELS[stands],
        review=action.state if waiting else "",
        review_label=action.get_state_display() if waiting else "",
    )


def _pillars(
    view: View,
    figures: Figures,
    organ: Organ,
    actions: list[Action],
    rows: dict[int, ActionRow],
    own_rows: dict[int, FigureRow],
) -> tuple[tuple[PillarRow, ...], set[int]]:
    """The organ's headings in its order, and the metrics of the figures that stand under a heading alone."""
    found = Pillar.objects.filter(organ=organ).select_related("theme")
    if view.campaign:
        found = found.filter(campaign=view.campaign)
    found = found.filter(campaign__first_day__lt=view.period.end, campaign__last_day__gte=view.period.start)
    under: dict[int, set[int]] = defaultdict(set)
    for row in figures.observations.values():
        if row.pillar_id and row.organ_id == organ.pk:
            under[row.pillar_id].add(row.metric_id)
    result, used = [], set()
    for pillar in found:
        used |= under[pillar.pk]
        lines = tuple(rows[a.pk] for a in actions if a.pillar_id == pillar.pk)
        loose = tuple(row for pk, row in own_rows.items() if pk in under[pillar.pk])
        result.append(
            PillarRow(
                f"theme-{pillar.theme_id}",
                pillar.heading,
                pillar.theme.name,
                sum(not line.review for line in lines),
                lines,
                loose,
            )
        )
    return tuple(result), used
