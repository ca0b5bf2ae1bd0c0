"""Where the same file is used more than once."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import Prefetch, Q

from measures.models import PROVEN, Evidence, EvidenceLink
from organs.models import User


@dataclass(frozen=True)
class Use:
    """One use of a file: the evidence it is kept as and what that proves; no kind while it proves nothing."""

    evidence_id: int
    kind: str
    row_id: int | None
    words: str


def uses(user: User, rows: Iterable[Evidence]) -> dict[int, list[Use]]:
    """By key of the evidence all uses of files with the same content, its own included, as far as the user may see.

    Files are the same if what was uploaded or what was kept of it is: a photo that was fetched from here and uploaded
    again is recognised too. Two queries, whatever the number of rows; none for no row.
    """
    rows = list(rows)
    if not rows:
        return {}
    sums = {digest for row in rows for digest in _sums(row)}
    links = EvidenceLink.objects.visible_to(user).with_proven()
    found = (
        Evidence.objects.visible_to(user)
        .filter(Q(sha256__in=sums) | Q(upload_sha256__in=sums))
        .prefetch_related(Prefetch("links", links, to_attr="seen_links"))
    )
    used = [(_sums(other), _uses_of(other)) for other in found]
    return {row.pk: [use for same, own in used if same & _sums(row) for use in own] for row in rows}


def _sums(row: Evidence) -> set[str]:
    return {row.sha256, row.upload_sha256}


def _uses_of(row: Evidence) -> list[Use]:
    found = []
    for link in getattr(row, "seen_links", ()):
        kind = next(name for name in PROVEN if getattr(link, f"{name}_id"))
        words = f"{PROVEN[kind]._meta.verbose_name}“{link.proven}”"
        found.append(Use(row.pk, kind, getattr(link, f"{kind}_id"), words))
    return found or [Use(row.pk, "", None, f"佐证材料“{row}”")]


def said(found: Iterable[Use]) -> str:
    """Where, in one line, each place once; empty for no use."""
    return "、".join(dict.fromkeys(use.words for use in found))
