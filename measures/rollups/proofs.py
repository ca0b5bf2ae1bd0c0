"""What stands behind a row: its evidence (佐证材料) and the activities held for it, as far as a user may see them."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache

from measures.models import Activity, EvidenceLink, ReviewState
from measures.rollups.evidence import said, uses
from measures.rollups.rows import SOME
from measures.rollups.view import View, address
from organs.asking import Question
from organs.models import User
from organs.permissions import Right, can


@dataclass(frozen=True)
class Proof:
    """A piece of evidence as a page shows it."""

    url: str
    caption: str
    kind: str
    note: str
    picture: bool


@dataclass(frozen=True)
class Held:
    """An activity as a page shows it; `anchor` is its place on the page of its action."""

    title: str
    day: str
    place: str
    attended: str
    anchor: str
    url: str = ""
    note: str = ""


def proofs(user: User, what: str, pks: Sequence[int]) -> tuple[Proof, ...]:
    """The evidence of rows of one kind (action, activity, observation, honour) that the user sees, as far as it may be seen."""
    if what != "observation" and not _any(what).columns([*pks]):
        return ()  # mostly; the rest takes longer to ask for
    found = EvidenceLink.objects.of_seen(user).filter(**{f"{what}__in": pks}).select_related("evidence")
    links = {link.evidence_id: link for link in found}.values()
    used = uses(user, [link.evidence for link in links])
    elsewhere = {
        pk: said(use for use in own if not (use.kind == what and use.row_id in pks))
        for pk, own in used.items()
    }
    return tuple(proof(link, also=elsewhere[link.evidence_id]) for link in links)


@cache
def _any(what: str) -> Question[EvidenceLink]:
    """Asks whether any of the rows of one kind has evidence."""
    links = EvidenceLink.objects.order_by()
    return Question(lambda rows: links.filter(**{f"{what}__in": rows}).values_list("pk")[:1], SOME)


def proof(link: EvidenceLink, *, also: str = "") -> Proof:
    """A piece of evidence as it stands beside what it proves; `also` says where else the same file is used."""
    evidence = link.evidence
    notes = (
        evidence.document_number,
        f"{evidence.day:%Y-%m-%d}" if evidence.day else "",
        "审核后补充" if link.after_approval else "",
        f"同一文件也用于{also}" if also else "",
    )
    return Proof(
        url=address("evidence", evidence.pk),
        caption=evidence.caption,
        kind=evidence.get_kind_display(),
        note="，".join(note for note in notes if note),
        picture=evidence.content_type.startswith("image/"),
    )


def held(rows: Iterable[Activity], view: View | None = None, *, on: int = 0) -> tuple[Held, ...]:
    """Activities as rows of a table; with a view each leads to its place on the page of its action.

    With a view, action and organ are to be fetched with the rows. `on` is the action on whose page they stand: its own
    lead nowhere, others say that they serve it too.
    """
    return tuple(
        Held(
            title=row.title,
            day=f"{row.day:%Y-%m-%d}",
            place=row.place,
            attended="未记" if row.attended is None else f"{row.attended}人次",
            anchor=f"activity-{row.pk}",
            url=_place(row, view) if view and row.action_id != on else "",
            note=_serving(row, view) if view and on and row.action_id != on else "",
        )
        for row in rows
    )


def _serving(row: Activity, view: View) -> str:
    """That an activity of another action serves this one too; of which, if the user may open its page."""
    return f"“{row.action.title}”的活动，同时服务本举措" if _place(row, view) else "同时服务本举措"


def _place(row: Activity, view: View) -> str:
    """Where the activity stands on the page of its action; empty if the user may not open that page."""
    if row.action.state != ReviewState.APPROVED and not can(view.user, Right.VIEW_DRAFTS, row.organ):
        return ""
    return view.link(address("action", row.action_id)) + f"#activity-{row.pk}"
