"""The passport (溯源卡) of a figure: what it says, where it comes from, who confirmed it, what it goes into."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache
from typing import Any

from django.db.models import Exists, OuterRef, Prefetch
from django.urls import reverse

from measures import charts
from measures.models import (
    OPEN_STATES,
    Action,
    Activity,
    EvidenceLink,
    Instruction,
    Observation,
    Pillar,
    Source,
    Target,
)
from measures.period import Period
from measures.progress import Progress, pooled, round_half_up
from measures.quantity import Quantity
from measures.rollups.definition import Fact, definition
from measures.rollups.figures import FigureRow, change_words, judged, say, standing_of, tip, trimmed
from measures.rollups.goes_into import Weight, weight
from measures.rollups.instructions import Box, figure_box
from measures.rollups.narrow import unless_changed
from measures.rollups.proofs import Held, Proof, held, proofs
from measures.rollups.rows import STAMP, Statement, fetched
from measures.rollups.stations import Station, stations
from measures.rollups.versions import Version, version_rows
from measures.rollups.view import View, address
from measures.totals import Presence
from organs.models import User
from organs.permissions import Right, can

#: What a figure's versions and the words about them rest on, besides figures.
TABLES = (Action, Activity, Pillar, Observation.actions.through, Observation.activities.through, Instruction)
PROVEN = Exists(EvidenceLink.objects.filter(observation=OuterRef("pk")))


@dataclass(frozen=True)
class Phrase:
    """A figure's own phrase, cut so that the figure can be marked."""

    before: str
    marked: str
    after: str
    #: The article that the sentence stands in, for who may read it.
    article: str = ""
    url: str = ""


@dataclass(frozen=True)
class Passport:
    """All that the passport of a figure shows; `words` is empty where there is no figure."""

    metric: str
    organ: str
    period: str
    words: str
    pieces: charts.Pieces | None
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
    instructions: Box | None
    unseen: int
    pending: str


@dataclass(frozen=True)
class Versions:
    """The versions of a figure that a reader may see, oldest first, and what was said of them."""

    rows: tuple[Observation, ...]
    stations: tuple[Station, ...]
    instructions: Box | None
    phrase: Phrase | None
    #: The versions that there were, those that the reader may not see among them, each with what tells a changed row, and
    #: whether it has evidence.
    stand_at: tuple[tuple[int, str, bool], ...]

    @property
    def proven(self) -> bool:
        """Whether any of them has evidence, be it seen or not."""
        return any(proven for _, _, proven in self.stand_at)

    @property
    def shown(self) -> Observation:
        """The one that counts, else the newest; there is one."""
        return _shown(self.rows)


def _shown(rows: Sequence[Observation]) -> Observation:
    return next((row for row in reversed(rows) if row.is_current), rows[-1])


@cache
def _stamps() -> Statement:
    """Asks for the versions of a figure that are there, for what tells a changed one, and whether it has evidence."""
    rows = (
        Observation.objects.annotate(stamp=STAMP, proven=PROVEN)
        .order_by()
        .values_list("pk", "stamp", "proven")
    )
    sql, params = rows.query.sql_with_params()
    return (
        f"{sql} WHERE metric_id = %s AND organ_id = %s AND period_days = daterange(%s, %s) ORDER BY id",
        params,
    )


def versions(view: View, metric: int, organ: int, period: Period) -> Versions:
    """The versions of a figure with what they link to; from one query if they were read before and stand as they did.

    Counted figures are read anew: what they count may be another organ's.
    """
    figure = (metric, organ, period.start, period.end)
    found: list[tuple[int, str, bool]] = []

    def read() -> Versions:
        rows = _versions(view.user, *figure)
        if not rows:
            return Versions((), (), None, None, ())
        stand_at = tuple(found or ((row.pk, row.stamp, row.proven) for row in rows))
        shown = _shown(rows)
        way = stations(rows, staff=can(view.user, Right.VIEW_DRAFTS, shown.organ))
        box = figure_box(view, shown.metric, shown.organ, told=shown.is_current)
        return Versions(tuple(rows), way, box, _phrase(shown, view), stand_at)

    def still(known: Versions) -> bool:
        sql, params = _stamps()
        found.extend(fetched(sql, (*params, *figure)))
        return known.stand_at == tuple(found) and not any(r.source == Source.COUNTED for r in known.rows)

    return unless_changed(view, organ, TABLES, ("figure", *figure), read, still)


def _versions(user: User, metric: int, organ: int, start: date, end: date) -> list[Any]:
    activities = Activity.objects.visible_to(user)
    rows = Observation.objects.visible_to(user).filter(metric=metric, organ=organ, period_days=(start, end))
    rows = (
        rows.annotate(stamp=STAMP, proven=PROVEN)
        .select_related(
            *("metric__unit__base", "metric__theme", "metric__owner", "metric__part_of", "metric__pair"),
            *("organ", "pillar", "article__organ"),
        )
        .prefetch_related(
            Prefetch("actions", Action.objects.visible_to(user).only("title")),
            Prefetch("activities", activities.select_related("action", "organ").order_by("day", "pk")),
        )
    )
    return list(rows.defer("article__full_text").order_by("pk"))  # they are kept, a text is long


def passport(view: View, known: Versions) -> Passport:
    """The passport of a figure from its versions (at least one); the view is of its period."""
    rows, shown = known.rows, known.shown
    metric, quantity = shown.metric, shown.quantity
    found = weight(view, shown)
    standing, label = standing_of(_progress(shown, found)) if quantity else ("", "")
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
        pieces=charts.pieces(words) if words else None,
        tip=tip(quantity, metric) if quantity else "",
        meaning=_meaning(quantity) if quantity else "",
        absent="" if quantity else shown.get_presence_display(),
        why_absent=shown.absence,
        change=_change(shown, found) if quantity else "",
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
        instructions=known.instructions,
        unseen=_unseen(shown, activities) if counted else 0,
        pending=_pending(shown, rows),
    )


def _meaning(quantity: Quantity) -> str:
    """50余人＝51至59人; 三千二百人＝3200人; empty where the words are the number."""
    said, means = str(quantity), quantity.range_words
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


def _progress(row: Observation, found: Weight) -> Progress:
    return judged(found.compared, row.metric, found.target)


def _change(row: Observation, found: Weight) -> str:
    return change_words(found.compared, row.metric, found.target) if found.compared else ""


def _phrase(row: Observation, view: View) -> Phrase | None:
    if row.article and (excerpt := row.excerpt):
        reads = can(view.user, Right.VIEW_DRAFTS, row.article.organ)
        url = f"{reverse('article', args=(row.article.pk,))}#observation-{row.pk}" if reads else ""
        return Phrase(*excerpt, article=row.article.title if reads else "", url=url)
    if not row.phrase:
        return None
    words = row.quantity.words if row.quantity else ""
    before, marked, after = row.phrase.partition(words) if words else ("", "", row.phrase)
    return Phrase(before, marked, after) if marked else Phrase(row.phrase, "", "")


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
    facts += _aims(row, found)
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


def _aims(row: Observation, found: Weight) -> list[Fact]:
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
        so_far = f"活动以来{found.parts}期合计{say(found.compared, row.metric)}" if found.parts > 1 else ""
        words = _progress(row, found).words if target.value else ""
        if said := "：".join(part for part in (so_far, words) if part):
            facts.append(Fact("对照", said))
    return facts


def _period_words(period: Period) -> str:
    days = f"{period.start:%Y-%m-%d}至{period.last:%Y-%m-%d}"
    return f"{period.label}（{days}）" + (
        f"，原文“{period.words}”" if period.words not in ("", period.label) else ""
    )
