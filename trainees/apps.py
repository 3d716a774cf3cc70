from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class TraineesConfig(AppConfig):
    name = "trainees"
    verbose_name = _("Members and credit hours")

    def ready(self) -> None:
        from accounts.dues import register_due  # noqa: PLC0415 - the registry is ready
        from accounts.roles import register_role_source  # noqa: PLC0415
        from accounts.trail import register_finder  # noqa: PLC0415
        from backstage.jobs import register_kind  # noqa: PLC0415
        from backstage.tasklist import register_tasks  # noqa: PLC0415
        from trainees import receivers  # noqa: F401, PLC0415 - connects them
        from trainees.exports import register_exports  # noqa: PLC0415
        from trainees.jobs import KINDS  # noqa: PLC0415
        from trainees.permissions import roles_in_force  # noqa: PLC0415
        from trainees.queries.administration import DUES  # noqa: PLC0415
        from trainees.queries.document_checks import DOCUMENT_CHECKS  # noqa: PLC0415
        from trainees.queries.tasks import list_tasks  # noqa: PLC0415
        from trainees.queries.trail import find_by_number, register_facts  # noqa: PLC0415
        from trainees.roll_source import ROLL  # noqa: PLC0415
        from trainees.sources import register_checks, register_source_kind  # noqa: PLC0415
        from trainees.study_source import STUDY  # noqa: PLC0415

        for source_kind in (ROLL, STUDY):
            register_source_kind(source_kind)
        register_checks(DOCUMENT_CHECKS)
        register_role_source(roles_in_force)
        register_tasks(list_tasks)
        register_exports()
        register_finder(find_by_number)
        register_facts()
        for due in DUES:
            register_due(due)
        for kind in KINDS:
            register_kind(kind)
