"""Accounts, slips and the privacy notice; and the audit trail (audit administrator)."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.admin_base import (
    AppendOnlyAdmin,
    KeysFirstPaginator,
    PortalModelAdmin,
    ReadOnlyAdmin,
)
from accounts.admin_forms import PortalModelForm
from accounts.enums import ADMINISTRATOR_ROLES, DISTRICT_ROLES, Role
from accounts.models import (
    ActivationCode,
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
