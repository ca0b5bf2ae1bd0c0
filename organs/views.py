"""Pages that belong to no model."""

from functools import reduce
from operator import or_
from typing import Any

from django.contrib.auth import views as auth
from django.contrib.auth.decorators import login_not_required
from django.contrib.auth.forms import PasswordChangeForm
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.middleware.csrf import get_token
from django.shortcuts import render
from django.urls import reverse_lazy
from django.utils.decorators import method_decorator
from django.views.decorators.http import require_http_methods, require_safe
from django.views.defaults import page_not_found

from organs.audit import record
from organs.door import organ_of
from organs.models import AuditVerb, Organ
from organs.permissions import Right, SignedInRequest, scope
from organs.pinyin import initials
from organs.sessions import Ended, seconds_left, typed


class SignIn(auth.LoginView):
    """Signing in; says why the last session ended."""

    redirect_authenticated_user = True

    def get_redirect_url(self, request: HttpRequest | None = None) -> str:
        """The page asked for; the first page of a person for who only named the site, or this page."""
        asked = super().get_redirect_url()
        return "" if asked == "/" or asked.partition("?")[0] == self.request.path else asked

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """With the sentence for a reason that the address gives."""
        why = self.request.GET.get("why")
        return super().get_context_data(why=Ended(why).words if why in set(Ended) else "", **kwargs)


@method_decorator(login_not_required, name="dispatch")
class SignOut(auth.LogoutView):
    """Signing out, also of a session that has ended by itself."""


class PasswordChange(auth.PasswordChangeView):
    """Changing one's own password; leaves an audit event, and ends the person's other sessions."""

    success_url = reverse_lazy("password_change_done")

    def form_valid(self, form: PasswordChangeForm) -> HttpResponse:
        """Store the new password with its event, in the transaction of the request."""
        user = form.user
        user.must_change_password = False
        record(AuditVerb.CHANGE, user, by=user, organ=organ_of(user), note="本人修改密码")
        return super().form_valid(form)


@require_http_methods(["GET", "POST"])
def stay(request: SignedInRequest) -> HttpResponse:
    """For the page's script: how long one stays signed in, and a token for forms that were opened before signing in
    anew. Sending (POST) is what a person does; asking (GET) must be marked as the page's own doing.
    """
    return JsonResponse({**seconds_left(request), "user": request.user.pk, "token": get_token(request)})


@login_not_required
@require_safe
def browsers(request: HttpRequest) -> HttpResponse:
    """The page that says which browsers to use, for those whom another one brought here, too."""
    return render(request, "old_browser.html", {"site": request.build_absolute_uri("/")})


@require_safe
def sounds(request: SignedInRequest) -> JsonResponse:
    """For lists of organs (organs/picker.js): the initials of the names of those that the user meets, by number."""
    rights = (scope(request.user, right) for right in (Right.VIEW, Right.ADMINISTER, Right.AUDIT))
    met = Organ.objects.filter(reduce(or_, (reach.q("path") for reach in rights)))
    return JsonResponse({str(o.pk): f"{initials(o.name)} {initials(o.short_name)}".strip() for o in met})


def not_allowed(request: HttpRequest, exception: Exception) -> HttpResponse:
    """The page for what the person may not do, or no longer, with what was typed."""
    return render(request, "403.html", {"typed": typed(request)}, status=403)


def not_there(request: HttpRequest, exception: Exception) -> HttpResponse:
    """The page for what is not there, or no longer to be seen, with what was typed for it."""
    if request.method == "POST" and request.resolver_match:  # what is sent to no page of ours is not read
        return render(request, "gone.html", {"typed": typed(request)}, status=404)
    return page_not_found(request, exception)


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """The page for a form that came without its token, with what was typed."""
    return render(request, "403_csrf.html", {"typed": typed(request)}, status=403)
