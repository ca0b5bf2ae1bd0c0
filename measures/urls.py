"""Addresses of the ledger's pages."""

from django.urls import path

from measures.views import compare, dashboard, instructions, lists, pillar, problems, review, screen, search

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
    path("problems/", problems.problems, name="problems"),
    path("rules/", problems.rules, name="rules"),
    path("instructions/", instructions.instructions, name="instructions"),
    path("instructions/<int:pk>/", instructions.instruction, name="instruction"),
    path("instructions/actions/<int:pk>/", instructions.instruct_action, name="instruct_action"),
    path(
        "instructions/figures/<int:pk>/<int:organ_pk>/",
        instructions.instruct_figure,
        name="instruct_figure",
    ),
    path("compare/", compare.compare, name="compare"),
    path("review/", review.review, name="review"),
    path("evidence/<int:pk>/", dashboard.evidence, name="evidence"),
    path("screen/", screen.screen, name="screen"),
    path("screen/organs/<int:pk>/", screen.organ_screen, name="organ_screen"),
    path("search/", search.search, name="search"),
]
