"""The wall of honours (荣誉墙), by level."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from django.urls import reverse

from measures.models import Honour, HonourLevel


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


def honour_groups(honours: Iterable[Honour]) -> tuple[HonourGroup, ...]:
    """Honours by level, highest first."""
    groups: dict[str, list[HonourRow]] = defaultdict(list)
    for honour in sorted(honours, key=lambda h: (h.level, -h.year, h.pk)):
        groups[honour.level].append(
            HonourRow(
                url=reverse("honour", args=(honour.pk,)),
                title=honour.title,
                recipient=honour.recipient,
                issuer=honour.issuer or "授予单位未写明",
                when=f"{honour.day:%Y-%m-%d}" if honour.day else honour.date_words or f"{honour.year}年",
                streak=f"连续{honour.streak_years}年" if honour.streak_years else "",
            )
        )
    return tuple(HonourGroup(HonourLevel(level).label, tuple(rows)) for level, rows in groups.items())
