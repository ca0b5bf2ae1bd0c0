"""The read side: frozen rows for every page from a constant number of queries."""

from measures.rollups.action import ActionPage, action_page
from measures.rollups.honours import HonourPage, honour_page
from measures.rollups.lists import Listing, listed_actions, listed_changes, listed_targets
from measures.rollups.metric import MetricPage, metric_page
from measures.rollups.organ import OrganPage, organ_page
from measures.rollups.overview import Overview, overview
from measures.rollups.passport import Passport, passport, versions
from measures.rollups.pillar import PillarPage, of_campaign, pillar_page
from measures.rollups.recent import WINDOWS
from measures.rollups.view import View
from measures.rollups.waiting import joint_effects, read_value, reviewable, waiting, waiting_groups

__all__ = [
    "WINDOWS",
    "ActionPage",
    "HonourPage",
    "Listing",
    "MetricPage",
    "OrganPage",
    "Overview",
    "Passport",
    "PillarPage",
    "View",
    "action_page",
    "honour_page",
    "joint_effects",
    "listed_actions",
    "listed_changes",
    "listed_targets",
    "metric_page",
    "of_campaign",
    "organ_page",
    "overview",
    "passport",
    "pillar_page",
    "read_value",
    "reviewable",
    "versions",
    "waiting",
    "waiting_groups",
]
