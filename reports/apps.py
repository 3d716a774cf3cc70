from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ReportsConfig(AppConfig):
    name = "reports"
    verbose_name = _("Reports and statistics")

    def ready(self) -> None:
        from reports.wiring import register  # noqa: PLC0415 - the registries are ready

        register()
