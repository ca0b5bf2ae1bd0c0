"""Addresses of the ledger's pages."""

from django.urls import path

from measures.views import (
    compare,
    dashboard,
    entry,
    figures,
    lists,
    my,
    photos,
    pillar,
    review,
    screen,
    search,
)

urlpatterns = [
    path("", dashboard.overview, name="overview"),
    path("actions/", lists.actions, name="actions"),
    path("targets/", lists.targets, name="targets"),
    path("changes/", lists.changes, name="changes"),
    path("my/", my.my, name="home"),
    path("my/drafts/", my.drafts, name="drafts"),
    path("entry/activities/", entry.activities, name="entry_activities"),
    path("entry/figures/", figures.figures, name="entry_figures"),
    path("entry/photos/", photos.photos, name="entry_photos"),
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
]
