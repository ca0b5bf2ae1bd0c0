"""The tables of each page as sheets, made of the very rows that the page shows."""

from collections.abc import Iterable

from measures.models import Pillar, Theme
from measures.progress import STANDING_LABELS, Standing
from measures.rollups.action import ActionPage
from measures.rollups.figures import Amount, FigureRow, amount
from measures.rollups.heat import HeatRow
from measures.rollups.honours import HonourGroup
from measures.rollups.lines import ActionRow, PillarRow
from measures.rollups.lists import Listing
from measures.rollups.metric import MetricPage, OrganRow
from measures.rollups.organ import organ_page
from measures.rollups.overview import overview
from measures.rollups.passport import Passport
from measures.rollups.pillar import pillar_page
from measures.rollups.proofs import Held
from measures.rollups.search import Hit, SearchPage
from measures.rollups.theme import Heading, theme_page
from measures.rollups.view import View
from organs.models import Organ
from organs.sheets import Cell, Sheet

#: A figure as said, and what it is in numbers: the exact one or, of an uncertain one, the lowest and the highest.
FIGURE_HEAD = ("数值", "确切数", "最低", "最高", "计量单位")
LEDGER_HEAD = (
    *("支柱", "主题", "举措", "类别", "责任", "协办", "时限", "期限说明", "进展", "活动", "问题", "数值"),
    *("状态", "审核"),
)
HONOURS_HEAD = ("级别", "荣誉", "连续", "获得者", "时间", "授予单位")
ORGANS_HEAD = ("变化", "基线", "目标", "状态", "期间和说明")
THEME_HEAD = ("单位", "标题", "说明", "举措", "状态", "数值")


def overview_sheets(view: View, days: int) -> tuple[Sheet, ...]:
    """The overview with its lists in full: heat map, what is late, totals, honours."""
    page = overview(view, days, whole=True)
    late = tuple((row.label, row.note, STANDING_LABELS[Standing(row.standing)]) for row in page.late)
    totals = tuple((part.name, *_total_cells(row)) for part in page.sections for row in part.rows)
    heat_head = ("单位", *(column.name for column in page.columns), "没有数值", "填报")
    return (
        Sheet("heat", "各单位在各主题上的状态", heat_head, tuple(_heat_cells(row) for row in page.heat)),
        Sheet("late", "逾期和临近期限的举措", ("举措", "单位和联系", "状态"), late),
        Sheet("figures", "成效数值", ("主题", *_total_head("指标", "填报")), totals),
        honours_sheet(page.honours),
    )


def list_sheets(title: str, page: Listing) -> tuple[Sheet, ...]:
    """A list over organs: all its rows, of which a page shows some; figures in numbers, too."""
    thing, organ, said, *others = page.head
    numbers = FIGURE_HEAD[1:] if said == FIGURE_HEAD[0] else ()
    rows = tuple(
        (
            *(row.title, row.organ, row.words),
            *(_amount(row.figure and amount(*row.figure)) if numbers else ()),
            *(row.when, row.label, row.note),
        )
        for row in page.rows
    )
    return (Sheet("rows", title, (thing, organ, said, *numbers, *others, "说明"), rows),)


def organ_sheets(view: View, organ: Organ) -> tuple[Sheet, ...]:
    """The page of an organ in full: ledger, figures one by one, those with a target, what is missing, honours."""
    page = organ_page(view, organ, most=None)
    figures = tuple(
        (heading, title, *_figure_cells(row))
        for heading, title, row in (
            *((pillar.heading, title, row) for pillar in page.pillars for title, row in _figures_of(pillar)),
            *(("", "", row) for row in page.other_figures),
        )
    )
    gaps = tuple(
        (gap.label, item.label, item.note) for gap in page.gaps for item in (*gap.items, *gap.folded)
    )
    return (
        _ledger_sheet(page.pillars),
        Sheet("figures", "成效数值", ("支柱", "举措", *_figure_head("指标")), figures, _basis(page.pillars)),
        figures_sheet("targets", "对照目标", "指标", page.targets),
        Sheet("gaps", "缺什么", ("缺什么", "哪一项", "说明"), gaps),
        honours_sheet(page.honours),
    )


def pillar_sheets(view: View, pillar: Pillar) -> tuple[Sheet, ...]:
    """The page of a heading in full: its ledger, figures of no action, activities, honours."""
    page = pillar_page(view, pillar, whole=True)
    return (
        _ledger_sheet(page.pillars),
        figures_sheet("figures", "成效", "指标", page.figures),
        activities_sheet(pillar.heading, page.activities),
        honours_sheet(page.honours),
    )


def metric_sheets(name: str, page: MetricPage) -> tuple[Sheet, ...]:
    """The page of a metric of this name: its organs, its parts, its series."""
    organs = tuple(_organ_cells(row) for row in page.organs)
    parts = tuple(
        (part.figure.label, *_numbers(part.figure), part.share, part.figure.note)
        for part in page.around.parts
    )
    return (
        Sheet("organs", f"{name}：各单位", ("单位", *FIGURE_HEAD, *ORGANS_HEAD), organs),
        Sheet("parts", f"{name}：其中", ("指标", *FIGURE_HEAD, "占比", "填报"), parts),
        figures_sheet("series", f"{name}：各期", "期间", page.series.rows),
    )


def theme_sheets(view: View, theme: Theme) -> tuple[Sheet, ...]:
    """The page of a theme in full: totals; headings and actions of all organs."""
    page = theme_page(view, theme, whole=True)
    rows = tuple(
        (organ.name, heading.words, heading.note, *cells)
        for organ in page.organs
        for heading in organ.headings
        for cells in _theme_cells(heading)
    )
    return (
        totals_sheet("figures", f"{theme.name}：成效数值", "指标", page.totals),
        Sheet("organs", f"{theme.name}：各单位的标题和举措", THEME_HEAD, rows),
    )


def action_sheets(page: ActionPage) -> tuple[Sheet, ...]:
    """The page of an action: its figures and the activities held for it."""
    return (
        figures_sheet("figures", f"{page.title}：数值", "指标", page.figures),
        activities_sheet(page.title, page.activities),
    )


def passport_sheets(page: Passport) -> tuple[Sheet, ...]:
    """A passport: the totals that the figure goes into, and the activities that are counted in it."""
    return (
        totals_sheet("totals", f"{page.metric}：计入哪里", "合计", page.totals, "怎样计入"),
        activities_sheet(page.metric, page.activities),
    )


def figures_sheet(name: str, title: str, head: str, rows: Iterable[FigureRow]) -> Sheet:
    """Figures of organs with what they rest on, their change and their standing; `head` names what a row is of."""
    return Sheet(name, title, _figure_head(head), tuple(_figure_cells(row) for row in rows))


def totals_sheet(
    name: str, title: str, head: str, rows: Iterable[FigureRow], note_head: str = "填报"
) -> Sheet:
    """Totals with what they rest on."""
    return Sheet(name, title, _total_head(head, note_head), tuple(_total_cells(row) for row in rows))


def honours_sheet(groups: Iterable[HonourGroup]) -> Sheet:
    """Honours, highest level first."""
    return Sheet("honours", "荣誉", HONOURS_HEAD, tuple(honour_cells(groups)))


def honour_cells(groups: Iterable[HonourGroup]) -> Iterable[tuple[Cell, ...]]:
    """The rows under HONOURS_HEAD."""
    for group in groups:
        for row in group.honours:
            yield (group.label, row.title, row.streak, row.recipient, row.when, row.issuer)


def search_sheets(typed: str, page: SearchPage) -> tuple[Sheet, ...]:
    """What was found of each kind; it is not narrowed by organ and period."""
    head = ("名称", "说明", "摘录", "状态", "审核")
    return tuple(
        Sheet(
            group.kind,
            f"搜索“{typed}”：{group.label}",
            head,
            tuple(_hit_cells(hit) for hit in group.hits),
            "的数据，没有审核的已注明" if any(hit.review_label for hit in group.hits) else "的数据",
            of="全部单位和期间",
        )
        for group in page.groups
    )


def _hit_cells(hit: Hit) -> tuple[Cell, ...]:
    texts = ("".join(piece.text for piece in part) for part in (hit.title, hit.note, hit.excerpt))
    return (*texts, hit.standing_label, hit.review_label)


def activities_sheet(of: str, rows: Iterable[Held]) -> Sheet:
    """Held activities."""
    cells = tuple(
        (f"{row.title}（{row.note}）" if row.note else row.title, row.place, row.day, row.attended)
        for row in rows
    )
    return Sheet("activities", f"{of}：活动", ("活动", "地点", "日期", "参加"), cells)


def _numbers(row: FigureRow) -> tuple[Cell, ...]:
    """The cells under FIGURE_HEAD."""
    return (row.words if row.amount else row.absent or row.words, *_amount(row.amount))


def _amount(told: Amount | None) -> tuple[Cell, ...]:
    """The cells under FIGURE_HEAD after the first."""
    return (told.exact, told.low, told.high, told.unit) if told else (None, None, None, None)


def _figure_head(head: str) -> tuple[str, ...]:
    return (head, *FIGURE_HEAD, "变化", "状态", "说明")


def _figure_cells(row: FigureRow) -> tuple[Cell, ...]:
    return (row.label, *_numbers(row), row.change, row.standing_label, row.note)


def _total_head(head: str, note_head: str) -> tuple[str, ...]:
    return (head, *FIGURE_HEAD, "状态", note_head)


def _total_cells(row: FigureRow) -> tuple[Cell, ...]:
    return (row.label, *_numbers(row), row.standing_label, row.note)


def _heat_cells(row: HeatRow) -> tuple[Cell, ...]:
    cells = (f"{cell.label} {cell.note}" if cell else "未立项" for cell in row.cells)
    return (row.name, *cells, row.without, "，".join(part for part in (row.reported, row.gone) if part))


def _organ_cells(row: OrganRow) -> tuple[Cell, ...]:
    figure = row.figure
    aims = (figure.change, row.baseline, row.target)
    return (figure.label, *_numbers(figure), *aims, figure.standing_label, row.note)


def _basis(pillars: Iterable[PillarRow]) -> str:
    """What a ledger and its figures rest on: makers see what is not approved, too."""
    drafts = any(action.review for pillar in pillars for action in pillar.actions)
    return "的数据，没有审核的已注明" if drafts else "审核过的数据"


def _ledger_sheet(pillars: tuple[PillarRow, ...]) -> Sheet:
    several, campaign = any(pillar.campaign for pillar in pillars), ""
    rows: list[tuple[Cell, ...]] = []
    for pillar in pillars:
        campaign = pillar.campaign or campaign
        first = (campaign,) if several else ()
        rows += ((*first, pillar.heading, pillar.theme, *cells) for cells in _ledger_cells(pillar))
    head = ("创建活动", *LEDGER_HEAD) if several else LEDGER_HEAD
    return Sheet("ledger", "台账", head, tuple(rows), _basis(pillars))


def _ledger_cells(pillar: PillarRow) -> Iterable[tuple[Cell, ...]]:
    """The lines of a pillar as the ledger has them: its actions, or that there are none, and figures of its own."""
    for action in pillar.actions:
        yield _action_cells(action)
    if not pillar.actions:
        yield ("这一支柱下还没有举措。", *[None] * 11)
    if pillar.figures:
        yield ("成效（未对应到举措）", *[None] * 8, _said(pillar.figures), None, None)


def _action_cells(row: ActionRow) -> tuple[Cell, ...]:
    joint = row.joint.removeprefix("协办：")
    return (
        *(row.title, row.kind, row.responsible, joint, row.due, row.due_note, row.progress, row.held),
        *(row.problem, _said(row.figures) or "没有数值", row.standing_label, row.review_label),
    )


def _theme_cells(heading: Heading) -> Iterable[tuple[Cell, ...]]:
    """The actions of a heading, or that there are none."""
    for action in heading.actions:
        yield (action.title, action.standing_label, _said(action.figures))
    if not heading.actions:
        yield ("还没有举措", None, None)


def _said(rows: Iterable[FigureRow]) -> str:
    """Figures of one line, one under the other: 25.6%（因病致贫率，较基线下降13.3个百分点）."""
    return "\n".join(
        f"{row.absent or row.words}（{'，'.join(part for part in (row.label, row.change) if part)}）"
        for row in rows
    )


def _figures_of(pillar: PillarRow) -> Iterable[tuple[str, FigureRow]]:
    """The figures of a pillar with the titles of their actions."""
    for action in pillar.actions:
        yield from ((action.title, row) for row in action.figures)
    yield from (("", row) for row in pillar.figures)
