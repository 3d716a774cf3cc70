from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class BackstageConfig(AppConfig):
    name = "backstage"
    verbose_name = _("Behind the pages")

    def ready(self) -> None:
        from accounts.trail import register_fact, register_name  # noqa: PLC0415 - it is ready
        from backstage.exports import EXPORT_KIND, title_of, write_filters  # noqa: PLC0415
        from backstage.jobs import register_kind, write_job  # noqa: PLC0415
        from backstage.models import Job  # noqa: PLC0415
        from backstage.trail_export import register_trail  # noqa: PLC0415

        register_kind(EXPORT_KIND)
        register_trail()
        register_name(Job, write_job)
        register_fact("list", _("list"), title_of)
        register_fact("filters", _("narrowed to"), write_filters)
