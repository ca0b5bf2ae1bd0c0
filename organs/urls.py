"""Addresses of signing in and out."""

from django.contrib.auth import views as auth
from django.urls import path, reverse_lazy

urlpatterns = [
    path("login/", auth.LoginView.as_view(redirect_authenticated_user=True), name="login"),
    path("logout/", auth.LogoutView.as_view(), name="logout"),
    path(
        "password/",
        auth.PasswordChangeView.as_view(success_url=reverse_lazy("password_change_done")),
        name="password_change",
    ),
    path("password/done/", auth.PasswordChangeDoneView.as_view(), name="password_change_done"),
]
