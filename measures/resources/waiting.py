"""Sheets that wait to be taken over: who brought one looks at it first, and may drop it.

They are no rows of the ledger, so they leave no event; what is taken over leaves one for each row.
"""

from datetime import timedelta

from django.db import transaction
from django.utils import timezone

from measures.models import Upload
from measures.resources.analysis import Analysis, analyse, hold, take_over
from measures.resources.kind import Kind
from measures.resources.kinds import KINDS
from measures.resources.known import Known
from measures.resources.organ_sheet import ORGANS, OrganSheet, analyse_organs, take_over_organs
from measures.tables import Found, find
from measures.workbooks import read
from organs.models import Organ, User

#: All forms that a sheet may be.
FORMS: dict[str, Kind | OrganSheet] = {**KINDS, ORGANS.name: ORGANS}
#: How long a sheet waits before it is forgotten.
DAYS = 7


def wait(content: bytes, *, name: str, kind: str, home: Organ | None, by: User) -> Upload:
    """Keep a sheet, in place of an older one of the same kind."""
    own = Upload.objects.visible_to(by)
    own.filter(kind=kind).delete()
    own.filter(at__lt=timezone.now() - timedelta(days=DAYS)).delete()
    return Upload.objects.create(by=by, kind=kind, home=home, name=name[-200:], content=content)


def looked_at(upload: Upload) -> Analysis:
    """What would become of each row now."""
    found = find(read(bytes(upload.content)), FORMS[upload.kind].columns)
    return analysed(upload.kind, found, by=upload.by, home=upload.home)


def analysed(kind: str, found: Found, *, by: User, home: Organ | None) -> Analysis:
    """What would become of the rows of a form."""
    if kind == ORGANS.name:
        return analyse_organs(found, by, home)
    return analyse(KINDS[kind], found, Known(by, home))


def store(kind: str, analysis: Analysis, *, by: User, note: str) -> tuple[int, int]:
    """Store the rows of a form, and say how many are new and changed; PermissionDenied or ValidationError, then none."""
    return (take_over_organs if kind == ORGANS.name else take_over)(analysis, by=by, note=note)


@transaction.atomic
def take(upload: Upload, token: str) -> tuple[Analysis, tuple[int, int] | None]:
    """Take a sheet over if it still says what was shown by `token`; else what it says now, and None.

    Raises PermissionDenied, ValidationError or Upload.DoesNotExist (dropped or taken over), and then nothing has been stored.
    """
    hold(upload.kind)
    analysis = looked_at(Upload.objects.select_for_update().get(pk=upload.pk))
    if analysis.token != token:
        return analysis, None
    done = store(upload.kind, analysis, by=upload.by, note=f"导入“{upload.name}”")
    drop(upload)
    return analysis, done


def drop(upload: Upload) -> None:
    """Forget a sheet."""
    upload.delete()
