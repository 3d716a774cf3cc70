from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class QuotasConfig(AppConfig):
    name = "quotas"
    verbose_name = _("Annual tasks and quotas")

    def ready(self) -> None:
        from quotas.wiring import register  # noqa: PLC0415 - the registries are ready

        register()
