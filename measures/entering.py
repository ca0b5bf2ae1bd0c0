"""What the fast entry pages store: all that was typed on a page in one transaction, once, or nothing."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import Enum, auto

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from measures import ledger
from measures.forms.rows import LedgerForm
from measures.models import Evidence, EvidenceLink, Reviewed
from measures.rollups.evidence import said, uses
from measures.workflow import Step, advance
from organs.forms import PERSONAL_NUMBER
from organs.guarded import AT_THE_SAME_TIME
from organs.keeping import stored
from organs.models import User
from organs.permissions import SignedInRequest

TWICE = "刚才那一次已经存好了，没有重复登记。"
UNLINKED = "还没有关联到任何举措、活动、数值或荣誉，请点开选上它证明什么。"


class Outcome(Enum):
    """What became of what was sent."""

    STORED = auto()
    TWICE = auto()
    REFUSED = auto()


@dataclass
class Sent:
    """A form that was found right; `seen` is when the stored row that it shows had last been changed."""

    form: LedgerForm
    seen: datetime | None = None
    #: Whether there is something to store; a draft may also be submitted as it stands.
    typed: bool = field(default=True)


def store(request: SignedInRequest, sent: Sequence[Sent], *, submit: bool, kept_at: str = "") -> Outcome:
    """Store each row through the door and perhaps submit it; what is refused stands in its form, and nothing is stored."""
    at: Sent | None = None
    try:
        with transaction.atomic():
            if not stored(request, request.user, kept_at):
                return Outcome.TWICE
            for at in sent:
                _store(at, request.user, submit=submit)
    except ValidationError as error:
        if at is None:
            raise
        at.form.refuse(error, outdated=_is_outdated(at))
        return Outcome.REFUSED
    except IntegrityError:
        if at is None:
            raise
        at.form.refuse(ValidationError(AT_THE_SAME_TIME))
        return Outcome.REFUSED
    found = dict.fromkeys(label for one in sent for label in one.form.personal_numbers())
    if found:
        messages.warning(request, PERSONAL_NUMBER.format("、".join(found)))
    return Outcome.STORED


def _store(one: Sent, by: User, *, submit: bool) -> None:
    row, links, read = one.form.instance, one.form.links(), one.seen
    if row.pk is None:
        ledger.create(row, by=by, links=links)
    elif one.typed:
        loaded = row.changed_at
        ledger.change(row, by=by, links=links, seen=one.seen)
        read = row.changed_at if row.changed_at != loaded else read
    if submit:
        advance(row, Step.SUBMIT, by=by, seen=read)


def _is_outdated(one: Sent) -> bool:
    row = one.form.instance
    if one.seen is None or row.pk is None:
        return False
    now = type(row)._default_manager.filter(pk=row.pk).values_list("changed_at", flat=True).first()
    return now is not None and now != one.seen


def store_files(rows: Iterable[Evidence], proven: Mapping[str, Reviewed], *, by: User) -> list[EvidenceLink]:
    """Store each file, and that it proves the row; the links that were made."""
    links = []
    for row in rows:
        ledger.create(row, by=by)
        link = EvidenceLink(evidence=row, **proven)
        ledger.create(link, by=by)
        links.append(link)
    return links


def tell_of_files(
    user: User,
    files: Sequence[Evidence],
    refused: Iterable[str],
    links: Sequence[EvidenceLink],
    pages: Mapping[int, str],
) -> Iterable[tuple[int, str | SafeString]]:
    """What is worth knowing of an upload, as messages with their level; `pages` has the address of each file."""
    named = format_html_join("、", '<a href="{}">{}</a>', ((pages[row.pk], row) for row in files))
    yield messages.SUCCESS, format_html("已上传{}份佐证：{}。", len(files), named)
    for sentence in refused:
        yield messages.ERROR, sentence
    if not links:
        yield messages.WARNING, UNLINKED
    if any(link.after_approval for link in links):
        yield messages.WARNING, "所证明的内容已经审核，这次补充已注明“审核后补充”。"
    new = {row.pk for row in files}
    for row, found in zip(files, uses(user, files).values(), strict=True):
        if where := said(use for use in found if use.evidence_id not in new):
            yield messages.WARNING, f"“{row.name}”这份文件已在{where}用过。"
