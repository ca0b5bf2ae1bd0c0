"""Where one organ stands on a day, reckoned from its digest and kept beside it."""

from collections import Counter, defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from measures.models import HonourLevel
from measures.progress import Standing, Verdict
from measures.rollups.digest import Digest
from measures.rollups.figures import judged
from measures.rollups.rows import ActionLine
from measures.rollups.stages import late_stage
from measures.rollups.standing import standing, worst
from measures.rollups.view import View
from organs.models import Organ

PRESSING = (Standing.LATE, Standing.SOON)


@dataclass(frozen=True)
class Verdicts:
    """An organ's targets held against its figures: which metric is where, and which are worse than their baseline."""

    found: Mapping[int, Verdict]
    regressed: frozenset[int]


@dataclass(frozen=True)
class Summary:
    """Where the actions, targets and honours of one organ stand."""

    standings: Mapping[int, Standing]  # by action
    numbers: Counter[Standing]
    pillars: int  # under which they stand
    cells: Mapping[int, tuple[Standing, int]]  # by theme: what needs attention most, and how many actions
    pressing: tuple[ActionLine, ...]  # late or nearly so, by their day
    without: tuple[ActionLine, ...]  # no figure at all
    process_only: tuple[ActionLine, ...]  # activities were held, but no figure tells of an outcome
    verdicts: Verdicts
    reported: bool
    honours: Counter[HonourLevel]


def summary(digest: Digest, view: View) -> Summary:
    """Where an organ stands on the day of the view."""
    key = ("summary", view.period.start, view.period.end, view.today)
    if key not in digest.known:
        digest.known[key] = _summary(digest, view)
    return digest.known[key]


def _summary(digest: Digest, view: View) -> Summary:
    standings = {line.pk: standing(line, view.today, held=line.progress) for line in digest.actions}
    by_theme: dict[int, list[Standing]] = defaultdict(list)
    for line in digest.actions:
        by_theme[line.theme_id].append(standings[line.pk])
    metrics = {line.pk: _metrics_of(digest, line, view) for line in digest.actions}
    pressing = [line for line in digest.actions if line.due_day and standings[line.pk] in PRESSING]
    return Summary(
        standings=standings,
        numbers=Counter(standings.values()),
        pillars=len({line.pillar_id for line in digest.actions}),
        cells={theme: (worst(found), len(found)) for theme, found in by_theme.items()},
        pressing=tuple(sorted(pressing, key=lambda line: (line.due_day or date.max, line.pk))),
        without=tuple(line for line in digest.actions if not (line.is_problem or metrics[line.pk])),
        process_only=tuple(line for line in digest.actions if _process_only(digest, line, metrics[line.pk])),
        verdicts=_verdicts(digest, view),
        reported=any(row.period.overlaps(view.period) for row in digest.figures),
        honours=Counter(HonourLevel(honour.level) for honour in digest.honours),
    )


def due_note(view: View, organ: Organ, line: ActionLine, standing: Standing) -> str:
    """By how many days an action or a stage of it is late or will be, and whom to telephone; empty if it is neither."""
    said = []
    if line.due_day and standing in PRESSING:
        days = (line.due_day - view.today).days
        said.append(f"逾期{-days}天" if days < 0 else "今天到期" if days == 0 else f"还有{days}天")
    if not line.is_closed and (stage := late_stage(line.stage, line.stage_due, view.today)):
        said.append(stage)
    if said and organ.telephone:
        said.append(f"{organ.office}{organ.telephone}")
    return "，".join(said)


def _process_only(digest: Digest, line: ActionLine, metrics: frozenset[int]) -> bool:
    """Whether all that is known of an action is how often it was busy (只有过程没有成效)."""
    if line.is_problem:
        return False
    counted = {pk for pk in metrics if digest.by_metric[pk][0].metric.counts}
    return counted == metrics and bool(counted or line.held)


def _metrics_of(digest: Digest, line: ActionLine, view: View) -> frozenset[int]:
    """The metrics for which the action has a figure in the days of the period that belong to its campaign."""
    return digest.metrics_of(line.pk, view.period.within(line.first_day, line.last_day))


def _verdicts(digest: Digest, view: View) -> Verdicts:
    found, regressed = {}, set()
    for pk, target in digest.targets.items():
        if target.value is None:
            continue
        progress = judged(digest.aimed(target.metric, view.period), target.metric, target)
        found[pk] = progress.verdict
        if progress.regressed:
            regressed.add(pk)
    return Verdicts(found, frozenset(regressed))
