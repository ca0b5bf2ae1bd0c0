"""WHAT: the models, by area."""

from measures.models.action import (
    SERVING,
    Action,
    ActionKind,
    Activity,
    LineKind,
    Milestone,
    ProblemSource,
    also_serving,
    begun,
    ended,
)
from measures.models.article import LONGEST, Article, Excerpted, digest
from measures.models.bin import KEPT_DAYS, Batch, BinKind, Discarded
from measures.models.evidence import PROVEN, Evidence, EvidenceKind, EvidenceLink
from measures.models.held_against import HeldAgainst, held_against, questions, why_unproven
from measures.models.honour import Honour, HonourLevel
from measures.models.instruction import Instruction, InstructionQuerySet, Stage, Turn
from measures.models.metric import PENDING, Counts, Metric, Nature, Target, Unit
from measures.models.observation import Observation, Source
from measures.models.order import ListOrder
from measures.models.plan import Campaign, Participation, ParticipationQuerySet, Pillar, Theme
from measures.models.reviewed import (
    CONFIRMED_STATES,
    OPEN_STATES,
    SETTLED_STATES,
    Reviewed,
    ReviewedQuerySet,
    ReviewState,
    ReviewStep,
)
from measures.models.round import SAID, Known, Reminder, Round, RoundCell, RoundOrgan
from measures.models.rule import Force, Rule
from measures.models.upload import Upload

__all__ = [
    "CONFIRMED_STATES",
    "KEPT_DAYS",
    "LONGEST",
    "OPEN_STATES",
    "PENDING",
    "PROVEN",
    "SAID",
    "SERVING",
    "SETTLED_STATES",
    "Action",
    "ActionKind",
    "Activity",
    "Article",
    "Batch",
    "BinKind",
    "Campaign",
    "Counts",
    "Discarded",
    "Evidence",
    "EvidenceKind",
    "EvidenceLink",
    "Excerpted",
    "Force",
    "HeldAgainst",
    "Honour",
    "HonourLevel",
    "Instruction",
    "InstructionQuerySet",
    "Known",
    "LineKind",
    "ListOrder",
    "Metric",
    "Milestone",
    "Nature",
    "Observation",
    "Participation",
    "ParticipationQuerySet",
    "Pillar",
    "ProblemSource",
    "Reminder",
    "ReviewState",
    "ReviewStep",
    "Reviewed",
    "ReviewedQuerySet",
    "Round",
    "RoundCell",
    "RoundOrgan",
    "Rule",
    "Source",
    "Stage",
    "Target",
    "Theme",
    "Turn",
    "Unit",
    "Upload",
    "also_serving",
    "begun",
    "digest",
    "ended",
    "held_against",
    "questions",
    "why_unproven",
]
