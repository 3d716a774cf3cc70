"""Officers of the demo's schools, and notes of liaison officers."""

from datetime import timedelta

from config.lib.copying import copy_rows
from config.lib.periods import at_local, period
from schools.demo.names import person_name
from schools.demo.network import SCHOOLS_SINCE, Network
from schools.demo.plan import DemoPlan
from schools.enums import SchoolOffice
from schools.models import GuidanceNote, SchoolOfficer

# Days before the demo's today, topic, text.
_NOTES = (
    (75, "教学计划", "本季度三个模块的课程比例基本合理，基层实务略少，建议下月补两次案例课。"),
    (40, "考勤管理", "课前手机入袋执行较好；两个班次的考勤提交超过三天，请经办人当天提交。"),
    (12, "现场教学", "现场教学点讲解词已更新，建议党务工作者班次优先安排。"),
)


def seed_leaders(plan: DemoPlan, network: Network, liaison_officers: dict[int, int]) -> None:
    """Store officers of all schools, and notes on schools with a liaison officer (by school id)."""
    _seed_officers(plan, network)
    _seed_notes(plan, liaison_officers)


def _seed_officers(plan: DemoPlan, network: Network) -> None:
    rng = plan.rng("leaders")
    rows = []
    for school in network.schools:
        # The executive vice principal changed once, so that the page has a history to show.
        changed_on = SCHOOLS_SINCE.replace(year=SCHOOLS_SINCE.year + 3)
        rows += [
            (school.id, SchoolOffice.FIRST_RESPONSIBLE, period(SCHOOLS_SINCE)),
            (school.id, SchoolOffice.EXECUTIVE_VICE_PRINCIPAL, period(SCHOOLS_SINCE, changed_on)),
            (school.id, SchoolOffice.EXECUTIVE_VICE_PRINCIPAL, period(changed_on)),
            (school.id, SchoolOffice.VICE_PRINCIPAL, period(SCHOOLS_SINCE)),
        ]
    copy_rows(
        SchoolOfficer,
        ["school_id", "office", "name", "telephone", "period"],
        [
            (school_id, office.value, person_name(rng, rng.choice("mf")), "", held)
            for school_id, office, held in rows
        ],
    )


def _seed_notes(plan: DemoPlan, liaison_officers: dict[int, int]) -> None:
    copy_rows(
        GuidanceNote,
        ["school_id", "noted_on", "topic", "text", "written_at", "written_by_id"],
        [
            (school_id, day, topic, text, at_local(day, 17), liaison_id)
            for school_id, liaison_id in liaison_officers.items()
            for days, topic, text in _NOTES
            for day in [plan.on - timedelta(days=days)]
        ],
    )
