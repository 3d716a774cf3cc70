"""Admin lists as files: the rows of the page, for users who may open it.

The admin list itself filters the rows, so filters and search mean the same here.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, cast

from django.contrib import admin
from django.contrib.admin.views.main import SEARCH_VAR
from django.db.models import Model, QuerySet
from django.http import HttpRequest, QueryDict
from django.utils.functional import Promise
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.admin_base import SEARCHED, PortalModelAdmin
from accounts.enums import CodeEnd
from accounts.models import ActivationCode, NoticeReading, PrivacyNotice, User
from accounts.onboarding import format_state
from accounts.pending_accounts import all_pending_accounts
from accounts.records import mask_phone
from accounts.roles import holds_any
from backstage.exports import ExportColumn, ListExport
from config.lib.filters import Filter, Filters, ListRequest, choose, search, yes_or_no
from config.lib.spreadsheet_writing import Kind

# Query parameters of these lists that are no filters: page, order and CSRF token.
_NO_FILTERS = {"p", "o", "csrfmiddlewaretoken"}

type Choices = Callable[[], Mapping[str, str]]


def admin_export(
    name: str,
    model: type[Model],
    choices: Mapping[str, tuple[str | Promise, Choices]],
    columns: Sequence[ExportColumn],
) -> ListExport:
    """The export of the admin list of `model`; `choices` has its filters by parameter."""

    def may(user: User) -> bool:
        model_admin = _admin_of(model)
        return holds_any(user, *model_admin.view_roles, *model_admin.change_roles)

    def filters(asked: ListRequest) -> Filters:
        chosen = [
            choose(asked, parameter, capfirst(str(label)), options(), any_label=_("all"))
            for parameter, (label, options) in choices.items()
        ]
        known = {*choices, SEARCHED} | _NO_FILTERS
        others = [
            Filter(other, other, "", None, is_unread=True)
            for other in sorted(set(asked.query) - known)
        ]
        searched = search(asked, capfirst(_("words searched for")), name=SEARCHED)
        return Filters([*chosen, searched, *others])

    title = model._meta.verbose_name_plural or name
    page = f"admin:{model._meta.app_label}_{model._meta.model_name}_changelist"
    return ListExport(name, title, page, may, filters, lambda a, f: _rows(model, a, f), columns)


def _admin_of(model: type[Model]) -> PortalModelAdmin:
    return cast("PortalModelAdmin", admin.site.get_model_admin(model))


def _rows(model: type[Model], asked: ListRequest, filters: Filters) -> QuerySet:
    """All rows of the list, on all pages. The admin needs a request, so a job makes one."""
    request: Any = HttpRequest()
    request.user, request.GET = asked.user, QueryDict(mutable=True)
    request.GET.update(filters.query)
    request.GET[SEARCH_VAR] = filters.value(SEARCHED)
    request.GET.pop(SEARCHED, None)
    return _admin_of(model).get_changelist_instance(request).queryset


def pending_labels() -> dict[str, str]:
    """What accounts may wait for, in words, by name."""
    return {pending.name: str(pending.label) for pending in all_pending_accounts()}


def notice_versions() -> dict[str, str]:
    """The versions of the privacy notice, by key."""
    return {str(notice.pk): str(notice) for notice in PrivacyNotice.objects.all()}


ACCOUNTS = admin_export(
    "accounts",
    User,
    {
        "is_active__exact": (
            gettext_lazy("active"),
            lambda: {"1": yes_or_no(True), "0": yes_or_no(False)},
        ),
        "account_due": (gettext_lazy("to be done"), pending_labels),
    },
    (
        ExportColumn(gettext_lazy("Sign-in name"), lambda row: row.username, width=20),
        ExportColumn(gettext_lazy("Name"), lambda row: row.display_name, width=14),
        ExportColumn(gettext_lazy("Phone"), lambda row: mask_phone(row.phone), width=14),
        ExportColumn(
            gettext_lazy("State"), lambda row: format_state(row, row.slip_until), width=36
        ),
        ExportColumn(gettext_lazy("last login"), lambda row: row.last_login, Kind.MOMENT, 17),
    ),
)

CODES = admin_export(
    "activation-codes",
    ActivationCode,
    {
        "ended_by__exact": (
            gettext_lazy("why it ended"),
            lambda: {value: str(label) for value, label in CodeEnd.choices},
        )
    },
    (
        ExportColumn(gettext_lazy("Sign-in name"), lambda row: row.user.username, width=20),
        ExportColumn(gettext_lazy("Name"), lambda row: row.user.display_name, width=14),
        ExportColumn(gettext_lazy("valid until"), lambda row: row.expires_at, Kind.MOMENT, 17),
        ExportColumn(
            gettext_lazy("wrong codes typed"), lambda row: row.wrong_tries, Kind.NUMBER, 10
        ),
        ExportColumn(gettext_lazy("ended at"), lambda row: row.ended_at, Kind.MOMENT, 17),
        ExportColumn(
            gettext_lazy("why it ended"), lambda row: row.get_ended_by_display(), width=24
        ),
    ),
)

READINGS = admin_export(
    "notice-readings",
    NoticeReading,
    {"notice__id__exact": (gettext_lazy("privacy notice"), notice_versions)},
    (
        ExportColumn(gettext_lazy("read at"), lambda row: row.read_at, Kind.MOMENT, 17),
        ExportColumn(gettext_lazy("Sign-in name"), lambda row: row.user.username, width=20),
        ExportColumn(gettext_lazy("Name"), lambda row: row.user.display_name, width=14),
        ExportColumn(gettext_lazy("privacy notice"), lambda row: str(row.notice), width=14),
    ),
)

EXPORTS_OF_ACCOUNTS = (ACCOUNTS, CODES, READINGS)
