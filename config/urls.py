"""Addresses of the site."""

from django.contrib import admin
from django.urls import include, path

handler403 = "organs.views.not_allowed"
handler404 = "organs.views.not_there"
urlpatterns = [
    path("admin/", admin.site.urls),
    path("", include("organs.urls")),
    path("", include("measures.urls")),
]
