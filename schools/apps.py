from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class SchoolsConfig(AppConfig):
    name = "schools"
    verbose_name = _("School network")

    def ready(self) -> None:
        from schools.wiring import register  # noqa: PLC0415 - the registries are ready

        register()
