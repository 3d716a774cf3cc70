from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class HoursConfig(AppConfig):
    name = "hours"
    verbose_name = _("Credit hours")

    def ready(self) -> None:
        from hours import receivers  # noqa: F401, PLC0415 - connects them
        from hours.wiring import register  # noqa: PLC0415 - the registries are ready

        register()
