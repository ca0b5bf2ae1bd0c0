"""What was tampered with is found and named; what was not is not."""

import json
import random
from collections.abc import Callable
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from organs.chain import digest, joined
from organs.models import AuditEvent, AuditLink, AuditVerb, Organ
from tests.organs.test_chain import write

TABLES = ("organs_auditevent", "organs_auditlink")
TEXTS = (
    "user_name",
    "roles",
    "organ_name",
    "address",
    "target_type",
    "target_name",
    "before",
    "after",
    "note",
)
NUMBERS = ("user_id", "organ_id", "target_id")


@pytest.fixture
def seals(tmp_path: Path) -> Path:
    """Where the seals of this test are kept."""
    return tmp_path / "seals" / "audit.jsonl"


@pytest.fixture
def trail(bureau: Organ, other_bureau: Organ, seals: Path) -> list[Organ | None]:
    """Three chains of eight events, sealed in the middle and at the end."""
    organs = [bureau, other_bureau, None]
    for number in range(8):
        for organ in organs:
            write(organ, before="旧", after=f"新{number}", note="改")
        if number == 3:
            call_command("seal_audit", file=seals, stdout=StringIO())
    call_command("seal_audit", file=seals, stdout=StringIO())
    write(bureau)  # not sealed yet
    return organs


def found(seals: Path) -> str:
    """What verification prints; empty if nothing is wrong."""
    out = StringIO()
    try:
        call_command("verify_audit", file=seals, stdout=out)
    except CommandError:
        return out.getvalue()
    return ""


def tamper(*statements: str) -> None:
    """Run SQL with all triggers of the trail switched off."""
    with connection.cursor() as cursor:
        for table in TABLES:
            cursor.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER")
        for statement in statements:
            cursor.execute(statement)
        for table in TABLES:
            cursor.execute(f"ALTER TABLE {table} ENABLE TRIGGER USER")


def edited(pk: int, dice: random.Random) -> list[str]:
    kind = dice.randrange(4)
    if kind == 0:
        return [f"UPDATE organs_auditevent SET {dice.choice(TEXTS)} = '改过的' WHERE id = {pk}"]
    if kind == 1:
        return [f"UPDATE organs_auditevent SET {dice.choice(NUMBERS)} = 987 WHERE id = {pk}"]
    if kind == 2:
        return [f"UPDATE organs_auditevent SET at = at - interval '{dice.randint(1, 9)} us' WHERE id = {pk}"]
    return [f"UPDATE organs_auditevent SET verb = 'logout' WHERE id = {pk}"]


def deleted(pk: int, dice: random.Random) -> list[str]:
    link = [f"DELETE FROM organs_auditlink WHERE event_id = {pk}"] * dice.randrange(2)
    return [f"DELETE FROM organs_auditevent WHERE id = {pk}", *link]


def swapped(pk: int, dice: random.Random) -> list[str]:
    link = AuditLink.objects.get(pk=pk)
    other = dice.choice(AuditLink.objects.filter(chain=link.chain).exclude(pk=pk))
    if dice.randrange(2):  # the events change places
        ids = [(pk, -1), (other.pk, pk), (-1, other.pk)]
        return [f"UPDATE organs_auditevent SET id = {new} WHERE id = {old}" for old, new in ids]
    numbers = [(pk, -1), (other.pk, link.number), (pk, other.number)]
    return [
        f"UPDATE organs_auditlink SET number = {number} WHERE event_id = {row}" for row, number in numbers
    ]


def inserted(pk: int, dice: random.Random) -> list[str]:
    columns = ", ".join(f.column for f in AuditEvent._meta.concrete_fields if f.name != "id")
    event = f"INSERT INTO organs_auditevent (id, {columns}) SELECT 900000, {columns} FROM organs_auditevent WHERE id = {pk}"
    number = dice.choice(["999", "NULL"])
    link = (
        "INSERT INTO organs_auditlink (event_id, chain, number, digest, hash) "
        f"SELECT 900000, chain, {number}, digest, hash FROM organs_auditlink WHERE event_id = {pk}"
    )
    return [event, *[link] * dice.randrange(2)]


def cut_off(pk: int, dice: random.Random) -> list[str]:
    link = AuditLink.objects.get(pk=pk)
    tail = f"SELECT event_id FROM organs_auditlink WHERE chain = {link.chain} AND number >= {link.number}"
    return [
        f"DELETE FROM organs_auditevent WHERE id IN ({tail})",
        f"DELETE FROM organs_auditlink WHERE chain = {link.chain} AND number >= {link.number}",
    ]


def written_anew(pk: int, dice: random.Random) -> list[str]:
    """The event is edited, its digest and all later links of its chain are computed as the program would."""
    event = AuditEvent.objects.select_related("link").get(pk=pk)
    event.note = "改得天衣无缝"
    links = AuditLink.objects.filter(chain=event.link.chain).order_by("number")
    previous, statements = "", [f"UPDATE organs_auditevent SET note = '{event.note}' WHERE id = {pk}"]
    for link in links:
        said = digest(event) if link.pk == pk else link.digest
        previous = joined(previous, link.chain, link.number, said)
        statements.append(
            f"UPDATE organs_auditlink SET digest = '{said}', hash = '{previous}' WHERE event_id = {link.pk}"
        )
    return statements


def relinked(pk: int, dice: random.Random) -> list[str]:
    change = dice.choice(["hash = 'ff'", "digest = 'ff'", "number = number + 100", "chain = chain + 100"])
    return [f"UPDATE organs_auditlink SET {change} WHERE event_id = {pk}"]


TAMPERS = (edited, deleted, swapped, inserted, cut_off, written_anew, relinked)


def test_an_untouched_trail_raises_no_alarm(trail: list[Organ | None], seals: Path) -> None:
    assert found(seals) == ""


@pytest.mark.parametrize("kind", TAMPERS)
def test_whatever_is_tampered_with_is_found(
    trail: list[Organ | None], seals: Path, kind: Callable[[int, random.Random], list[str]]
) -> None:
    dice = random.Random(kind.__name__)
    sealed = list(AuditLink.objects.filter(number__lte=8).values_list("pk", flat=True))
    for _ in range(15):
        savepoint = connection.savepoint()
        statements = kind(dice.choice(sealed), dice)
        tamper(*statements)
        assert found(seals), statements
        connection.savepoint_rollback(savepoint)


def test_it_is_said_where(trail: list[Organ | None], seals: Path, bureau: Organ) -> None:
    link = AuditLink.objects.get(chain=bureau.pk, number=3)
    tamper(f"UPDATE organs_auditevent SET note = 'x' WHERE id = {link.pk}")
    (line,) = found(seals).splitlines()
    assert line.startswith("甲局第3条，")
    assert line.endswith("内容被改动。")


def test_a_tail_cut_off_after_a_seal_is_said_to_be(
    trail: list[Organ | None], seals: Path, bureau: Organ
) -> None:
    tamper(*cut_off(AuditLink.objects.get(chain=bureau.pk, number=6).pk, random.Random(0)))
    (line,) = found(seals).splitlines()
    assert "第2次封存" in line
    assert "时有第8条，现在只到第5条" in line


def changed_line(lines: list[str]) -> list[str]:
    said = json.loads(lines[0])
    said["heads"][0][1] -= 1
    return [json.dumps(said) + "\n", *lines[1:]]


@pytest.mark.parametrize(
    "change",
    [
        changed_line,
        lambda lines: lines[:1],  # shortened
        lambda lines: lines[1:],
        lambda lines: lines[::-1],
        lambda lines: [lines[0], *lines],
        lambda lines: [],
        lambda lines: [lines[0], lines[1][:40]],
        lambda lines: ["nonsense\n", *lines],
        lambda lines: ["[]\n", *lines],
    ],
)
def test_a_changed_file_of_seals_is_found(
    trail: list[Organ | None], seals: Path, change: Callable[[list[str]], list[str]]
) -> None:
    seals.write_text("".join(change(seals.read_text().splitlines(keepends=True))))
    assert "封存文件" in found(seals)


def test_bytes_that_are_no_text_are_told_like_any_other_change(
    trail: list[Organ | None], seals: Path
) -> None:
    seals.write_bytes(seals.read_bytes().replace(b'"at"', b'"\xff\xfe"', 1))
    assert "封存文件第1行" in found(seals)


def test_a_missing_file_is_found_once_there_was_a_seal(trail: list[Organ | None], seals: Path) -> None:
    seals.unlink()
    assert "封存文件里没有" in found(seals)


def test_another_key_is_told(trail: list[Organ | None], seals: Path, settings: object) -> None:
    settings.AUDIT_SEAL_KEY = "another"
    assert "密钥不是封存时的密钥" in found(seals)
    with pytest.raises(CommandError, match="没有封存，请先查明"):
        call_command("seal_audit", file=seals)


def test_nothing_is_sealed_without_a_key(db: None, seals: Path, settings: object) -> None:
    settings.AUDIT_SEAL_KEY = ""
    with pytest.raises(CommandError, match="AUDIT_SEAL_KEY"):
        call_command("seal_audit", file=seals)
    assert not seals.exists()


def test_seals_are_lines_that_only_their_owner_reads_and_leave_an_event(
    trail: list[Organ | None], seals: Path
) -> None:
    first, second = map(json.loads, seals.read_text().splitlines())
    assert second["previous"] == first["signature"]
    assert (second["number"], len(second["heads"])) == (2, 3)
    assert seals.stat().st_mode & 0o777 == 0o600
    told = AuditEvent.objects.filter(verb=AuditVerb.SEAL).order_by("pk").values_list("note", flat=True)
    assert [note.rpartition(" ")[2] for note in told] == [first["signature"], second["signature"]]


def test_a_trail_without_seals_says_what_it_cannot_find(bureau: Organ, seals: Path) -> None:
    write(bureau)
    out = StringIO()
    call_command("verify_audit", file=seals, stdout=out)
    assert "还没有封存过" in out.getvalue()
