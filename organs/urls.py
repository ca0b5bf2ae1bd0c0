"""Addresses of signing in and out, and of the auditor's pages."""

from django.contrib.auth import views as auth
from django.urls import path

from organs import audit_views, keeping, views

urlpatterns = [
    path("login/", views.SignIn.as_view(), name="login"),
    path("logout/", views.SignOut.as_view(), name="logout"),
    path("stay/", views.stay, name="stay"),
    path("kept/", keeping.kept, name="kept"),
    path("password/", views.PasswordChange.as_view(), name="password_change"),
    path("password/done/", auth.PasswordChangeDoneView.as_view(), name="password_change_done"),
    path("audit/", audit_views.audit, name="audit"),
    path("audit/export/", audit_views.audit_export, name="audit_export"),
    path("audit/<int:pk>/", audit_views.audit_event, name="audit_event"),
]
