"""What waits for a reviewer (待审): each row with what it says, changes and proves, and what its approval does."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

from django.contrib.contenttypes.models import ContentType
from django.db.models import F, OuterRef, Q, QuerySet, Subquery, Value
from django.urls import reverse
from django.utils import timezone
from django.utils.text import Truncator
from django.utils.timezone import localtime

from measures.models import (
    PROVEN,
    Action,
    Activity,
    EvidenceLink,
    Honour,
    Observation,
    Reviewed,
    ReviewState,
    ReviewStep,
    Target,
)
from measures.pieces import Pieces
from measures.rollups.changes import Difference, differences, is_default, named, told
from measures.rollups.definition import Fact
from measures.rollups.effects import Books, Effect, load_books
from measures.rollups.figures import cut, tip
from measures.rollups.load import WITH_METRIC
from measures.rollups.proofs import Proof, proof
from measures.rollups.stages import told_stages
from measures.workflow import LINE, Move, reviewed, why_not
from organs.models import Organ, User
from organs.permissions import Right

#: Longer texts are read in full on the row's own form.
MOST_CHARACTERS = 120
#: What stands in the head of a row, and what is said of its organ.
IN_HEAD = frozenset({"organ", "metric", "period", "quantity", "title", "order"})


@dataclass(frozen=True)
class Kind:
    """A kind of thing that waits: rows of a model, or the closing of an action (销号)."""

    name: str
    label: str
    model: type[Reviewed]
    field: str = "state"

    def key(self, pk: int) -> str:
        """The name of one of its rows in a form: observation-12."""
        return f"{self.name}-{pk}"

    def move(self, *, approves: bool) -> Move:
        """The reviewer's step that lets it pass, or the one that sends it back, as the review line has them."""
        return next(
            move
            for move in LINE
            if (move.field, move.right, move.four_eyes) == (self.field, Right.REVIEW, approves)
            and ReviewState.SUBMITTED in move.before
        )


KINDS = {
    kind.name: kind
    for kind in (
        Kind("observation", "数值", Observation),
        Kind("action", "举措", Action),
        Kind("closing", "举措销号", Action, "closing_state"),
        Kind("activity", "活动", Activity),
        Kind("target", "目标", Target),
        Kind("honour", "荣誉", Honour),
    )
}
ORDER = tuple(KINDS)


class Waiting(NamedTuple):
    """The place of a waiting row in the list, which is in official order."""

    path: str
    order: int
    pk: int
    organ: int

    @property
    def kind(self) -> Kind:
        """What it is."""
        return KINDS[ORDER[self.order]]

    @property
    def key(self) -> str:
        """Its name in a form."""
        return self.kind.key(self.pk)


@dataclass(frozen=True)
class WaitingRow:
    """One row as the reviewer reads it; `value` names it and the version that was read; `refused` says why it cannot pass."""

    key: str
    value: str
    kind: str
    title: str
    url: str
    pieces: Pieces | None
    tip: str
    earlier: str
    reason: str
    facts: tuple[Fact, ...]
    changes: tuple[Difference, ...]
    proofs: tuple[Proof, ...]
    who: tuple[str, ...]
    returned: str
    refused: str
    effects: tuple[Effect, ...]


@dataclass(frozen=True)
class Group:
    """What waits of one organ."""

    organ: str
    rows: tuple[WaitingRow, ...]


@dataclass(frozen=True)
class Found:
    """Rows as loaded, with what is read beside them."""

    rows: Mapping[str, Any]
    steps: Mapping[str, Sequence[ReviewStep]]
    proofs: Mapping[str, tuple[Proof, ...]]
    earlier: Mapping[int, Observation]
    books: Books
    stages: Mapping[int, str]


def waiting(user: User) -> list[Waiting]:
    """All that waits in the user's scope, in official order and by kind: one query."""
    parts = [
        _in_scope(user, kind)
        .filter(**{kind.field: ReviewState.SUBMITTED})
        .order_by()
        .annotate(path=F("organ__path"), nth=Value(nth))
        .values_list("path", "nth", "pk", "organ_id")
        for nth, kind in enumerate(KINDS.values())
    ]
    return sorted(Waiting(*row) for row in parts[0].union(*parts[1:], all=True))


def reviewable(user: User, wanted: Iterable[tuple[Kind, int]]) -> dict[tuple[Kind, int], Any]:
    """Those of the wanted rows that lie in the user's scope, whatever their state; a query for each kind."""
    pks: dict[Kind, list[int]] = defaultdict(list)
    for kind, pk in wanted:
        pks[kind].append(pk)
    named = {Observation: WITH_METRIC, Target: ("metric__unit",), Action: ("pillar__campaign",)}
    return {
        (kind, row.pk): row
        for kind, found in pks.items()
        for row in _in_scope(user, kind)
        .filter(pk__in=found)
        .select_related("organ", *named.get(kind.model, ()))
    }


def _in_scope(user: User, kind: Kind) -> QuerySet:
    return kind.model._default_manager.filter(reviewed(user, kind.field))


def waiting_groups(user: User, visible: Sequence[Organ], chosen: Iterable[Waiting]) -> tuple[Group, ...]:
    """The chosen rows by organ, from a number of queries that does not grow with them."""
    found = _load(user, visible, chosen)
    names = {organ.pk: organ.name for organ in visible}
    groups: dict[int, list[WaitingRow]] = defaultdict(list)
    for place in chosen:
        if place.key in found.rows:  # else somebody has just taken it away
            groups[place.organ].append(_row(user, place, found))
    return tuple(Group(names[organ], tuple(rows)) for organ, rows in groups.items())


def joint_effects(user: User, visible: Sequence[Organ], rows: Sequence[Reviewed]) -> tuple[Effect, ...]:
    """What approving all of the rows does to the totals."""
    figures = [row for row in rows if isinstance(row, Observation)]
    return load_books(user, visible, figures).effects(figures)


def _load(user: User, visible: Sequence[Organ], chosen: Iterable[Waiting]) -> Found:
    pks: dict[str, list[int]] = defaultdict(list)
    for place in chosen:
        pks[place.kind.name].append(place.pk)
    rows: dict[str, Any] = {
        kind.key(row.pk): row
        for name, kind in KINDS.items()
        for row in (_rows(user, kind).filter(pk__in=pks[name]) if pks[name] else ())
    }
    figures: list[Any] = [row for row in rows.values() if isinstance(row, Observation)]
    earlier = Observation.objects.filter(pk__in=[row.earlier_pk for row in figures])
    return Found(
        rows=rows,
        steps=_steps(rows),
        proofs=_proofs(user, rows),
        earlier={row.pk: row for row in earlier},
        books=load_books(user, visible, figures),
        stages=told_stages((r for r in rows.values() if isinstance(r, Action)), timezone.localdate()),
    )


def _rows(user: User, kind: Kind) -> QuerySet:
    """With what a row is printed from, that of its predecessor included."""
    named = [f.name for f in kind.model._meta.concrete_fields if f.is_relation and f.editable]
    related = {*named, *(f"previous__{name}" for name in named), "created_by", "submitted_by"}
    tied = [field.name for field in kind.model._meta.many_to_many]
    rows = _in_scope(user, kind).prefetch_related(*tied, *(f"previous__{name}" for name in tied))
    if kind.model is Observation:
        related |= set(WITH_METRIC)
        before = Observation.objects.current().filter(
            metric=OuterRef("metric"), organ=OuterRef("organ"), period_days__fully_lt=OuterRef("period_days")
        )
        rows = rows.annotate(earlier_pk=Subquery(before.order_by("-period_days").values("pk")[:1]))
    if kind.model is Target:
        related |= {"metric__unit"}
    return rows.select_related(*related)


def _steps(rows: Mapping[str, Reviewed]) -> dict[str, list[ReviewStep]]:
    """The steps of each row on its own part of the line, oldest first: one query."""
    keys: dict[tuple[int, int], list[str]] = defaultdict(list)
    for key, row in rows.items():
        keys[ContentType.objects.get_for_model(row).pk, row.pk].append(key)
    about = Q(pk__in=[])
    for kind in {kind for kind, _ in keys}:
        about |= Q(target_type=kind, target_id__in=[pk for other, pk in keys if other == kind])
    fields = {str(move.step): move.field for move in LINE}
    found: dict[str, list[ReviewStep]] = defaultdict(list)
    for step in ReviewStep.objects.filter(about).select_related("by"):
        for key in keys[step.target_type_id, step.target_id]:
            if fields[step.step] == KINDS[key.partition("-")[0]].field:
                found[key].append(step)
    return found


def _proofs(user: User, rows: Mapping[str, Reviewed]) -> dict[str, tuple[Proof, ...]]:
    """The evidence of each row and of the version before it: one query."""
    keys: dict[tuple[str, int | None], list[str]] = defaultdict(list)
    for key, row in rows.items():
        for pk in (row.pk, row.previous_id):
            keys[row._meta.model_name or "", pk].append(key)
    about = Q(pk__in=[])
    for name in PROVEN:
        about |= Q(**{f"{name}__in": [pk for other, pk in keys if other == name and pk]})
    found: dict[str, list[Proof]] = defaultdict(list)
    for link in EvidenceLink.objects.visible_to(user).filter(about).select_related("evidence"):
        proven = next((name, pk) for name in PROVEN if (pk := getattr(link, f"{name}_id")))
        for key in keys[proven]:
            found[key].append(proof(link))
    return {key: tuple(proofs) for key, proofs in found.items()}


def _row(user: User, place: Waiting, found: Found) -> WaitingRow:
    row, kind, steps = found.rows[place.key], place.kind, found.steps.get(place.key, ())
    figure: Any = row if isinstance(row, Observation) else None
    earlier = found.earlier.get(figure.earlier_pk) if figure and not row.previous_id else None
    words = figure.said if figure else ""
    stages = found.stages.get(row.pk) if isinstance(row, Action) else None
    return WaitingRow(
        key=place.key,
        value=value_of(kind, row),
        kind=kind.label,
        title=title_of(row),
        url=reverse(f"admin:measures_{row._meta.model_name}_change", args=(row.pk,)),
        pieces=cut(words, figure.metric) if figure and words else None,
        tip=tip(figure.quantity, figure.metric) if figure and figure.quantity else "",
        earlier=f"上期（{earlier.period.label}）{earlier.said}" if earlier else "",
        reason=row.reason if kind.field == "state" else "",
        facts=(*_facts(row), *([Fact("项目阶段", stages)] if stages else ())),
        changes=differences(row.previous, row) if row.previous and kind.field == "state" else (),
        proofs=found.proofs.get(place.key, ()),
        who=_who(row, kind, steps),
        returned=next((f"{s.by}：{s.note}" for s in reversed(steps) if s.after == ReviewState.RETURNED), ""),
        refused=why_not(row, kind.move(approves=True).step, by=user) or _clash(figure, found.books),
        effects=found.books.effects([figure]) if figure else (),
    )


def value_of(kind: Kind, row: Reviewed) -> str:
    """What a form sends for a row: its name, and when what is shown of it was last changed."""
    return f"{kind.key(row.pk)} {row.changed_at.isoformat()}"


def read_value(value: str) -> tuple[Kind, int, datetime] | None:
    """The inverse of `value_of`: kind, number, when it was changed; None for anything else."""
    key, _, at = value.partition(" ")
    name, _, number = key.partition("-")
    try:
        seen = datetime.fromisoformat(at)
    except ValueError:
        return None
    if (
        name not in KINDS
        or not (number.isascii() and number.isdecimal() and len(number) < 19)
        or not seen.tzinfo
    ):
        return None
    return KINDS[name], int(number), seen


def title_of(row: Reviewed) -> str:
    """What the row is about, without its organ."""
    match row:
        case Observation():
            return f"{row.metric.name}，{row.period.label}"
        case Target():
            return f"{row.metric.name}的目标"
        case Activity():
            return row.title
    return str(row)


def _facts(row: Reviewed) -> tuple[Fact, ...]:
    """What it says besides its head, as far as somebody filled it in."""
    own = [
        Fact(label, Truncator(words).chars(MOST_CHARACTERS))
        for name, label, words in told(row)
        if words and name not in IN_HEAD and not is_default(row, name)
    ]
    for field in row._meta.many_to_many:
        if names := named(getattr(row, field.name).all()):
            own.append(Fact(str(field.verbose_name), names))
    return tuple(own)


def _who(row: Reviewed, kind: Kind, steps: Sequence[ReviewStep]) -> tuple[str, ...]:
    """Who entered it and who submitted it last, each with the day and the hour."""
    last = next((s for s in reversed(steps) if s.after == ReviewState.SUBMITTED), None)
    entered = f"{row.created_by.title} {_at(row.created_at)}{'更正' if row.previous_id else '录入'}"
    if last is None:
        return (entered,)
    again = last.by_id == row.created_by_id and kind.field == "state"
    label = next(move.label for move in LINE if move.step == last.step)
    submitted = f"{'' if again else f'{last.by.title} '}{_at(last.at)}{label}"
    return (entered, submitted) if kind.field == "state" else (submitted,)


def _at(moment: datetime) -> str:
    return f"{localtime(moment):%Y-%m-%d %H:%M}"


def _clash(row: Observation | None, books: Books) -> str:
    """Why the database would refuse a figure beside one that counts."""
    if row is None or (other := books.clash(row)) is None:
        return ""
    return f"{other.period.label}已有审核过的{other.said}，两个数的期间重叠，请退回，让填报人用“更正”。"
