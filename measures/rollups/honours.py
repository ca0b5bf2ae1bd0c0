"""The wall of honours (荣誉墙), by level, and the page of each."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import QuerySet

from measures.models import OPEN_STATES, Honour, HonourLevel, Pillar
from measures.rollups.definition import Fact
from measures.rollups.digest import by_level
from measures.rollups.narrow import row_unless_changed, unless_changed
from measures.rollups.proofs import Proof, proofs
from measures.rollups.stations import Station, stations
from measures.rollups.versions import Version, lineage, version_rows
from measures.rollups.view import View, address
from organs.permissions import Right, SignedInRequest, can

#: What an honour has besides proof stands here.
TABLES = (Honour, Pillar)


@dataclass(frozen=True)
class HonourRow:
    """One honour on the wall."""

    url: str
    title: str
    recipient: str
    issuer: str
    when: str
    streak: str


@dataclass(frozen=True)
class HonourGroup:
    """The honours of one level."""

    label: str
    honours: tuple[HonourRow, ...]


@dataclass(frozen=True)
class HonourPage:
    """All that the page of an honour shows."""

    title: str
    organ: str
    level: str
    streak: str
    facts: tuple[Fact, ...]
    versions: tuple[Version, ...]
    stations: tuple[Station, ...]
    proofs: tuple[Proof, ...]
    newer: str
    pending: str


def honour_groups(view: View, honours: Iterable[Honour]) -> tuple[HonourGroup, ...]:
    """Honours by level, highest first."""
    groups: dict[str, list[HonourRow]] = defaultdict(list)
    for honour in sorted(honours, key=by_level):
        groups[honour.level].append(
            HonourRow(
                url=view.link(address("honour", honour.pk)),
                title=honour.title,
                recipient=honour.recipient,
                issuer=honour.issuer or "授予单位未写明",
                when=f"{honour.day:%Y-%m-%d}" if honour.day else honour.date_words or f"{honour.year}年",
                streak=f"连续{honour.streak_years}年" if honour.streak_years else "",
            )
        )
    return tuple(HonourGroup(HonourLevel(level).label, tuple(rows)) for level, rows in groups.items())


def seen_honour(request: SignedInRequest, pk: int) -> Honour:
    """An honour that who asks may see; raises Http404."""

    def rows() -> QuerySet[Honour]:
        return Honour.objects.visible_to(request.user).select_related("organ", "pillar")

    return row_unless_changed(request, rows, pk, TABLES)


def honour_page(view: View, honour: Honour) -> HonourPage:
    """The page of an honour; an old version says so and where the one that counts is."""

    def read() -> tuple[tuple[Honour, ...], tuple[Station, ...]]:
        found = lineage(Honour.objects.visible_to(view.user).select_related("organ", "pillar"), honour)
        staff = can(view.user, Right.VIEW_DRAFTS, honour.organ)
        return tuple(found), stations(found, staff=staff)

    rows, way = unless_changed(view, honour.organ_id, TABLES, ("honour", honour.pk), read)
    newer = next((row for row in rows if row.is_current and row.pk != honour.pk), None)
    streak = f"连续{honour.streak_years}年" if honour.streak_years else ""
    return HonourPage(
        title=honour.title,
        organ=honour.organ.name,
        level=honour.get_level_display(),
        streak=streak,
        facts=_facts(view, honour, streak),
        versions=version_rows(rows),
        stations=way,
        proofs=proofs(view.user, "honour", [row.pk for row in rows]),
        newer=view.link(address("honour", newer.pk)) if newer else "",
        pending="" if honour.is_current or newer else _pending(honour),
    )


def _pending(honour: Honour) -> str:
    """Why an honour does not count, where no other version does: it does not yet, or no longer."""
    if honour.superseded_at:
        return "已被更正，更正后的一版也已撤销，不再算数"
    yet = "还不算数" if honour.state in OPEN_STATES else "不再算数"
    return f"{honour.get_state_display()}，{yet}"


def _facts(view: View, honour: Honour, streak: str) -> tuple[Fact, ...]:
    pairs = (
        ("获得者", honour.recipient),
        ("级别", honour.get_level_display()),
        ("授予单位", honour.issuer or "未写明"),
        ("年度", f"{honour.year}年"),
        ("授予日期", f"{honour.day:%Y-%m-%d}" if honour.day else honour.date_words or "未写明"),
        ("连续", streak),
        ("有效期至", f"{honour.valid_until:%Y-%m-%d}" if honour.valid_until else ""),
        ("所属支柱", honour.pillar.heading if honour.pillar else ""),
        ("备注", honour.note),
    )
    own = Fact("单位", honour.organ.name, view.link(address("organ", honour.organ_id)))
    return (own, *(Fact(label, words) for label, words in pairs if words))
