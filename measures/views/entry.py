"""Fast entry of held activities: several in one grid."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.views.decorators.http import require_http_methods

from measures.entering import TWICE, Outcome, Sent, store
from measures.forms.entry import ActivityRow, entry_form
from measures.models import Activity
from measures.rollups.entry import Given, action_choices, given_first, last_months
from organs.forms import row_number
from organs.keeping import marked, was_stored
from organs.permissions import Right, SignedInRequest, scope

FEW, MORE, MOST = 3, 3, 30
FIELDS = ("action", "day", "title", "place", "attended")


@require_http_methods(["GET", "HEAD", "POST"])
def activities(request: SignedInRequest) -> HttpResponse:
    """Rows to type activities into; a POST stores them all or none, and may submit them, add rows, or copy a month's."""
    if not scope(request.user, Right.ENTER):
        raise PermissionDenied
    if request.method != "POST":
        first = given_first(request.user, row_number(request.GET.get("action")))
        number = min(max(row_number(request.GET.get("rows")) or FEW, FEW), MOST)
        return _page(request, _begun(first, number), checked=False)
    if "more" in request.POST or "copy" in request.POST:
        return _page(request, _grown(request), checked=False)
    rows = _rows(request, request.POST)
    filled = [row for row in rows if row.has_changed()]
    right = [row.is_valid() for row in filled]
    # asked only now: what has been stored meanwhile is this form, and no other one that says the same
    if was_stored(request, request.user):
        _tell(request, Outcome.TWICE, filled, submit=False)
        return redirect("entry_activities")
    if not filled:
        messages.warning(request, "还没有填：每行至少填日期和活动名称。")
    elif all(right):
        submit = "submit" in request.POST
        outcome = store(request, [Sent(row) for row in filled], submit=submit)
        if outcome is not Outcome.REFUSED:
            _tell(request, outcome, filled, submit=submit)
            return redirect("entry_activities")
    return _page(request, request.POST, checked=True, rows=rows)


def _tell(request: SignedInRequest, outcome: Outcome, rows: list[ActivityRow], *, submit: bool) -> None:
    if outcome is Outcome.TWICE:
        messages.warning(request, TWICE)
        return
    done = "登记并报审" if submit else "存为草稿"
    last: Activity = rows[-1].instance
    photos = f"{reverse('entry_photos')}?proves=activity-{last.pk}"
    said = format_html('已{}{}次活动。<a href="{}">给“{}”传照片</a>', done, len(rows), photos, last.title)
    messages.success(request, said)


def _begun(first: Given, number: int) -> QueryDict:
    """Rows as nobody has typed in them yet."""
    data = QueryDict(mutable=True)
    for place in range(number):
        _give(data, place, first if place == 0 else Given(first.action, "", first.place))
    data["rows"] = str(number)
    return data


def _give(data: QueryDict, place: int, given: Given) -> None:
    told: dict[str, Any] = {"action": given.action, "title": given.title, "place": given.place}
    for name, value in told.items():
        data[f"r{place}-{name}"] = data[f"r{place}-given_{name}"] = "" if value is None else str(value)


def _number(data: QueryDict) -> int:
    return min(max(row_number(data.get("rows")) or FEW, 1), MOST)


def _grown(request: SignedInRequest) -> QueryDict:
    """What was typed, with further rows: empty ones, or last month's activities with an empty day."""
    data, number = request.POST.copy(), _number(request.POST)
    action = row_number(data.get("r0-action"))
    if "more" in data:
        for place in range(number, min(number + MORE, MOST)):
            _give(data, place, Given(action, "", data.get(f"r{number - 1}-place", "")))
        data["rows"] = str(min(number + MORE, MOST))
        return data
    free = [place for place, row in enumerate(_rows(request, data)) if not row.has_changed()]
    places = [*free, *range(number, MOST)]
    month, found = last_months(request.user, action, timezone.localdate(), len(places))
    for place, given in zip(places, found, strict=False):
        _give(data, place, given)
        number = max(number, place + 1)
    data["rows"] = str(number)
    if found:
        messages.success(request, f"照{month}的活动列了{len(found)}行，填上日期就行；没动过的行不登记。")
    else:
        messages.warning(request, "以前的月份还没有登记过活动，没有可照的。")
    return data


def _rows(request: SignedInRequest, data: QueryDict) -> list[ActivityRow]:
    form, actions = entry_form(ActivityRow, request.user, *FIELDS), action_choices(request.user)
    return [form(data, prefix=f"r{place}", actions=actions) for place in range(_number(data))]


def _page(
    request: SignedInRequest, data: QueryDict, *, checked: bool, rows: list[ActivityRow] | None = None
) -> HttpResponse:
    rows = rows or _rows(request, data)
    first = rows[0]
    if not checked:  # where the first thing to be typed stands
        first.fields["day" if first["action"].value() else "action"].widget.attrs["autofocus"] = True
    wrong = sum(bool(row.errors) for row in rows) if checked else 0
    context = {
        "rows": [(place, row, checked and row.has_changed()) for place, row in enumerate(rows, 1)],
        "number": len(rows),
        "wrong": wrong,
        "may_grow": len(rows) < MOST,
        "has_actions": len(first.fields["action"].widget.choices) > 1,
        **marked(request),
    }
    return render(request, "measures/entry_activities.html", context)
