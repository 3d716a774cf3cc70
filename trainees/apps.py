from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class TraineesConfig(AppConfig):
    name = "trainees"
    verbose_name = _("Members")

    def ready(self) -> None:
        from trainees import receivers  # noqa: F401, PLC0415 - connects them
        from trainees.wiring import register  # noqa: PLC0415 - the registries are ready

        register()
