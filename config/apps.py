"""The wiring as an app, so that commands spanning all apps have a home."""

from django.apps import AppConfig
from django.contrib.admin.apps import AdminConfig


class ConfigConfig(AppConfig):
    name = "config"


class PortalAdminConfig(AdminConfig):
    """The stock admin, with our site: who may enter is decided by roles."""

    default_site = "accounts.admin_site.PortalAdminSite"
