"""The file of a piece of evidence: how it is handed out, that it follows its row, and that its loss is found."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import timedelta
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.db import transaction
from django.test import Client
from django.urls import reverse

from measures import ledger, restoring
from measures.forms.contents import ENDINGS
from measures.models import Evidence
from organs.models import AuditEvent, AuditVerb, Organ, User
from tests import make

SignIn = Callable[[User | None], Client]


@pytest.fixture
def folder(tmp_path: Path, settings: object) -> Path:
    """Where the files lie."""
    settings.MEDIA_ROOT = tmp_path
    return tmp_path


def files(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file()]


@pytest.mark.parametrize(
    ("content_type", "disposition"),
    [(kind, "attachment" if "officedocument" in kind else "inline") for kind in ENDINGS],
)
def test_a_file_is_handed_out_so_that_it_can_do_nothing(
    content_type: str, disposition: str, clerk: User, bureau: Organ, as_user: SignIn
) -> None:
    row = make.make_evidence(bureau, content_type=content_type, name="签到 表;1.pdf")
    response = as_user(clerk).get(reverse("evidence", args=(row.pk,)))
    assert (response["Content-Type"], response["X-Content-Type-Options"]) == (content_type, "nosniff")
    assert response["Content-Disposition"] == (
        f"{disposition}; filename*=utf-8''%E7%AD%BE%E5%88%B0%20%E8%A1%A8%3B1.pdf"
    )
    assert "default-src 'none'" in response["Content-Security-Policy"]
    assert response["Cache-Control"] == "private, no-store"
    assert b"".join(response.streaming_content).startswith(b"%PDF")
    event = AuditEvent.objects.get(verb=AuditVerb.DOWNLOAD)
    assert (event.user_id, event.target_id) == (clerk.pk, row.pk)


def test_a_file_that_is_lost_is_not_found_and_leaves_no_event(
    clerk: User, bureau: Organ, as_user: SignIn
) -> None:
    row = make.make_evidence(bureau)
    Path(row.file.path).unlink()
    assert as_user(clerk).get(reverse("evidence", args=(row.pk,))).status_code == 404
    assert not AuditEvent.objects.filter(verb=AuditVerb.DOWNLOAD).exists()


class Undone(Exception):
    """What rolls a transaction back."""


@contextmanager
def undone() -> Iterator[None]:
    """A transaction, or a savepoint in one, that is rolled back."""
    with suppress(Undone), transaction.atomic():
        yield
        raise Undone


@pytest.mark.django_db(transaction=True)
def test_a_file_stays_only_if_its_transaction_does(folder: Path, bureau: Organ) -> None:
    with undone():
        make.make_evidence(bureau)
        assert len(files(folder)) == 1
    assert files(folder) == []
    with transaction.atomic():
        with undone():
            make.make_evidence(bureau)
        kept = make.make_evidence(bureau)
    assert files(folder) == [Path(kept.file.path)]
    assert Evidence.objects.get() == kept


@pytest.mark.django_db(transaction=True)
def test_a_file_goes_once_the_bin_has_forgotten_its_row_for_good(
    folder: Path, bureau: Organ, clerk: User
) -> None:
    entry = ledger.delete(make.make_evidence(bureau), by=clerk)
    assert len(files(folder)) == 1
    assert "多余的文件0个" in checked()
    entry.at -= timedelta(days=31)
    entry.save()
    with undone():
        restoring.empty()
    assert len(files(folder)) == 1
    restoring.empty()
    assert files(folder) == []


def checked() -> str:
    """What the command says when all is well."""
    out = StringIO()
    call_command("check_evidence", stdout=out)
    return out.getvalue()


def test_files_that_are_lost_or_altered_are_found(folder: Path, bureau: Organ) -> None:
    sound, lost, altered = (make.make_evidence(bureau, caption) for caption in ("签到表", "通知", "奖牌"))
    for row in (sound, lost, altered):
        make.make_link(row, honour=make.make_honour(bureau))
    assert checked() == "共3份佐证，丢失或被改动0份，多余的文件0个。\n"
    Path(lost.file.path).unlink()
    content = Path(altered.file.path).read_bytes()
    Path(altered.file.path).write_bytes(content.replace(b"1.4", b"1.5"))
    out = StringIO()
    with pytest.raises(CommandError) as caught:
        call_command("check_evidence", stdout=out)
    assert caught.value.returncode == 1
    said = out.getvalue()
    assert f"文件丢失或读不出：佐证{lost.pk}“通知”（甲局，a.pdf）" in said
    assert f"文件被改动：佐证{altered.pk}“奖牌”（甲局，a.pdf）" in said
    assert "签到表" not in said
    assert "共3份佐证，丢失或被改动2份" in said


def test_a_file_of_nobody_and_proof_of_nothing_are_told_but_are_no_failure(
    folder: Path, bureau: Organ
) -> None:
    row = make.make_evidence(bureau)
    stray = Path(row.file.path).with_name("stray")
    stray.write_bytes(b"x")
    said = checked()
    assert f"多余的文件：{stray}" in said
    assert f"没有关联：佐证{row.pk}“签到表”（甲局）" in said


def test_no_files_at_all_are_no_failure(folder: Path, db: None) -> None:
    assert checked() == "共0份佐证，丢失或被改动0份，多余的文件0个。\n"
