"""The passport (溯源卡) of a figure: what it says, where it comes from, who confirmed it, what it goes into."""

from collections.abc import Sequence
from dataclasses import dataclass

from measures.models import OPEN_STATES, Instruction, Metric, Observation, Source, Target
from measures.period import Period
from measures.pieces import Pieces
from measures.progress import Progress, pooled, round_half_up
from measures.quantity import Quantity
from measures.rollups.definition import Fact, definition
from measures.rollups.figure import Phrase, Versions
from measures.rollups.figures import FigureRow, change_words, cut, judged, say, standing_of, tip, trimmed
from measures.rollups.goes_into import Weight, weight
from measures.rollups.instructions import Box, figure_box
from measures.rollups.narrow import unless_changed
from measures.rollups.proofs import Held, Proof, held, proofs
from measures.rollups.stations import Station
from measures.rollups.versions import Version, version_rows
from measures.rollups.view import View, address
from measures.totals import Presence


@dataclass(frozen=True)
class Passport:
    """All that the passport of a figure shows; `words` is empty where there is no figure."""

    metric: str
    organ: str
    period: str
    words: str
    pieces: Pieces | None
    tip: str
    meaning: str
    absent: str
    why_absent: str
    change: str
    standing: str
    standing_label: str
    phrase: Phrase | None
    facts: tuple[Fact, ...]
    definition: tuple[Fact, ...]
    totals: tuple[FigureRow, ...]
    versions: tuple[Version, ...]
    stations: tuple[Station, ...]
    proofs: tuple[Proof, ...]
    activities: tuple[Held, ...]
    instructions: Box
    unseen: int
    pending: str


def passport(view: View, known: Versions) -> Passport:
    """The passport of a figure from its versions (at least one); the view is of its period."""
    rows, shown = known.rows, known.shown
    metric, quantity = shown.metric, shown.quantity
    found = weight(view, shown)
    standing, label = standing_of(_progress(view, shown, found)) if quantity else ("", "")
    words = say(quantity, metric) if quantity else ""
    if words and shown.presence == Presence.NIL.value:
        words = f"{words}（{shown.get_presence_display()}）"
    counted = shown.source == Source.COUNTED
    activities = held(shown.activities.all(), view) if counted else ()
    return Passport(
        metric=metric.name,
        organ=shown.organ.name,
        period=shown.period.label,
        words=words,
        pieces=cut(words, metric) if words else None,
        tip=tip(quantity, metric) if quantity else "",
        meaning=_meaning(quantity, metric) if quantity else "",
        absent="" if quantity else shown.get_presence_display(),
        why_absent=shown.absence,
        change=_change(view, shown, found) if quantity else "",
        standing=standing,
        standing_label=label,
        phrase=known.phrase,
        facts=_facts(view, shown, found),
        definition=definition(view, metric),
        totals=found.totals,
        versions=version_rows(rows),
        stations=known.stations,
        proofs=proofs(view.user, "observation", [row.pk for row in rows]) if known.proven else (),
        activities=activities,
        instructions=_box(view, shown),
        unseen=_unseen(shown, activities) if counted else 0,
        pending=_pending(shown, rows),
    )


def _box(view: View, row: Observation) -> Box:
    """What leaders said about the organ's figures of the metric."""
    what = ("box", row.metric_id, row.organ_id, row.is_current)
    return unless_changed(
        view,
        row.organ_id,
        (Instruction,),
        what,
        lambda: figure_box(view, row.metric, row.organ, told=row.is_current),
    )


def _meaning(quantity: Quantity, metric: Metric) -> str:
    """50余人＝51至59人; 三千二百人＝3200人; empty where the words are the number."""
    said, means = str(quantity), quantity.range_in(metric.unit.spec)
    return "" if means in said else f"{said}＝{means}"


def _unseen(row: Observation, seen: Sequence[Held]) -> int:
    """How many counted activities the user may not see."""
    return row.activities.through.objects.filter(observation=row).count() - len(seen)


def _pending(shown: Observation, rows: Sequence[Observation]) -> str:
    if not shown.is_current:
        return f"{shown.get_state_display()}，现在没有生效的数"
    open_row = next((row for row in reversed(rows) if row.state in OPEN_STATES), None)
    if open_row is None:
        return ""
    return f"第{open_row.version}版{open_row.get_state_display()}，审核通过前以现在的数为准"


def _progress(view: View, row: Observation, found: Weight) -> Progress:
    return judged(found.compared, row.metric, found.aim, view.today)


def _change(view: View, row: Observation, found: Weight) -> str:
    return change_words(found.compared, row.metric, found.aim, view.today) if found.compared else ""


def _facts(view: View, row: Observation, found: Weight) -> tuple[Fact, ...]:
    metric, sees = row.metric, row.organ in view.visible
    facts = [
        Fact("指标", metric.name, view.link(address("metric", metric.pk)) if sees else ""),
        Fact("单位", row.organ.name, view.link(address("organ", row.organ_id)) if sees else ""),
        Fact("期间", _period_words(row.period)),
        Fact("数值", row.said),
    ]
    if row.numerator is not None and row.denominator:
        share = pooled([(row.numerator, row.denominator)])
        said = f"{trimmed(round_half_up(share, 2))}%" if share is not None else ""
        facts.append(Fact("分子÷分母", f"{trimmed(row.numerator)} ÷ {trimmed(row.denominator)} = {said}"))
    facts += _aims(view, row, found)
    if row.remark:
        facts.append(Fact("说明", row.remark))
    facts.append(Fact("来源", row.get_source_display()))
    facts.append(Fact("统计口径", found.coverage))
    facts += [
        Fact("所属举措", action.title, view.link(address("action", action.pk)))
        for action in row.actions.all()
    ]
    if row.pillar:
        facts.append(Fact("所属支柱", row.pillar.heading))
    return tuple(facts)


def _aims(view: View, row: Observation, found: Weight) -> list[Fact]:
    """Baseline and target of the campaign, and how far the organ has come."""
    target: Target | None = found.target
    if target is None:
        return []
    facts = []
    if target.baseline:
        when = target.baseline_note or (f"{target.baseline_day:%Y-%m-%d}" if target.baseline_day else "")
        facts.append(Fact("基线", f"{say(target.baseline, row.metric)}{f'（{when}）' if when else ''}"))
    if target.value:
        facts.append(Fact("目标", f"{say(target.value, row.metric)}（{target.campaign.name}）"))
    if found.compared:
        lacking = f"（{found.lacks}）" if found.lacks else ""
        summed = f"活动以来{found.parts}期合计{say(found.compared, row.metric)}{lacking}"
        so_far = summed if found.parts > 1 else ""
        words = _progress(view, row, found).words if found.aim and target.value else ""
        if said := "：".join(part for part in (so_far, words) if part):
            facts.append(Fact("对照", said))
    return facts


def _period_words(period: Period) -> str:
    days = f"{period.start:%Y-%m-%d}至{period.last:%Y-%m-%d}"
    return f"{period.label}（{days}）" + (
        f"，原文“{period.words}”" if period.words not in ("", period.label) else ""
    )
