"""The rectification list (整改台账): problems found, what is done about them, and how many are closed."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet
from django.urls import reverse

from measures.models import Action, Activity, LineKind, ProblemSource, begun
from measures.progress import STANDING_LABELS, Standing
from measures.rollups.digest import Asked
from measures.rollups.instructions import contact
from measures.rollups.standing import label
from measures.rollups.standing import standing as standing_of
from measures.rollups.view import View
from organs.sheets import Sheet

#: What may be asked of the standing of a problem, by its name in an address.
PROBLEM_STANDINGS = {"open": "未销号", **{s.value: label for s, label in STANDING_LABELS.items()}}


@dataclass(frozen=True)
class ProblemRow:
    """One problem with what is done about it; `contact` is the organ's office where it is late or nearly so."""

    url: str
    organ: str
    contact: str
    title: str
    finding: str
    source: str
    measures: str
    responsible: str
    due: str
    progress: str
    standing: str
    label: str


@dataclass(frozen=True)
class ProblemCount:
    """How many problems were found, closed, and are late; of an organ, or of all."""

    organ: str
    url: str
    found: int
    closed: int
    late: int

    @property
    def open(self) -> int:
        """How many are not closed; none of them is 清零."""
        return self.found - self.closed

    @property
    def words(self) -> str:
        """发现5、已销号3、未销号2、逾期1; 发现5，全部销号（清零）; nothing where none was found."""
        if not self.found:
            return ""
        if not self.open:
            return f"发现{self.found}，全部销号（清零）"
        late = f"、逾期{self.late}" if self.late else ""
        return f"发现{self.found}、已销号{self.closed}、未销号{self.open}{late}"


@dataclass(frozen=True)
class ProblemPage:
    """The list as filtered, and the counts of each organ whatever was asked of source and standing."""

    rows: tuple[ProblemRow, ...]
    counts: tuple[ProblemCount, ...]
    total: ProblemCount


def count_problems(organ: str, url: str, standings: Iterable[Standing]) -> ProblemCount:
    """The counts of problems that stand so."""
    number = Counter(standings)
    return ProblemCount(organ, url, number.total(), number[Standing.DONE], number[Standing.LATE])


def problem_page(view: View, *, source: str = "", standing: str = "") -> ProblemPage:
    """Approved problems of the organs of a view, in official order, from one query."""
    found = [(action, standing_of(action, view.today, held=action.held)) for action in _problems(view)]
    counts = tuple(
        count_problems(
            organ.label,
            view.narrowed("problems", organ=organ.pk),
            (stands for action, stands in found if action.organ_id == organ.pk),
        )
        for organ in view.organs
    )
    wanted = {"open": set(Standing) - {Standing.DONE}, "": set(Standing)}.get(standing, {standing})
    rows = tuple(
        _row(view, action, stands)
        for action, stands in found
        if source in ("", action.source) and stands in wanted
    )
    total = count_problems("合计", "", (stands for _, stands in found))
    return ProblemPage(rows, tuple(count for count in counts if count.found), total)


def _problems(view: View) -> QuerySet[Any]:
    rows = Action.objects.current().filter(line=LineKind.PROBLEM, organ__in=view.organs)
    held = begun(Activity.objects.current())
    asked = Asked(view.period, view.campaign).of_campaigns(rows, "pillar__campaign")
    return (
        asked.select_related("organ", "pillar__campaign")
        .annotate(held=held)
        .order_by("organ__path", "found_on", "pk")
    )


def _row(view: View, action: Action, stands: Standing) -> ProblemRow:
    number = f"{action.document_number}，" if action.document_number else ""
    days = (action.due_day - view.today).days if action.due_day else 0
    pressing = stands in (Standing.LATE, Standing.SOON)
    when = f"（逾期{-days}天）" if days < 0 else f"（还有{days}天）" if days else "（今天到期）"
    return ProblemRow(
        url=view.link(reverse("action", args=(action.pk,))),
        organ=action.organ.label,
        contact=contact(action.organ) if pressing else "",
        title=action.title,
        finding=action.finding,
        source=f"{ProblemSource(action.source).label}，{number}{action.found_on:%Y-%m-%d}",
        measures=action.what,
        responsible="，".join(part for part in (action.leader, action.office) if part),
        due=f"{action.due_day:%Y-%m-%d}{when if pressing else ''}" if action.due_day else "",
        progress=action.progress,
        standing=stands.value,
        label=label(stands, action.closing_state, sees=True),
    )


def problem_sheets(page: ProblemPage) -> tuple[Sheet, ...]:
    """The list and the counts as tables."""
    head = ("单位", "事项", "问题", "来源", "整改措施", "责任", "时限", "进展", "状态", "联系")
    rows = tuple(
        (
            r.organ,
            r.title,
            r.finding,
            r.source,
            r.measures,
            r.responsible,
            r.due,
            r.progress,
            r.label,
            r.contact,
        )
        for r in page.rows
    )
    counts = tuple((c.organ, c.found, c.closed, c.open, c.late) for c in (*page.counts, page.total))
    counted = ("单位", "发现", "已销号", "未销号", "逾期")
    return (Sheet("rows", "整改台账", head, rows), Sheet("counts", "整改情况", counted, counts))
