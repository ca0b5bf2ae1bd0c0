"""The empty form (模板) of a kind, filled in beforehand for an organ: choices as drop-down lists, rules on a second sheet."""

from collections.abc import Mapping, Sequence
from io import BytesIO

from openpyxl import Workbook
from openpyxl.styles import Alignment, Border, Font, PatternFill, Protection, Side
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.datavalidation import DataValidation
from openpyxl.worksheet.worksheet import Worksheet

from measures.models import Metric
from measures.resources.kind import MARK, ORGAN, Kind
from measures.resources.known import Known
from measures.resources.organ_sheet import ORGANS, OrganSheet
from measures.totals import COVERAGE_LABELS
from organs.models import Organ
from organs.sheets import UNWRITABLE

ROWS = 500
_EDGE = Side("thin", color="B5B5B5")
_FRAME = Border(left=_EDGE, right=_EDGE, top=_EDGE, bottom=_EDGE)
_HEAD, _NEEDED = PatternFill("solid", fgColor="F0EEEA"), PatternFill("solid", fgColor="F6DCDC")
RULES = (
    "红底的列必须填，其余可以空着；空着的格导入时不改动系统里已有的内容。",
    "数照材料写：19425、1.2万余、近百、95%以上、零报告、不适用都可以，百分数写上%。",
    "日期写 2024-03-05、2024.3.5、2024年3月5日都可以；期间写 2024年、2024年一季度、2024年3月。",
    "导入后都是草稿，报审、审核以后才算数；有一行不对，整张表都不导入，页面会指出是哪一格。",
    "同一张表再导一次，没有变化的行不动。不得填写涉密内容、身份证号和手机号。",
)
ORGAN_RULES = (
    "红底的列必须填，其余可以空着；空着的格导入时不改动系统里已有的内容。",
    "表里已列好现有的单位，在上面改、在下面添；“系统标记”一列不要改，改名也凭它认出是哪一个单位。",
    "上级写全称或简称，可以是同一张表里新添的；已有的单位不换上级，撤并的请填撤并日期。",
    "次序是在同级里排第几；不填的保持原来的先后，新单位排在最后。",
    "确认以后马上生效；有一行不对，整张表都不导入，页面会指出是哪一格。办公电话填座机，不填个人手机。",
)


def form_file(
    kind: Kind | OrganSheet, known: Known, organ: Organ, *, begun: Sequence[Mapping[str, str]] | None = None
) -> bytes:
    """The form as an XLSX file, with rows that are `begun` (for figures each metric of the organ); raises nothing."""
    book = Workbook()
    page = book.active
    assert isinstance(page, Worksheet)
    page.title = kind.label
    columns = [column for column in kind.columns if column is not MARK or kind is ORGANS]
    page.append([column.label for column in columns])
    page.freeze_panes = "A2"
    page.print_title_rows = "1:1"
    page.page_setup.orientation = Worksheet.ORIENTATION_LANDSCAPE
    page.page_setup.paperSize = Worksheet.PAPERSIZE_A4
    page.page_setup.fitToHeight = 0
    page.sheet_properties.pageSetUpPr.fitToPage = True
    offered = book.create_sheet("选项")
    offered.sheet_state = "hidden"
    for place, column in enumerate(columns, 1):
        letter = get_column_letter(place)
        head = page[f"{letter}1"]
        head.font, head.border = Font(bold=True), _FRAME
        head.fill = _NEEDED if column.needed else _HEAD
        page.column_dimensions[letter].width = 24 if column.needed else 16
        for row in range(2, ROWS + 2):
            cell = page[f"{letter}{row}"]
            cell.protection, cell.number_format = Protection(locked=False), "@"
            cell.border, cell.alignment = _FRAME, Alignment(vertical="top", wrap_text=True)
        if (
            choices := ORGANS.choices.get(column.key, ())
            if kind is ORGANS
            else _choices(column.key, known, organ)
        ):
            _offer(page, offered, letter, place, choices)
    for row, texts in enumerate(_begun(kind, known, organ) if begun is None else begun, 2):
        for place, column in enumerate(columns, 1):
            words = UNWRITABLE.sub("", texts.get(column.key) or "")
            page.cell(row, place).value = words or None
            page.cell(row, place).data_type = "s" if words else "n"
    page.protection.sheet = True
    page.protection.formatColumns = page.protection.formatRows = False
    _rules(book.create_sheet("说明"), kind)
    file = BytesIO()
    book.save(file)
    return file.getvalue()


def _choices(key: str, known: Known, organ: Organ) -> Sequence[str]:
    """What may be chosen in a column."""
    match key:
        case "organ":
            return known.organs.said
        case "campaign":
            return known.campaigns.said
        case "pillar":
            return known.pillars_of(organ).said
        case "action" | "actions":
            return known.actions_of(organ).said
        case "metric":
            return [str(metric) for metric in known.metrics_of(organ)]
        case "kind":
            return known.kinds.said
        case "theme":
            return known.themes.said
        case "coverage":
            return list(COVERAGE_LABELS.values())
        case "level":
            return ["国家级", "省级", "市级", "县级", "其他"]
    return ()


def _offer(page: Worksheet, offered: Worksheet, letter: str, place: int, choices: Sequence[str]) -> None:
    """A drop-down list, whose words stand on a hidden sheet; other words may be typed, which the import looks at."""
    listing = dict.fromkeys(UNWRITABLE.sub("", words) for words in choices)
    for row, words in enumerate(listing, 1):
        cell = offered.cell(row, place)
        cell.value, cell.data_type = words, "s"
    listed = f"'{offered.title}'!${letter}$1:${letter}${len(listing)}"
    rule = DataValidation(type="list", formula1=f"={listed}", allow_blank=True, showErrorMessage=False)
    page.add_data_validation(rule)
    rule.add(f"{letter}2:{letter}{ROWS + 1}")


def _begun(kind: Kind | OrganSheet, known: Known, organ: Organ) -> list[dict[str, str]]:
    """Rows that are begun: a metric each for figures."""
    if kind.name != "observations":
        return []
    metrics: Sequence[Metric] = known.metrics_of(organ)
    return [{ORGAN.key: known.organ_name(organ), "metric": str(m), "unit": m.unit.symbol} for m in metrics]


def _rules(page: Worksheet, kind: Kind | OrganSheet) -> None:
    """What each column wants, by an example."""
    page.append([f"{kind.label}怎么填"])
    page["A1"].font = Font(bold=True, size=14)
    for rule in ORGAN_RULES if kind is ORGANS else RULES:
        page.append([rule])
    page.append([])
    page.append(["列名", "例子"])
    for column in kind.columns:
        if column.key in kind.example:
            page.append([column.label, kind.example[column.key]])
    page.column_dimensions["A"].width, page.column_dimensions["B"].width = 20, 40
    page.protection.sheet = True
