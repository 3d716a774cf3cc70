from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class YearsConfig(AppConfig):
    name = "years"
    verbose_name = _("Years and documents")

    def ready(self) -> None:
        from years import receivers  # noqa: F401, PLC0415 - connects them
        from years.wiring import register  # noqa: PLC0415 - the registries are ready

        register()
