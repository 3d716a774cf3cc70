from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class BackstageConfig(AppConfig):
    name = "backstage"
    verbose_name = _("Behind the pages")

    def ready(self) -> None:
        from backstage.exports import EXPORT_KIND, register_export  # noqa: PLC0415 - it is ready
        from backstage.jobs import register_kind  # noqa: PLC0415
        from backstage.trail_export import TRAIL  # noqa: PLC0415

        register_kind(EXPORT_KIND)
        register_export(TRAIL)
