"""Accounts, slips and the privacy notice; and the audit trail (audit administrator)."""

from typing import Any

from django.contrib import admin
from django.db.models import OuterRef, QuerySet, Subquery
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.text import capfirst
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
from accounts.onboarding import find_onboarding, format_state, grant_address, slip_address
from accounts.pending_accounts import all_pending_accounts
from accounts.records import save_account, save_notice
from accounts.second_factor import find_factor
from config.lib.dates import format_moment
from config.lib.period_forms import describe_period
from config.lib.periods import today


class PendingAccountsFilter(admin.SimpleListFilter):
    """Filters accounts by the step that they wait for."""

    title = gettext_lazy("to be done")
    parameter_name = "account_due"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [(pending.name, str(pending.label)) for pending in all_pending_accounts()]

    def queryset(self, request: Any, queryset: QuerySet) -> QuerySet:
        for pending in all_pending_accounts():
            if pending.name == self.value():
                rows = pending.rows(request.user, timezone.now())
                return queryset.filter(pk__in=rows.order_by().values("pk"))
        return queryset


@admin.register(User)
class UserAdmin(PortalModelAdmin):
    """Accounts. Nobody sets a password here: people get one with a slip.

    The account's page links to the role and the slip, and those pages link back.
    """

    change_roles = frozenset({Role.SECURITY_ADMINISTRATOR})
    fields = (
        "username",
        "display_name",
        "phone",
        "is_active",
        "roles_shown",
        "slip_shown",
        "factor_shown",
        "joined_at",
        "last_login",
    )
    readonly_fields = ("roles_shown", "slip_shown", "factor_shown", "joined_at", "last_login")
    list_display = ("username", "display_name", "phone_shown", "state_listed", "last_login")
    list_filter = ("is_active", PendingAccountsFilter)
    search_fields = ("username__startswith", "display_name", "=phone")
    search_help_text = gettext_lazy("Name, sign-in name or phone.")
    ordering = ("username",)
    export = "accounts"

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        codes = ActivationCode.objects.open_at(timezone.now()).filter(user=OuterRef("pk"))
        rows = super().get_queryset(request)
        return rows.annotate(slip_until=Subquery(codes.values("expires_at")[:1]))

    def get_object(self, request: Any, object_id: str, from_field: str | None = None) -> Any:
        user = super().get_object(request, object_id, from_field)
        if user is not None:
            way: Any = user
            way.onboarding, way.reader = find_onboarding(user, timezone.now()), request.user
        return user

    def render_change_form(
        self, request: Any, context: dict[str, Any], *args: Any, **kwargs: Any
    ) -> HttpResponse:
        user = kwargs.get("obj")
        context["next_step"] = user.onboarding.next_step(request.user) if user else None
        return super().render_change_form(request, context, *args, **kwargs)

    def response_add(
        self, request: HttpRequest, obj: User, post_url_continue: str | None = None
    ) -> HttpResponse:
        """After a new account, go to its page, which shows the next step."""
        return self.lead_to(super().response_add(request, obj, post_url_continue), request, obj)

    def write(self, form: PortalModelForm, **kwargs: Any) -> None:
        save_account(**kwargs)

    @admin.display(description=gettext_lazy("state"))
    def state_listed(self, user: Any) -> str:
        return format_state(user, user.slip_until)

    @admin.display(description=gettext_lazy("roles"))
    def roles_shown(self, user: Any) -> SafeString:
        items = format_html_join(
            "",
            "<li><a href='{}'>{}</a> {}</li>",
            (
                (grant.url, grant.name, describe_period(grant.period))
                for grant in user.onboarding.grants
            ),
        )
        link = format_html("<a href='{}'>{}</a>", grant_address(user), _("Grant a role"))
        is_own = user.pk == user.reader.pk
        return format_html("<ul>{}</ul>{}", items, "" if is_own else link)

    @admin.display(description=gettext_lazy("password and slip"))
    def slip_shown(self, user: Any) -> SafeString:
        state = format_state(user, user.onboarding.slip_until)
        if user.pk == user.reader.pk:
            more: str = _("Another administrator issues a slip for your own account.")
        elif not user.onboarding.is_of_staff:
            more = _("A member's branch secretary or school clerk issues the slip.")
        elif not user.is_active:
            more = ""
        else:
            more = format_html("<a href='{}'>{}</a>", slip_address(user), _("Issue a slip"))
        return format_html("{}<br>{}", capfirst(state), more)

    @admin.display(description=gettext_lazy("second factor"))
    def factor_shown(self, user: Any) -> SafeString | str:
        factor = find_factor(user)
        if factor is None:
            return _("none enrolled")
        since = _("enrolled on %(day)s") % {"day": format_moment(factor.enrolled_at)}
        if user.pk == user.reader.pk:
            return since
        link = reverse("accounts:reset_second_factor", args=[user.pk])
        return format_html("{}<br><a href='{}'>{}</a>", since, link, _("Reset the second factor"))


@admin.register(PrivacyNotice)
class PrivacyNoticeAdmin(PortalModelAdmin):
    """A change creates a new version; published versions stay as people have read them."""

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

    def write(self, form: PortalModelForm, **kwargs: Any) -> None:
        save_notice(on=today(), **kwargs)


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
    export = "notice-readings"


class SlipsAdmin(ReadOnlyAdmin):
    """Data about slips; activation codes are never shown here."""

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
    export = "activation-codes"
    search_fields = ("user__username__startswith", "user__display_name")
    ordering = ("-id",)


@admin.register(WrongCode)
class WrongCodeAdmin(SlipsAdmin):
    fields = ("address", "at")
    list_display = ("at", "address")
    ordering = ("-id",)
