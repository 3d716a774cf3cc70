from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class TraineesConfig(AppConfig):
    name = "trainees"
    verbose_name = _("Members and credit hours")

    def ready(self) -> None:
        from accounts.dues import register_due  # noqa: PLC0415 - the registry is ready
        from accounts.roles import register_role_source  # noqa: PLC0415
        from accounts.trail import register_fact, register_finder  # noqa: PLC0415
        from backstage.exports import word_from  # noqa: PLC0415
        from backstage.jobs import register_kind  # noqa: PLC0415
        from backstage.tasklist import register_tasks  # noqa: PLC0415
        from trainees import receivers  # noqa: F401, PLC0415 - connects them
        from trainees.enums import FileKind, ReviewStep, ReviewVerdict  # noqa: PLC0415
        from trainees.exports import register_exports  # noqa: PLC0415
        from trainees.jobs import KINDS  # noqa: PLC0415
        from trainees.permissions import roles_in_force  # noqa: PLC0415
        from trainees.queries.administration import DUES  # noqa: PLC0415
        from trainees.queries.disputes import write_answer  # noqa: PLC0415
        from trainees.queries.rolls import write_marks  # noqa: PLC0415
        from trainees.queries.studies import write_members  # noqa: PLC0415
        from trainees.queries.tasks import list_tasks  # noqa: PLC0415
        from trainees.queries.trail import find_by_number  # noqa: PLC0415

        register_role_source(roles_in_force)
        register_tasks(list_tasks)
        register_exports()
        register_finder(find_by_number)
        register_fact("marks", _("marks"), write_marks)
        register_fact("answer", _("answer"), write_answer)
        register_fact("members", _("members"), write_members)
        register_fact("step", _("step"), word_from(ReviewStep.choices))
        register_fact("verdict", _("verdict"), word_from(ReviewVerdict.choices))
        register_fact("evidence", _("evidence"), word_from(FileKind.choices))
        register_fact("file", _("file"), str)
        register_fact("entries", _("ledger entries"), str)
        register_fact("others", _("other lines changed"), str)
        for due in DUES:
            register_due(due)
        for kind in KINDS:
            register_kind(kind)
