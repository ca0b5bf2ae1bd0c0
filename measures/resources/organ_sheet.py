"""The form of organs (机关单位): for those who keep them, taken over at once, for organs have no drafts."""

import itertools
from collections import defaultdict
from collections.abc import Mapping, Sequence
from copy import copy
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction

from measures.resources import cells
from measures.resources.analysis import Analysis, Status
from measures.resources.cells import folded
from measures.resources.kind import MARK, Said, beside
from measures.resources.organ_tree import NewRows, OrganEntry, Tree
from measures.tables import Column, Found
from organs.audit import record
from organs.door import OrganDoor
from organs.models import AuditVerb, Organ, OrganKind, PartyKind, User
from organs.permissions import Right, scope

_DOOR = OrganDoor()
_TREE = ("path", "depth", "numchild")


class OrganSheet:
    """Organs with their superior, their place among its units and the office that keeps the ledger."""

    name, label, model = "organs", "机关单位", Organ
    columns = (
        Column("name", "单位名称", ("名称", "单位", "机关单位", "单位全称"), needed=True),
        Column("superior", "上级单位", ("上级", "主管单位", "主管部门")),
        Column("short_name", "简称", ("单位简称",)),
        Column("kind", "类别", ("单位类别",)),
        Column("party_kind", "党组织形式", ("党组织", "党组织类别")),
        Column("order", "次序", ("排序",)),
        Column("active_from", "成立日期", ("成立时间",)),
        Column("active_to", "撤并日期", ("撤并时间", "撤销日期")),
        Column("office", "联系科室", ("科室", "责任科室")),
        Column("telephone", "办公电话", ("电话", "联系电话")),
        MARK,
    )
    plain = {
        **dict.fromkeys(("name", "short_name", "office", "telephone"), cells.text),
        "kind": cells.choice({label: value for value, label in OrganKind.choices}),
        "party_kind": cells.choice({label: value for value, label in PartyKind.choices}),
        "active_from": cells.day,
        "active_to": cells.day,
        "order": cells.whole,
    }
    example = {
        "name": "示范县水务局",
        "superior": "示范县",
        "kind": "局",
        "party_kind": "党组",
        "order": "3",
        "office": "机关党办",
    }
    #: What may be chosen in a column.
    choices = {"kind": OrganKind.labels, "party_kind": PartyKind.labels}

    def left_out(self, line: Mapping[str, str]) -> str:
        """Every row says something."""
        return ""


ORGANS = OrganSheet()
_LABELS = {column.key: column.label for column in ORGANS.columns}


def begun(user: User) -> list[dict[str, str]]:
    """The organs that a person administers, as rows that come back without a change."""
    tree = Tree(scope(user, Right.ADMINISTER))
    return [tree.texts(organ) for organ in tree.own]


def analyse_organs(found: Found, user: User, home: Organ | None) -> Analysis[OrganEntry]:
    """What would become of each row: new organs below the superior that it names, else below `home`; two queries."""
    tree = Tree(scope(user, Right.ADMINISTER))
    labels = {**_LABELS, **found.heads}
    entries = list[OrganEntry]()
    for line in found.lines:
        entry, said = OrganEntry(line.number, line.cells), _said(line.cells, line.wrong)
        entry.wrong = {labels[key]: why for key, why in said.wrong.items()}
        entries.append(entry)
        if not entry.wrong:
            _match(entry, said, tree, labels)
    new = NewRows(tree, [entry for entry in entries if entry.row is not None and not entry.stored])
    for entry in entries:
        if not entry.wrong:
            _put_below(entry, tree, new, home, labels)
    _refuse_repeated(entries)
    _refuse_circles(entries, labels)
    _arrange(entries, tree, labels)
    for entry in entries:
        _decide(entry, labels)
    return Analysis(entries, found.unknown, found.left_out, found.others)


def _said(line: Mapping[str, str], wrong: Mapping[str, str]) -> Said:
    said = Said(wrong=dict(wrong))
    for key, clean in ORGANS.plain.items():
        if line.get(key):
            with beside(key, said):
                said.values[key] = clean(line[key])
    if not line.get("name"):
        said.wrong.setdefault("name", "这一格是空的，请填写。")
    if said.values.get("order") == 0:
        said.wrong.setdefault("order", "次序从1数起。")
    return said


def _match(entry: OrganEntry, said: Said, tree: Tree, labels: Mapping[str, str]) -> None:
    """The organ that a row means by its mark, else by its name and superior, with what it says differently; or a new one."""
    key, _, at = entry.cells.get("mark", "").partition("-")
    stored = tree.by_pk.get(int(key)) if key.isdecimal() and len(key) < 19 else None
    meant = [stored] if stored else tree.full.called(said.values["name"])
    if above := not stored and entry.cells.get("superior"):
        entry.namesakes, path = meant, tree.steps(above)
        meant = [organ for organ in meant if tree.lies(organ, path)]
    if len(meant) > 1:
        entry.wrong[labels["name"]] = (
            f"叫这个名称的单位有{len(meant)}个，请写明上级单位（如“示范县/甲局”），或者用模板填。"
        )
        return
    if meant:
        entry.stored = meant[0]
        entry.shown = tree.texts(entry.stored)["mark"]
    row: Any = copy(entry.stored) if entry.stored else Organ()
    for name, value in said.values.items():
        before = getattr(row, name, None)
        if name != "order" and (before or "") != (value or ""):
            old = _words(row, name)
            setattr(row, name, value)
            entry.values[name] = value
            if entry.stored:
                entry.differences.append((labels[name], old, _words(row, name)))
    entry.row, entry.place = row, said.values.get("order")
    if entry.stored and at and entry.shown != f"{key}-{at}":
        entry.wrong[MARK.label] = "导出以后这一条已有别人改过，没有覆盖；请重新导出，在新的表上改。"


def _words(row: Organ, name: str) -> str:
    shown = getattr(row, f"get_{name}_display", None)
    return str((shown() if shown else getattr(row, name)) or "")


def _put_below(
    entry: OrganEntry, tree: Tree, new: NewRows, home: Organ | None, labels: Mapping[str, str]
) -> None:
    """The superior: an organ that stands, or another row; one that exists is never moved below another."""
    try:
        entry.above = _superior(entry, tree, new, home)
    except ValidationError as error:
        entry.wrong[labels["superior"]] = " ".join(error.messages)
        return
    if entry.namesakes and not entry.stored:
        places = "、".join(above.name for organ in entry.namesakes[:3] if (above := tree.above(organ)))
        there = f"另建一家，在{entry.cells['superior']}下"
        entry.differences.append((labels["superior"], f"同名的单位已有，在{places}下", there))


def _superior(entry: OrganEntry, tree: Tree, new: NewRows, home: Organ | None) -> "Organ | OrganEntry | None":
    said = entry.cells.get("superior", "")
    path = tree.steps(said)
    above: Organ | OrganEntry | None = tree.above(entry.stored) if entry.stored else home
    if said and not (entry.stored and tree.lies(entry.stored, path)):
        found: list[Organ | OrganEntry] = [
            *tree.called(path),
            *(row for row in new.called(path) if row is not entry),
        ]
        if found and entry.stored:
            raise ValidationError("已有的单位不换上级；撤并的请填撤并日期，另建新单位并登记沿革。")
        if len(found) > 1:
            raise ValidationError(
                f"叫“{said[:30]}”的单位有{len(found)}个，请连它的上级一起写，如“示范县/甲局”。"
            )
        if found:
            return found[0]
        above = tree.names.one(said)
    if not entry.stored and (above is None or (isinstance(above, Organ) and above.pk not in tree.by_pk)):
        raise ValidationError("请写明上级单位，须是本人管理的单位。")
    return above


def _refuse_repeated(entries: Sequence[OrganEntry]) -> None:
    """Two rows that say the same organ: the same one that stands, or the same name below the same superior."""
    first: dict[Any, OrganEntry] = {}
    for entry in entries:
        if entry.row is not None and not entry.wrong:
            above = entry.above.pk if isinstance(entry.above, Organ) else id(entry.above)
            key = entry.stored.pk if entry.stored else (above, folded(entry.row.name))
            if (same := first.setdefault(key, entry)) is not entry:
                entry.wrong[""] = f"与第{same.number}行说的是同一个单位，请留下一行。"


def _refuse_circles(entries: Sequence[OrganEntry], labels: Mapping[str, str]) -> None:
    for entry in entries:
        passed, above = {id(entry)}, entry.above
        while isinstance(above, OrganEntry) and id(above) not in passed:
            passed.add(id(above))
            above = above.above
        if isinstance(above, OrganEntry):
            entry.wrong.setdefault(labels["superior"], "几行互为上级，请改正。")


def _arrange(entries: Sequence[OrganEntry], tree: Tree, labels: Mapping[str, str]) -> None:
    """Which rows change their place: those that name one stand there, the others keep their order around them."""
    beside: dict[Any, list[OrganEntry]] = defaultdict(list)
    for entry in entries:
        if entry.row is not None and not entry.wrong:
            beside[
                id(entry.above) if isinstance(entry.above, OrganEntry) else entry.above and entry.above.pk
            ].append(entry)
    for above, group in beside.items():
        _refuse_same_place(group, labels)
        before: list[Any] = [*(organ.pk for organ in tree.below.get(above, ()))]
        before += [id(entry) for entry in group if not entry.stored]
        keys = {entry.stored.pk if entry.stored else id(entry): entry for entry in group}
        after = [key for key in before if key not in keys or not keys[key].place]
        for key, entry in sorted(keys.items(), key=lambda pair: pair[1].place or 0):
            if entry.place:
                after.insert(entry.place - 1, key)
        for key, entry in keys.items():
            if entry.stored and before.index(key) != after.index(key):
                there = (labels["order"], str(before.index(key) + 1), str(after.index(key) + 1))
                if entry.place:
                    entry.differences.append(there)
                    entry.moved = there[1:]
                    if above not in tree.by_pk:
                        entry.wrong[labels["order"]] = "这一级的次序由上级单位的管理员定，请不改。"
            entry.siblings = [keys.get(each, each) for each in after] if before != after else []


def _refuse_same_place(group: Sequence[OrganEntry], labels: Mapping[str, str]) -> None:
    first: dict[int, OrganEntry] = {}
    for entry in group:
        if entry.place and first.setdefault(entry.place, entry) is not entry:
            entry.wrong[labels["order"]] = f"与第{first[entry.place].number}行的次序相同。"


def _decide(entry: OrganEntry, labels: Mapping[str, str]) -> None:
    """New, changed or the same; refused what the database would refuse."""
    if entry.stored and not entry.differences:
        entry.wrong.pop(MARK.label, None)  # nothing would be overwritten
    if entry.row is not None:
        try:
            entry.row.clean_fields(exclude=_TREE)
        except ValidationError as error:
            for name, messages in error.message_dict.items():
                entry.wrong.setdefault(labels.get(name, ""), " ".join(messages))
        first, last = entry.row.active_from, entry.row.active_to
        if first and last and first >= last:
            entry.wrong.setdefault(labels["active_to"], "撤并日期要晚于成立日期。")
    if entry.wrong:
        entry.status = Status.REFUSED
    elif entry.stored:
        entry.status = Status.CHANGED if entry.differences else Status.SAME
    else:
        entry.status = Status.NEW


@transaction.atomic
def take_over_organs(analysis: Analysis[OrganEntry], *, by: User, note: str) -> tuple[int, int]:
    """Store what is new or changed and say how many; PermissionDenied or ValidationError, then nothing."""
    if analysis.refused:
        raise ValidationError("还有不能导入的行，请改好再传。")
    reach = scope(by, Right.ADMINISTER)
    new, changed = analysis.of(Status.NEW), analysis.of(Status.CHANGED)
    for entry in sorted(new, key=_depth):
        above: Any = entry.above.row if isinstance(entry.above, OrganEntry) else entry.above
        entry.row.superior = Organ.objects.get(pk=above.pk)
        if entry.row.superior.path not in reach:
            raise PermissionDenied
        _DOOR.create(entry.row, by=by, note=note)
    for entry in changed:
        row = Organ.objects.select_for_update().get(pk=entry.stored.pk)
        if row.path not in reach:
            raise PermissionDenied
        for name, value in entry.values.items():
            setattr(row, name, value)
        if entry.values:
            _DOOR.change(row, by=by, note=note)
    _move(analysis.entries, by=by, note=note)
    return len(new), len(changed)


def _depth(entry: OrganEntry) -> int:
    return 1 + _depth(entry.above) if isinstance(entry.above, OrganEntry) else 0


def _move(entries: Sequence[OrganEntry], *, by: User, note: str) -> None:
    """Put siblings in the order that the sheet says, each row that names another place with its event."""
    moved: set[tuple[int, ...]] = set()
    for entry in entries:
        wanted = tuple(e if isinstance(e, int) else (e.stored or e.row).pk for e in entry.siblings)
        if wanted and wanted not in moved:
            moved.add(wanted)
            for last, next_one in itertools.pairwise(wanted):
                Organ.objects.move(Organ.objects.get(pk=next_one), Organ.objects.get(pk=last), "right")
        if entry.moved:
            organ = Organ.objects.get(pk=entry.stored.pk)
            told = f"{note}，次序由{entry.moved[0]}改为{entry.moved[1]}"
            record(AuditVerb.CHANGE, organ, by=by, organ=organ, note=told)
