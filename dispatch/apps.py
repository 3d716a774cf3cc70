from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class DispatchConfig(AppConfig):
    name = "dispatch"
    verbose_name = _("Booking and dispatch")

    def ready(self) -> None:
        from dispatch import receivers  # noqa: F401, PLC0415 - models are loaded now
        from dispatch.wiring import register  # noqa: PLC0415 - the registries are ready

        register()
