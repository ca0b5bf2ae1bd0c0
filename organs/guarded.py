"""Base classes of the entry pages: each write goes through a door, what the door refuses comes back into the form."""

import re
from collections.abc import Iterable, Sequence
from typing import Any, ClassVar, cast

from django.contrib import admin, messages
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.contrib.admin.utils import unquote
from django.core.exceptions import BadRequest, ObjectDoesNotExist, PermissionDenied, ValidationError
from django.db import IntegrityError, models, transaction
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.forms import BaseInlineFormSet, ModelForm
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse

from organs import trail
from organs.admin_site import me
from organs.forms import PERSONAL_NUMBER, GuardedForm, row_number
from organs.models import AuditEvent, User
from organs.pinyin import is_letters, sounds_like
from organs.scoped import FIELDS, Scoped
from organs.unseen import Outdated, token

#: Parts of a day in an address, as far as the calendar of the lists reaches.
DAY_PARTS = {"year": "(?:19|20|21)[0-9]{2}", "month": "[0-9]{1,2}", "day": "[0-9]{1,2}"}
AT_THE_SAME_TIME = "刚才有人存了同样的内容，请核对后再保存。"


def in_use(row: models.Model) -> bool:
    """Whether something that protects the row hangs on it, so that no door would delete it."""
    used = Q(pk__in=[])
    for link in row._meta.get_fields():
        if isinstance(link, models.ManyToOneRel) and link.on_delete is models.PROTECT:
            hanging = link.related_model._base_manager.filter(**{link.field.name: OuterRef("pk")})
            used |= Q(Exists(hanging))
    return type(row)._base_manager.filter(used, pk=row.pk).exists()


class NamedFormSet(BaseInlineFormSet):
    """Rows of a table whose fields are named by their column for those who hear the page."""

    def add_fields(self, form: ModelForm, index: int | None) -> None:
        """The fields of a row, each with its name."""
        super().add_fields(form, index)
        for field in form.fields.values():
            for widget in (field.widget, getattr(field.widget, "widget", None)):
                if widget and field.label:
                    widget.attrs.setdefault("aria-label", str(field.label))


class GuardedInline(Scoped, admin.TabularInline):
    """Rows within the page of their parent."""

    form = GuardedForm
    formset = NamedFormSet
    template = "admin/tabular.html"
    formfield_overrides = FIELDS
    extra = 0

    def get_formset(self, request: HttpRequest, obj: Any = None, **kwargs: Any) -> type[BaseInlineFormSet]:
        """The rows' forms, told who fills them in."""
        formset = super().get_formset(request, obj, **kwargs)
        form = cast(type[GuardedForm], formset.form)
        form.by, form.refusal, form.alone = me(request), None, False
        return formset


class GuardedAdmin(Scoped, admin.ModelAdmin):
    """A list and a form over one model."""

    form = GuardedForm
    change_form_template = "admin/form.html"
    change_list_template = "admin/list.html"
    formfield_overrides = FIELDS
    list_per_page = 50
    show_full_result_count = False
    view_on_site = False
    save_on_top = False
    #: Columns of names that are found by their sound, too.
    sounding: ClassVar[tuple[str, ...]] = ()
    #: Place in the menu.
    menu_place: ClassVar[int] = 99

    def has_module_permission(self, request: HttpRequest) -> bool:
        """Whether the menu shows it."""
        return self.may_see_any(me(request))

    def lookup_allowed(self, lookup: str, value: str, request: HttpRequest | None = None) -> bool:
        """Lists are narrowed down by their own filters and by days, never by what else an address may ask."""
        hierarchy, _, part = lookup.rpartition("__")
        if hierarchy and hierarchy == self.date_hierarchy:
            return bool(re.fullmatch(DAY_PARTS.get(part, "x^"), value, re.ASCII))
        return lookup in {getattr(f, "parameter_name", "") for f in self.list_filter}

    def get_object(self, request: HttpRequest, object_id: str, from_field: str | None = None) -> Any:
        """The row; PermissionDenied for one that the user only sees elsewhere, Http404 for any other."""
        if (row := super().get_object(request, object_id, from_field or None)) is not None:
            return row
        rows = self.model._default_manager
        if (
            hasattr(rows, "visible_to")
            and rows.visible_to(me(request)).filter(pk=row_number(object_id)).exists()
        ):
            raise PermissionDenied
        raise Http404

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, Any]:
        """What the address fills in, where it can be the number of a row."""
        rows = {f.name for f in self.opts.get_fields() if f.is_relation}
        given = super().get_changeform_initial_data(request)
        return {
            name: v
            for name, v in given.items()
            if name not in rows or all(row_number(n) for n in (v if isinstance(v, list) else [v]))
        }

    def render_change_form(
        self, request: HttpRequest, context: Any, *args: Any, **kwargs: Any
    ) -> HttpResponse:
        """The form, with the way to the history for those who may read it."""
        row = kwargs.get("obj")
        context["sees_history"] = row is not None and self.may_see_history(me(request), row)
        if row is not None and "seen" not in context:
            form = context["adminform"].form
            told = "" if form.outdated else request.POST.get("seen", "")
            sent = request.method == "POST"  # the form has then written into the row what was typed
            stored = self.model._default_manager.get(pk=row.pk) if sent else row
            context["seen"] = told or self._token(request, stored, form)
        return super().render_change_form(request, context, *args, **kwargs)

    def get_form(
        self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any
    ) -> type[ModelForm]:
        """The form, told who fills it in and what the door refused."""
        form = cast(type[GuardedForm], super().get_form(request, obj, change=change, **kwargs))
        form.by, form.refusal = me(request), getattr(request, "refusal", None)
        form.outdated = isinstance(form.refusal, Outdated)
        return form

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        """The form; a row that is gone meanwhile is not there."""
        try:
            return super().change_view(request, object_id, form_url, extra_context)
        except ObjectDoesNotExist as error:
            raise Http404 from error

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: Any = None,
    ) -> HttpResponse:
        """The form; what the door refuses while it is stored is shown in the form as it was typed."""
        if "_saveasnew" in request.POST:  # Django would store a copy; no button here says so
            raise BadRequest
        told = cast(Any, messages.get_messages(request))._queued_messages
        before = len(told)
        try:
            with transaction.atomic():
                return super().changeform_view(request, object_id, form_url, extra_context)
        except ValidationError as error:
            cast(Any, request).refusal = error
        except IntegrityError:
            cast(Any, request).refusal = ValidationError(AT_THE_SAME_TIME)
        del told[before:]  # what was said of what is not stored after all
        return super().changeform_view(request, object_id, form_url, extra_context)

    def save_model(self, request: HttpRequest, obj: Any, form: GuardedForm, change: bool) -> None:
        """Through the door."""
        if change:
            self.refuse_unseen(request, obj, form)
        if not change:
            self.door.create(obj, by=me(request), links=form.links())
        elif form.has_changed():
            self.store_change(request, obj, form.links())
        self.point_out(request, form.personal_numbers())

    def refuse_unseen(self, request: HttpRequest, row: Any, form: GuardedForm) -> None:
        """Raise Outdated if what the page showed is no longer what is stored; the row stays as it is until the end."""
        stored = self.model._default_manager.select_for_update(of=("self",)).get(pk=row.pk)
        if (shown := request.POST.get("seen")) and shown != self._token(request, stored, form):
            raise Outdated

    def _token(self, request: HttpRequest, row: Any, form: GuardedForm) -> str:
        inlines = [inline.model for inline in self.get_inline_instances(request, row)]
        return token(row, form.fields, inlines)

    def point_out(self, request: HttpRequest, boxes: Iterable[str]) -> None:
        """Say in which boxes a personal number seems to stand."""
        if named := "、".join(dict.fromkeys(boxes)):
            self.message_user(request, PERSONAL_NUMBER.format(named), messages.WARNING)

    def store_change(self, request: HttpRequest, row: Any, links: dict[str, Any]) -> None:
        """Through the door."""
        self.door.change(row, by=me(request), links=links)

    def save_related(self, request: HttpRequest, form: Any, formsets: Sequence[Any], change: bool) -> None:
        """Links have gone through the door with their row; inlines go now."""
        for formset in formsets:
            self.save_formset(request, form, formset, change)

    def save_formset(self, request: HttpRequest, form: Any, formset: BaseInlineFormSet, change: bool) -> None:
        """Each row through the door; ValidationError names the row."""
        formset.save(commit=False)
        typed = [f for f in formset.forms if f.has_changed() and f not in formset.deleted_forms]
        self.point_out(request, [label for f in typed for label in cast(GuardedForm, f).personal_numbers()])
        deeds = [(self.door.delete, row) for row in formset.deleted_objects]
        deeds += [(self.door.change, row) for row, _ in formset.changed_objects]
        deeds += [(self.door.create, row) for row in formset.new_objects]
        for deed, row in deeds:
            try:
                deed(row, by=me(request))
            except ValidationError as error:
                raise ValidationError(f"{row}：{' '.join(error.messages)}") from error

    def delete_view(self, request: HttpRequest, object_id: str, extra_context: Any = None) -> HttpResponse:
        """Asks, then deletes through the door; what the door refuses becomes a message."""
        try:
            with transaction.atomic():
                return super().delete_view(request, object_id, extra_context)
        except ValidationError as error:
            self.message_user(request, " ".join(error.messages), messages.ERROR)
        return HttpResponseRedirect(request.path.removesuffix("delete/") + "change/")

    def delete_model(self, request: HttpRequest, obj: Any) -> None:
        """Through the door."""
        self.door.delete(obj, by=me(request))

    def get_deleted_objects(
        self, objs: Any, request: HttpRequest
    ) -> tuple[list[Any], dict[str, int], set[str], list[str]]:
        """What is asked about; the door says if something still hangs on it."""
        return [str(row) for row in objs], {}, set(), []

    def get_list_display(self, request: HttpRequest) -> list[Any]:
        """Columns; those to tick are said in words."""
        return [self._spoken(name) for name in super().get_list_display(request)]

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        """The list under its own name."""
        if not all(row_number(chosen) for chosen in request.POST.getlist(ACTION_CHECKBOX_NAME)):
            raise BadRequest
        context = {"title": str(self.opts.verbose_name_plural), "kept_params": self._kept(request)}
        return super().changelist_view(request, context | (extra_context or {}))

    def _kept(self, request: HttpRequest) -> list[tuple[str, Any]]:
        """What the address says besides words and filters (order, days): the filter form carries it on."""
        own = {"q", "p", "e", *(getattr(f, "parameter_name", "") for f in self.get_list_filter(request))}
        return [(name, value) for name, value in request.GET.items() if name not in own]

    def may_see_history(self, user: User, row: models.Model) -> bool:
        """Whether the user may read everything that ever stood in the row."""
        return self.may_write(user, row)

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet, search_term: str
    ) -> tuple[QuerySet, bool]:
        """Rows that have the words, and those whose name sounds as the letters typed (wjj)."""
        found, double = super().get_search_results(request, queryset, search_term)
        if not (self.sounding and is_letters(word := search_term.strip())):
            return found, double
        names = queryset.order_by().values_list("pk", *self.sounding)
        heard = [pk for pk, *named in names if sounds_like(word, *named)]
        return queryset.filter(Q(pk__in=found.order_by().values("pk")) | Q(pk__in=heard)), False

    def history_view(self, request: HttpRequest, object_id: str, extra_context: Any = None) -> HttpResponse:
        """What happened to the row, from the audit trail."""
        if (row := self.get_object(request, unquote(object_id))) is None:
            raise Http404
        if not self.may_see_history(me(request), row):
            raise PermissionDenied
        page = trail.page(AuditEvent.objects.about(row).writes(), row_number(request.GET.get("before")))
        context = {"title": f"改动记录：{row}", "opts": self.opts, "object": row, "page": page}
        return answer(request, "admin/history.html", context, self.admin_site)

    def log_addition(self, request: HttpRequest, obj: Any, message: Any) -> Any:
        """The audit trail has it."""

    def log_change(self, request: HttpRequest, obj: Any, message: Any) -> Any:
        """The audit trail has it."""

    def log_deletions(self, request: HttpRequest, queryset: Any) -> Any:
        """The audit trail has it."""


class ReadOnlyAdmin(GuardedAdmin):
    """A list that only tells."""

    def may_write(self, user: User, row: models.Model | None = None) -> bool:
        """Nobody writes here."""
        return False


def answer(
    request: HttpRequest, template: str, context: dict[str, Any], site: admin.AdminSite
) -> TemplateResponse:
    """A page of our own within the admin."""
    return TemplateResponse(request, template, {**site.each_context(request), **context})
