from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class StudiesConfig(AppConfig):
    name = "studies"
    verbose_name = _("Study records")

    def ready(self) -> None:
        from studies import receivers  # noqa: F401, PLC0415 - connects them
        from studies.wiring import register  # noqa: PLC0415 - the registries are ready

        register()
