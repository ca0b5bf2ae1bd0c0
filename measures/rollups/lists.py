"""Lists over all organs of a view: actions, targets, and what has changed of late."""

from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, overload

from measures.models import Honour, Metric
from measures.progress import STANDING_LABELS, VERDICT_LABELS, Standing, Verdict
from measures.quantity import Quantity
from measures.rollups.digest import Digest
from measures.rollups.figures import judged, passport_url, say, standing_of
from measures.rollups.instructions import contact
from measures.rollups.load import load_digests, load_themes
from measures.rollups.recent import NEWS_LABELS, Change, News, changes
from measures.rollups.rows import ActionLine
from measures.rollups.summary import PRESSING, Summary, due_note, summary
from measures.rollups.view import View, address
from measures.totals import PRESENCE_LABELS, Presence
from organs.models import Organ

#: What may be missing from an action, by its name in an address.
LACKS = {"figure": "没有数值", "outcome": "只有过程没有成效"}
#: What may be asked of the standing of an action, by its name in an address.
STANDINGS = {"pressing": "逾期和临近", **{s.value: label for s, label in STANDING_LABELS.items()}}
#: What may be asked of a target, by its name in an address.
VERDICTS = {verdict.value: label for verdict, label in VERDICT_LABELS.items() if verdict.value != "no_target"}


@dataclass(frozen=True)
class Listed:
    """One row of a list."""

    url: str
    title: str
    organ: str
    words: str
    when: str
    label: str
    standing: str = ""
    note: str = ""
    #: The metric and the figure that the words tell, where they tell one.
    figure: tuple[Metric, Quantity] | None = None


class Rows(Sequence[Listed]):
    """Rows that are worded when they are asked for: a page shows few of thousands."""

    def __init__(self, found: Sequence[Any], word: Callable[[Any], Listed]) -> None:
        self.found, self.word = found, word

    def __len__(self) -> int:
        return len(self.found)

    def __iter__(self) -> Iterator[Listed]:
        return map(self.word, self.found)

    @overload
    def __getitem__(self, place: int) -> Listed: ...
    @overload
    def __getitem__(self, place: slice) -> list[Listed]: ...
    def __getitem__(self, place: int | slice) -> Listed | list[Listed]:
        if isinstance(place, slice):
            return [self.word(found) for found in self.found[place]]
        return self.word(self.found[place])


@dataclass(frozen=True)
class Listing:
    """A list with the heads of its columns, and in what order it stands."""

    head: tuple[str, str, str, str, str]
    rows: Sequence[Listed]
    order: str = "按单位次序"


def listed_actions(view: View, *, standing: str = "", theme: str = "", lack: str = "") -> Listing:
    """Approved actions, organs in official order; only those of a standing or a theme, or that lack something."""
    themes = load_themes(view)
    wanted = PRESSING if standing == "pressing" else tuple(s for s in Standing if standing in ("", s.value))
    found = [
        row
        for digest in load_digests(view).values()
        for row in _listed(digest, summary(digest, view), wanted, theme, lack)
    ]

    def word(row: tuple[Organ, ActionLine, Standing]) -> Listed:
        organ, line, standing = row
        return Listed(
            url=view.link(address("action", line.pk)),
            title=line.title,
            organ=organ.label,
            words=themes[line.theme_id].name,
            when=f"{line.due_day:%Y-%m-%d}" if line.due_day else "",
            label=STANDING_LABELS[standing],
            standing=standing.value,
            note=due_note(view, organ, line, standing),
        )

    return Listing(("举措", "单位", "主题", "时限", "状态"), Rows(found, word))


def _listed(
    digest: Digest, found: Summary, wanted: Collection[Standing], theme: str, lack: str
) -> Sequence[tuple[Organ, ActionLine, Standing]]:
    """The lines of one organ that are asked for, with where they stand; kept as long as that, and what they lack, is known."""
    known = digest.known if lack else found.lines.known
    key = ("listed", found.period.start, found.period.end, found.lines.today, wanted, theme, lack)
    if key not in known:
        standings = found.lines.standings
        chosen = found.without if lack == "figure" else found.process_only if lack else digest.actions
        known[key] = [
            (digest.organ, line, standings[line.pk])
            for line in chosen
            if standings[line.pk] in wanted and theme in ("", str(line.theme_id))
        ]
    return known[key]


def listed_targets(view: View, *, verdict: str = "") -> Listing:
    """Targets beside the figures held against them, organs in official order."""
    found = [
        (digest, pk, reached)
        for digest in load_digests(view).values()
        for pk, reached in summary(digest, view).verdicts.found.items()
        if verdict in ("", reached.value)
    ]

    def word(row: tuple[Digest, int, Verdict]) -> Listed:
        digest, pk, reached = row
        target, metric = digest.targets[pk], digest.targets[pk].metric
        told = digest.aimed(metric, view.period)
        quantity = told.quantity if told else None
        standing, label = standing_of(judged(quantity, metric, target, view.today))
        absence = digest.by_key[told.used[-1]].absence if told and reached is Verdict.NOT_APPLICABLE else ""
        notes = (f"基线{say(target.baseline, metric)}" if target.baseline else "", absence)
        return Listed(
            url=view.link(address("series", pk, digest.organ.pk)),
            title=metric.name,
            organ=digest.organ.label,
            words=say(quantity, metric) if quantity else VERDICT_LABELS[reached],
            when=say(target.value, metric),
            label=label or VERDICT_LABELS[reached],
            standing=standing or reached.value,
            note="，".join(note for note in notes if note),
            figure=(metric, quantity) if quantity else None,
        )

    return Listing(("指标", "单位", "数值", "目标", "状态"), Rows(found, word))


def listed_changes(view: View, *, days: int, kind: str = "") -> Listing:
    """What has changed in the last days, the newest first within each kind."""
    kinds = [news for news in News if kind in ("", news.value)]
    found = changes(view, load_digests(view).values(), days, kinds)
    head = ("内容", "单位", "情况", "日期", "变化")
    return Listing(head, Rows(found, partial(_told, view)), order="同类变化放在一起，新的在前")


def _told(view: View, change: Change) -> Listed:
    """A change as a row: what it is, its words, and its standing if it has come to one."""
    match change.thing:
        case ActionLine() as line:
            url, title = address("action", line.pk), line.title
            words = "已销号" if line.is_closed else f"时限{line.due_day:%Y-%m-%d}"
        case Honour() as honour:
            url, title = address("honour", honour.pk), honour.title
            words = honour.get_level_display()
        case row:
            url, title = passport_url(row), row.metric.name
            presence = Presence(row.presence)
            told = row.quantity if presence is Presence.VALUE else None
            words = f"{say(told, row.metric) if told else PRESENCE_LABELS[presence]}，{row.period.label}"
    standing = {News.CLOSED: "done", News.LATE: "late"}.get(change.kind, "")
    day, label = f"{change.day:%Y-%m-%d}", NEWS_LABELS[change.kind]
    whom = contact(change.organ) if change.kind is News.LATE else ""
    return Listed(view.link(url), title, change.organ.label, words, day, label, standing, whom)
