"""The tables of the pages that compare as sheets, made of the very rows that the pages show."""

from collections.abc import Iterable

from measures.rollups.compare import Numbers, Pair
from measures.rollups.compare_days import DayPage
from measures.rollups.compare_organs import OrgansPage, Side
from measures.rollups.compare_periods import PeriodsPage
from measures.rollups.figures import FigureRow
from measures.rollups.sheets import HONOURS_HEAD, honour_cells
from organs.sheets import Cell, Sheet

NOW, THEN = "现在", "当时"
Compared = OrgansPage | PeriodsPage | DayPage


def compare_sheets(page: Compared | None) -> tuple[Sheet, ...]:
    """The tables of what is compared; none of nothing."""
    if page is None:
        return ()
    if isinstance(page, OrgansPage):
        return _organs(page)
    return _periods(page) if isinstance(page, PeriodsPage) else _days(page)


def _organs(page: OrgansPage) -> tuple[Sheet, ...]:
    """Organs side by side: a line for each theme's headings and actions, and for each metric."""
    names = [side.organ for side in page.organs]
    rows = [
        ("", "全部举措", None, *_spread(map(_actions, page.organs))),
        ("", "荣誉", None, *_spread(cell.words for cell in page.honours)),
    ]
    for theme in page.themes:
        if theme.sides:
            rows.append((theme.name, "标题和举措", None, *_spread(map(_headed, theme.sides))))
        for line in theme.lines:
            unit = next((cell.amount.unit for cell in line.cells if cell.amount), None)
            rows.append((theme.name, line.label, unit, *(part for c in line.cells for part in _figure(c))))
    head = ("主题", "项目", "计量单位", *(word for name in names for word in _head(name)))
    return (Sheet("organs", f"{'、'.join(names)}并排", head, tuple(rows)),)


def _periods(page: PeriodsPage) -> tuple[Sheet, ...]:
    """Two periods of an organ: the counts, the figures by theme, and the honours."""
    rows = tuple((group.name, *_pair(pair)) for group in page.groups for pair in group.pairs)
    honours = tuple((period, *cells) for period, groups in page.honours for cells in honour_cells(groups))
    return (
        _counts(page.numbers, page.before, page.after),
        Sheet(
            "figures",
            f"{page.before}和{page.after}：数值",
            ("主题", *_pair_head(page.before, page.after)),
            rows,
        ),
        Sheet("honours", f"{page.before}和{page.after}：荣誉", ("期间", *HONOURS_HEAD), honours),
    )


def _days(page: DayPage) -> tuple[Sheet, ...]:
    """A past day beside today: the counts, the totals that differ, and the figures that differ."""
    title = f"{page.day}和现在"
    changes = tuple(
        (
            *(row.metric, row.organ, row.period),
            *(_figure(row.before) + _figure(row.after)),
            *(row.why, row.reason),
        )
        for row in page.changes
    )
    head = ("指标", "单位", "期间", *_head(THEN), *_head(NOW), "原因", "说明")
    return (
        _counts(page.numbers, THEN, NOW),
        Sheet(
            "totals", f"{title}：合计有变的指标", _pair_head(THEN, NOW), tuple(_pair(p) for p in page.totals)
        ),
        Sheet("changes", f"{title}：有变动的数值", head, changes),
    )


def _counts(rows: Iterable[Numbers], before: str, after: str) -> Sheet:
    cells = tuple((row.label, row.before, row.after, row.change) for row in rows)
    return Sheet("numbers", f"{before}和{after}的数目", ("项目", before, after, "变化"), cells)


def _head(name: str) -> tuple[str, ...]:
    """A figure as the page has it, and what it is in numbers."""
    return (name, f"{name}确切数", f"{name}最低", f"{name}最高")


def _figure(row: FigureRow) -> tuple[Cell, ...]:
    """The cells under `_head`."""
    parts = (row.absent or row.words, row.standing_label, row.change, row.note)
    said = "\n".join(part for part in parts if part)
    return (said, row.amount.exact, row.amount.low, row.amount.high) if row.amount else (said, *[None] * 3)


def _pair_head(before: str, after: str) -> tuple[str, ...]:
    return ("指标", *_head(before), *_head(after), "计量单位", "变化")


def _pair(pair: Pair) -> tuple[Cell, ...]:
    amount = pair.before.amount or pair.after.amount
    unit = amount.unit if amount else None
    return (pair.label, *_figure(pair.before), *_figure(pair.after), unit, pair.change)


def _spread(words: Iterable[str]) -> tuple[Cell, ...]:
    """Words without numbers, each over the columns of one organ."""
    return tuple(cell for said in words for cell in (said, None, None, None))


def _headed(side: Side) -> str:
    return "\n".join((*side.headings, _actions(side)))


def _actions(side: Side) -> str:
    """2项举措 逾期1; or that there are none."""
    if not side.number:
        return "还没有举措" if side.headings else "未立项"
    return " ".join((f"{side.number}项举措", *(f"{count.label}{count.number}" for count in side.counts)))
