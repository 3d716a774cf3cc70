"""The base of all ModelAdmins: roles decide, actions write, the audit trail records.

Nothing here deletes in bulk, and nothing writes `django_admin_log`: the audit trail is the only
record of who did what.
"""

from typing import Any, ClassVar, NoReturn
from urllib.parse import urlencode

from django import forms
from django.contrib import admin, messages
from django.contrib.admin.options import IS_POPUP_VAR
from django.contrib.admin.views.main import SEARCH_VAR
from django.contrib.admin.widgets import RelatedFieldWidgetWrapper
from django.core.exceptions import BadRequest, PermissionDenied
from django.core.paginator import Page, Paginator
from django.db import models
from django.db.models import QuerySet
from django.forms.models import ModelChoiceField
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.admin_forms import SEEN, KeyChoiceField, KeyLookup, PortalModelForm
from accounts.enums import ActorChannel, Role
from accounts.origin import Actor
from accounts.records import RecordError, delete_record, mask_phone, save_record
from accounts.roles import holds_any
from config.lib.append_only import AppendOnlyModel
from config.lib.period_forms import (
    DayField,
    DayInput,
    MomentInput,
    PeriodFormField,
    describe_period,
)
from config.lib.periods import PeriodField, local_date, today
from config.lib.resident_ids import holds_resident_id
from config.lib.versions import VersionedModel

NOBODY: frozenset[Role] = frozenset()
# The name of the search words among the filters of an export.
SEARCHED = "words"


class KeysFirstPaginator(Paginator):
    """Finds the keys of a page in the index alone, then fetches those rows.

    So the last page of a large table scans the index instead of the joined rows.
    """

    def page(self, number: int | str) -> Page:
        page = super().page(number)
        rows: Any = page.object_list
        whole: Any = self.object_list
        keys = list(rows.select_related(None).values_list("pk", flat=True))
        page.object_list = whole.filter(pk__in=keys)
        return page


IN_FORCE = {
    "now": gettext_lazy("today"),
    "past": gettext_lazy("no longer"),
    "future": gettext_lazy("not yet"),
}


class InForceFilter(admin.SimpleListFilter):
    """Filters rows by period: in force today, over, or still to come."""

    title = gettext_lazy("in force")
    parameter_name = "in_force"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [(value, str(label)) for value, label in IN_FORCE.items()]

    def queryset(self, request: HttpRequest, queryset: QuerySet) -> QuerySet:
        day = today()
        conditions = {
            "now": {"period__contains": day},
            "past": {"period__endswith__lte": day},
            "future": {"period__startswith__gt": day},
        }
        return queryset.filter(**conditions.get(self.value() or "", {}))


class PortalModelAdmin(admin.ModelAdmin):
    """Denies by default: a subclass names the roles that may view and those that may change.

    `fixed_after_add`: fields that cannot change once the row is stored. `key_fields`: maps foreign
    keys to the number or code by which people identify the object. `more_lookups`: fields that may
    filter a list by the query string, besides the filters shown. `export`: the name of the list as
    a file, which a higher app registers.
    """

    view_roles: frozenset[Role] = NOBODY
    change_roles: frozenset[Role] = NOBODY
    addable = True
    deletable = False
    fixed_after_add: tuple[str, ...] = ()
    key_fields: dict[str, str] = {}
    more_lookups: tuple[str, ...] = ()
    export = ""

    form = PortalModelForm
    actions = None
    list_per_page = 50
    show_full_result_count = False
    show_facets = admin.ShowFacets.NEVER
    view_on_site = False
    formfield_overrides = {
        models.DateField: {"form_class": DayField, "widget": DayInput},
        models.DateTimeField: {"form_class": forms.DateTimeField, "widget": MomentInput},
        PeriodField: {"form_class": PeriodFormField, "widget": None},
    }

    # --- Permissions

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return holds_any(request.user, *self.view_roles, *self.change_roles)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return holds_any(request.user, *self.change_roles)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return self.addable and holds_any(request.user, *self.change_roles)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        may = self.deletable and holds_any(request.user, *self.change_roles)
        return may and (obj is None or self.may_be_deleted(obj))

    def has_module_permission(self, request: HttpRequest) -> bool:
        return self.has_view_permission(request)

    def may_be_deleted(self, obj: Any) -> bool:
        """Whether this row may be deleted at all; the role has been checked already."""
        return True

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        queryset = super().get_queryset(request)
        return queryset if self.has_view_permission(request) else queryset.none()

    def to_field_allowed(self, request: HttpRequest, to_field: str) -> bool:
        """Look-up windows return the number or code by which other forms refer to this object."""
        named_by = {
            other.key_fields[field.name]
            for model, other in self.admin_site._registry.items()
            if isinstance(other, PortalModelAdmin)
            for field in model._meta.concrete_fields
            if field.name in other.key_fields and field.related_model is self.model
        }
        return to_field in named_by or super().to_field_allowed(request, to_field)

    def lookup_allowed(self, lookup: str, value: Any, request: HttpRequest) -> bool:
        """Allow only declared filters.

        Otherwise `?phone__startswith=13` or `?password__startswith=…` would reveal hidden values,
        character by character.
        """
        filters: list[Any] = list(self.get_list_filter(request))
        plain = [name for name in filters if isinstance(name, str)] + [self.date_hierarchy or ""]
        named = {"pk", self.opts.pk.name, *self.more_lookups}
        named |= {item.parameter_name for item in filters if hasattr(item, "parameter_name")}
        if lookup in named:
            return True
        known = {name.partition("__")[0] for name in (*plain, *named)}
        return lookup.partition("__")[0] in known and super().lookup_allowed(lookup, value, request)

    # --- Writing: each save and delete is a separate action with its audit entry

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        if change:
            self.refuse_change(obj)
        self.write(
            form,
            obj=obj,
            by=Actor.of_request(request, ActorChannel.ADMIN),
            fields=form.stored_fields(),
            seen=form.cleaned_data.get(SEEN, "") if change else None,
            links=form.links(),
            school_code=self.school_code_of(obj),
        )

    def refuse_change(self, obj: Any) -> None:
        """Raise RecordError if this change of a stored row is not allowed."""

    def write(self, form: Any, **kwargs: Any) -> None:
        """Call the action that stores the row; override it for a domain action."""
        save_record(**kwargs)

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        """Does nothing: the action has stored the links too, and there are no inlines."""

    def delete_model(self, request: HttpRequest, obj: Any) -> None:
        self.erase(
            obj=obj,
            by=Actor.of_request(request, ActorChannel.ADMIN),
            school_code=self.school_code_of(obj),
        )

    def erase(self, **kwargs: Any) -> None:
        """Call the action that deletes the row; override it for a domain action."""
        delete_record(**kwargs)

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet) -> NoReturn:
        raise PermissionDenied("Nothing is deleted in bulk.")

    def school_code_of(self, obj: Any) -> str:
        """The code of the school that the row belongs to, for the audit trail."""
        school = getattr(obj, "school", None)
        return school.code if school else ""

    def lead_to(self, usual: HttpResponse, request: HttpRequest, obj: models.Model) -> HttpResponse:
        """Go to the page of `obj` after a save, except from other buttons or a look-up window."""
        if {"_addanother", "_continue", IS_POPUP_VAR} & set(request.POST):
            return usual
        name = f"admin:{obj._meta.app_label}_{obj._meta.model_name}_change"
        return redirect(name, obj.pk)

    def log_addition(self, request: HttpRequest, obj: Any, message: Any) -> None:  # type: ignore[override]
        """Does nothing: the audit trail is the only record."""

    def log_change(self, request: HttpRequest, obj: Any, message: Any) -> None:  # type: ignore[override]
        """Does nothing: the audit trail is the only record."""

    def log_deletions(self, request: HttpRequest, queryset: Any) -> None:  # type: ignore[override]
        """Does nothing: the audit trail is the only record."""

    # --- Views

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        """Search words end up in addresses and logs, so an ID number is refused here."""
        if any("\0" in value for values in request.GET.lists() for value in values[1]):
            raise BadRequest("A filter holds a character that no text holds.")
        if holds_resident_id(request.GET.get(SEARCH_VAR, "")):
            messages.warning(
                request, _("Search by name or number: an ID number does not belong in an address.")
            )
            return redirect(request.path)
        asked = {
            SEARCHED if name == SEARCH_VAR else name: text for name, text in request.GET.items()
        }
        context = {
            "export": self.export,
            "asked": {name: text for name, text in asked.items() if text},
        }
        return super().changelist_view(request, context | (extra_context or {}))

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: Any = None,
    ) -> HttpResponse:
        """A refused write is rolled back; the same form is shown again with the reason."""
        try:
            return super().changeform_view(request, object_id, form_url, extra_context)
        except RecordError as refusal:
            request.refusal = refusal  # type: ignore[attr-defined]
            return super().changeform_view(request, object_id, form_url, extra_context)

    def delete_view(
        self, request: HttpRequest, object_id: str, extra_context: Any = None
    ) -> HttpResponse:
        try:
            return super().delete_view(request, object_id, extra_context)
        except RecordError as refusal:
            messages.error(request, refusal.message)
            return redirect(self._url("change", object_id))

    def history_view(
        self, request: HttpRequest, object_id: str, extra_context: Any = None
    ) -> HttpResponse:
        """The history is the audit trail of this object, for those who may read it."""
        if not holds_any(request.user, Role.AUDIT_ADMINISTRATOR):
            raise PermissionDenied
        query = urlencode({"kind": self.opts.label_lower, "object": object_id})
        return redirect(f"{reverse('accounts:trail')}?{query}")

    def _url(self, page: str, *args: Any) -> str:
        name = f"admin:{self.opts.app_label}_{self.opts.model_name}_{page}"
        return reverse(name, args=args, current_app=self.admin_site.name)

    # --- The form

    def get_form(
        self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any
    ) -> Any:
        form: Any = super().get_form(request, obj, change, **kwargs)
        form.refusal = getattr(request, "refusal", None)
        form.person = request.user
        return form

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> tuple[Any, ...]:
        fixed = self.fixed_after_add if obj is not None else ()
        return (*super().get_readonly_fields(request, obj), *fixed, "period_shown", "phone_shown")

    def get_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        """The declared `fields`; read-only values are shown in readable form, phones masked."""
        names: list[Any] = list(self.fields or ())
        if obj is None:
            computed = self.get_readonly_fields(request)
            return [name for name in names if name not in computed]
        editable = self.has_change_permission(request, obj)
        read_only = self.get_readonly_fields(request, obj) if editable else names
        shown = {"period": "period_shown", "phone": "phone_shown"}
        names = [shown.get(name, name) if name in read_only else name for name in names]
        return [*names, SEEN] if editable else names

    def formfield_for_dbfield(
        self, db_field: models.Field, request: HttpRequest, **kwargs: Any
    ) -> forms.Field | None:
        """Plain fields, without pop-ups to add or change another object."""
        field = super().formfield_for_dbfield(db_field, request, **kwargs)
        if field and isinstance(field.widget, RelatedFieldWidgetWrapper):
            field.widget = field.widget.widget
        return field

    def formfield_for_foreignkey(
        self, db_field: models.ForeignKey, request: HttpRequest, **kwargs: Any
    ) -> ModelChoiceField | None:
        key = self.key_fields.get(db_field.name)
        if key:
            there = self.admin_site._registry.get(db_field.remote_field.model)
            may_look = there is not None and there.has_view_permission(request)
            widget = KeyLookup(db_field.remote_field, self.admin_site, key=key, may_look=may_look)
            kwargs |= {"form_class": KeyChoiceField, "to_field_name": key, "widget": widget}
        return super().formfield_for_foreignkey(db_field, request, **kwargs)

    # --- Columns that several lists share

    @admin.display(description=gettext_lazy("period"), ordering="period")
    def period_shown(self, obj: Any) -> str:
        return describe_period(obj.period)

    @admin.display(description=gettext_lazy("phone"))
    def phone_shown(self, obj: Any) -> str:
        return mask_phone(obj.phone) or "–"


class DatedAdmin(PortalModelAdmin):
    """Rows with a period. Their content is fixed; a change is a new row.

    Later, only `open_fields` can be edited, mainly the period in order to end it. A mistaken row
    may be deleted on the day it was recorded, or until its period begins; after that it is history.
    """

    deletable = True
    list_filter: ClassVar[Any] = (InForceFilter,)
    open_fields: tuple[str, ...] = ("period",)

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> tuple[Any, ...]:
        names = super().get_readonly_fields(request, obj)
        read_only = [name for name in self.fields or () if name not in (*names, *self.open_fields)]
        return names if obj is None else (*names, *read_only)

    def refuse_change(self, obj: Any) -> None:
        """The first day is fixed, because past assessments depend on it."""
        stored = type(obj)._default_manager.get(pk=obj.pk)
        if stored.period.lower != obj.period.lower and not self.may_be_deleted(stored):
            raise RecordError(
                _("The first day stays as it was recorded; add a new row instead."), field="period"
            )

    def may_be_deleted(self, obj: Any) -> bool:
        recorded_at = getattr(obj, "recorded_at", None)
        if isinstance(obj, VersionedModel):
            recorded_at = obj.first_recorded_at()
        recorded_today = recorded_at is not None and local_date(recorded_at) == today()
        return recorded_today or obj.period.lower >= today()


class ReadOnlyAdmin(PortalModelAdmin):
    """Rows that only domain actions write; the admin shows them read-only."""

    addable = False

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


class AppendOnlyAdmin(ReadOnlyAdmin):
    """Rows that nobody changes or deletes, here or elsewhere."""

    def __init__(self, model: type[models.Model], admin_site: admin.AdminSite) -> None:
        if not issubclass(model, AppendOnlyModel):
            raise TypeError(f"{model.__name__} is not append-only.")
        super().__init__(model, admin_site)
