"""An article read: its proposals beside its text cut into pieces; and, once kept, what was made of it."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from measures.articles.outlining import outline_proposals
from measures.articles.proposing import FigureProposals, Proposal, honour_proposals
from measures.articles.surroundings import Surroundings, made_of
from measures.awards import awards
from measures.figures import read
from measures.models import Action, Article, Honour, Observation, ReviewState, Target, digest
from measures.outline import Remark, outline
from measures.rollups.waiting import KINDS, value_of
from organs.models import User
from organs.permissions import Right, can

#: Proposals that stand on one page; an article pasted again goes on after those that were made.
MOST_PROPOSALS = 200
#: Of an action, which is a whole sentence, so many characters are marked in the text.
BEGINNING = 8
_BEFORE = {"heading": 0, "step": 1, "figure": 2, "honour": 3}


@dataclass(frozen=True)
class Piece:
    """A part of a text; one that says something has the key of its proposal."""

    text: str
    key: str = ""


@dataclass(frozen=True)
class Reading:
    """An article with all that it proposes, in the order of the text."""

    data: Mapping[str, Any]
    text: str
    around: Surroundings
    proposals: Sequence[Proposal]
    more: int = 0
    remarks: Sequence[Remark] = ()

    @property
    def count(self) -> int:
        """How many are still open."""
        return sum(not proposal.done for proposal in self.proposals)


def read_article(user: User, data: Mapping[str, Any], split: Mapping[str, int]) -> Reading:
    """What the pasted text proposes: a constant number of queries.

    One that was kept before is read as it was kept: what was made of it is known by its place in that text.
    """
    around = Surroundings(user, data["organ"], data["period"], digest(data["given"]))
    text = around.article.full_text if around.article else data["text"]
    honours, told = awards(text), outline(text)
    found = [*FigureProposals(read(text), around, honours).all(split), *honour_proposals(honours, around)]
    found += outline_proposals(told, text, around)
    found.sort(key=lambda each: (each.start, _BEFORE[each.kind], each.key))
    still = [each for each in found if not each.done]
    beyond = {each.key for each in still[MOST_PROPOSALS:]}
    shown = [each for each in found if each.key not in beyond]
    return Reading(data, text, around, shown, len(beyond), told.remarks)


def pieces(text: str, found: Iterable[Any]) -> list[Piece]:
    """The text in parts, those marked that something was read from: of an action the beginning, where it is free."""
    spans: list[tuple[int, int, str]] = []
    for each in sorted(found, key=lambda each: (each.long, each.start, -each.end)):
        inside = any(start <= each.start < end for start, end, _ in spans)
        after = min((start for start, _, _ in spans if start >= each.start), default=len(text))
        end = min(each.start + BEGINNING if each.long else each.end, each.end, after)
        if not inside and end > each.start:
            spans.append((each.start, end, each.key))
    parts, at = [], 0
    for start, end, key in sorted(spans):
        parts += [Piece(text[at:start]), Piece(text[start:end], key)]
        at = end
    parts.append(Piece(text[at:]))
    return [part for part in parts if part.text]


@dataclass(frozen=True)
class MadeLine:
    """A row that was made of an article; `value` names a draft as the form of drafts does."""

    key: str
    start: int
    end: int
    text: str
    state: str
    url: str
    value: str
    long: bool


@dataclass(frozen=True)
class MadeGroup:
    """Rows of one kind."""

    label: str
    lines: Sequence[MadeLine]


def made(article: Article, user: User) -> list[MadeGroup]:
    """What an article was made into and still stands, by kind."""
    groups = []
    enters = can(user, Right.ENTER, article.organ)
    for model in (Action, Observation, Target, Honour):
        lines = []
        for row in made_of(article, model):
            kind = KINDS[str(row._meta.model_name)]
            lines.append(
                MadeLine(
                    key=f"{row._meta.model_name}-{row.pk}",
                    start=row.article_start,
                    end=row.article_end,
                    text=f"{row.metric.name} {row.said}（{row.period.label}）"
                    if isinstance(row, Observation)
                    else str(row),
                    state=row.get_state_display(),
                    url=Surroundings.address(row),
                    long=model is Action,
                    value=value_of(kind, row) if enters and row.state == ReviewState.DRAFT else "",
                )
            )
        if lines:
            groups.append(MadeGroup(str(model._meta.verbose_name), lines))
    return groups
