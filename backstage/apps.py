from django.apps import AppConfig
from django.core import checks
from django.utils.translation import gettext_lazy as _


class BackstageConfig(AppConfig):
    name = "backstage"
    verbose_name = _("Behind the pages")

    def ready(self) -> None:
        import backstage.tasks  # noqa: F401, PLC0415 - every process orders them by name
        from backstage.checks import check_trail_feed  # noqa: PLC0415 - the settings are ready
        from backstage.wiring import register  # noqa: PLC0415 - the registries are ready

        register()
        checks.register(check_trail_feed)
