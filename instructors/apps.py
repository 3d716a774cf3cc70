from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class InstructorsConfig(AppConfig):
    name = "instructors"
    verbose_name = _("Lecturers")

    def ready(self) -> None:
        from instructors.wiring import register  # noqa: PLC0415 - the registries are ready

        register()
