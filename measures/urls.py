"""Addresses of the ledger's pages."""

from django.urls import path

from measures.views import (
    compare,
    dashboard,
    exchange,
    help,
    lists,
    pillar,
    recycled,
    review,
    screen,
    search,
    turning,
)

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
    path("campaigns/<int:pk>/next/", turning.next_campaign, name="next_campaign"),
    path("bin/", recycled.bin_page, name="bin"),
    path("bin/undo/<int:pk>/", recycled.undo, name="bin_undo"),
    path("evidence/<int:pk>/", dashboard.evidence, name="evidence"),
    path("screen/", screen.screen, name="screen"),
    path("screen/organs/<int:pk>/", screen.organ_screen, name="organ_screen"),
    path("help/", help.book, name="help"),
    path("help/hint/", help.put_away, name="put_away"),
    path("search/", search.search, name="search"),
    path("sheets/", exchange.sheets, name="sheets"),
    path("sheets/<int:pk>/", exchange.sheet, name="sheet"),
    path("sheets/ledgers/<int:pk>/", exchange.ledger, name="ledger_sheet"),
    path("sheets/forms/<str:name>/", exchange.sheet_form, name="sheet_form"),
]
