"""The stock Django admin behind our own sign-in: roles decide who enters."""

from typing import Any

from django.contrib import admin
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext_lazy as _

from accounts.enums import ADMINISTRATOR_ROLES, DISTRICT_ROLES
from accounts.roles import holds_any


class PortalAdminSite(admin.AdminSite):
    """For district staff and the three administrators; others are redirected to sign in."""

    site_header = _("Xuetang administration")
    site_title = _("Xuetang")
    index_title = _("District data")
    site_url = "/"
    enable_nav_sidebar = True

    def register(
        self,
        model_or_iterable: Any,
        admin_class: type[admin.ModelAdmin] | None = None,
        **options: Any,
    ) -> None:
        """Register only subclasses of our base; skip what packages register (groups)."""
        from accounts.admin_base import PortalModelAdmin  # noqa: PLC0415 - the registry is ready

        if admin_class is not None and issubclass(admin_class, PortalModelAdmin):
            super().register(model_or_iterable, admin_class, **options)

    def has_permission(self, request: HttpRequest) -> bool:
        return request.user.is_active and holds_any(
            request.user, *DISTRICT_ROLES, *ADMINISTRATOR_ROLES
        )

    def login(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """The only sign-in is ours, with its lock-out."""
        if request.user.is_authenticated:
            return redirect("home")
        return redirect_to_login(request.GET.get("next", request.get_full_path()))

    def logout(  # type: ignore[override]
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """The only sign-out is ours, with its audit entry."""
        from accounts.views.sign_in import sign_out  # noqa: PLC0415 - the site is made before the views

        return sign_out(request)

    def password_change(  # type: ignore[override]
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """The only password change is ours, with its audit entry."""
        return redirect("accounts:password_change")

    def password_change_done(  # type: ignore[override]
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        return redirect("home")
