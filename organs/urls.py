"""Addresses of signing in and out, of accounts, and of the auditor's pages."""

from django.contrib.auth import views as auth
from django.urls import path

from organs import account_views, audit_views, keeping, views

urlpatterns = [
    path("login/", views.SignIn.as_view(), name="login"),
    path("logout/", views.SignOut.as_view(), name="logout"),
    path("stay/", views.stay, name="stay"),
    path("sounds/", views.sounds, name="sounds"),
    path("kept/", keeping.kept, name="kept"),
    path("password/", views.PasswordChange.as_view(), name="password_change"),
    path("password/done/", auth.PasswordChangeDoneView.as_view(), name="password_change_done"),
    path("browsers/", views.browsers, name="browsers"),
    path("audit/", audit_views.audit, name="audit"),
    path("audit/export/", audit_views.audit_export, name="audit_export"),
    path("audit/<int:pk>/", audit_views.audit_event, name="audit_event"),
    path("accounts/", account_views.account_list, name="accounts"),
    path("accounts/new/", account_views.account_new, name="account_new"),
    path("accounts/sheet/", account_views.account_sheet, name="account_sheet"),
    path("accounts/<int:pk>/", account_views.account, name="account"),
    path("accounts/<int:pk>/reset/", account_views.account_reset, name="account_reset"),
    path("accounts/<int:pk>/unlock/", account_views.account_unlock, name="account_unlock"),
    path("accounts/<int:pk>/switch/", account_views.account_switch, name="account_switch"),
    path("accounts/<int:pk>/post/", account_views.account_post, name="account_post"),
    path("accounts/<int:pk>/post/<int:held_pk>/", account_views.account_post, name="account_move"),
]
