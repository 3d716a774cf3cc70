"""The wiring as an app, so that commands that span all apps have a place."""

from django.apps import AppConfig
from django.contrib.admin.apps import AdminConfig
from django.db.models.signals import post_migrate


class ConfigConfig(AppConfig):
    name = "config"

    def ready(self) -> None:
        # Makes our Celery app the current one, so that `.delay()` uses our broker.
        import config.celery  # noqa: F401, PLC0415 - the settings are ready
        from backstage.status import register_status  # noqa: PLC0415 - the apps are ready
        from config.keys import refuse_weak_keys  # noqa: PLC0415
        from config.lib.database_privileges import grant_privileges  # noqa: PLC0415
        from config.status_lines import broker_lines, version_lines  # noqa: PLC0415 - likewise

        register_status(version_lines, rank=10)
        register_status(broker_lines, rank=30)
        refuse_weak_keys()
        post_migrate.connect(grant_privileges, dispatch_uid="config.grant_privileges")


class PortalAdminConfig(AdminConfig):
    """The stock admin with our site class: roles decide who may enter."""

    default_site = "accounts.admin_site.PortalAdminSite"
