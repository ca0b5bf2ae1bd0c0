"""Words of leaders (批示) as pages show them: what was asked, what was answered, whose turn it is."""

from dataclasses import dataclass
from datetime import date

from django.db.models import Q, QuerySet
from django.urls import reverse
from django.utils.timezone import localdate, localtime

from measures.models import Action, Instruction, Metric, Stage
from measures.rollups.view import View
from organs.models import Organ, User
from organs.permissions import Right, can, scope

MARKS = {Stage.OPEN: "soon", Stage.ANSWERED: "under_way", Stage.SETTLED: "done"}


@dataclass(frozen=True)
class TurnRow:
    """One thing that was said."""

    title: str
    who: str
    when: str
    words: str


@dataclass(frozen=True)
class InstructionRow:
    """A leader's words with their standing; `contact` is the organ's office where an answer is overdue."""

    url: str
    words: str
    about: str
    about_url: str
    organ: str
    contact: str
    who: str
    when: str
    due: str
    standing: str
    label: str
    turns: tuple[TurnRow, ...]

    @property
    def last(self) -> TurnRow | None:
        """What was said last."""
        return self.turns[-1] if self.turns else None


@dataclass(frozen=True)
class Box:
    """What leaders said about one thing, and where those who may say more do so."""

    rows: tuple[InstructionRow, ...]
    new_url: str


def contact(organ: Organ) -> str:
    """Whom to telephone: the office with its number, as far as they are known; nobody where the organ is no more."""
    gone = organ.active_to is not None and organ.active_to <= localdate()
    return "" if gone else f"{organ.office} {organ.telephone}".strip()


def instruction_rows(found: QuerySet[Instruction], today: date) -> tuple[InstructionRow, ...]:
    """The rows with all that was said, from two queries."""
    rows = found.select_related("organ", "action", "metric", "by").prefetch_related("turns__by")
    return tuple(_row(row, today) for row in rows)


def action_box(view: View, action: Action) -> Box:
    """What leaders said about an action; those of other organs read nothing of it."""
    found = Instruction.objects.visible_to(view.user).filter(action=action)
    url = reverse("instruct_action", args=(action.pk,)) if action.is_current else ""
    return _box(view, found, action.organ, url)


def figure_box(view: View, metric: Metric, organ: Organ, *, told: bool) -> Box:
    """What leaders said about the figures of an organ; more is said where a figure is `told`."""
    found = Instruction.objects.visible_to(view.user).filter(metric=metric, organ=organ)
    url = reverse("instruct_figure", args=(metric.pk, organ.pk)) if told else ""
    return _box(view, found, organ, url)


def _box(view: View, found: QuerySet[Instruction], organ: Organ, url: str) -> Box:
    may = can(view.user, Right.INSTRUCT, organ)
    return Box(instruction_rows(found, view.today), url if may else "")


def waiting_for(user: User) -> tuple[InstructionRow, ...]:
    """What waits for the user, the most pressing first: words to answer for clerks, answers to read for the leader."""
    mine = Q(stage=Stage.OPEN) & scope(user, Right.ENTER).q("organ__path")
    answered = Q(stage=Stage.ANSWERED, by=user) & scope(user, Right.INSTRUCT).q("organ__path")
    found = Instruction.objects.filter(mine | answered).most_pressing_first()
    return instruction_rows(found, localdate())


def _row(row: Instruction, today: date) -> InstructionRow:
    late = row.stage == Stage.OPEN and row.due_day is not None and row.due_day < today
    label = Stage(row.stage).label
    due = ""
    if row.due_day and row.stage == Stage.OPEN:
        days = (row.due_day - today).days
        left = f"已过{-days}天" if days < 0 else f"还有{days}天" if days else "今天到期"
        due = f"{row.due_day:%Y-%m-%d}前答复，{left}"
    about = row.action.title if row.action else f"{row.metric.name}的数值" if row.metric else ""
    place = ("action", (row.action_id,)) if row.action else ("series", (row.metric_id, row.organ_id))
    return InstructionRow(
        url=reverse("instruction", args=(row.pk,)),
        words=row.words,
        about=about,
        about_url=reverse(place[0], args=place[1]),
        organ=row.organ.label,
        contact=contact(row.organ) if row.stage == Stage.OPEN else "",
        who=row.by.title,
        when=f"{localtime(row.at):%Y-%m-%d %H:%M}",
        due=due,
        standing="late" if late else MARKS[Stage(row.stage)],
        label=f"逾期{label}" if late else label,
        turns=tuple(
            TurnRow(
                turn.get_verb_display(), turn.by.title, f"{localtime(turn.at):%Y-%m-%d %H:%M}", turn.words
            )
            for turn in row.turns.all()
        ),
    )
