"""The read side: frozen rows for every page from a constant number of queries."""

from measures.rollups.action import ActionPage, action_page
from measures.rollups.honours import HonourPage, honour_page
from measures.rollups.metric import MetricPage, metric_page
from measures.rollups.organ import OrganPage, organ_page
from measures.rollups.overview import Overview, overview
from measures.rollups.passport import Passport, passport, versions
from measures.rollups.theme import ThemePage, theme_page
from measures.rollups.view import View
from measures.rollups.waiting import joint_effects, read_value, reviewable, waiting, waiting_groups

__all__ = [
    "ActionPage",
    "HonourPage",
    "MetricPage",
    "OrganPage",
    "Overview",
    "Passport",
    "ThemePage",
    "View",
    "action_page",
    "honour_page",
    "joint_effects",
    "metric_page",
    "organ_page",
    "overview",
    "passport",
    "read_value",
    "reviewable",
    "theme_page",
    "versions",
    "waiting",
    "waiting_groups",
]
