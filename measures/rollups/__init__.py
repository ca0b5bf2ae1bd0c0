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
from measures.rollups.sheets import (
    action_sheets,
    list_sheets,
    metric_sheets,
    organ_sheets,
    overview_sheets,
    passport_sheets,
    pillar_sheets,
    theme_sheets,
)
from measures.rollups.theme import ThemePage, theme_page
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
    "ThemePage",
    "View",
    "action_page",
    "action_sheets",
    "honour_page",
    "joint_effects",
    "list_sheets",
    "listed_actions",
    "listed_changes",
    "listed_targets",
    "metric_page",
    "metric_sheets",
    "of_campaign",
    "organ_page",
    "organ_sheets",
    "overview",
    "overview_sheets",
    "passport",
    "passport_sheets",
    "pillar_page",
    "pillar_sheets",
    "read_value",
    "reviewable",
    "theme_page",
    "theme_sheets",
    "versions",
    "waiting",
    "waiting_groups",
]
