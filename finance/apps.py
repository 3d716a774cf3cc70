from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class FinanceConfig(AppConfig):
    name = "finance"
    verbose_name = _("Figures of the money")

    def ready(self) -> None:
        from finance.wiring import register  # noqa: PLC0415 - the registries are ready

        register()
