"""What an approval does to the totals, before it is given: added up by the code that adds up the pages."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace

from django.db.models import Q
from django.utils import timezone

from measures.models import Metric, Observation, Participation
from measures.period import Period
from measures.rollups.figures import FigureRow, figure_row
from measures.rollups.load import WITH_METRIC, Figures, figures_of, load_successors
from measures.rollups.overview import total_row
from measures.rollups.view import Days, View, address
from measures.totals import OverTime
from organs.models import Organ, User


@dataclass(frozen=True)
class Effect:
    """An organ's own figure, or the total of an organ and all below it, as it stands and as it would stand."""

    metric: str
    place: str
    period: str
    url: str
    before: FigureRow
    after: FigureRow

    @property
    def said(self) -> bool:
        """Whether the figure changes."""
        return _words(self.before) != _words(self.after)

    @property
    def noted(self) -> bool:
        """Whether what the figure rests on changes: how many have reported, which period."""
        return bool(self.before.note) and self.before.note != self.after.note

    @property
    def changed(self) -> bool:
        """Whether a reader of the pages would notice anything."""
        return self.said or self.noted


def _words(row: FigureRow) -> tuple[str, str, str]:
    return row.words, row.tip, row.absent


@dataclass(frozen=True)
class Books:
    """The figures that count within a reviewer's sight, for metrics of which something waits."""

    user: User
    visible: tuple[Organ, ...]
    standing: dict[int, tuple[Observation, ...]]
    taking_part: Days
    successors: dict[int, tuple[int, ...]]
    #: Figures as they stand, each reckoned once however many rows wait beside it.
    known: dict[str, FigureRow] = field(default_factory=dict)

    def effects(self, rows: Sequence[Observation]) -> tuple[Effect, ...]:
        """What approving the rows together does, by metric and year: own figures first, then totals upwards."""
        asked: dict[tuple[int, Period], list[Observation]] = defaultdict(list)
        for row in rows:
            asked[row.metric_id, shown_in(row)].append(row)
        found: list[Effect] = []
        for (pk, period), group in asked.items():
            metric, waiting = group[0].metric, [row for row in rows if row.metric_id == pk]
            organs = {row.organ_id: row.organ for row in group}.values()
            found += [self._own(metric, organ, period, waiting) for organ in organs]
            found += [self._total(metric, top, period, waiting) for top in self._tops(organs, waiting)]
        return tuple(found)

    def clash(self, row: Observation) -> Observation | None:
        """The figure that counts for some of the same days and is not the one that the row corrects."""
        beside = self.standing.get(row.metric_id, ())
        return next(
            (
                other
                for other in beside
                if other.organ_id == row.organ_id
                and other.pk != row.previous_id
                and other.period.overlaps(row.period)
            ),
            None,
        )

    def _tops(self, organs: Iterable[Organ], waiting: Sequence[Observation]) -> list[Organ]:
        """From below upwards the organs over which a total stands that is more than the figure of one of the organs."""
        own = {organ.path for organ in organs}
        telling = {row.organ.path for row in (*self.standing.get(waiting[0].metric_id, ()), *waiting)}
        return [
            top
            for top in reversed(self.visible)
            if any(path.startswith(top.path) for path in own)
            and any(path.startswith(top.path) and path != top.path for path in telling)
        ]

    def _own(self, metric: Metric, organ: Organ, period: Period, waiting: Sequence[Observation]) -> Effect:
        figures = self._figures(metric, organ, period, waiting)
        url = figures.view.link(address("series", metric.pk, organ.pk))
        if url not in self.known:
            self.known[url] = _own_row(self._figures(metric, organ, period), metric, organ)
        after = _own_row(figures, metric, organ)
        return Effect(metric.name, organ.label, period.label, url, self.known[url], after)

    def _total(self, metric: Metric, top: Organ, period: Period, waiting: Sequence[Observation]) -> Effect:
        figures = self._figures(metric, top, period, waiting)
        url = f"{figures.view.link(address('metric', metric.pk))}&organ={top.pk}"
        if url not in self.known:
            self.known[url] = _total_row(self._figures(metric, top, period), metric)
        after = _total_row(figures, metric)
        return Effect(metric.name, f"{top.label}合计", period.label, url, self.known[url], after)

    def _figures(
        self, metric: Metric, top: Organ, period: Period, waiting: Sequence[Observation] = ()
    ) -> Figures:
        """The metric's figures in an organ and all below it, as if the waiting rows had been approved."""
        organs = tuple(organ for organ in self.visible if organ.path.startswith(top.path))
        reached, corrected = {organ.pk for organ in organs}, {row.previous_id for row in waiting}
        rows = (*self.standing.get(metric.pk, ()), *waiting)
        view = View(
            user=self.user,
            visible=self.visible,
            top=top,
            organs=organs,
            expected=(),
            period=period,
            today=timezone.localdate(),
            query=(("period", period.key),),
            taking_part=self.taking_part,
        )
        view = replace(view, expected=tuple(organ for organ in organs if view.expects(organ, period)))
        counted = [row for row in rows if row.organ_id in reached and row.pk not in corrected]
        return figures_of(view, counted, self.successors)


def shown_in(row: Observation) -> Period:
    """The period in which an approval is shown: the year of the figure, or its own days where they cross years."""
    year = Period.year(row.period.start.year)
    return year if year.contains(row.period) else row.period


def _own_row(figures: Figures, metric: Metric, organ: Organ) -> FigureRow:
    own = figures.own(metric, organ)
    return figure_row(figures, own, metric, organ) if own else FigureRow("", metric.name, absent="未报")


def _total_row(figures: Figures, metric: Metric) -> FigureRow:
    return total_row(figures, metric, figures.total(metric))


def load_books(user: User, visible: Sequence[Organ], rows: Sequence[Observation]) -> Books:
    """What approving some of the waiting rows (with metric and organ) is reckoned from: at most three queries."""
    periods = {shown_in(row).key: shown_in(row) for row in rows}
    standing: dict[int, list[Observation]] = defaultdict(list)
    found: list[Observation] = []
    if rows:
        first, end = min(p.start for p in periods.values()), max(p.end for p in periods.values())
        near = Q(metric__over_time=OverTime.LATEST.value) | Q(period_days__overlap=(first, end))
        counting = Observation.objects.current().filter(near, organ__in=visible)
        counting = counting.filter(
            metric__in={row.metric_id for row in rows}, period_days__startswith__lt=end
        )
        found = list(counting.select_related(*WITH_METRIC))
    for row in found:
        standing[row.metric_id].append(row)
    return Books(
        user=user,
        visible=tuple(visible),
        standing={metric: tuple(rows) for metric, rows in standing.items()},
        taking_part=Participation.objects.visible_to(user).days() if rows else {},
        successors=load_successors(row.organ for row in [*found, *rows]),
    )
