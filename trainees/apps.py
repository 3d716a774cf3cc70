from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class TraineesConfig(AppConfig):
    name = "trainees"
    verbose_name = _("Members and credit hours")

    def ready(self) -> None:
        from trainees import receivers  # noqa: F401, PLC0415 - connects them
        from trainees.wiring import (  # noqa: PLC0415 - the registries are ready
            classes,
            hours,
            rolls,
            studies,
            trainees,
            years,
        )

        for subject in (trainees, hours, classes, rolls, studies, years):
            subject.register()
