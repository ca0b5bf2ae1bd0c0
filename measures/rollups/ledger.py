"""The ledger (台账) of one organ: its headings in its own words, under them actions with activities and figures."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from django.db.models import Q

from measures.models import OPEN_STATES, Action, Observation, Pillar, ReviewState
from measures.period import Period
from measures.progress import STANDING_LABELS, Standing
from measures.rollups.digest import OF_ACTIONS, Asked
from measures.rollups.figures import FigureRow, line_figure, passport_url
from measures.rollups.lines import COLUMNS, ActionRow, Line, PillarRow, beside, due_note
from measures.rollups.load import ACTIONS, Figures
from measures.rollups.rows import Row
from measures.rollups.standing import counts
from measures.rollups.view import View, address
from measures.totals import OwnFigure
from organs.models import Organ
from organs.permissions import Right, can

#: The rows that tie joint organs to actions.
JOINT = Action.joint_organs.through
#: Lines of a page are shared among its headings: each shows at least two and at most twenty.
MOST_LINES, FEWEST, MOST = 60, 2, 20


@dataclass(frozen=True)
class Ledger:
    """An organ's headings and actions as fetched, with what it takes to make rows of them; the view is of it alone.

    `waiting` are figures on their way by action, for those who may see drafts.
    """

    view: View
    figures: Figures
    organ: Organ
    pillars: Sequence[Pillar]
    actions: Sequence[Line]
    waiting: Mapping[int, Sequence[FigureRow]]

    @cached_property
    def standings(self) -> dict[int, Standing]:
        """Where each action stands today."""
        return {action.pk: action.standing(self.view.today) for action in self.actions}

    @cached_property
    def approved(self) -> list[Line]:
        """The actions that count."""
        return [action for action in self.actions if action.counts]

    @cached_property
    def of_pillar(self) -> Mapping[int, Sequence[Line]]:
        """The actions of each heading, in its order."""
        found: dict[int, list[Line]] = defaultdict(list)
        for action in self.actions:
            found[action.pillar_id].append(action)
        return found

    def has_approved(self, pillar: Pillar) -> bool:
        """Whether an action that counts stands under the heading."""
        return any(action.counts for action in self.of_pillar.get(pillar.pk, ()))

    @cached_property
    def keys_under(self) -> Mapping[int, Sequence[int]]:
        """Keys of the figures that stand under each heading alone."""
        found: dict[int, list[int]] = defaultdict(list)
        for pk, row in self.figures.observations.items():
            if row.pillar_id:
                found[row.pillar_id].append(pk)
        return found

    @cached_property
    def periods(self) -> Mapping[int, Mapping[Period, Row]]:
        """The organ's figures by metric and period."""
        rows = self.figures.by_metric
        return {pk: {row.period: row for row in rows[pk]} for pk in self.figures.metrics}

    @cached_property
    def heading(self) -> Mapping[int, Pillar]:
        """The headings by their key."""
        return {pillar.pk: pillar for pillar in self.pillars}

    @cached_property
    def days(self) -> Mapping[int, Period]:
        """By heading, the days of the period that belong to its campaign: its lines tell of no other's figures."""
        period = self.view.period
        return {p.pk: period.within(p.campaign.first_day, p.campaign.last_day) for p in self.pillars}

    @cached_property
    def told(self) -> Mapping[int, Mapping[int, OwnFigure]]:
        """The figures of each action, by metric."""
        return {a.pk: self._told(self._linked(a), self.days[a.pillar_id]) for a in self.actions}

    @cached_property
    def seen(self) -> set[int]:
        """Keys of all figures that the ledger tells of: those of a line's own days, and what is told by them."""
        under = {pk: keys for pk, keys in self.keys_under.items() if pk in self.days}
        told = [*self.told.values(), *(self._told(keys, self.days[pk]) for pk, keys in under.items())]
        used = {pk for figures in told for own in figures.values() for pk in own.used}
        tied = [*((a.pillar_id, self._linked(a)) for a in self.actions), *under.items()]
        rows = self.figures.observations
        return used.union(
            pk for line, keys in tied for pk in keys if rows[pk].period.overlaps(self.days[line])
        )

    @cached_property
    def _of_action(self) -> Mapping[int, Sequence[int]]:
        return self.figures.of_action

    def _linked(self, action: Line) -> Sequence[int]:
        return self._of_action.get(action.pk, ())

    def _told(self, keys: Iterable[int], days: Period) -> dict[int, OwnFigure]:
        """The organ's own figures of the days that rest on one of the observations, by metric."""
        by_metric: dict[int, list[int]] = defaultdict(list)
        for pk in keys:
            by_metric[self.figures.observations[pk].metric_id].append(pk)
        found = {}
        for metric, own_keys in by_metric.items():
            own = self.figures.own(self.figures.metrics[metric], self.organ, days)
            if own and not set(own.used).isdisjoint(own_keys):
                found[metric] = own
        return found

    def is_process_only(self, action: Line) -> bool:
        """Whether all that is known of an action is how often it was busy (只有过程没有成效)."""
        told = self.told[action.pk]
        return bool(told or action.number or action.served) and all(
            self.figures.metrics[pk].counts for pk in told
        )

    def loose(self, pillar: Pillar) -> tuple[FigureRow, ...]:
        """The figures that stand under a heading alone."""
        keys = self.keys_under.get(pillar.pk, ())
        return self._rows(keys, self._told(keys, self.days[pillar.pk]), pillar)

    def _rows(
        self, keys: Iterable[int], told: Mapping[int, OwnFigure], pillar: Pillar
    ) -> tuple[FigureRow, ...]:
        """Figures in the order of the metrics, with a word for those that reach over an edge of the days."""
        rows = [self.figures.observations[pk] for pk in keys]
        over = [row for row in rows if over_edge(row, self.days[pillar.pk])]
        found = {row.metric_id: not_counted(self.figures, row) for row in over}
        found |= {pk: self._figure(pk, own, pillar) for pk, own in told.items()}
        return tuple(found[pk] for pk in self.figures.metrics if pk in found) if found else ()

    def _figure(self, pk: int, own: OwnFigure, pillar: Pillar) -> FigureRow:
        """A figure of the days."""
        metric = self.figures.metrics[pk]
        return line_figure(self.figures, own, metric, self.organ, pillar.campaign_id)

    def row(self, action: Line) -> ActionRow:
        """One action as a line."""
        told = self._rows(self._linked(action), self.told[action.pk], self.heading[action.pillar_id])
        stands = self.standings[action.pk]
        return ActionRow(
            url=self.address(action),
            title=action.title,
            kind=action.marked,
            responsible=action.responsible,
            joint=f"协办：{'、'.join(action.joint)}" if action.joint else "",
            due=f"{action.due_day:%Y-%m-%d}" if action.due_day else "",
            due_note=due_note(action, stands, self.view.today),
            progress=action.progress,
            held=action.held,
            problem=action.problem,
            figures=(*told, *self.waiting.get(action.pk, ())),
            no_figure="" if action.is_problem else "没有数值",
            standing=stands.value,
            standing_label=STANDING_LABELS[stands],
            review="" if action.counts else action.state,
            review_label="" if action.counts else ReviewState(action.state).label,
        )

    def address(self, action: Line) -> str:
        """The page of an action."""
        return self.view.link(address("action", action.pk))

    def pillar_rows(self, most: int | None = MOST_LINES) -> tuple[PillarRow, ...]:
        """The headings in order, with about `most` lines in all; None for every line."""
        share = None if most is None else min(max(most // max(len(self.pillars), 1), FEWEST), MOST)
        several = len({pillar.campaign_id for pillar in self.pillars}) > 1
        rows, campaign, themes = [], None, set()
        for pillar in self.pillars:
            begins, first = pillar.campaign_id != campaign, pillar.theme_id not in themes
            named = pillar.campaign.name if several and begins else ""
            rows.append(self.pillar_row(pillar, share, named=named, anchored=first))
            campaign = pillar.campaign_id
            themes.add(pillar.theme_id)
        return tuple(rows)

    def pillar_row(
        self, pillar: Pillar, most: int | None = None, *, named: str = "", anchored: bool = False
    ) -> PillarRow:
        """A heading with its first actions, or all of them."""
        actions = self.of_pillar.get(pillar.pk, ())
        hidden = actions[most:] if most is not None else ()
        approved = [action for action in actions if action.counts]
        return PillarRow(
            anchor=f"theme-{pillar.theme_id}" if anchored else "",
            url=self.view.link(address("pillar", pillar.pk)),
            heading=pillar.heading,
            campaign=named,
            theme=pillar.theme.name,
            note=self._note(approved),
            counts=counts(self.standings[action.pk] for action in approved),
            actions=tuple(self.row(action) for action in actions[: len(actions) - len(hidden)]),
            figures=self.loose(pillar),
            rest=f"另有{len(hidden)}项：{self.standing_words(hidden)}" if hidden else "",
        )

    def _note(self, actions: Sequence[Line]) -> str:
        return f"{len(actions)}项：{self.standing_words(actions)}" if actions else ""

    def standing_words(self, actions: Iterable[Line]) -> str:
        """已销号1、推进中7; empty for no actions."""
        return "、".join(f"{c.label}{c.number}" for c in counts(self.standings[a.pk] for a in actions))


def load_ledger(view: View, figures: Figures, organ: Organ, pillars: Sequence[Pillar]) -> Ledger:
    """The ledger of headings of an organ that the user sees: one query if its work has changed, one more for drafts."""
    drafts = can(view.user, Right.VIEW_DRAFTS, organ) and not view.as_of
    counting = Asked(view.period, as_of=view.as_of).counting

    def read() -> tuple[Line, ...]:
        actions = Action.objects.filter(organ=organ, pillar__in=pillars)
        found = actions.heads() if drafts else counting(actions)
        return tuple(Line(*columns) for columns in found.values_list(*COLUMNS, *beside(view)))

    what = ("lines", drafts, view.as_of, view.period, *(pillar.pk for pillar in pillars))
    lines = figures.digests[organ.pk].read((*OF_ACTIONS, JOINT), what, read)
    return Ledger(view, figures, organ, pillars, lines, _all_waiting(view, organ) if drafts else {})


def _all_waiting(view: View, organ: Organ) -> Mapping[int, Sequence[FigureRow]]:
    """What waits of the organ's figures, by action: one query."""
    days = Q(organ=organ, period_days__overlap=(view.period.start, view.period.end))
    rows = Observation.objects.filter(days, state__in=OPEN_STATES).select_related(
        "metric__unit__base", "organ"
    )
    found: dict[int, list[FigureRow]] = defaultdict(list)
    for row in rows.annotate(**ACTIONS).order_by("metric_id", "-period_days"):
        for action in getattr(row, "action_pks", ()):
            found[action].append(_waiting(view, row))
    return found


def _waiting(view: View, row: Observation) -> FigureRow:
    words = str(row.quantity) if row.quantity else row.get_presence_display()
    label = f"{row.metric.name}，{row.get_state_display()}"
    return FigureRow(url=view.link(passport_url(row)), label=label, words=words, standing=row.state)


def over_edge(row: Row, period: Period) -> bool:
    """Whether a figure tells of days in the period and of days outside it."""
    return row.period.overlaps(period) and not period.contains(row.period)


def not_counted(figures: Figures, row: Row) -> FigureRow:
    """The word in the place of a figure that reaches over an edge."""
    url = figures.view.link(passport_url(row))
    return FigureRow(url, row.metric.name, absent="跨期未计", note=row.period.label)
