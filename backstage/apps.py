from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class BackstageConfig(AppConfig):
    name = "backstage"
    verbose_name = _("Behind the pages")

    def ready(self) -> None:
        import backstage.tasks  # noqa: F401, PLC0415 - every process orders them by name
        from accounts.trail import register_fact, register_name  # noqa: PLC0415 - it is ready
        from backstage.admin_exports import register_admin_exports  # noqa: PLC0415
        from backstage.exports import (  # noqa: PLC0415
            EXPORT_KIND,
            format_filters,
            register_export,
            title_of,
        )
        from backstage.job_export import JOBS  # noqa: PLC0415
        from backstage.jobs import format_job, register_kind  # noqa: PLC0415
        from backstage.menu import register_link  # noqa: PLC0415
        from backstage.models import Job  # noqa: PLC0415
        from backstage.system_tasks import LINKS, LOOKUPS, failed_job_tasks  # noqa: PLC0415
        from backstage.tasklist import register_lookup, register_tasks  # noqa: PLC0415
        from backstage.trail_export import register_trail  # noqa: PLC0415

        register_kind(EXPORT_KIND)
        register_trail()
        register_name(Job, format_job)
        register_export(JOBS)
        register_admin_exports()
        register_fact("list", _("list"), title_of)
        register_fact("filters", _("narrowed to"), format_filters)
        for link in LINKS:
            register_link(link)
        register_tasks(failed_job_tasks, rank=310)
        for label, page, roles, rank in LOOKUPS:
            register_lookup(label, page, roles, rank=rank)
