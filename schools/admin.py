"""The network: divisions (system administrator), schools and organisations, roles."""

from collections.abc import Callable
from typing import Any, ClassVar

from django.contrib import admin, messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.admin_base import DatedAdmin, InForceFilter, PortalModelAdmin, ReadOnlyAdmin
from accounts.admin_forms import PortalModelForm
from accounts.enums import DISTRICT_ROLES, Role
from accounts.models import ActivationCode
from accounts.origin import Actor
from accounts.records import RecordError
from backstage.pending_acts import PendingError
from config.lib.periods import period, today
from schools.actions.grants import propose_deletion, propose_grant
from schools.forms import RoleGrantForm
from schools.models import (
    District,
    Organisation,
    RoleGrant,
    School,
    SchoolArea,
    Township,
    Village,
    YearEndRule,
    YearLock,
)
from schools.records import SecondNeededError, delete_role_grant, save_role_grant

SETTINGS_VIEW = DISTRICT_ROLES | {Role.SYSTEM_ADMINISTRATOR}


class DivisionAdmin(PortalModelAdmin):
    """Tables of the national divisions, which are settings."""

    view_roles = SETTINGS_VIEW
    change_roles = frozenset({Role.SYSTEM_ADMINISTRATOR})
    search_fields: ClassVar[Any] = ("code__startswith", "name")


@admin.register(YearEndRule)
class YearEndRuleAdmin(DatedAdmin):
    """Until when a year takes facts. A change adds a row, so past years keep their rule."""

    view_roles = SETTINGS_VIEW
    change_roles = frozenset({Role.ORGANISATION_DEPARTMENT})
    fields = ("days", "source", "period")
    list_display = ("days", "source", "period_shown")


@admin.register(YearLock)
class YearLockAdmin(ReadOnlyAdmin):
    """Closed years, and those that were opened again, with who did it and why."""

    view_roles = DISTRICT_ROLES | {Role.SYSTEM_ADMINISTRATOR}
    fields = (
        *("year", "revision", "locked_at", "locked_by"),
        *("released_at", "released_by", "reason"),
    )
    list_display = ("year", "revision", "locked_at", "locked_by", "released_at", "reason")


@admin.register(District)
class DistrictAdmin(DivisionAdmin):
    """The only district of this database; no other can be added."""

    addable = False
    fields = ("code", "name")
    list_display = ("code", "name")
    search_fields = ()


@admin.register(Township)
class TownshipAdmin(DivisionAdmin):
    fields = ("code", "name")
    list_display = ("code", "name")


@admin.register(Village)
class VillageAdmin(DivisionAdmin):
    fields = ("code", "name", "township")
    list_display = ("code", "name", "township")
    list_select_related = ("township",)
    list_filter = ("township",)


@admin.register(School)
class SchoolAdmin(ReadOnlyAdmin):
    """Read-only list of schools; their own pages create, merge and edit them."""

    view_roles = SETTINGS_VIEW
    fields = ("code", "name", "signature", "period")
    list_display = ("code", "name", "signature", "period_shown")
    list_filter = (InForceFilter,)
    search_fields = ("code__startswith", "name")


@admin.register(SchoolArea)
class SchoolAreaAdmin(ReadOnlyAdmin):
    """Which school serves which township, and when. Opening and merging schools changes it."""

    view_roles = SETTINGS_VIEW
    fields = ("school", "township", "period")
    list_display = ("township", "school", "period_shown")
    list_select_related = ("township", "school")
    list_filter = (InForceFilter, "school")


@admin.register(Organisation)
class OrganisationAdmin(ReadOnlyAdmin):
    """Read-only list of organisations; the pages of the tree create, move and close them."""

    view_roles = DISTRICT_ROLES
    fields = ("code", "name", "kind", "period")
    list_display = ("code", "name", "kind", "period_shown")
    list_filter = ("kind", InForceFilter)
    search_fields = ("code__startswith", "name")
    search_help_text = gettext_lazy("Name, or the beginning of the code.")


@admin.register(RoleGrant)
class RoleGrantAdmin(DatedAdmin):
    """Who holds which role. A role ends by its period; a mistake is deleted before it begins."""

    form = RoleGrantForm
    view_roles = DISTRICT_ROLES
    change_roles = frozenset({Role.SECURITY_ADMINISTRATOR})
    fields = ("user", "role", "school", "organisation", "channel", "period")
    key_fields = {"user": "username", "organisation": "code"}
    list_display = ("user", "role", "school", "organisation", "channel", "period_shown")
    list_select_related = ("user", "school", "organisation")
    list_filter = ("role", "school", InForceFilter)
    search_fields = ("user__display_name", "user__username__startswith")
    search_help_text = gettext_lazy("Name or sign-in name.")
    ordering = ("user__username", "role", "id")
    export = "role-grants"

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, Any]:
        return {"period": period(today())} | super().get_changeform_initial_data(request)

    def response_add(
        self, request: HttpRequest, obj: RoleGrant, post_url_continue: str | None = None
    ) -> HttpResponse:
        """After granting a role, return to the account's page, which shows the next step."""
        if obj.waits:  # type: ignore[attr-defined]
            return self._tell_that_it_waits(request)
        self._tell_of_slip(request, obj)
        usual = super().response_add(request, obj, post_url_continue)
        return self.lead_to(usual, request, obj.user)

    def response_change(self, request: HttpRequest, obj: RoleGrant) -> HttpResponse:
        if obj.waits:  # type: ignore[attr-defined]
            return self._tell_that_it_waits(request)
        self._tell_of_slip(request, obj)
        return super().response_change(request, obj)

    def write(self, form: PortalModelForm, **kwargs: Any) -> None:
        """Save the grant; note whether an open slip ended, for a warning to the user."""
        grant: Any = kwargs["obj"]
        codes = ActivationCode.objects.open_at(timezone.now()).filter(user=grant.user_id)
        had_slip, grant.waits = codes.exists(), False
        try:
            save_role_grant(**kwargs)
        except SecondNeededError:
            self._propose(propose_grant, grant, kwargs["by"])
            grant.waits = True
        grant.slip_ended = had_slip and not codes.exists()

    def _tell_of_slip(self, request: HttpRequest, obj: Any) -> None:
        if obj.slip_ended:
            message = _(
                "The slip that was issued to %(name)s before no longer works, since the roles have "
                "changed: issue a new one."
            )
            messages.warning(request, message % {"name": obj.user.display_name})

    def erase(self, **kwargs: Any) -> None:
        try:
            delete_role_grant(**kwargs)
        except SecondNeededError:
            self._propose(propose_deletion, kwargs["obj"], kwargs["by"])

    def response_delete(self, request: HttpRequest, obj_display: str, obj_id: int) -> HttpResponse:
        if RoleGrant.objects.filter(pk=obj_id).exists():
            return self._tell_that_it_waits(request)
        return super().response_delete(request, obj_display, obj_id)

    def _propose(self, propose: Callable[..., Any], grant: RoleGrant, by: Actor) -> None:
        try:
            propose(obj=grant, by=by, at=timezone.now())
        except PendingError as error:
            raise RecordError(str(error)) from error

    def _tell_that_it_waits(self, request: HttpRequest) -> HttpResponse:
        messages.info(
            request, _("This waits for a second administrator; until then nothing holds.")
        )
        return redirect("backstage:pending_acts")

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        is_own = obj is not None and obj.user_id == request.user.pk
        return super().has_delete_permission(request, obj) and not is_own
