"""What a metric is beside others: its parts (其中) with their shares, the whole it is a part of, its pair (户↔人)."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal

from measures.models import Metric
from measures.models.metric_beside import counts_households
from measures.progress import HUNDRED, pair_check, round_half_up, shares
from measures.quantity import Quantity
from measures.rollups.figures import FigureRow, say, trimmed
from measures.rollups.load import Figures, load_metrics
from measures.rollups.overview import total_row
from measures.rollups.view import View
from measures.totals import OverOrgans, Total


@dataclass(frozen=True)
class Part:
    """A part of a whole; no share in words where it cannot be exact."""

    figure: FigureRow
    share: str


@dataclass(frozen=True)
class Relatives:
    """What stands around a metric; empty where there is nothing. `…_note` is one sentence."""

    parts: tuple[Part, ...] = ()
    parts_note: str = ""
    whole: Part | None = None
    pair: FigureRow | None = None
    pair_note: str = ""
    pair_question: str = ""


def family(view: View, metric: Metric) -> list[Metric]:
    """The metrics around one that the user may see: parts, whole, pair."""
    return [
        other
        for pk, other in sorted(load_metrics(view).items())
        if metric.pk in (other.part_of_id, other.pair_id) or pk in (metric.part_of_id, metric.pair_id)
    ]


def relatives(figures: Figures, metric: Metric, found: Total, around: Iterable[Metric]) -> Relatives:
    """The metrics around one with their totals over the same organs."""
    totals = {other: figures.total(other) for other in around}
    parts = {
        other: total
        for other, total in totals.items()
        if other.part_of_id == metric.pk and other.owner_id == metric.owner_id  # others do not divide it
    }
    rows, note = _parts(figures, metric, found, parts) if parts else ((), "")
    whole = next((other for other in totals if other.pk == metric.part_of_id), None)
    pair = next((other for other in totals if metric.pk == other.pair_id or other.pk == metric.pair_id), None)
    note_of_pair, question = _pair(figures, metric, found, pair, totals[pair]) if pair else ("", "")
    return Relatives(
        parts=rows,
        parts_note=note,
        whole=_whole(figures, whole, totals[whole], metric, found) if whole else None,
        pair=total_row(figures, pair, totals[pair]) if pair else None,
        pair_note=note_of_pair,
        pair_question=question,
    )


def _basis(figures: Figures, found: Total) -> set[tuple[int, date, date]]:
    """Which organs a total rests on with which days: only totals of the same ones make a share."""
    rows = [figures.row(pk) for pk in found.used]
    return {(row.organ_id, row.period.start, row.period.end) for row in rows}


def _exact(found: Total) -> Quantity | None:
    """The quantity of a total that is one number."""
    return None if found.quantity is None or found.quantity.uncertain else found.quantity


def _share_of(figures: Figures, whole: Total, part: Total, metric: Metric) -> Decimal | None:
    """A part in per cent of its whole; None where one is not exact, or they do not rest on the same figures."""
    below, above = _exact(part), _exact(whole)
    if below is None or above is None or metric.over_organs != OverOrgans.SUM or below.unit != above.unit:
        return None
    if not 0 <= below.amount <= above.amount or not above.amount:
        return None
    if _basis(figures, part) != _basis(figures, whole):
        return None
    return below.amount * HUNDRED / above.amount


def _parts(
    figures: Figures, metric: Metric, whole: Total, parts: Mapping[Metric, Total]
) -> tuple[tuple[Part, ...], str]:
    """The parts with their shares; where they make up the whole without overlapping, shares add up to 100.0."""
    rows = [
        replace(total_row(figures, part, total), label=part.name, note=total.coverage_words)
        for part, total in parts.items()
    ]
    found = [_share_of(figures, whole, total, metric) for total in parts.values()]
    said = tuple(
        Part(row, "" if share is None else f"{round_half_up(share, 1)}%")
        for row, share in zip(rows, found, strict=True)
    )
    overlap = "各项有重叠，相加不等于总数。" if any(part.parts_overlap for part in parts) else ""
    exact = [_exact(total) for total in parts.values()]
    amounts = [quantity.amount for quantity in exact if quantity is not None]
    known = _exact(whole)
    if known is None or any(share is None for share in found):
        return said, overlap + _why_no_share(known, amounts)
    if overlap:
        return said, overlap
    rest = known.amount - sum(amounts, Decimal(0))
    if rest < 0:
        return tuple(Part(row, "") for row in rows), "各项相加超过了总数，请核对数值，或把这些项标为可重叠。"
    return _divided(metric, rows, amounts, rest), "各项不重叠，占比相加是100%。"


def _divided(
    metric: Metric, rows: Sequence[FigureRow], amounts: Sequence[Decimal], rest: Decimal
) -> tuple[Part, ...]:
    """Parts that do not overlap with shares that add up to 100.0; what is in none of them has a row of its own."""
    said = [f"{share}%" for share in shares([*amounts, rest])]
    divided = [Part(row, share) for row, share in zip(rows, said, strict=False)]
    if rest:
        words = say(Quantity.exact(rest, metric.unit.spec.stored_as), metric)
        divided.append(Part(FigureRow("", "其余", words=words, note="总数减去以上各项"), said[-1]))
    return tuple(divided)


def _why_no_share(known: Quantity | None, amounts: Sequence[Decimal]) -> str:
    """Why there are no shares, or not for all parts."""
    if known is None:
        return "总数不是确切的数，不算占比。"
    if any(amount > known.amount for amount in amounts):
        return "有的其中项大于总数，请核对；这样的项不算占比。"
    return "不是确切的数，或与总数不是同一批单位、同一期间的，不算占比。"


def _whole(figures: Figures, whole: Metric, total: Total, metric: Metric, found: Total) -> Part:
    """The whole that a metric is a part of, with the metric's share in it."""
    share = _share_of(figures, total, found, metric)
    row = replace(total_row(figures, whole, total), label=whole.name)
    return Part(row, "" if share is None else f"占{round_half_up(share, 1)}%")


def _pair(figures: Figures, metric: Metric, found: Total, pair: Metric, other: Total) -> tuple[str, str]:
    """Persons per household, and the question that is asked where they do not fit."""
    households, persons = (found, other) if counts_households(metric, pair) else (other, found)
    if _basis(figures, households) != _basis(figures, persons):
        return "两个数不是同一批单位、同一期间的，不算平均。", ""
    if households.quantity is None or persons.quantity is None:
        return "", ""
    question = pair_check(households.quantity, persons.quantity)
    homes, heads = _exact(households), _exact(persons)
    if homes is None or heads is None or not homes.amount:
        return "", question
    each = trimmed(round_half_up(heads.amount / homes.amount, 2))
    return f"平均每户{each}人。", question
