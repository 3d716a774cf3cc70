from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class SchoolsConfig(AppConfig):
    name = "schools"
    verbose_name = _("School network")

    def ready(self) -> None:
        from accounts.roles import register_grant_source  # noqa: PLC0415 - the registry is ready
        from accounts.trail import register_finder  # noqa: PLC0415
        from backstage.menu import register_link  # noqa: PLC0415
        from backstage.tasklist import register_lookup  # noqa: PLC0415
        from config.lib.pages import register_pages  # noqa: PLC0415
        from schools.exports import register_exports  # noqa: PLC0415
        from schools.links import LOOKUPS, SCHOOLS  # noqa: PLC0415
        from schools.queries.grants import list_grants  # noqa: PLC0415
        from schools.queries.trail import find_by_code, register_facts  # noqa: PLC0415

        register_exports()
        register_pages({"new_grant": "admin:schools_rolegrant_add"})
        register_facts()
        register_finder(find_by_code)
        register_grant_source(list_grants)
        register_link(SCHOOLS)
        for label, page, roles, rank in LOOKUPS:
            register_lookup(label, page, roles, rank=rank)
