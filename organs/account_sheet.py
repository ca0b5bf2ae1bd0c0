"""Several accounts from a sheet: pasted, or a file; columns are found by their words, every row is shown before it counts."""

import csv
import json
import zlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from hashlib import sha256
from io import BytesIO, StringIO
from xml.etree.ElementTree import ParseError
from zipfile import BadZipFile, ZipFile

from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from openpyxl import load_workbook
from openpyxl.utils.exceptions import InvalidFileException

from organs.account_forms import AccountForm
from organs.accounts import FirstPassword, create
from organs.models import Organ, Role, User
from organs.typed import half_width

#: A password is hashed for each: more would keep a worker too long.
MOST_ROWS = 30
MOST_COLUMNS = 30
MOST_BYTES, MOST_UNPACKED = 1_000_000, 20_000_000
#: The form's fields by the words that stand over their columns; the first word is the one that pages say.
COLUMNS = {
    "name": ("姓名", "名字", "人员"),
    "username": ("用户名", "账号", "登录名"),
    "job": ("职务", "岗位"),
    "organ": ("单位", "机关单位", "所在单位", "单位名称"),
    "role": ("角色", "权限"),
    "with_below": ("含下级", "含下级单位", "下级"),
}
NEEDED = ("name", "organ", "role")
#: What openpyxl raises for files that are damaged or were never spreadsheets.
UNREADABLE = (
    *(BadZipFile, InvalidFileException, ParseError, zlib.error, LookupError, ValueError, TypeError),
    *(AttributeError, OSError, EOFError, RuntimeError),
)
_YES = frozenset({"是", "√", "✓", "1", "含", "y", "yes", "true"})
_NO = frozenset({"", "否", "×", "0", "不含", "n", "no", "false"})
_ROLES = {str(label): str(role) for role, label in Role.choices} | {"管理员": str(Role.STEWARD)}


@dataclass(frozen=True)
class Cell:
    """What stands in a cell, and what is wrong with it."""

    label: str
    text: str
    errors: tuple[str, ...] = ()


@dataclass(frozen=True)
class Row:
    """A row by its number in the sheet, with the sentences that belong to no cell."""

    number: int
    cells: tuple[Cell, ...]
    errors: tuple[str, ...] = ()

    @property
    def is_new(self) -> bool:
        """Whether nothing speaks against it."""
        return not self.errors and not any(cell.errors for cell in self.cells)


@dataclass(frozen=True)
class Preview:
    """What the rows would become, and how many of them are refused."""

    heads: tuple[str, ...]
    rows: tuple[Row, ...]
    forms: tuple[AccountForm, ...]

    @property
    def refused(self) -> int:
        """How many rows something speaks against."""
        return sum(not row.is_new for row in self.rows)

    @property
    def mark(self) -> str:
        """What tells these rows from any others, proposed user names included."""
        said = [[cell.text for cell in row.cells] for row in self.rows]
        return sha256(json.dumps(said).encode()).hexdigest()


def text_of(uploaded: UploadedFile) -> str:
    """The first table of an XLSX or CSV file as pasted text would be; ValidationError for what is neither."""
    if (uploaded.size or 0) > MOST_BYTES:
        raise ValidationError("文件太大，请只留要建账号的几列和几行。")
    content = uploaded.read()
    if content[:2] == b"PK":
        return _pasted(_cells(content))
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            text = content.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\x00" not in text:
            return text
    raise ValidationError("看不懂这个文件，请另存为 XLSX 或 CSV，或者把表格复制后粘贴到下面。")


def _cells(content: bytes) -> Iterable[Sequence[str]]:
    try:
        with ZipFile(BytesIO(content)) as packed:
            unpacked = sum(part.file_size for part in packed.infolist())
        if unpacked > MOST_UNPACKED:
            raise ValidationError("文件太大，请只留要建账号的几列和几行。")
        page = load_workbook(BytesIO(content), read_only=True, data_only=True).worksheets[0]
        read = page.iter_rows(max_row=10 * MOST_ROWS, max_col=MOST_COLUMNS, values_only=True)
        return [["" if value is None else str(value) for value in row] for row in read]
    except UNREADABLE as error:
        raise ValidationError("打不开这个文件，请在表格软件里另存为 XLSX，或者复制后粘贴到下面。") from error


def _pasted(rows: Iterable[Sequence[str]]) -> str:
    text = StringIO()
    csv.writer(text, delimiter="\t", lineterminator="\n").writerows(rows)
    return text.getvalue()


def preview(text: str, *, by: User, organs: Sequence[Organ]) -> Preview:
    """The rows of pasted text, each held against all rules; ValidationError where the table itself is not understood."""
    rows = _rows(text)
    head = next((n for n, row in rows if "name" in map(_field_of, row)), None)
    if head is None:
        raise ValidationError("没有找到表头：第一行要有“姓名”“单位”“角色”这几个词，和下面的各列对应。")
    fields = dict(rows)[head]
    places = {field: at for at, word in reversed(list(enumerate(fields))) if (field := _field_of(word))}
    if missing := [COLUMNS[name][0] for name in NEEDED if name not in places]:
        raise ValidationError(f"表头里没有“{'”“'.join(missing)}”这一列。")
    below = [(n, row) for n, row in rows if n > head]
    if not below:
        raise ValidationError("表头下面还没有人。")
    if len(below) > MOST_ROWS:
        raise ValidationError(f"一次最多建{MOST_ROWS}个账号，这里有{len(below)}行，请分几次办。")
    found: list[Row] = []
    forms: list[AccountForm] = []
    taken: list[str] = []
    people: dict[tuple[object, ...], int] = {}
    for number, row in below:
        typed = {name: row[at] if at < len(row) else "" for name, at in places.items()}
        form = AccountForm(_sent(typed), by=by, organs=organs, taken=tuple(taken))
        form.is_valid()
        chosen = form.cleaned_data.get("username", "")
        taken.append(chosen)
        asked = form.cleaned_data
        person = tuple(asked.get(name) for name in NEEDED)
        errors = [str(error) for error in form.non_field_errors()]
        if form.is_valid() and (first := people.setdefault(person, number)) != number:
            errors.append(f"和第{first}行是同一个人、同一个角色。")
        found.append(Row(number, tuple(_said(form, typed, chosen)), tuple(errors)))
        forms.append(form)
    return Preview(tuple(words[0] for words in COLUMNS.values()), tuple(found), tuple(forms))


def _rows(text: str) -> list[tuple[int, list[str]]]:
    """Numbered rows that hold anything; cells are parted by tabs, or by commas where there is no tab."""
    read = csv.reader(
        StringIO(text.replace("\r\n", "\n").replace("\r", "\n")), delimiter="\t" if "\t" in text else ","
    )
    try:
        rows = [(number, [cell.strip() for cell in row]) for number, row in enumerate(read, 1)]
    except csv.Error as error:
        raise ValidationError("看不懂这张表，请从表格软件里重新复制。") from error
    return [(number, row) for number, row in rows if any(row)]


def _field_of(word: str) -> str:
    """The field that a column's word names; empty for a column that is not needed."""
    said = half_width(word).replace(" ", "").replace("\n", "").rstrip("*")
    return next((name for name, words in COLUMNS.items() if said in words), "")


def _sent(typed: dict[str, str]) -> dict[str, str]:
    """A row as the form for one account would send it."""
    role, below = half_width(typed.get("role", "")), half_width(typed.get("with_below", "")).lower()
    return {**typed, "role": _ROLES.get(role, role), "with_below": "on" if below in _YES else ""}


def _said(form: AccountForm, typed: dict[str, str], chosen: str) -> Iterable[Cell]:
    for name, (label, *_) in COLUMNS.items():
        errors = [str(error) for error in form.errors.get(name, ())]
        if name == "with_below" and half_width(typed.get(name, "")).lower() not in _YES | _NO:
            errors.append("请写“是”或“否”。")
        yield Cell(label, typed.get(name, "") or (chosen if name == "username" else ""), tuple(errors))


@transaction.atomic
def make_all(found: Preview, *, by: User) -> list[FirstPassword]:
    """All accounts of a preview in which nothing is refused, or none."""
    return [create(form.made, form.post, by=by) for form in found.forms]
