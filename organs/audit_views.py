"""The auditor's pages: the trail with its filters, one event, and what was filtered as a CSV file."""

import csv
import unicodedata
from collections.abc import Callable, Iterator
from datetime import date, datetime, time
from functools import wraps
from typing import Any

import django_filters
from django import forms
from django.core.exceptions import PermissionDenied
from django.db.models import Q
from django.http import HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import content_disposition_header
from django.views.decorators.http import require_safe

from organs import trail
from organs.audit import home_of, record
from organs.forms import DayField, row_number
from organs.models import AuditEvent, AuditEventQuerySet, AuditVerb, Organ, User
from organs.permissions import Right, SignedInRequest, scope

#: As many lines as a spreadsheet opens in a moment and a worker writes well before it is stopped.
MOST_LINES = 50_000
HEADINGS = (
    *(
        "时间",
        "人员",
        "当时角色",
        "单位",
        "来源地址",
        "动作",
        "对象类别",
        "对象编号",
        "对象",
        "原内容",
        "新内容",
    ),
    *("说明", "链上序号", "校验值"),
)


class _DayFilter(django_filters.Filter):
    field_class = DayField

    def __init__(self, **kwargs: Any) -> None:
        # a line of text: a browser's box for days speaks the browser's language
        super().__init__(widget=forms.DateInput({"placeholder": "如 2024-06-30"}), **kwargs)


class TrailFilter(django_filters.FilterSet):
    """Person, organ, verb, days; `target` names one row, as the links of the pages do."""

    person = django_filters.CharFilter(label="人员（姓名或用户名）", method="by_person", max_length=150)
    organ = django_filters.ChoiceFilter(label="单位（含下级）", method="below", empty_label="全部")
    verb = django_filters.ChoiceFilter(label="动作", choices=AuditVerb.choices, empty_label="全部")
    since = _DayFilter(label="起始日", method="from_day")
    until = _DayFilter(label="截止日（含）", method="to_day")
    target = django_filters.CharFilter(method="about", widget=forms.HiddenInput)

    class Meta:
        model = AuditEvent
        fields = ("person", "organ", "verb", "since", "until", "target")

    def __init__(self, *args: Any, by: User, **kwargs: Any) -> None:
        super().__init__(*args, queryset=AuditEvent.objects.visible_to(by), **kwargs)
        self.organs = {str(o.pk): o for o in Organ.objects.filter(scope(by, Right.AUDIT).q("path"))}
        self.filters["organ"].extra["choices"] = [
            (pk, "　" * (organ.depth - 1) + organ.name) for pk, organ in self.organs.items()
        ]

    def by_person(self, events: AuditEventQuerySet, name: str, typed: str) -> AuditEventQuerySet:
        """What the person did, and what was done with their account (a failed sign-in has no doer)."""
        people = User.objects.filter(Q(name__icontains=typed) | Q(username__icontains=typed)).values("pk")
        account = Q(target_type=User._meta.label_lower, target_id__in=people)
        return events.filter(Q(user_id__in=people) | account)

    def below(self, events: AuditEventQuerySet, name: str, pk: str) -> AuditEventQuerySet:
        """Events of the organ and all below it."""
        path = self.organs[pk].path
        return events.filter(organ_id__in=[o.pk for o in self.organs.values() if o.path.startswith(path)])

    def from_day(self, events: AuditEventQuerySet, name: str, day: date) -> AuditEventQuerySet:
        """From the beginning of the day in Asia/Shanghai."""
        return events.filter(at__gte=_moment(day, time.min))

    def to_day(self, events: AuditEventQuerySet, name: str, day: date) -> AuditEventQuerySet:
        """To the end of the day in Asia/Shanghai."""
        return events.filter(at__lte=_moment(day, time.max))

    def about(self, events: AuditEventQuerySet, name: str, target: str) -> AuditEventQuerySet:
        """Events of one row, named as organs.user-12; nothing for anything else."""
        kind, _, number = target.rpartition("-")
        pk = row_number(number)
        return events.filter(target_type=kind, target_id=pk) if pk else events.none()

    def in_words(self) -> str:
        """What was asked for, for the event that an export leaves."""
        asked = [(self.form.fields[name].label, name) for name in self.form.changed_data]
        return "；".join(f"{label or '对象'}：{self.data.get(name)}" for label, name in asked) or "全部"


def _moment(day: date, at: time) -> datetime:
    return timezone.make_aware(datetime.combine(day, at))


def auditors_only(view: Callable[..., HttpResponseBase]) -> Callable[..., HttpResponseBase]:
    """A page for those who audit some organ; 403 for everybody else."""

    @wraps(view)
    def guarded(request: SignedInRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if not scope(request.user, Right.AUDIT):
            raise PermissionDenied
        return view(request, *args, **kwargs)

    return guarded


@require_safe
@auditors_only
def audit(request: SignedInRequest) -> HttpResponse:
    """The trail, the latest first, as filtered."""
    found = TrailFilter(request.GET, by=request.user)
    events = found.qs if found.form.is_valid() else found.qs.none()
    page = trail.page(events, row_number(request.GET.get("before")))
    asked = request.GET.copy()
    asked.pop("before", None)
    kept = asked.urlencode()
    if page.older:
        asked["before"] = str(page.older)
    context = {"page": page, "form": found.form, "kept": kept, "older": asked.urlencode()}
    return render(request, "organs/audit.html", {**context, "first": "before" not in request.GET})


@require_safe
@auditors_only
def audit_event(request: SignedInRequest, pk: int) -> HttpResponse:
    """One event: everything it says, what changed marked, and its place in the chain."""
    event = get_object_or_404(AuditEvent.objects.visible_to(request.user), pk=pk)
    (entry,) = trail.entries_of([event])
    context = {"entry": entry, "link": trail.place_in_chain(event), "kept": request.GET.urlencode()}
    return render(request, "organs/audit_event.html", context)


@require_safe
@auditors_only
def audit_export(request: SignedInRequest) -> HttpResponseBase:
    """What is filtered as CSV; leaves an event. Too much at once is refused with a sentence."""
    found = TrailFilter(request.GET, by=request.user)
    if not found.form.is_valid():
        return redirect(f"{reverse('audit')}?{request.GET.urlencode()}")
    events = found.qs.select_related("link").order_by("at", "pk")
    if events[MOST_LINES : MOST_LINES + 1].exists():
        context = {"most": MOST_LINES, "kept": request.GET.urlencode()}
        return render(request, "organs/audit_too_much.html", context, status=400)
    organ = found.organs.get(request.GET.get("organ", "")) or home_of(request.user)
    said = f"审计记录（{found.in_words()}）"
    event = record(AuditVerb.EXPORT, None, by=request.user, organ=organ, note=said)
    name = f"审计记录{timezone.localtime():%Y%m%d%H%M}.csv"
    return StreamingHttpResponse(
        _lines(events.exclude(pk=event.pk)),
        content_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": content_disposition_header(True, name) or ""},
    )


class _Echo:
    """A file that hands back what is written to it."""

    def write(self, line: str) -> str:
        return line


def _lines(events: AuditEventQuerySet) -> Iterator[str]:
    writer, kinds = csv.writer(_Echo()), trail.kinds_of_targets()
    yield "\ufeff" + str(writer.writerow(HEADINGS))  # without the mark Excel takes the file for GBK
    for event in events.iterator(chunk_size=1000):
        link = getattr(event, "link", None)
        cells = (
            f"{timezone.localtime(event.at):%Y-%m-%d %H:%M:%S}",
            *(event.user_name, event.roles, event.organ_name, event.address, event.get_verb_display()),
            *(kinds.get(event.target_type, ""), event.target_id or "", event.target_name),
            *(event.before, event.after, event.note),
            *((link.number or "", link.hash) if link else ("", "")),
        )
        yield str(writer.writerow([harmless(str(cell)) for cell in cells]))


def harmless(cell: str) -> str:
    """A cell that no spreadsheet takes for a formula, not even one that reads full-width signs."""
    first = unicodedata.normalize("NFKC", cell[:1])
    return f"'{cell}" if first and first in "=+-@\t\r\n" else cell
