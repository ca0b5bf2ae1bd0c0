"""The bin (回收站): what was deleted comes back through the door of the ledger, or is forgotten after its days."""

from collections import defaultdict
from collections.abc import Iterable
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import Any, cast

from django.core.exceptions import ValidationError
from django.core.files.storage import default_storage
from django.db import models, transaction
from django.db.models import Q
from django.urls import reverse

from measures import ledger
from measures.locks import Locked
from measures.models import Action, Batch, BinKind, Discarded, Evidence, EvidenceLink, Reviewed, ReviewState
from measures.packing import Unpacked, unpacked
from measures.storing import all_or_nothing
from organs.audit import record
from organs.models import AuditVerb, Organ, User

GONE = "这一项已经恢复，或者过了保留期，不在回收站里了。"


@all_or_nothing
def restore(entry: Discarded, *, by: User, note: str = "") -> tuple[models.Model, int]:
    """The row again, with its key, state, hands and links, and how many links of evidence could not come along.

    Raises PermissionDenied, or ValidationError with a sentence if something that it needs is gone or its place is taken.
    """
    stored = Discarded.objects.select_for_update().filter(pk=entry.pk).first()
    if stored is None:
        raise Locked(GONE)
    try:
        main, *along = unpacked(stored.data)
    except ValueError as error:
        raise Locked("系统升级后，这一项的格式已经不同，不能自动恢复，请重新填写。") from error
    _put_back(main, stored, by=by, note=note)
    left = 0
    for one in along:
        try:
            with transaction.atomic():
                _put_back(one, stored, by=by, note=note)
        except ValidationError:
            left += 1
    stored.delete()
    return main.row, left


@transaction.atomic
def empty() -> int:
    """Forget what is older than the bin keeps, with one audit event for each organ; how many entries that were."""
    entries = Discarded.objects.outdated().select_for_update(of=("self",)).select_related("organ")
    by_organ: dict[Organ, list[Discarded]] = defaultdict(list)
    for entry in entries:
        by_organ[entry.organ].append(entry)
    for organ, found in by_organ.items():
        said = "\n".join(f"{BinKind(e.kind).label}：{e.name}（{e.row_id}）" for e in found)
        record(AuditVerb.FORGET, None, by=None, organ=organ, before=said, note=f"{len(found)}项过了保留期")
        for entry in found:
            for path in _files(entry):
                transaction.on_commit(partial(default_storage.delete, path))
            entry.delete()
    return sum(map(len, by_organ.values()))


def kept_files() -> set[Path]:
    """Files of evidence that lie in the bin: nobody's, and yet to be kept."""
    entries = Discarded.objects.filter(kind=BinKind.EVIDENCE)
    return {Path(default_storage.path(path)) for entry in entries for path in _files(entry)}


def _files(entry: Discarded) -> list[str]:
    if entry.kind != BinKind.EVIDENCE:
        return []
    return [str(one.row.file) for one in unpacked(entry.data) if isinstance(one.row, Evidence)]


def _put_back(one: Unpacked, entry: Discarded, *, by: User, note: str) -> None:
    """One row through the door."""
    row = one.row
    if isinstance(row, Reviewed) and row.previous_id:
        previous = type(row)._default_manager.filter(pk=row.previous_id).first()
        if previous is None or not previous.is_current:
            raise Locked("它更正的那一版已经不再生效，不能恢复；请打开现行的一版重新更正。")
    for field in row._meta.concrete_fields:
        if not isinstance(field, models.ForeignKey) or (key := getattr(row, field.attname)) is None:
            continue
        key = _standing(key) if field.related_model is Action and field.name != "previous" else key
        found = field.related_model._base_manager.filter(pk=key).first()
        if found is None:
            raise Locked(_why_gone(field, key))
        setattr(row, field.name, found)
    links = {name: _tied(row, name, pks) for name, pks in one.links.items()}
    ledger.put_back(row, by=by, links=links, note=note)
    unchanged = Q(changed_at__lte=entry.at) | Q(state__in=(ReviewState.DRAFT, ReviewState.RETURNED))
    for accessor, pks in one.named_by.items():
        manager = getattr(row, accessor)
        again = list(manager.model._default_manager.filter(unchanged, pk__in=pks))
        manager.add(*again)
        ledger.record_ties(again, row, by=by)


def lost(entries: Iterable[Discarded]) -> dict[int, str]:
    """By the keys of entries that can never be restored, why: what they need is gone, and not in the bin either.

    A query for each kind of row that is needed, and one.
    """
    needs: list[tuple[Discarded, models.ForeignKey, int]] = []
    for entry in entries:
        with suppress(ValueError):  # of an older format: told when somebody tries
            row = unpacked(entry.data)[0].row
            keys = (field for field in row._meta.concrete_fields if isinstance(field, models.ForeignKey))
            needs += [(entry, f, key) for f in keys if (key := getattr(row, f.attname)) is not None]
    wanted: dict[type[models.Model], set[int]] = defaultdict(set)
    for _, field, key in needs:
        wanted[field.related_model].add(key)
    there = {
        model: set(model._base_manager.filter(pk__in=keys).values_list("pk", flat=True))
        for model, keys in wanted.items()
    }
    gone = [need for need in needs if need[2] not in there[need[1].related_model]]
    kept = Discarded.objects.kept().filter(row_id__in={key for _, _, key in gone})
    binned = set(kept.values_list("kind", "row_id")) if gone else set()
    return {
        entry.pk: f"它的{field.verbose_name}已经不在了，不能恢复。"
        for entry, field, key in gone
        if (field.related_model._meta.model_name, key) not in binned
    }


def _why_gone(field: models.ForeignKey, key: int) -> str:
    """What has become of the row with this key that another needs, and what can be done."""
    kind, what = str(field.related_model._meta.model_name), field.verbose_name
    if Discarded.objects.filter(kind=kind, row_id=key).exists():
        return f"它的{what}已经不在了；{what}也是删除的，请先恢复它。"
    undone = Batch.objects.filter(turned__isnull=False, undone_at__isnull=False)
    if turn := undone.filter(rows__contains=[{"kind": kind, "pk": key}]).first():
        return f"它的{what}是下一届活动里的，那次结转已经撤销（{turn.words}），不能恢复。"
    return f"它的{what}已经不在了，回收站里也没有，不能恢复。"


def _tied(row: models.Model, name: str, pks: list[int]) -> list[models.Model]:
    """The rows of a link that are still there; of a corrected action the version that stands."""
    model = cast(Any, row._meta.get_field(name).related_model)
    if model is Action:
        return list(Action.objects.heads().filter(pk__in={_standing(pk) for pk in pks}))
    return list(model._default_manager.filter(pk__in=pks))


def _standing(pk: int) -> int:
    """The key of the version of an action that stands in place of the one with this key; the same where there is none."""
    while later := Action.objects.filter(previous=pk, state=ReviewState.APPROVED).values_list("pk").first():
        pk = later[0]
    return pk


def address(row: models.Model) -> str:
    """Where a row of the bin's kinds is entered; a link of evidence on the page of its evidence."""
    shown = row.evidence if isinstance(row, EvidenceLink) else row
    return reverse(f"admin:measures_{shown._meta.model_name}_change", args=(shown.pk,))
