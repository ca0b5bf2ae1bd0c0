"""Addresses of the ledger's pages."""

from django.urls import path

from measures.views import compare, dashboard, exchange, lists, pillar, review, rounds, screen, search

urlpatterns = [
    path("", dashboard.overview, name="overview"),
    path("actions/", lists.actions, name="actions"),
    path("targets/", lists.targets, name="targets"),
    path("changes/", lists.changes, name="changes"),
    path("home/", dashboard.home, name="home"),
    path("organs/<int:pk>/", dashboard.organ, name="organ"),
    path("pillars/<int:pk>/", pillar.pillar, name="pillar"),
    path("metrics/<int:pk>/", dashboard.metric, name="metric"),
    path("metrics/<int:pk>/organs/<int:organ_pk>/", dashboard.metric, name="series"),
    path("themes/<int:pk>/", dashboard.theme, name="theme"),
    path("figures/<int:pk>/<int:organ_pk>/<str:key>/", dashboard.passport, name="passport"),
    path("actions/<int:pk>/", dashboard.action, name="action"),
    path("honours/<int:pk>/", dashboard.honour, name="honour"),
    path("compare/", compare.compare, name="compare"),
    path("review/", review.review, name="review"),
    path("evidence/<int:pk>/", dashboard.evidence, name="evidence"),
    path("screen/", screen.screen, name="screen"),
    path("screen/organs/<int:pk>/", screen.organ_screen, name="organ_screen"),
    path("search/", search.search, name="search"),
    path("sheets/", exchange.sheets, name="sheets"),
    path("sheets/<int:pk>/", exchange.sheet, name="sheet"),
    path("sheets/ledgers/<int:pk>/", exchange.ledger, name="ledger_sheet"),
    path("reminders/", rounds.reminders, name="reminders"),
    path("rounds/", rounds.round_list, name="rounds"),
    path("rounds/new/", rounds.round_new, name="round_new"),
    path("rounds/<int:pk>/", rounds.round_page, name="round"),
    path("rounds/<int:pk>/change/", rounds.round_change, name="round_change"),
    path("rounds/<int:pk>/organs/<int:organ_pk>/", rounds.round_organ, name="round_organ"),
    path("rounds/<int:pk>/organs/<int:organ_pk>/prolong/", rounds.round_prolong, name="round_prolong"),
    path("rounds/<int:pk>/organs/<int:organ_pk>/sheet/", rounds.round_sheet, name="round_sheet"),
    path("sheets/forms/<str:name>/", exchange.sheet_form, name="sheet_form"),
]
