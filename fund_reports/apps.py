from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class FundReportsConfig(AppConfig):
    name = "fund_reports"
    verbose_name = _("Figures of the money")

    def ready(self) -> None:
        from fund_reports.wiring import register  # noqa: PLC0415 - the registries are ready

        register()
