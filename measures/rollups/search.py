"""What the search box finds: organs, headings, metrics, actions, activities and honours that the user may see."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from math import ceil
from urllib.parse import urlencode
from weakref import ref

from django.urls import reverse

from measures.models import OPEN_STATES, ReviewState
from measures.progress import STANDING_LABELS, action_standing
from measures.rollups.kept import Kept
from measures.rollups.search_lines import Line, Together, lines
from measures.rollups.view import View, address
from measures.searching import Piece, bare, excerpt, pieces, words
from organs.permissions import Right, scope
from organs.pinyin import sounds_like

FEW, MANY = 10, 30  # of each kind on the page of all kinds; on a page of one kind
#: In the order of the page, by the name that an address gives them.
KINDS = {
    "organ": "单位",
    "pillar": "创建支柱",
    "metric": "指标",
    "action": "举措",
    "activity": "活动",
    "honour": "荣誉",
}


#: What letters find by the sound of the name; of the many activities and honours none, whose names say little.
BY_SOUND = frozenset({"organ", "metric", "action"})


@dataclass(frozen=True)
class Hit:
    """One thing that was found; `url` is empty for what stands on no page that the user may open."""

    url: str
    title: tuple[Piece, ...]
    note: tuple[Piece, ...]
    excerpt: tuple[Piece, ...]
    standing: str
    standing_label: str
    review_label: str


@dataclass(frozen=True)
class Group:
    """What was found of one kind: some of it, how many there are and how many follow, and where the others stand."""

    kind: str
    label: str
    total: int
    hits: tuple[Hit, ...]
    more: int = 0
    more_url: str = ""
    previous_url: str = ""


@dataclass(frozen=True)
class SearchPage:
    """What was found, kind by kind, and how many there are of all; `all_url` leads back from one kind to all."""

    groups: tuple[Group, ...] = ()
    total: int = 0
    all_url: str = ""


def search(view: View, typed: str, *, kind: str = "", page: int = 1, whole: bool = False) -> SearchPage:
    """What has all the words typed: the first of each kind; or of one of `KINDS` a page (from 1) or the `whole`."""
    if not words(typed):
        return SearchPage()
    seen = lines(view)
    asked = [(name, _known(seen, name, typed)) for name in KINDS if kind in ("", name)]
    size = None if whole else MANY if kind else FEW
    found = tuple(_group(view, name, rows, typed, page, size) for name, rows in asked if rows)
    return SearchPage(found, sum(group.total for group in found), _address(view, typed) if kind else "")


def _group(view: View, kind: str, found: Sequence[Line], typed: str, page: int, size: int | None) -> Group:
    """A page (from 1) of so many of a kind, the last one if there are not so many; all of it without a size."""
    size = size or len(found)
    page = min(page, ceil(len(found) / size))
    start = (page - 1) * size
    more = max(len(found) - start - size, 0)
    return Group(
        kind=kind,
        label=KINDS[kind],
        total=len(found),
        hits=tuple(_hits(view, found[start : start + size], words(typed))),
        more=more,
        more_url=_address(view, typed, kind, page + 1) if more else "",
        previous_url=_address(view, typed, kind, page - 1) if start else "",
    )


#: What was lately found of a kind among the same lines.
_lately: Kept[tuple["ref[Together]", list[Line]]] = Kept(20_000)


def _known(seen: Together, kind: str, typed: str) -> list[Line]:
    kept = _lately.get((kind, typed, id(seen)))
    if kept is None or kept[0]() is not seen:
        kept = (ref(seen), _found(seen.get(kind, ()), typed))
        _lately.put((kind, typed, id(seen)), kept, 100 + len(kept[1]))
    return kept[1]


def _found(rows: Sequence[Line], typed: str) -> list[Line]:
    """The lines that have all the words, best first: the whole name, its beginning, somewhere.

    Whoever types the name of a bureau does not look for all it has ever done: one of the words at least has to stand
    in what a row is called or says of itself.
    """
    asked = words(typed)
    if len(asked) == 1:
        found = [row for row in rows if _calls_itself(row, asked[0])]
    else:
        for word in sorted(asked, key=len, reverse=True):
            rows = [row for row in rows if word in row.near or word in row.beside or _calls_itself(row, word)]
        found = [row for row in rows if any(_calls_itself(row, word) for word in asked)]
    whole, begun = f"\n{bare(typed)}\n", f"\n{asked[0]}"
    return sorted(found, key=lambda row: (whole not in row.own) + (begun not in row.own))


def _calls_itself(row: Line, word: str) -> bool:
    """Whether a word stands in what the row is called or says of itself, or is how its name sounds (wjj)."""
    if word in row.own or row.kind not in BY_SOUND:
        return word in row.own
    return sounds_like(word, row.title, *(row.note[:1] if row.kind == "organ" else ()))


def _address(view: View, typed: str, kind: str = "", page: int = 1) -> str:
    narrowed = [
        (name, value) for name, value in (("kind", kind), ("page", page if page > 1 else "")) if value
    ]
    return f"{reverse('search')}?{urlencode([('q', typed), *narrowed, *view.query])}"


def _hits(view: View, rows: Sequence[Line], asked: Sequence[str]) -> Iterable[Hit]:
    drafts = scope(view.user, Right.VIEW_DRAFTS)
    paths = {organ.pk: organ.path for organ in view.visible}
    for row in rows:
        stands = row.days and action_standing(
            start=row.days.start,
            due=row.days.due,
            closed_on=row.days.closed_on,
            started=row.days.started,
            today=view.today,
            over=row.days.over,
            asked_on=row.days.asked_on,
            until=row.days.until,
        )
        opens = row.open_to_all or paths.get(row.organ, "") in drafts
        yield Hit(
            url=view.link(_page(row)) + (f"#activity-{row.pk}" if row.action else "") if opens else "",
            title=pieces(row.title, asked),
            note=pieces(" · ".join(part for part in row.note if part), asked),
            excerpt=pieces(excerpt(row.text, asked), asked),
            standing=stands.value if stands else "",
            standing_label=STANDING_LABELS[stands] if stands else "",
            review_label=ReviewState(row.state).label if row.state in OPEN_STATES else "",
        )


def _page(row: Line) -> str:
    """The address at which a row stands: an activity with its action."""
    return address("action", row.action) if row.action else address(row.kind, row.pk)
