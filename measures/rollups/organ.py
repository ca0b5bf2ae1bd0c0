"""The page of an organ: where it stands, its figures, its ledger, its honours, and what is missing."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from measures.models import Metric, Pillar, Target
from measures.progress import VERDICT_LABELS, Verdict
from measures.rollups.digest import Asked
from measures.rollups.figures import BeforeAfter, FigureRow, before_after, figure_row, judged, say
from measures.rollups.gaps import Gap, gaps
from measures.rollups.honours import HonourGroup, honour_groups
from measures.rollups.ledger import MOST_LINES, Ledger, load_ledger, not_counted, over_edge
from measures.rollups.lines import PillarRow
from measures.rollups.load import Figures, load_figures
from measures.rollups.problems import count_problems
from measures.rollups.summary import summary
from measures.rollups.trends import Spark, sparks
from measures.rollups.view import View
from measures.totals import OwnFigure
from organs.models import Organ

MOST_CARDS = 4
VERDICTS = (Verdict.MET, Verdict.MAYBE, Verdict.NOT_MET, Verdict.NO_DATA, Verdict.NOT_APPLICABLE)


@dataclass(frozen=True)
class OrganPage:
    """All that the page of an organ shows."""

    lead: str
    facts: tuple[str, ...]
    cards: tuple[BeforeAfter, ...]
    targets: tuple[FigureRow, ...]
    trends: tuple[Spark, ...]
    pillars: tuple[PillarRow, ...]
    actions: str
    problems: str
    other_figures: tuple[FigureRow, ...]
    gaps: tuple[Gap, ...]
    honours: tuple[HonourGroup, ...]


def organ_page(view: View, organ: Organ, *, most: int | None = MOST_LINES) -> OrganPage:
    """The page of one organ with about `most` lines of its ledger (None: all of it and of its gaps); constant in queries."""
    view = replace(view, organs=(organ,))
    figures = load_figures(view)
    ledger = load_ledger(view, figures, organ, _pillars(view, figures, organ))
    honours = figures.digests[organ.pk].honours
    cards = _cards(figures, organ)
    standing = ledger.standing_words(ledger.approved)
    actions = f"{len(ledger.approved)}项举措" + (f"，{standing}" if standing else "")
    return OrganPage(
        lead=_lead(ledger, actions, len(honours)),
        facts=_facts(view, organ),
        cards=tuple(cards.values()),
        targets=tuple(_targets(figures, organ, cards)),
        trends=sparks(ledger),
        pillars=ledger.pillar_rows(most),
        actions=actions,
        problems=_problems(ledger),
        other_figures=tuple(_other_figures(ledger)),
        gaps=gaps(ledger, whole=most is None),
        honours=honour_groups(view, honours),
    )


def _pillars(view: View, figures: Figures, organ: Organ) -> Sequence[Pillar]:
    """The organ's headings in its order, those of the newest campaign first."""
    asked = Asked(view.period, view.campaign)

    def read() -> Sequence[Pillar]:
        found = Pillar.objects.filter(organ=organ).select_related("theme", "campaign")
        return tuple(asked.of_campaigns(found, "campaign"))

    return figures.digests[organ.pk].read((Pillar,), ("pillars", *asked.key), read)


def _facts(view: View, organ: Organ) -> tuple[str, ...]:
    """What kind of organ it is, whether it was closed and who took over, whom it took over, whom to telephone."""
    names = {seen.pk: seen.label for seen in view.visible}
    taken = "、".join(names[pk] for pk, after in view.successors.items() if organ.pk in after and pk in names)
    facts = (
        organ.get_party_kind_display(),
        view.closed(organ),
        f"承接{taken}" if taken else "",
        f"联系：{organ.office} {organ.telephone}".strip() if organ.office or organ.telephone else "",
    )
    return tuple(fact for fact in facts if fact)


def _lead(ledger: Ledger, actions: str, honours: int) -> str:
    """Where the organ stands, in one sentence; empty where nothing was entered."""
    without = sum(not (ledger.told[action.pk] or action.is_problem) for action in ledger.approved)
    parts = (
        actions if ledger.approved else "",
        f"{without}项没有数值" if without else "",
        _aims(ledger.figures, ledger.organ),
        f"荣誉{honours}项" if honours else "",
    )
    said = "；".join(part for part in parts if part)
    return f"{ledger.view.when}：{said}。" if said else ""


def _problems(ledger: Ledger) -> str:
    """发现5、已销号3、未销号2; empty where none was found."""
    found = [ledger.standings[action.pk] for action in ledger.approved if action.is_problem]
    return count_problems("", "", found).words if found else ""


def _aims(figures: Figures, organ: Organ) -> str:
    """7个指标有目标，已达标3、未达标4，1个较基线倒退; empty where there is no target."""
    digest = figures.digests.get(organ.pk)
    found = summary(digest, figures.view).verdicts if digest else None
    if not found or not found.found:
        return ""
    said = "、".join(f"{VERDICT_LABELS[v]}{found.numbers[v]}" for v in VERDICTS if found.numbers[v])
    worse = len(found.regressed)
    return f"{len(found.found)}个指标有目标，{said}" + (f"，{worse}个较基线倒退" if worse else "")


def _aimed(figures: Figures, metric: Metric, organ: Organ) -> tuple[Target | None, OwnFigure | None]:
    """The target that the period tells how far it is, and what is held against it."""
    digest, view = figures.digests.get(organ.pk), figures.view
    if digest is None:
        return None, None
    return digest.aim(metric, view.period, view.today), digest.aimed(metric, view.period)


def _cards(figures: Figures, organ: Organ) -> dict[int, BeforeAfter]:
    """Figures that have a baseline, beside it, by metric; at most four."""
    cards = {}
    for pk, metric in figures.metrics.items():
        target, own = _aimed(figures, metric, organ)
        if target is None or target.baseline is None or own is None or own.quantity is None:
            continue
        row = figure_row(figures, own, metric, organ)
        if not row.change:
            continue  # a sum that is not beyond the baseline yet
        cards[pk] = before_after(row, own.quantity, metric, target)
        if len(cards) == MOST_CARDS:
            break
    return cards


def _targets(figures: Figures, organ: Organ, cards: dict[int, BeforeAfter]) -> list[FigureRow]:
    """Figures that have a target, with how much of the way is done."""
    rows = []
    for pk, metric in figures.metrics.items():
        target, own = _aimed(figures, metric, organ)
        if pk in cards or target is None or target.value is None or own is None or own.quantity is None:
            continue
        row = figure_row(figures, own, metric, organ)
        progress = judged(own.quantity, metric, target, figures.view.today)
        done = f"，完成{progress.done}" if progress.done and not progress.regressed else ""
        rows.append(replace(row, note=f"目标{say(target.value, metric)}{done}；{row.note}"))
    return rows


def _other_figures(ledger: Ledger) -> list[FigureRow]:
    """The organ's figures of which no line of the ledger tells."""
    figures, organ = ledger.figures, ledger.organ
    rows = []
    for pk, metric in figures.metrics.items():
        own = figures.owns.get((pk, organ.pk))
        if own and not ledger.seen.issuperset(own.used):
            rows.append(figure_row(figures, own, metric, organ))
        elif not own:
            over = [row for row in ledger.periods[pk].values() if over_edge(row, figures.view.period)]
            rows += [not_counted(figures, row) for row in over[-1:] if row.pk not in ledger.seen]
    return rows
