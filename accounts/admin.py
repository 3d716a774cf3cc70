"""Accounts, slips and the privacy notice; and the audit trail (audit administrator)."""

import hmac
from typing import Any

from django.apps import apps
from django.contrib import admin
from django.db import models
from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.acts import ACT_LABELS, act_label
from accounts.admin_base import (
    AppendOnlyAdmin,
    KeysFirstPaginator,
    PortalModelAdmin,
    ReadOnlyAdmin,
)
from accounts.admin_forms import PortalModelForm
from accounts.audit import seal_of
from accounts.enums import ADMINISTRATOR_ROLES, DISTRICT_ROLES, Role
from accounts.models import (
    ActivationCode,
    AuditEntry,
    NoticeReading,
    PrivacyNotice,
    SlipBatch,
    User,
    WrongCode,
)
from accounts.records import save_account, save_notice
from config.lib.periods import today


@admin.register(User)
class UserAdmin(PortalModelAdmin):
    """Accounts without a password of anybody's making: the person gets one by a slip."""

    change_roles = frozenset({Role.SECURITY_ADMINISTRATOR})
    fields = (
        "username",
        "display_name",
        "phone",
        "is_active",
        "joined_at",
        "last_login",
        "slip_shown",
    )
    readonly_fields = ("joined_at", "last_login", "slip_shown")
    list_display = ("username", "display_name", "phone_shown", "is_active", "last_login")
    list_filter = ("is_active",)
    search_fields = ("username__startswith", "display_name", "=phone")
    search_help_text = gettext_lazy("Name, sign-in name or phone.")
    ordering = ("username",)

    def write(self, form: PortalModelForm, **how: Any) -> None:
        save_account(**how)

    @admin.display(description=gettext_lazy("password"))
    def slip_shown(self, user: User) -> SafeString:
        address = reverse("trainees:account_slip", args=[user.pk])
        return format_html("<a href='{}'>{}</a>", address, _("Issue a slip"))


@admin.register(PrivacyNotice)
class PrivacyNoticeAdmin(PortalModelAdmin):
    """A change is a new version; what was published stays as people have read it."""

    view_roles = DISTRICT_ROLES | ADMINISTRATOR_ROLES
    change_roles = frozenset({Role.SYSTEM_ADMINISTRATOR})
    deletable = True
    fields = ("version", "published_on", "text_chinese", "text_english")
    readonly_fields = ("version",)
    list_display = ("version", "published_on")
    sortable_by = ()

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        may = super().has_change_permission(request, obj)
        return may and (obj is None or self.may_be_deleted(obj))

    def may_be_deleted(self, obj: PrivacyNotice) -> bool:
        return obj.published_on > today()

    def write(self, form: PortalModelForm, **how: Any) -> None:
        save_notice(on=today(), **how)


@admin.register(NoticeReading)
class NoticeReadingAdmin(AppendOnlyAdmin):
    """Who read which version of the privacy notice, and when."""

    view_roles = frozenset({Role.SECURITY_ADMINISTRATOR})
    fields = ("user", "notice", "read_at")
    list_display = ("read_at", "user", "notice")
    list_select_related = ("user", "notice")
    list_filter = ("notice",)
    search_fields = ("user__username__startswith", "user__display_name")
    ordering = ("-id",)
    sortable_by = ()
    paginator = KeysFirstPaginator


class SlipsAdmin(ReadOnlyAdmin):
    """What is known of slips; nobody reads a code here."""

    view_roles = frozenset({Role.SECURITY_ADMINISTRATOR})
    sortable_by = ()
    paginator = KeysFirstPaginator


@admin.register(SlipBatch)
class SlipBatchAdmin(SlipsAdmin):
    fields = ("issued_at", "issued_by")
    list_display = ("issued_at", "issued_by")
    list_select_related = ("issued_by",)
    ordering = ("-id",)


@admin.register(ActivationCode)
class ActivationCodeAdmin(SlipsAdmin):
    fields = ("user", "batch", "expires_at", "wrong_tries", "ended_at", "ended_by")
    list_display = ("user", "expires_at", "wrong_tries", "ended_at", "ended_by")
    list_select_related = ("user",)
    list_filter = ("ended_by",)
    search_fields = ("user__username__startswith", "user__display_name")
    ordering = ("-id",)


@admin.register(WrongCode)
class WrongCodeAdmin(SlipsAdmin):
    fields = ("address", "at")
    list_display = ("at", "address")
    ordering = ("-id",)


class KindFilter(admin.SimpleListFilter):
    """Entries about one kind of object."""

    title = gettext_lazy("kind of object")
    parameter_name = "object_type"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        kinds = [
            (model._meta.label_lower, kind_label(model._meta.label_lower))
            for model in model_admin.admin_site._registry
            if model is not AuditEntry
        ]
        return sorted(kinds, key=lambda kind: kind[0])

    def queryset(self, request: HttpRequest, queryset: QuerySet) -> QuerySet:
        return queryset.filter(object_type=self.value()) if self.value() else queryset


class ActFilter(admin.SimpleListFilter):
    """Entries of one act."""

    title = gettext_lazy("act")
    parameter_name = "act"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [(act, act_label(act)) for act in ACT_LABELS]

    def queryset(self, request: HttpRequest, queryset: QuerySet) -> QuerySet:
        return queryset.filter(act=self.value()) if self.value() else queryset


@admin.register(AuditEntry)
class AuditEntryAdmin(AppendOnlyAdmin):
    """The trail, read by the audit administrator and nobody else."""

    view_roles = frozenset({Role.AUDIT_ADMINISTRATOR})
    fields = (
        "at",
        "actor_name",
        "channel",
        "address",
        "act_shown",
        "kind_shown",
        "object_label",
        "object_id",
        "school_code",
        "changes_shown",
        "seal_shown",
    )
    list_display = ("at", "actor_name", "act_shown", "kind_shown", "object_label", "address")
    list_filter = ("at", ActFilter, KindFilter, "channel")
    search_fields = ("=actor_name", "=object_label", "=object_id")
    search_help_text = gettext_lazy("Exact name of the actor or the object, or object number.")
    ordering = ("-at", "-id")
    sortable_by = ()
    paginator = KeysFirstPaginator
    more_lookups = ("object_id",)

    @admin.display(description=gettext_lazy("act"))
    def act_shown(self, entry: AuditEntry) -> str:
        return act_label(entry.act)

    @admin.display(description=gettext_lazy("kind of object"))
    def kind_shown(self, entry: AuditEntry) -> str:
        return kind_label(entry.object_type)

    @admin.display(description=gettext_lazy("seal"))
    def seal_shown(self, entry: AuditEntry) -> str:
        intact = hmac.compare_digest(entry.seal, seal_of(entry))
        return _("intact") if intact else _("BROKEN: this entry was altered")

    @admin.display(description=gettext_lazy("what changed"))
    def changes_shown(self, entry: AuditEntry) -> SafeString | str:
        before, after = entry.before or {}, entry.after or {}
        if not isinstance(before, dict) or not isinstance(after, dict):
            return f"{before} → {after}"
        names = dict.fromkeys([*before, *after])
        if not names:
            return "–"
        rows = format_html_join(
            "",
            "<tr><th scope='row'>{}</th><td>{}</td><td>{}</td></tr>",
            (
                (
                    _fact_label(entry.object_type, name),
                    _fact_text(before, name),
                    _fact_text(after, name),
                )
                for name in names
            ),
        )
        return format_html(
            "<table class='facts'><thead><tr><th scope='col'>{}</th><th scope='col'>{}</th>"
            "<th scope='col'>{}</th></tr></thead><tbody>{}</tbody></table>",
            capfirst(_("field")),
            capfirst(_("before")),
            capfirst(_("after")),
            rows,
        )


def kind_label(object_type: str) -> str:
    """The name of a model as people read it; the stored name of one that is no more."""
    model = _model(object_type)
    return str(model._meta.verbose_name) if model else object_type


def _model(object_type: str) -> type[models.Model] | None:
    try:
        return apps.get_model(object_type)
    except (LookupError, ValueError):
        return None


def _fact_label(object_type: str, name: str) -> str:
    model = _model(object_type)
    if model is None:
        return name
    fields = (*model._meta.concrete_fields, *model._meta.many_to_many)
    labels = {key: field.verbose_name for field in fields for key in (field.name, field.attname)}
    return str(labels.get(name, name))


def _fact_text(facts: dict[str, Any], name: str) -> str:
    value = facts.get(name)
    return "–" if value is None or value == "" else str(value)
