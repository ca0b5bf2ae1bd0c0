"""Forms that lose nothing: what is typed is kept while it is typed, and what is sent twice is stored once."""

from typing import Any
from uuid import UUID, uuid4

from django.http import HttpRequest, HttpResponse, JsonResponse, QueryDict
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from organs.models import KeptForm, SentForm, User
from organs.permissions import SignedInRequest

#: The field of a form that holds its token.
TOKEN = "form_token"
#: Of an address and of all texts of a form together so many characters are kept.
LONGEST_ADDRESS, MOST_TYPED = 300, 200_000


def form_token(sent: QueryDict) -> UUID | None:
    """The token of the form that was sent; None for a form without one."""
    try:
        return UUID(sent.get(TOKEN, ""))
    except ValueError:
        return None


def marked(request: HttpRequest, address: str = "") -> dict[str, Any]:
    """For a template: the token of the form that is shown, and the address under which what is typed is kept."""
    return {"form_token": form_token(request.POST) or uuid4(), "kept_at": address or request.path}


def stored(request: HttpRequest, user: User, *addresses: str) -> bool:
    """Say in the transaction that stores a form that it is stored; False if that has been done before.

    What was kept of it under these addresses (else under that of the page) is forgotten; what was kept of another one
    at the same address, and never restored, is not.
    """
    if (token := form_token(request.POST)) is None:
        return True
    for address in addresses or (request.path,):
        KeptForm.objects.filter(token=token).forget(user, address)
    return SentForm.objects.first_time(user, token)


def was_stored(request: HttpRequest, user: User) -> bool:
    """Whether the form that was sent has been stored before."""
    token = form_token(request.POST)
    return token is not None and SentForm.objects.filter(user=user, token=token).exists()


@require_http_methods(["GET", "POST"])
def kept(request: SignedInRequest) -> HttpResponse:
    """For the script of forms: what is kept at an address (GET); keep it, or discard it (POST)."""
    user, sent = request.user, request.POST if request.method == "POST" else request.GET
    address, fields = sent.get("address", ""), sent.get("fields", "")
    if not address.startswith("/") or len(address) > LONGEST_ADDRESS or len(fields) > MOST_TYPED:
        return JsonResponse({})
    if request.method != "POST":
        row = KeptForm.objects.offered(user, address, form_token(sent))
    elif "discard" in request.POST:
        KeptForm.objects.forget(user, address)
        row = None
    else:
        row = KeptForm.objects.keep(user, address, fields, form_token(request.POST))
    if row is None:
        return JsonResponse({})
    at = timezone.localtime(row.at)
    day = "" if at.date() == timezone.localdate() else f"{at.month}月{at.day}日"
    told = {"at": f"{day}{at:%H:%M}"}
    return JsonResponse(told if request.method == "POST" else {**told, "fields": row.fields})
