"""Tables as offices keep them → rows by column: heads found by their words, 同上 and merged cells filled (pure)."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from measures.numerals import half_width
from measures.workbooks import Table

#: Rows in which the heads are looked for: titles, units and dates stand above them.
DEEPEST_HEAD = 30
_TOTALS = frozenset({"合计", "小计", "总计", "共计", "总和", "累计"})
_NUMBERING = frozenset({"序号", "编号", "序", "no", "#"})
_DITTO = frozenset({"同上", "〃", "″", '"', "''", "同前"})
_BELOW = re.compile(
    r"(填报(人|单位|日期)|填表人|制表(人|单位)?|审核人|负责人|联系(人|电话)|单位(负责人|盖章)|[备附]?注|说明)[:：]"
)
_UNIT = re.compile(r"(?<![^\s(（])(?:计量|金额|数据)?单\s*位\s*[:：]\s*(?:人民币)?([^\s()（）]+)")


class TableError(ValueError):
    """The table cannot be used; the message is a Chinese sentence for the person who uploaded it."""


@dataclass(frozen=True)
class Column:
    """What a column tells: its key, the words at its head and others that mean the same, whether it must be there."""

    key: str
    label: str
    others: tuple[str, ...] = ()
    needed: bool = False

    @property
    def words(self) -> frozenset[str]:
        """All heads that mean this column, as they are compared."""
        return frozenset(map(_head, (self.label, *self.others)))


@dataclass(frozen=True)
class Line:
    """A row of the spreadsheet by its number there, and the texts of its cells by column."""

    number: int
    cells: Mapping[str, str]
    #: What is wrong with the row itself, by column.
    wrong: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Found:
    """What a sheet holds for a set of columns: its rows, the heads that mean nothing here, the rows left out and why."""

    sheet: str
    head_row: int
    heads: Mapping[str, str]
    lines: Sequence[Line]
    unknown: Sequence[str]
    left_out: Sequence[tuple[int, str]]
    #: What titles above the heads call 单位: the unit of all figures (单位：元), or an organ.
    units: Sequence[str] = ()
    #: Other sheets that hold such rows and were not taken.
    others: Sequence[str] = ()


@dataclass(frozen=True)
class _Heads:
    """Where the heads are: the place of each column; how far down they reach; those that mean nothing here."""

    places: Mapping[str, int]
    first: int
    last: int
    written: Mapping[str, str]
    unknown: tuple[str, ...]
    twice: tuple[str, ...]


def find(tables: Sequence[Table], columns: Sequence[Column]) -> Found:
    """The rows of the sheet whose heads fit the columns best; raises TableError in words if none has what is needed."""
    best, where = None, None
    for table in tables:
        for heads in _heads(table, columns):
            if best is None or len(heads.places) > len(best.places):
                best, where = heads, table
    needed = [column for column in columns if column.needed]
    if best is None or where is None or not best.places:
        raise TableError(f"找不到表头，请让表里有这样一行：{'、'.join(c.label for c in needed)}。")
    if missing := [column.label for column in needed if column.key not in best.places]:
        raise TableError(
            f"“{where.name}”第{best.last + 1}行的表头里没有{'、'.join(missing)}这一列，请补上或用模板填。"
        )
    if best.twice:
        raise TableError(f"表头里“{best.twice[0]}”有两列，不知道用哪一列，请删去一列。")
    lines, left_out = _rows(where, best)
    units = [unit for row in where.rows[: best.first] for unit in _UNIT.findall(" ".join(row))]
    others = [table.name for table in tables if table is not where and _like(table, columns, best)]
    return Found(where.name, best.last + 1, best.written, lines, best.unknown, left_out, units, others)


def _like(table: Table, columns: Sequence[Column], best: _Heads) -> bool:
    """Whether a sheet has all heads that are needed, most of those of the best one, and something below them."""
    needed = {column.key for column in columns if column.needed}
    return any(
        needed <= heads.places.keys() and len(heads.places) * 2 > len(best.places) and _rows(table, heads)[0]
        for heads in _heads(table, columns)
    )


def _heads(table: Table, columns: Sequence[Column]) -> Iterator[_Heads]:
    """What each row near the top would give as heads, alone and, where cells are merged, together with the next."""
    rows = table.rows[:DEEPEST_HEAD]
    for place, row in enumerate(rows):
        upper = _spread(table, place, row)
        yield _matched(columns, [(text,) for text in upper], place, place)
        joined = any(m.top <= place <= m.bottom and m.bottom - m.top <= 1 for m in table.merged)
        if joined and place + 1 < len(table.rows):
            lower = list(_spread(table, place + 1, table.rows[place + 1]))
            wide = max(len(upper), len(lower))
            upper, lower = (list(texts) + [""] * (wide - len(texts)) for texts in (upper, lower))
            pairs = [(b, f"{a}{b}", a) if b and b != a else (a,) for a, b in zip(upper, lower, strict=True)]
            yield _matched(columns, pairs, place, place + 1)


def _spread(table: Table, place: int, row: Sequence[str]) -> list[str]:
    """The texts of a row with what is merged standing in each of its cells."""
    texts = list(row)
    for merged in table.merged:
        if merged.top <= place <= merged.bottom:
            said = _cell(table.rows, merged.top, merged.left)
            texts += [""] * (min(merged.right, 199) + 1 - len(texts))
            for at in range(merged.left, min(merged.right, 199) + 1):
                texts[at] = said
    return texts


def _matched(columns: Sequence[Column], texts: Sequence[Sequence[str]], first: int, last: int) -> _Heads:
    places: dict[str, int] = {}
    written: dict[str, str] = {}
    unknown, twice = [], []
    heads = [[_head(text) for text in said if text] for said in texts]
    meant = [
        next((found for word in words if (found := [c for c in columns if word in c.words])), [])
        for words in heads
    ]
    # a head that may mean one of two columns takes the one that no other head means
    for at in sorted(range(len(texts)), key=lambda at: len(meant[at]) > 1):
        free = [c for c in meant[at] if c.key not in places]
        if free:
            places[free[0].key], written[free[0].key] = at, texts[at][0]
        elif len(meant[at]) == 1:
            twice.append(texts[at][0])
        elif heads[at] and heads[at][0] not in _NUMBERING:
            unknown.append(texts[at][0])
    return _Heads(places, first, last, written, tuple(unknown), tuple(twice))


def _head(text: str) -> str:
    """A head as it is compared: without brackets and what stands in them, marks and spaces; half-width, small."""
    narrow = re.sub(r"\([^()]*\)|[\s*:：、/]", "", half_width(text).replace("（", "(").replace("）", ")"))
    return narrow.lower()


def _cell(rows: Sequence[Sequence[str]], row: int, at: int) -> str:
    return rows[row][at] if row < len(rows) and at < len(rows[row]) else ""


def _rows(table: Table, heads: _Heads) -> tuple[list[Line], list[tuple[int, str]]]:
    """The rows below the heads with what they mean, and those that are left out with the reason."""
    lines: list[Line] = []
    left_out: list[tuple[int, str]] = []
    top_of = {
        (row, at): (merged.top, merged.left)
        for merged in table.merged
        if merged.top > heads.last
        for at in heads.places.values()
        if merged.left <= at <= merged.right
        for row in range(merged.top, min(merged.bottom, len(table.rows) - 1) + 1)
        if at == merged.left
    }
    for row in range(heads.last + 1, len(table.rows)):
        if why := _why_left_out(table.rows[row], heads):
            if why != "空行":
                left_out.append((row + 1, why))
            continue
        cells, wrong = {}, {}
        for key, at in heads.places.items():
            said = _cell(table.rows, *top_of.get((row, at), (row, at)))
            if said in _DITTO:
                said = lines[-1].cells[key] if lines else ""
                if not said:
                    wrong[key] = "写着“同上”，上一行的这一格却没有内容，请写明。"
            cells[key] = said
        if any(cells.values()) or wrong:
            lines.append(Line(row + 1, cells, wrong))
    return lines, left_out


def _why_left_out(row: Sequence[str], heads: _Heads) -> str:
    """Why a row holds nothing to be taken over; empty if it does."""
    texts = [text for text in row if text.strip()]
    if not texts:
        return "空行"
    words = [re.sub(r"\s", "", text).rstrip(":：") for text in texts]
    named = words[1:] if re.fullmatch(r"[0-9]+", words[0]) else words
    if named and named[0] in _TOTALS:
        return "合计行"
    if _BELOW.match(re.sub(r"\s", "", texts[0])):
        return "表下的说明"
    same = [key for key, at in heads.places.items() if at < len(row) and row[at] == heads.written[key]]
    if len(same) > 1 and len(same) == len([at for at in heads.places.values() if at < len(row) and row[at]]):
        return "重复的表头"
    return ""
