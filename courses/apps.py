from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class CoursesConfig(AppConfig):
    name = "courses"
    verbose_name = _("Courses and classes")

    def ready(self) -> None:
        from courses import receivers  # noqa: F401, PLC0415 - connects them
        from courses.wiring import register  # noqa: PLC0415 - the registries are ready

        register()
