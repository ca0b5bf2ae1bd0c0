"""Plain pages for accounts: who has which right where, new accounts one by one or from a sheet, and what becomes of them."""

from collections.abc import Callable
from functools import wraps
from typing import Any
from uuid import uuid4

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.paginator import Paginator
from django.db import IntegrityError, transaction
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from organs import accounts
from organs.account_forms import AccountForm, MoveForm, full_names
from organs.account_rows import AccountFilter, row_of, sheet_of
from organs.account_sheet import MOST_ROWS, Preview, make_all, preview, text_of
from organs.accounts import FirstPassword
from organs.audit import home_of, record
from organs.exports import spreadsheet
from organs.forms import PERSONAL_NUMBER, has_personal_number
from organs.keeping import stored, was_stored
from organs.models import AuditVerb, Membership, Organ, User
from organs.permissions import Right, SignedInRequest, scope
from organs.pinyin import initials
from organs.signin import locks, unlock

ON_A_PAGE = 50
TWICE = "刚才那一次已经建好了，没有重复建立。一次性密码没有抄下的，在“账号”里打开那个账号，点“重设密码”。"
TAKEN_MEANWHILE = "这一次没有建立：刚才有人建了同样的账号。填写的都还在，请核对后再建。"
View = Callable[..., HttpResponse]


def stewards_only(view: View) -> View:
    """A page for those who administer some organ; 403 for everybody else."""

    @wraps(view)
    def guarded(request: SignedInRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if not scope(request.user, Right.ADMINISTER):
            raise PermissionDenied
        return view(request, *args, **kwargs)

    return guarded


def about_account(view: View) -> View:
    """A page about an account that the user sees (else 404), for stewards (else 403); it gets the account."""

    @wraps(view)
    def guarded(request: SignedInRequest, pk: int, **kwargs: Any) -> HttpResponse:
        user = get_object_or_404(User.objects.visible_to(request.user), pk=pk)
        if not scope(request.user, Right.ADMINISTER):
            raise PermissionDenied
        return view(request, user, **kwargs)

    return guarded


def managed(view: View) -> View:
    """As `about_account`, and 403 for one's own account and those with a role elsewhere."""

    @wraps(view)
    def guarded(request: SignedInRequest, user: User, **kwargs: Any) -> HttpResponse:
        if user == request.user or not accounts.may_manage(request.user, user):
            raise PermissionDenied
        return view(request, user, **kwargs)

    return about_account(guarded)


def organs_of(user: User) -> list[Organ]:
    """The organs that the user administers, in official order."""
    return list(Organ.objects.filter(scope(user, Right.ADMINISTER).q("path")))


def offered(organs: list[Organ]) -> list[tuple[str, str]]:
    """What the box for an organ offers: the full name, and what else finds it."""
    names = full_names(organs)
    return [
        (
            names[o.pk],
            " ".join(dict.fromkeys(filter(None, (o.short_name, initials(o.name), initials(o.short_name))))),
        )
        for o in organs
    ]


@require_safe
@stewards_only
def account_list(request: SignedInRequest) -> HttpResponse:
    """Who has which right where, as filtered; the same rows as a file by `export=rights`, which leaves an event."""
    organs = organs_of(request.user)
    found = AccountFilter(request.GET, by=request.user, organs=organs)
    rows = found.rows()
    if "export" in request.GET:
        sheet = sheet_of(rows)
        if request.GET["export"] != sheet.name:
            raise Http404
        said = f"{sheet.title}（{found.in_words()}，{len(rows)}行）"
        record(AuditVerb.EXPORT, None, by=request.user, organ=home_of(request.user), note=said)
        today = timezone.localdate()
        return spreadsheet(
            sheet, f"{found.in_words()} · 截至{today:%Y-%m-%d}{sheet.basis}", sheet.title, today
        )
    asked = request.GET.copy()
    asked.pop("page", None)
    pages = Paginator(rows, ON_A_PAGE).get_page(request.GET.get("page"))
    context = {"form": found.form, "pages": pages, "query": asked.urlencode(), "total": len(rows)}
    return render(request, "organs/accounts.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@stewards_only
def account_new(request: SignedInRequest) -> HttpResponse:
    """One new account; its password is shown in the answer and nowhere else."""
    organs = organs_of(request.user)
    form = AccountForm(request.POST or None, by=request.user, organs=organs)
    if was_stored(request, request.user):
        messages.warning(request, TWICE)
    elif request.method == "POST" and form.is_valid():
        try:
            with transaction.atomic():
                first = stored(request, request.user)
                made = [accounts.create(form.made, form.post, by=request.user)] if first else []
        except (ValidationError, IntegrityError):
            form.add_error(None, TAKEN_MEANWHILE)
        else:
            if made:
                point_out(request, form)
                return handed_out(request, made)
            messages.warning(request, TWICE)
    context = {"form": form, "organs": offered(organs), "form_token": uuid4()}
    return render(request, "organs/account_new.html", context)


def point_out(request: SignedInRequest, form: AccountForm) -> None:
    """Say in which boxes a personal number seems to stand."""
    typed = [
        str(form.fields[name].label)
        for name in ("name", "username", "job")
        if has_personal_number(form.cleaned_data[name])
    ]
    if typed:
        messages.warning(request, PERSONAL_NUMBER.format("、".join(typed)))


def handed_out(request: SignedInRequest, made: list[FirstPassword], *, reset: bool = False) -> HttpResponse:
    """The one page that shows first passwords; it is never stored, so nobody comes back to it."""
    return render(request, "organs/account_passwords.html", {"made": made, "reset": reset})


@require_http_methods(["GET", "HEAD", "POST"])
@stewards_only
def account_sheet(request: SignedInRequest) -> HttpResponse:
    """Several at once: what was pasted or uploaded is shown row by row, then what was shown is made as a whole."""
    context: dict[str, Any] = {
        "most": MOST_ROWS,
        "text": request.POST.get("text", ""),
        "form_token": uuid4(),
    }
    if request.method == "POST":
        try:
            if uploaded := request.FILES.get("file"):
                context["text"] = text_of(uploaded)
            if "make" in request.POST and was_stored(request, request.user):
                raise ValidationError(TWICE)
            found = preview(context["text"], by=request.user, organs=organs_of(request.user))
            if "make" in request.POST and not found.refused:
                if request.POST.get("shown") == found.mark:
                    return _made(request, found)
                context["changed"] = True
            context["found"] = found
        except ValidationError as error:
            context["error"] = " ".join(error.messages)
    return render(request, "organs/account_sheet.html", context)


def _made(request: SignedInRequest, found: Preview) -> HttpResponse:
    """The passwords of the accounts that were shown; raises ValidationError, and then nothing is made."""
    try:
        with transaction.atomic():
            made = make_all(found, by=request.user) if stored(request, request.user) else []
    except (ValidationError, IntegrityError) as error:
        raise ValidationError(TAKEN_MEANWHILE) from error
    if not made:
        raise ValidationError(TWICE)
    for form in found.forms:
        point_out(request, form)
    return handed_out(request, made)


@require_safe
@about_account
def account(request: SignedInRequest, user: User) -> HttpResponse:
    """One account: its roles, and what can be done with it."""
    manages = user != request.user and accounts.may_manage(request.user, user)
    held = user.memberships.select_related("user", "organ")
    if not manages:
        held = held.filter(scope(request.user, Right.ADMINISTER).q("organ__path"))
    today = timezone.localdate()
    context = {
        "account": user,
        "rows": [row_of(row, today) for row in held],
        "manages": manages,
        "own": user == request.user,
        "locks": locks(user.username) if manages else [],
        "pending": accounts.pending(user, by=request.user) if manages else [],
    }
    return render(request, "organs/account.html", context)


@require_POST
@managed
def account_reset(request: SignedInRequest, user: User) -> HttpResponse:
    """A new first password, shown in the answer."""
    return handed_out(request, [accounts.reset_password(user, by=request.user)], reset=True)


@require_POST
@managed
def account_unlock(request: SignedInRequest, user: User) -> HttpResponse:
    """End the lock that wrong passwords have brought."""
    if unlock(user, by=request.user):
        messages.success(request, f"已解除“{user}”的登录锁定。")
    else:
        messages.warning(request, f"“{user}”没有被锁定。")
    return redirect("account", user.pk)


@require_http_methods(["GET", "HEAD", "POST"])
@managed
def account_switch(request: SignedInRequest, user: User) -> HttpResponse:
    """Disable or enable; before that, what is still open."""
    if request.method == "POST":
        active = request.POST.get("active") == "1"
        accounts.switch(user, active, by=request.user)
        messages.success(request, f"已{'启用' if active else '停用'}“{user}”的账号。")
        return redirect("account", user.pk)
    return render(
        request,
        "organs/account_switch.html",
        {"account": user, "pending": accounts.pending(user, by=request.user)},
    )


@require_http_methods(["GET", "HEAD", "POST"])
@managed
def account_post(request: SignedInRequest, user: User, held_pk: int | None = None) -> HttpResponse:
    """Another role from a day on; in place of the one that the address names (调岗), or beside those there are."""
    old = get_object_or_404(Membership, pk=held_pk, user=user) if held_pk else None
    organs = organs_of(request.user)
    start = {"role": old.role, "with_below": old.with_below} if old else None
    form = MoveForm(request.POST or None, initial=start, by=request.user, organs=organs, user=user)
    if request.method == "POST" and form.is_valid():
        day = form.cleaned_data["first_day"]
        try:
            if old:
                accounts.move(old, form.post, first_day=day, by=request.user)
            else:
                accounts.give_role(user, form.post, first_day=day, by=request.user)
        except ValidationError as error:
            form.add_error(None, error)
        else:
            messages.success(
                request, f"“{user}”从{day:%Y-%m-%d}起任{form.post.organ.label}的{form.post.label}。"
            )
            return redirect("account", user.pk)
    context = {"form": form, "account": user, "old": old, "organs": offered(organs)}
    return render(
        request, "organs/account_post.html", {**context, "pending": accounts.pending(user, by=request.user)}
    )
