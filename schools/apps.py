from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class SchoolsConfig(AppConfig):
    name = "schools"
    verbose_name = _("School network")

    def ready(self) -> None:
        from backstage.tasklist import register_tasks  # noqa: PLC0415 - the registry is ready
        from schools.queries.lookups import list_lookups  # noqa: PLC0415

        register_tasks(list_lookups)
