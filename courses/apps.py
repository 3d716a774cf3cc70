from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class CoursesConfig(AppConfig):
    name = "courses"
    verbose_name = _("Courses and classes")

    def ready(self) -> None:
        from accounts.trail import register_fact  # noqa: PLC0415 - the registry is ready
        from config.lib.pages import register_pages  # noqa: PLC0415
        from courses import receivers  # noqa: F401, PLC0415 - connects them
        from courses.exports import register_exports  # noqa: PLC0415
        from courses.records import format_equipment  # noqa: PLC0415

        register_exports()
        register_pages({"school": "courses:school"})
        register_fact("equipment", _("equipment"), format_equipment)
