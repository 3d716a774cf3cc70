from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ClassesConfig(AppConfig):
    name = "classes"
    verbose_name = _("Classes and rosters")

    def ready(self) -> None:
        from classes import receivers  # noqa: F401, PLC0415 - connects them
        from classes.wiring import register  # noqa: PLC0415 - the registries are ready

        register()
