"""WHAT: the models, by area."""

from measures.models.action import Action, ActionKind, Activity
from measures.models.evidence import PROVEN, Evidence, EvidenceKind, EvidenceLink, why_unproven
from measures.models.honour import Honour, HonourLevel
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
from measures.models.round import SAID, Known, Reminder, Round, RoundCell, RoundOrgan
from measures.models.upload import Upload

__all__ = [
    "CONFIRMED_STATES",
    "OPEN_STATES",
    "PROVEN",
    "SAID",
    "Action",
    "ActionKind",
    "Activity",
    "Campaign",
    "Counts",
    "Evidence",
    "EvidenceKind",
    "EvidenceLink",
    "Honour",
    "HonourLevel",
    "Known",
    "Metric",
    "Nature",
    "Observation",
    "Participation",
    "Pillar",
    "Reminder",
    "ReviewState",
    "ReviewStep",
    "Reviewed",
    "ReviewedQuerySet",
    "Round",
    "RoundCell",
    "RoundOrgan",
    "Source",
    "Target",
    "Theme",
    "Unit",
    "Upload",
    "why_unproven",
]
