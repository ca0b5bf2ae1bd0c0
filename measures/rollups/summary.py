"""Where one organ stands on a day, reckoned from its digest and kept beside it."""

from collections import Counter, defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from typing import Any

from measures.models import HonourLevel
from measures.period import Period
from measures.progress import Standing, Verdict
from measures.rollups.digest import OF_ACTIONS, Digest
from measures.rollups.figures import judged
from measures.rollups.rows import ActionLine
from measures.rollups.stages import late_stage
from measures.rollups.standing import standing, worst
from measures.rollups.view import View
from measures.totals import Presence
from organs.models import Organ

PRESSING = (Standing.LATE, Standing.SOON)


@dataclass(frozen=True)
class Verdicts:
    """An organ's targets held against its figures: which metric is where, and which are worse than their baseline."""

    found: Mapping[int, Verdict]
    regressed: frozenset[int]

    @cached_property
    def numbers(self) -> Counter[Verdict]:
        """How many targets stand where."""
        return Counter(self.found.values())


@dataclass(frozen=True)
class Lines:
    """Where the actions of one organ stand on a day, each reckoned when asked for."""

    actions: tuple[ActionLine, ...]
    today: date
    known: dict[Any, Any] = field(default_factory=dict, compare=False)

    @cached_property
    def standings(self) -> Mapping[int, Standing]:
        """By action."""
        return {line.pk: standing(line, self.today, held=line.progress) for line in self.actions}

    @cached_property
    def numbers(self) -> Counter[Standing]:
        """How many actions stand where."""
        return Counter(self.standings.values())

    def parts(self, period: Period) -> Mapping[tuple[date, date], Period]:
        """By the days of each campaign that has actions the part of the period that lies in it."""
        if (key := ("parts", period)) not in self.known:
            campaigns = {(line.first_day, line.last_day) for line in self.actions}
            self.known[key] = {days: period.within(*days) for days in campaigns}
        return self.known[key]

    @cached_property
    def of_problems(self) -> tuple[Standing, ...]:
        """Where each of the problems stands that were found."""
        return tuple(self.standings[line.pk] for line in self.actions if line.is_problem)

    @cached_property
    def pillars(self) -> int:
        """How many headings have actions."""
        return len({line.pillar_id for line in self.actions})

    @cached_property
    def cells(self) -> Mapping[int, tuple[Standing, int]]:
        """By theme what needs attention most, and how many actions there are."""
        by_theme: dict[int, list[Standing]] = defaultdict(list)
        for line in self.actions:
            by_theme[line.theme_id].append(self.standings[line.pk])
        return {theme: (worst(found), len(found)) for theme, found in by_theme.items()}

    @cached_property
    def pressing(self) -> tuple[ActionLine, ...]:
        """What is late or nearly so, by its day."""
        found = [a for a in self.actions if a.due_day and self.standings[a.pk] in PRESSING]
        return tuple(sorted(found, key=lambda line: (line.due_day or date.max, line.pk)))


@dataclass(frozen=True)
class Summary:
    """Where the targets and honours of one organ stand in a period on a day, and what its actions lack, each reckoned when
    asked for."""

    digest: Digest
    period: Period
    #: Where its actions stand; the same as long as nothing changes but figures.
    lines: Lines

    @cached_property
    def _used(self) -> Mapping[tuple[date, date], frozenset[int]]:
        """By the days of a campaign the keys of figures that make the organ's figures of those in the period."""
        return {days: self.digest.used(part) for days, part in self.lines.parts(self.period).items()}

    @cached_property
    def without(self) -> tuple[ActionLine, ...]:
        """Actions without any figure of those that are used."""
        links, used = self.digest.links, self._used
        return tuple(
            line
            for line in self.digest.actions
            if not line.is_problem and used[line.first_day, line.last_day].isdisjoint(links.get(line.pk, ()))
        )

    @cached_property
    def process_only(self) -> tuple[ActionLine, ...]:
        """Actions of which all that is known is how often they were busy (只有过程没有成效)."""
        without = {line.pk for line in self.without}
        return tuple(
            line
            for line in self.digest.actions
            if not line.is_problem
            and (line.held or line.served if line.pk in without else self._counts(line))
        )

    def _counts(self, line: ActionLine) -> bool:
        """Whether all used figures of an action only tell how often something was done."""
        used, by_key = self._used[line.first_day, line.last_day], self.digest.by_key
        return all(by_key[pk].metric.counts for pk in self.digest.links[line.pk] if pk in used)

    @cached_property
    def verdicts(self) -> Verdicts:
        """Where its targets stand: those of which the period tells or misses how far the organ has come."""
        found, regressed = {}, set()
        for pk, target in self.digest.targets.items():
            metric, period = target.metric, self.period
            if target.value is None or self.digest.aim(metric, period, self.lines.today) is None:
                continue
            told = self.digest.aimed(metric, period)
            if told is None and not self.digest.misses(target, period, self.lines.today):
                continue
            progress = judged(told.quantity if told else None, metric, target, self.lines.today)
            silent = told is not None and told.presence is Presence.NOT_APPLICABLE
            found[pk] = Verdict.NOT_APPLICABLE if silent else progress.verdict
            if progress.regressed:
                regressed.add(pk)
        return Verdicts(found, frozenset(regressed))

    @cached_property
    def reported(self) -> bool:
        """Whether a figure tells of days in the period."""
        return any(row.period.overlaps(self.period) for row in self.digest.figures)

    @cached_property
    def speaks_for_those_below(self) -> bool:
        """Whether one of these includes those of the units below (含下级)."""
        return any(row.period.overlaps(self.period) for row in self.digest.for_those_below)

    @cached_property
    def honours(self) -> Counter[HonourLevel]:
        """How many honours there are of each level."""
        return Counter(HonourLevel(honour.level) for honour in self.digest.honours)


def summary(digest: Digest, view: View) -> Summary:
    """Where an organ stands on the day of the view."""
    key = ("summary", view.period.start, view.period.end, view.today)
    if key not in digest.known:
        digest.known[key] = Summary(digest, view.period, _lines(digest, view.today))
    return digest.known[key]


def _lines(digest: Digest, today: date) -> Lines:
    """Where an organ's actions stand, kept for one day."""
    lines = digest.read(OF_ACTIONS, ("lines",), lambda: Lines(digest.actions, today))
    if lines.today != today:
        lines = digest.beside[OF_ACTIONS, "lines"] = Lines(digest.actions, today)
    return lines


def due_note(view: View, organ: Organ, line: ActionLine, standing: Standing) -> str:
    """By how many days an action or a stage of it is late or will be, and whom to telephone, or that nobody is
    there any more; whether its closing waits."""
    said = []
    if line.due_day and standing in PRESSING:
        days = (line.due_day - view.today).days
        said.append(f"逾期{-days}天" if days < 0 else "今天到期" if days == 0 else f"还有{days}天")
    if line.goes_on(view.today) and (stage := late_stage(line.stage, line.stage_due, view.today)):
        said.append(stage)
    if said and organ.active_to and organ.active_to <= view.today:
        said.append(view.closed(organ))
    elif said and organ.telephone:
        said.append(f"{organ.office}{organ.telephone}")
    if line.asked_on:
        said.append("销号待审")
    return "，".join(said)
