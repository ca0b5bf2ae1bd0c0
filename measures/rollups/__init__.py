"""The read side: frozen rows for every page from a constant number of queries."""

from measures.rollups.action import ActionPage, action_page, seen_action
from measures.rollups.compare_days import DayPage, compare_days
from measures.rollups.compare_organs import OrgansPage, compare_organs
from measures.rollups.compare_periods import PeriodsPage, compare_periods
from measures.rollups.compare_sheets import Compared, compare_sheets
from measures.rollups.figure import versions
from measures.rollups.honours import HonourPage, honour_page, seen_honour
from measures.rollups.instructions import Box, InstructionRow, instruction_rows, waiting_for
from measures.rollups.lists import Listing, listed_actions, listed_changes, listed_targets
from measures.rollups.load import load_metrics, load_themes
from measures.rollups.metric import MetricPage, metric_page
from measures.rollups.my import MyPage, my_drafts, my_page, sent_drafts
from measures.rollups.organ import OrganPage, organ_page
from measures.rollups.overview import Overview, overview
from measures.rollups.passport import Passport, passport
from measures.rollups.pillar import PillarPage, of_campaign, pillar_page, seen_pillar
from measures.rollups.problems import ProblemPage, problem_page, problem_sheets
from measures.rollups.recent import WINDOWS
from measures.rollups.screen import OrganScreen, Screen, organ_screen, screen
from measures.rollups.search import SearchPage, search
from measures.rollups.sheets import (
    action_sheets,
    list_sheets,
    metric_sheets,
    organ_sheets,
    overview_sheets,
    passport_sheets,
    pillar_sheets,
    search_sheets,
    theme_sheets,
)
from measures.rollups.theme import ThemePage, theme_page
from measures.rollups.turning import Plan, next_name, turning_plan
from measures.rollups.view import View
from measures.rollups.waiting import joint_effects, read_value, reviewable, waiting, waiting_groups

__all__ = [
    "WINDOWS",
    "ActionPage",
    "Box",
    "Compared",
    "DayPage",
    "HonourPage",
    "InstructionRow",
    "Listing",
    "MetricPage",
    "MyPage",
    "OrganPage",
    "OrganScreen",
    "OrgansPage",
    "Overview",
    "Passport",
    "PeriodsPage",
    "PillarPage",
    "Plan",
    "ProblemPage",
    "Screen",
    "SearchPage",
    "ThemePage",
    "View",
    "action_page",
    "action_sheets",
    "compare_days",
    "compare_organs",
    "compare_periods",
    "compare_sheets",
    "honour_page",
    "instruction_rows",
    "joint_effects",
    "list_sheets",
    "listed_actions",
    "listed_changes",
    "listed_targets",
    "load_metrics",
    "load_themes",
    "metric_page",
    "metric_sheets",
    "my_drafts",
    "my_page",
    "next_name",
    "of_campaign",
    "organ_page",
    "organ_screen",
    "organ_sheets",
    "overview",
    "overview_sheets",
    "passport",
    "passport_sheets",
    "pillar_page",
    "pillar_sheets",
    "problem_page",
    "problem_sheets",
    "read_value",
    "reviewable",
    "screen",
    "search",
    "search_sheets",
    "seen_action",
    "seen_honour",
    "seen_pillar",
    "sent_drafts",
    "theme_page",
    "theme_sheets",
    "turning_plan",
    "versions",
    "waiting",
    "waiting_for",
    "waiting_groups",
]
