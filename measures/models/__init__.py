"""WHAT: the models, by area."""

from measures.models.action import Action, ActionKind, Activity, LineKind, Milestone, ProblemSource
from measures.models.evidence import PROVEN, Evidence, EvidenceKind, EvidenceLink, why_unproven
from measures.models.honour import Honour, HonourLevel
from measures.models.instruction import Instruction, Stage, Turn
from measures.models.metric import Counts, Metric, Nature, Target, Unit
from measures.models.observation import Observation, Source
from measures.models.plan import Campaign, Participation, Pillar, Theme
from measures.models.reviewed import (
    CONFIRMED_STATES,
    OPEN_STATES,
    Reviewed,
    ReviewedQuerySet,
    ReviewState,
    ReviewStep,
)
from measures.models.rule import Force, Rule

__all__ = [
    "CONFIRMED_STATES",
    "OPEN_STATES",
    "PROVEN",
    "Action",
    "ActionKind",
    "Activity",
    "Campaign",
    "Counts",
    "Evidence",
    "EvidenceKind",
    "EvidenceLink",
    "Force",
    "Honour",
    "HonourLevel",
    "Instruction",
    "LineKind",
    "Metric",
    "Milestone",
    "Nature",
    "Observation",
    "Participation",
    "Pillar",
    "ProblemSource",
    "ReviewState",
    "ReviewStep",
    "Reviewed",
    "ReviewedQuerySet",
    "Rule",
    "Source",
    "Stage",
    "Target",
    "Theme",
    "Turn",
    "Unit",
    "why_unproven",
]
