"""Pages that belong to no model."""

from django.contrib.auth import views as auth
from django.contrib.auth.forms import PasswordChangeForm
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse_lazy

from organs.audit import record
from organs.door import organ_of
from organs.models import AuditVerb


class PasswordChange(auth.PasswordChangeView):
    """Changing one's own password; leaves an audit event."""

    success_url = reverse_lazy("password_change_done")

    def form_valid(self, form: PasswordChangeForm) -> HttpResponse:
        """Store the new password with its event, in the transaction of the request."""
        user = form.user
        record(AuditVerb.CHANGE, user, by=user, organ=organ_of(user), note="本人修改密码")
        return super().form_valid(form)


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """The page for a form that came without its token."""
    return render(request, "403_csrf.html", status=403)
