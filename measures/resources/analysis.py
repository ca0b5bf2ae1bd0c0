"""A sheet held against what is stored: each row new, changed, the same or refused; and its taking over, all or nothing."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from copy import copy
from dataclasses import dataclass, field, replace
from enum import StrEnum
from hashlib import sha256
from typing import Any, Generic, TypeVar

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import connection, models, transaction

from measures import ledger, locks, storing
from measures.many import create_many
from measures.models import OPEN_STATES
from measures.quantity import Quantity
from measures.resources.kind import Kind, Said, bare_unit, mark_of
from measures.resources.known import Known
from measures.tables import Found
from organs.models import User

#: Values that say where a row comes from and not what it says.
_BESIDE_THE_POINT = frozenset({"source", "organ"})


class Status(StrEnum):
    """What would become of a row."""

    NEW = "new"
    CHANGED = "changed"
    SAME = "same"
    REFUSED = "refused"


STATUS_LABELS = {
    Status.NEW: "新增",
    Status.CHANGED: "修改",
    Status.SAME: "没有变化",
    Status.REFUSED: "不能导入",
}


@dataclass
class Entry:
    """A row of the sheet, what would become of it, and what is wrong with it by the head of its column ("": the row)."""

    number: int
    cells: Mapping[str, str]
    status: Status = Status.REFUSED
    wrong: dict[str, str] = field(default_factory=dict)
    row: Any = None
    links: dict[str, list[models.Model]] = field(default_factory=dict)
    #: What the row does not say and the program proposes, by column.
    proposed: Mapping[str, Any] = field(default_factory=dict)
    stored: Any = None
    #: The mark of what is stored.
    shown: str = ""
    #: For a changed row: column, what is stored, what the sheet says.
    differences: list[tuple[str, str, str]] = field(default_factory=list)

    @property
    def sentences(self) -> list[str]:
        """What is wrong, each naming its cell: 第7行“数值”：……"""
        return [f"第{self.number}行{f'“{head}”' if head else ''}：{why}" for head, why in self.wrong.items()]


AnyEntry = TypeVar("AnyEntry", bound=Entry)


@dataclass(frozen=True)
class Analysis(Generic[AnyEntry]):
    """All rows of a sheet; heads that mean nothing here; rows that were left out and why; sheets that were."""

    entries: Sequence[AnyEntry]
    unknown: Sequence[str]
    left_out: Sequence[tuple[int, str]]
    other_sheets: Sequence[str] = ()

    def of(self, status: Status) -> list[AnyEntry]:
        """The rows of which this would become."""
        return [entry for entry in self.entries if entry.status is status]

    @property
    def refused(self) -> bool:
        """Whether one row cannot be taken over, so that none is."""
        return any(entry.status is Status.REFUSED for entry in self.entries)

    @property
    def drafts(self) -> int:
        """How many rows would wait for review: organs do not, nor what goes on in approved lines."""
        stored = [*self.of(Status.NEW), *self.of(Status.CHANGED)]
        return sum(getattr(entry.row, "state", "") in OPEN_STATES for entry in stored)

    @property
    def told_of_others(self) -> str:
        """That there are more sheets than the one that is taken in; empty if there are not."""
        names = "、".join(f"“{name}”" for name in self.other_sheets)
        return f"一次只导入一张工作表，{names}没有导入；请另存为单独的文件再传。" if names else ""

    @property
    def token(self) -> str:
        """What was shown: another one if anything that it rests on has changed since."""
        said = [(e.number, e.status, sorted(e.wrong.items()), e.shown) for e in self.entries]
        return sha256(repr(said).encode()).hexdigest()


def analyse(kind: Kind, found: Found, known: Known) -> Analysis[Entry]:
    """Each row of a sheet held against what is stored; a constant number of queries, and few for each changed row."""
    found = _with_units(kind, found, known)
    kept = [line for line in found.lines if not kind.left_out(line.cells)]
    entries = [Entry(line.number, line.cells) for line in kept]
    labels = {column.key: found.heads.get(column.key) or column.label for column in kind.columns}
    saids = []
    for entry, line in zip(entries, kept, strict=True):
        said = kind.read(known, line.cells, found.heads)
        said.wrong = {**line.wrong, **said.wrong}
        entry.wrong = {labels.get(key, ""): why for key, why in said.wrong.items()}
        if not entry.wrong:
            entry.row, entry.links, entry.proposed = _made(kind, said), said.links, said.proposed
        saids.append(said)
    _refuse_repeated(kind, entries)
    rows = [entry.row for entry in entries if entry.row is not None]
    names = [each.name for each in kind.model._meta.many_to_many]
    stored = list(kind.stored(rows).prefetch_related(*names)) if rows else []
    near: dict[Any, list[Any]] = defaultdict(list)
    for other in stored:
        near[kind.identity(other)].append(other)
    beside = defaultdict(list)
    for other in stored:
        beside[kind.neighbours(other)].append(other)
    closed = locks.ClosedCampaigns({row.organ for row in rows})
    marks = {other.pk: other for other in stored}
    for entry, said in zip(entries, saids, strict=True):
        if entry.row is not None:
            same = _marked(entry, marks) or _standing(near.get(kind.identity(entry.row), ()))
            _hold_against(kind, entry, said, same, labels)
            if entry.status is Status.NEW and not same:
                _refuse(entry, "", kind.clash(entry.row, beside.get(kind.neighbours(entry.row), ())))
            _check(entry, labels, closed)
    empty = [(line.number, why) for line in found.lines if (why := kind.left_out(line.cells))]
    return Analysis(entries, found.unknown, sorted([*found.left_out, *empty]), found.others)


def _with_units(kind: Kind, found: Found, known: Known) -> Found:
    """The sheet with the unit of its title in rows that name none; units under the head 单位 are no organs."""
    if all(column.key != "unit" for column in kind.columns):
        return found
    said = {bare_unit(line.cells.get("organ", "")) for line in found.lines} - {""}
    if "unit" not in found.heads and said and said <= known.unit_names.keys():
        heads = {"unit" if key == "organ" else key: head for key, head in found.heads.items()}
        moved = [({**line.cells, "unit": line.cells["organ"], "organ": ""}, line) for line in found.lines]
        found = replace(found, heads=heads, lines=[replace(line, cells=cells) for cells, line in moved])
    above = next((unit for unit in found.units if bare_unit(unit) in known.unit_names), "")
    if not above:
        return found
    named = [{**line.cells, "unit": line.cells.get("unit") or above} for line in found.lines]
    lines = [replace(line, cells=cells) for line, cells in zip(found.lines, named, strict=True)]
    return replace(found, lines=lines)


def _made(kind: Kind, said: Said) -> Any:
    """A new row that says what the sheet says."""
    row: Any = kind.model(organ=said.organ)
    for name, value in (said.proposed | said.values).items():
        setattr(row, name, value)
    return row


def _refuse_repeated(kind: Kind, entries: Sequence[Entry]) -> None:
    first: dict[Any, int] = {}
    marked: dict[str, int] = {}
    for entry in entries:
        if (mark := entry.cells.get("mark", "").partition("-")[0]) and entry.row is not None:
            if mark in marked:
                _refuse(entry, "", f"与第{marked[mark]}行的系统标记相同；另一条请清空系统标记。")
                entry.row = None
                continue
            marked[mark] = entry.number
        if entry.row is not None and (key := kind.identity(entry.row)) is not None:
            if key in first:
                _refuse(entry, "", f"与第{first[key]}行说的是同一件事，请留下一行。")
                entry.row = None
            else:
                first[key] = entry.number


def _refuse(entry: Entry, head: str, why: str) -> None:
    if why:
        entry.wrong.setdefault(head, why)
        entry.status = Status.REFUSED


def _marked(entry: Entry, marks: Mapping[int, Any]) -> Any:
    """The stored row whose mark stands in the sheet; one that was changed since, or is gone, is pointed out."""
    key, _, at = entry.cells.get("mark", "").partition("-")
    other = marks.get(int(key)) if key.isdecimal() and len(key) < 19 else None
    if other is not None and at and mark_of(other) != f"{key}-{at}":
        when = (
            "已有别人改过" if other.state in OPEN_STATES else f"有过改动，现在是“{other.get_state_display()}”"
        )
        entry.wrong["系统标记"] = f"导出以后这一条{when}，没有覆盖；请重新导出，在新的表上改。"
    elif other is None and key.isdecimal():
        entry.wrong["系统标记"] = (
            "这个标记的那一条已撤销、已更正、已删除，或者不是这个单位的；要另建一条，请清空系统标记。"
        )
    return other


def _standing(versions: Sequence[Any]) -> Any:
    """Of several versions the one on its way, else the one that counts."""
    still_open = [row for row in versions if row.state in OPEN_STATES]
    return (still_open or list(versions) or [None])[-1]


def _hold_against(kind: Kind, entry: Entry, said: Said, stored: Any, labels: Mapping[str, str]) -> None:
    """New, the same, or changed; what a sheet leaves empty stays as it is stored."""
    if stored is None:
        entry.status = Status.NEW
        return
    entry.stored, entry.shown, changed, names = stored, mark_of(stored), copy(stored), set[str]()
    for name, value in said.values.items():
        before = getattr(stored, name)
        if name not in _BESIDE_THE_POINT and _bare(before) != _bare(value):
            setattr(changed, name, value)
            names.add(name)
            entry.differences.append((labels.get(name, name), _words(before), _words(value)))
    for name, tied in said.links.items():
        before = list(getattr(stored, name).all())
        if {row.pk for row in before} != {row.pk for row in tied}:
            names.add(name)
            entry.differences.append((labels[name], "、".join(map(str, before)), "、".join(map(str, tied))))
    if not entry.differences:
        entry.wrong.pop("系统标记", None)  # nothing would be overwritten
        entry.status = Status.SAME
        return
    entry.row, entry.status = changed, Status.CHANGED
    if why := locks.why_kept(stored, names):
        _refuse(entry, "", f"{why}系统里是{'；'.join(f'{a}“{b}”' for a, b, _ in entry.differences)}。")


def _bare(value: Any) -> Any:
    """A value as it is compared: a figure by what it may be, not by its words; nothing as empty text."""
    if isinstance(value, Quantity):
        return replace(value, words="")
    return "" if value is None else value


def _words(value: Any) -> str:
    return "" if value is None else str(value)


def _check(entry: Entry, labels: Mapping[str, str], closed: locks.ClosedCampaigns) -> None:
    """Refuse what the door would refuse."""
    if entry.wrong:
        entry.status = Status.REFUSED
    if entry.status not in (Status.NEW, Status.CHANGED):
        return
    try:
        storing.check(entry.row)
    except ValidationError as error:
        found = error.error_dict if hasattr(error, "error_dict") else {"": error.error_list}
        for name, errors in found.items():
            key = next((key for key in labels if name == key or name.startswith(f"{key}_")), "")
            _refuse(entry, labels.get(key, ""), " ".join(m for e in errors for m in e.messages))
    _refuse(entry, "", closed.why(entry.row))


def hold(kind: str) -> None:
    """Let others who take a sheet of this kind over wait for the end of the transaction: each looks at what the last stored."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext('measures_upload'), hashtext(%s))", [kind])


@transaction.atomic
def take_over(analysis: Analysis[Entry], *, by: User, note: str) -> tuple[int, int]:
    """Store all that is new or changed as drafts, and say how many; PermissionDenied or ValidationError, then nothing."""
    if analysis.refused:
        raise ValidationError("还有不能导入的行，请改好再传。")
    new, changed = analysis.of(Status.NEW), analysis.of(Status.CHANGED)
    try:
        with transaction.atomic():
            create_many([(entry.row, entry.links) for entry in new], by=by, note=note)
    except (PermissionDenied, ValidationError):
        _name_the_row(new, by=by)
        raise
    for entry in changed:
        try:
            ledger.change(entry.row, by=by, links=entry.links, note=note, seen=entry.stored.changed_at)
        except ValidationError as error:
            raise ValidationError(f"第{entry.number}行：{' '.join(error.messages)}") from error
    return len(new), len(changed)


def _name_the_row(entries: Sequence[Entry], *, by: User) -> None:
    """Raise ValidationError for the first row that the door does not take by itself."""
    for entry in entries:
        entry.row.pk = None
        try:
            with transaction.atomic():
                create_many([(entry.row, entry.links)], by=by)
        except ValidationError as error:
            raise ValidationError(f"第{entry.number}行：{' '.join(error.messages)}") from error
