"""What has changed of late (近期变化): new and corrected figures, closed and late actions, honours."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import StrEnum

from django.urls import reverse

from measures.period import SHANGHAI, shanghai_day
from measures.rollups.digest import Digest, Row
from measures.rollups.figures import passport_url, say
from measures.rollups.view import View
from measures.totals import PRESENCE_LABELS, Presence


class News(StrEnum):
    """The kinds of change, in the order of the page."""

    FIGURE = "figure"
    CLOSED = "closed"
    LATE = "late"
    CORRECTION = "correction"
    HONOUR = "honour"


NEWS_LABELS = {
    News.FIGURE: "新增数值",
    News.CLOSED: "已销号",
    News.LATE: "新逾期",
    News.CORRECTION: "更正",
    News.HONOUR: "新荣誉",
}
WINDOWS = (7, 30)


@dataclass(frozen=True)
class Change:
    """One thing that has changed, with the organ and the day."""

    kind: News
    day: date
    organ: str
    label: str
    words: str
    url: str

    @property
    def standing(self) -> str:
        """The standing that it has come to; empty where it is none."""
        return {News.CLOSED: "done", News.LATE: "late"}.get(self.kind, "")


def changes(view: View, digests: Iterable[Digest], days: int) -> dict[News, list[Change]]:
    """What has changed in the last days, today included, by kind; within a kind the newest first."""
    since = view.today - timedelta(days=days)
    found: dict[News, list[Change]] = {kind: [] for kind in News}
    for digest in digests:
        for change in _of_organ(view, digest, since):
            found[change.kind].append(change)
    for rows in found.values():
        rows.sort(key=lambda change: change.day, reverse=True)
    return found


def _of_organ(view: View, digest: Digest, since: date) -> tuple[Change, ...]:
    """What has changed in one organ; kept beside its digest, for the addresses carry the choice of the view."""
    key = ("changes", since, view.today, view.query)
    if key not in digest.known:
        digest.known[key] = tuple(_read(view, digest, since))
    return digest.known[key]


def _read(view: View, digest: Digest, since: date) -> Iterable[Change]:
    organ, start = digest.organ.label, datetime.combine(since, time(), SHANGHAI)
    for row in digest.figures:
        if row.approved_at and row.approved_at >= start and row.period.overlaps(view.period):
            day = shanghai_day(row.approved_at)
            kind = News.FIGURE if row.version == 1 else News.CORRECTION
            yield Change(kind, day, organ, row.metric.name, _said(row), view.link(passport_url(row)))
    for line in digest.actions:
        url = view.link(reverse("action", args=(line.pk,)))
        if line.closed_on and since <= line.closed_on <= view.today:
            yield Change(News.CLOSED, line.closed_on, organ, line.title, "已销号", url)
        elif not line.is_closed and line.due_day and since <= line.due_day < view.today:
            words = f"时限{line.due_day:%Y-%m-%d}"
            yield Change(News.LATE, line.due_day, organ, line.title, words, url)
    for honour in digest.honours:
        if honour.approved_at and honour.approved_at >= start:
            url = view.link(reverse("honour", args=(honour.pk,)))
            day = shanghai_day(honour.approved_at)
            yield Change(News.HONOUR, day, organ, honour.title, honour.get_level_display(), url)


def _said(row: Row) -> str:
    """The figure and its period in words."""
    presence = Presence(row.presence)
    said = (
        say(row.quantity, row.metric)
        if presence is Presence.VALUE and row.quantity
        else PRESENCE_LABELS[presence]
    )
    return f"{said}，{row.period.label}"
