"""Everything of an organ and those below it as open formats, and back into an empty system: nobody is locked in.

One line of JSON for each row (`data/`), in an order in which every row comes after those that it names; beside it the same
in tables for people (`tables/`, XLSX and CSV), the files of evidence as they were uploaded (`files/`), and a list of it
all with sizes and SHA-256 (`contents.csv`). Passwords stay behind. The audit trail is the auditors' to export.
"""

import csv
import json
import shutil
from collections.abc import Iterator, Mapping
from datetime import date
from functools import reduce
from hashlib import file_digest
from operator import or_
from pathlib import Path
from tempfile import TemporaryDirectory, TemporaryFile
from typing import IO, Any
from zipfile import ZIP_DEFLATED, ZipFile

from django.apps import apps
from django.contrib.contenttypes.models import ContentType
from django.core import serializers
from django.core.files.storage import default_storage
from django.core.management.color import no_style
from django.db import connection, models, transaction
from django.db.models import F, Q, Sum

from measures.models import (
    Action,
    ActionKind,
    Activity,
    Article,
    Campaign,
    Evidence,
    EvidenceLink,
    Honour,
    Instruction,
    Metric,
    Milestone,
    Observation,
    Participation,
    Pillar,
    Reviewed,
    ReviewStep,
    Rule,
    Target,
    Theme,
    Turn,
    Unit,
)
from measures.resources.kinds import KINDS
from measures.resources.known import Known
from measures.resources.out import list_out
from organs.audit import record
from organs.models import AuditVerb, Membership, Organ, OrganSuccession, User
from organs.permissions import Right
from organs.sheets import file_safe, xlsx

LIST = "contents.csv"
#: What a page hands out at most; of more there is a command.
MOST_ROWS, MOST_MB = 20_000, 200
#: What goes out, and by its name what stays behind and why.
GOES = (
    *(
        Organ,
        OrganSuccession,
        User,
        Membership,
        Theme,
        ActionKind,
        Unit,
        Metric,
        Campaign,
        Participation,
        Pillar,
    ),
    Article,
    *(Action, Milestone, Activity, Target, Observation, Honour, Evidence, EvidenceLink, ReviewStep),
    *(Instruction, Turn, Rule),
)
STAYS = {
    "AuditEvent": "the auditors' own, exported by them",
    "AuditLink": "belongs to the events",
    "PasswordRecord": "a secret",
    "OrganVersion": "marks of this system's data",
    "ListOrder": "a file that waits to be fetched",
    "Upload": "not yet part of the ledger",
    "KeptForm": "not yet part of the ledger",
    "SentForm": "forms of this system",
    "Round": "belongs to who asks, not to who answers",
    "RoundOrgan": "belongs to the round",
    "RoundCell": "belongs to the round; its answers are figures",
    "Reminder": "was sent from here",
    "Discarded": "no longer part of the ledger",
    "Batch": "of no use without what it would undo",
}


class WholesaleError(ValueError):
    """The folder cannot be used; the message is a Chinese sentence."""


def _rows(organ: Organ) -> Iterator[models.QuerySet]:
    """All rows that belong to an organ and those below it, or that these name; each after what it names."""

    def mine(field: str) -> Q:
        return Q(**{f"{field}__startswith": organ.path})

    yield Organ.objects.filter(mine("path") | Q(path__in=organ.above_and_own))
    yield OrganSuccession.objects.filter(mine("predecessor__path") & mine("successor__path"))
    hands = Q(memberships__in=Membership.objects.filter(mine("organ__path")))
    for model in Reviewed.__subclasses__():
        for name in ("created_by", "keeper", "submitted_by", "approved_by", "retracted_by"):
            hands |= Q(pk__in=model._default_manager.filter(mine("organ__path")).values(name))
    hands |= Q(pk__in=Article.objects.filter(mine("organ__path")).values("by"))
    hands |= Q(pk__in=Evidence.objects.filter(mine("organ__path")).values("uploaded_by"))
    hands |= Q(pk__in=EvidenceLink.objects.filter(mine("evidence__organ__path")).values("by"))
    hands |= Q(pk__in=_steps(organ).values("by"))
    hands |= Q(pk__in=Instruction.objects.filter(mine("organ__path")).values("by"))
    hands |= Q(pk__in=Turn.objects.filter(mine("instruction__organ__path")).values("by"))
    yield User.objects.filter(hands).distinct()
    yield Membership.objects.filter(mine("organ__path"))
    yield Theme.objects.all()
    yield ActionKind.objects.all()
    yield Unit.objects.order_by(F("base").asc(nulls_first=True), "pk")
    above = Q(owner=None) | Q(owner__path__in=organ.above_and_own)
    yield Metric.objects.filter(above | mine("owner__path")).order_by("pk")
    taking_part = Participation.objects.filter(mine("organ__path"))
    yield Campaign.objects.filter(
        Q(pk__in=taking_part.values("campaign"))
        | mine("pillars__organ__path")
        | Q(pk__in=Target.objects.filter(mine("organ__path")).values("campaign"))
    ).distinct()
    yield taking_part
    yield Pillar.objects.filter(mine("organ__path"))
    yield Article.objects.filter(mine("organ__path"))
    for model in (Action, Activity, Target, Observation, Honour):
        yield model._default_manager.filter(mine("organ__path")).order_by("version", "pk")
    yield Milestone.objects.filter(mine("action__organ__path"))
    yield Evidence.objects.filter(mine("organ__path"))
    proven = (mine(f"{name}__organ__path") for name in ("action", "activity", "observation", "honour"))
    yield EvidenceLink.objects.filter(mine("evidence__organ__path"), reduce(or_, proven))
    yield _steps(organ)
    yield Instruction.objects.filter(mine("organ__path"))
    yield Turn.objects.filter(mine("instruction__organ__path"))
    yield Rule.objects.filter(mine("organ__path"))


def _steps(organ: Organ) -> models.QuerySet:
    """The review steps of the organ's rows."""
    of = Q(pk__in=[])
    for model in Reviewed.__subclasses__():
        rows = model._default_manager.filter(organ__path__startswith=organ.path)
        kind = ContentType.objects.get_for_model(model)
        of |= Q(target_type=kind, target_id__in=rows.values("pk"))
    return ReviewStep.objects.filter(of)


def size_of(organ: Organ) -> tuple[int, int]:
    """How many reviewed rows belong to an organ and those below it, and how many MB of evidence."""
    rows = sum(
        model._default_manager.filter(organ__path__startswith=organ.path).count()
        for model in Reviewed.__subclasses__()
    )
    files = Evidence.objects.filter(organ__path__startswith=organ.path).aggregate(size=Sum("size"))
    return rows, (files["size"] or 0) // 1_000_000


def packed(organ: Organ, *, by: User) -> IO[bytes]:
    """Everything as one archive (ZIP) in a file that is gone when it is closed."""
    file = TemporaryFile()  # noqa: SIM115 – the answer closes it
    with TemporaryDirectory() as folder, ZipFile(file, "w", ZIP_DEFLATED) as archive:
        export_all(organ, Path(folder), by=by)
        for path in sorted(Path(folder).rglob("*")):
            archive.write(path, path.relative_to(folder))
    file.seek(0)
    return file


@transaction.atomic
def export_all(organ: Organ, folder: Path, *, by: User) -> Mapping[str, int]:
    """Write everything into a new folder, with its event, and say how many rows of each kind.

    Raises WholesaleError if there is something in the folder.
    """
    if folder.exists() and any(folder.iterdir()):
        raise WholesaleError(f"{folder} 里已有东西，请另选一个空的文件夹。")
    for part in ("data", "tables", "files"):
        (folder / part).mkdir(parents=True, exist_ok=True)
    counts: dict[str, int] = {}
    known: dict[Any, set[int]] = {}
    for place, rows in enumerate(_rows(organ)):
        name = rows.model._meta.model_name or ""
        found = list(rows)
        counts[str(rows.model._meta.verbose_name)] = len(found)
        known[rows.model] = {row.pk for row in found}
        with (folder / "data" / f"{place:02}-{name}.jsonl").open("w", encoding="utf-8") as file:
            file.writelines(f"{line}\n" for line in _lines(found, known))
    _tables(organ, folder / "tables", by=by)
    _files(organ, folder / "files")
    _contents(folder)
    note = f"整套数据，共{sum(counts.values())}条"
    record(AuditVerb.EXPORT, organ, by=by, organ=organ, note=note)
    return counts


def _lines(rows: list[Any], known: Mapping[Any, set[int]]) -> Iterator[str]:
    """Rows as they are stored, but for passwords, technical rights, and ties to what stays behind."""
    for line in serializers.serialize("python", rows):
        fields, model = line["fields"], apps.get_model(line["model"])
        if model is User:
            fields |= {"password": "!", "is_superuser": False, "groups": [], "user_permissions": []}
        for field in model._meta.many_to_many:
            if field.related_model in known:
                fields[field.name] = sorted(known[field.related_model].intersection(fields[field.name]))
        if model is ReviewStep:
            fields["target_type"] = ["measures", ContentType.objects.get_for_id(fields["target_type"]).model]
        yield json.dumps(line, ensure_ascii=False, default=_exact)


def _exact(value: Any) -> str:
    """Moments to the microsecond, by which versions are told apart, and decimals digit by digit."""
    return value.isoformat() if isinstance(value, date) else str(value)


def _tables(organ: Organ, folder: Path, *, by: User) -> None:
    """Actions, activities, figures, targets and honours for people."""
    reads = Known(by, organ, right=Right.VIEW_DRAFTS)
    for kind in KINDS.values():
        rows = kind.model._default_manager.live().filter(organ__path__startswith=organ.path)
        sheet = list_out(kind, rows, reads)
        name = file_safe(f"{organ.label}{kind.label}")
        (folder / f"{name}.xlsx").write_bytes(xlsx(sheet, organ.name))
        with (folder / f"{name}.csv").open("w", encoding="utf-8-sig", newline="") as file:
            csv.writer(file).writerows([sheet.head, *sheet.rows])


def _files(organ: Organ, folder: Path) -> None:
    """The files of evidence under the names that the rows know."""
    for row in Evidence.objects.filter(organ__path__startswith=organ.path):
        to = folder / str(row.file)
        to.parent.mkdir(parents=True, exist_ok=True)
        with row.file.open("rb") as stored, to.open("wb") as copy:
            shutil.copyfileobj(stored, copy)


def _contents(folder: Path) -> None:
    """The list of all that was written."""
    names = sorted(path for path in folder.rglob("*") if path.is_file())
    with (folder / LIST).open("w", encoding="utf-8-sig", newline="") as file:
        table = csv.writer(file)
        table.writerow(("文件", "字节数", "SHA-256"))
        table.writerows(
            (path.relative_to(folder).as_posix(), path.stat().st_size, _hash(path)) for path in names
        )


def _hash(path: Path) -> str:
    with path.open("rb") as file:
        return file_digest(file, "sha256").hexdigest()


@transaction.atomic
def import_all(folder: Path) -> int:
    """Take a whole export into an empty system and say how many rows; WholesaleError, then nothing was stored."""
    if Organ.objects.exists():
        raise WholesaleError("系统里已经有单位；整套数据只能导入空的系统。")
    _check(folder)
    loaded = 0
    for path in sorted((folder / "data").glob("*.jsonl")):
        with path.open(encoding="utf-8") as file:
            for line in serializers.deserialize("jsonl", file, use_natural_foreign_keys=True):
                line.save()
                loaded += 1
    tables = [model for app in ("organs", "measures") for model in apps.get_app_config(app).get_models()]
    with connection.cursor() as cursor:
        for statement in connection.ops.sequence_reset_sql(no_style(), tables):
            cursor.execute(statement)
    for path in (folder / "files").rglob("*"):
        if path.is_file():
            to = Path(default_storage.path(path.relative_to(folder / "files").as_posix()))
            to.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(path, to)
    record(AuditVerb.CREATE, None, by=None, note=f"导入整套数据，共{loaded}条")
    return loaded


def _check(folder: Path) -> None:
    """Raise WholesaleError unless all that the list names is there unaltered."""
    if not (folder / LIST).is_file():
        raise WholesaleError(f"{folder} 里没有 {LIST}，不是整套导出的文件夹。")
    with (folder / LIST).open(encoding="utf-8-sig", newline="") as file:
        for row in csv.DictReader(file):
            path = (folder / row["文件"]).resolve()
            if (
                not path.is_relative_to(folder.resolve())
                or not path.is_file()
                or _hash(path) != row["SHA-256"]
            ):
                raise WholesaleError(f"{row['文件']} 丢失或被改动，没有导入。")
