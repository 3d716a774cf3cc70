from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class RollsConfig(AppConfig):
    name = "rolls"
    verbose_name = _("Rolls and attendance")

    def ready(self) -> None:
        from rolls import receivers  # noqa: F401, PLC0415 - connects them
        from rolls.wiring import register  # noqa: PLC0415 - the registries are ready

        register()
