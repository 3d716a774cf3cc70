from django.apps import AppConfig
from django.db.models.signals import post_migrate
from django.utils.translation import gettext_lazy as _


class AccountsConfig(AppConfig):
    name = "accounts"
    verbose_name = _("Accounts and audit")

    def ready(self) -> None:
        from accounts.privileges import grant_privileges  # noqa: PLC0415 - the registry is ready

        post_migrate.connect(grant_privileges, dispatch_uid="accounts.grant_privileges")
