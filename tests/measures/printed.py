"""What a page prints and what its tables hold in a spreadsheet, read back to be held against plain answers."""

import re
from decimal import Decimal
from html import unescape

from measures.models import Metric
from tests.measures import plainly
from tests.measures.plainly import Answer, Number

Cells = tuple[object, ...]


def printed(text: str, caption: str) -> dict[str, list[str]]:
    """The rows of the tables of a caption by their label, cell by cell as read; what stands apart in a cell is divided by |."""
    found: dict[str, list[str]] = {}
    for body in re.findall(rf"<caption[^>]*>{caption}</caption>.*?</thead>(.*?)</table>", text, re.DOTALL):
        for row in re.findall(r"<tr[ >].*?</tr>", body, re.DOTALL):
            label, *cells = [words(cell) for cell in re.findall(r"<t[hd][ >].*?</t[hd]>", row, re.DOTALL)]
            found[label.split("|")[0]] = cells
    return found


def printed_ledger(text: str) -> dict[str, dict[str, str]]:
    """The figures of each line of a ledger by title and metric, as read."""
    lines = re.findall(r'<tr class="action.*?</tr>', text, re.DOTALL)
    found = {}
    for line in lines:
        figures = [words(figure).split("|") for figure in re.findall(r"<li>(.*?)</li>", line, re.DOTALL)]
        title = words(re.findall(r"<th.*?</th>", line, re.DOTALL)[0]).split("|")[0]
        found[title] = {said[-1].split("，")[0]: "|".join(said[:-1]) for said in figures}
    return found


def words(markup: str) -> str:
    """What is read of markup."""
    parts = [part.strip() for part in unescape(re.sub(r"<[^>]+>", "\0", markup)).split("\0")]
    return "|".join(part for part in parts if part)


def assert_says(cell: str, answer: Answer, metric: Metric, *, over_edge: bool = True) -> None:
    """A printed total is the answer: its words, its range, its lowest and highest, or why there is none."""
    if answer.number:
        assert_number(cell, answer.number, metric)
    elif answer.spread:
        assert cell.split("|")[0] == plainly.spread_words(*answer.spread, metric.unit.symbol)
    else:
        none = {"未报", "跨期未计"} if over_edge else {"未报"}
        assert cell.split("|")[0] in (none if answer.applies else {"不适用"})


def assert_number(cell: str, number: Number, metric: Metric) -> None:
    """A printed figure is the number, and says what it may be where it is uncertain."""
    unit = metric.unit.symbol
    if number.words or number.low == number.high:
        assert cell.split("|")[0].removesuffix("（零报告）") == plainly.words(number, unit)
    assert plainly.range_words(number, unit) in cell, (cell, number)


def assert_holds(cells: Cells, answer: Answer, metric: Metric) -> None:
    """The numbers beside a total (exact, lowest, highest, unit) are the answer; none where there is none."""
    if answer.number:
        assert_numbers(cells, answer.number, answer.number, metric)
    elif answer.spread:
        assert_numbers(cells, *answer.spread, metric)
    else:
        assert cells == ("", "", "", "")


def assert_numbers(cells: Cells, low: Number, high: Number, metric: Metric) -> None:
    """The numbers are the exact one, else from the lowest on to the highest, rounded half up as the words are."""
    places = 2 if metric.unit.symbol == "%" and not low.words else 6
    stored = [None if end is None else plainly.shown(end, metric.unit.symbol) for end in (low.low, high.high)]
    ends = [None if end is None else Decimal(plainly.plain(end, places)) for end in stored]
    found = [None if cell == "" else Decimal(str(cell)) for cell in cells[:3]]
    assert found == ([ends[0], None, None] if low.low == high.high else [None, *ends])
    assert cells[3] == metric.unit.symbol
