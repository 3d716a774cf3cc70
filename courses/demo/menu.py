"""The demo's courses: for each module its courses by strand, and who may teach them.

The hours of each module are 41 to 41 to 20.5, which is the mix of 40/40/20.
"""

import random
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from config.lib.copying import copy_rows, reserve_ids
from config.lib.periods import period
from courses.enums import Format, ProgrammeKind, RegulationTask, Strand
from courses.models import Course, Module, Programme
from instructors.demo import InstructorRow
from instructors.enums import Corps
from schools.demo import DemoPlan

HALF_DAY = Decimal(4)
EVENING = Decimal(2)
MICRO = Decimal("0.25")

# Hours of a strand's courses in the order of the titles below, by the number of titles.
_HOURS = {
    8: (*[HALF_DAY] * 4, *[EVENING] * 2, *[MICRO] * 2),
    4: (*[HALF_DAY] * 2, EVENING, MICRO),
}
_PREMIUM = frozenset(
    {
        "奋斗百年路 起航新征程",
        "乡村振兴思路举措",
        "党的二十大精神与基层治理",
        "榜样的力量：身边的优秀共产党员",
    }
)
_OF_ACCOUNTS = frozenset({"governance", "affairs"})
_ELECTIVE = frozenset({"就业技能与创业指导", "红色物业与小区治理", "社区工作中的法律常识"})

_MENU: dict[str, dict[Strand, tuple[str, ...]]] = {
    "rural": {
        Strand.THEORY: (
            "习近平总书记关于“三农”工作的重要论述", "奋斗百年路 起航新征程",
            "全面推进乡村振兴的战略部署", "中国式现代化与农业农村", "共同富裕的理论与实践",
            "党领导农村工作的百年历程", "十五分钟读懂乡村振兴促进法", "十五分钟学习中央一号文件",
        ),
        Strand.PRACTICE: (
            "乡村振兴思路举措", "发展壮大村集体经济", "农村人居环境整治提升", "农村“三资”管理实务",
            "就业技能与创业指导", "沙窝萝卜与特色农业品牌", "十五分钟学会村务公开",
            "十五分钟看懂土地承包政策",
        ),
        Strand.ROLE_MODELS: (
            "从好支书到好班子：村级带头人故事", "走进美丽村庄：现场观摩", "田间地头的共产党员",
            "十五分钟微故事：驻村的日子",
        ),
    },
    "governance": {
        Strand.THEORY: (
            "党的二十大精神与基层治理", "习近平新时代中国特色社会主义思想概论", "新时代“枫桥经验”",
            "总体国家安全观与基层安全", "全过程人民民主的基层实践", "从严治党向基层延伸",
            "十五分钟读懂城市基层党建", "十五分钟学习网格化治理",
        ),
        Strand.PRACTICE: (
            "党建引领社区治理", "矛盾纠纷排查与调解", "突发事件应对与安全生产",
            "社区工作中的法律常识", "红色物业与小区治理", "接诉即办与群众工作方法",
            "十五分钟学会入户走访", "十五分钟学会垃圾分类动员",
        ),
        Strand.ROLE_MODELS: (
            "榜样的力量：身边的优秀共产党员", "抗日救亡运动旧址现场教学", "老党员讲社区变迁",
            "十五分钟微故事：楼门长的一天",
        ),
    },
    "affairs": {
        Strand.THEORY: (
            "中国共产党章程导读", "习近平总书记关于党的建设的重要思想", "党的光荣传统和优良作风",
            "民主集中制的理论与实践", "党的纪律与中央八项规定精神", "中国共产党支部建设百年",
            "十五分钟学党章", "十五分钟学习纪律处分条例",
        ),
        Strand.PRACTICE: (
            "支部工作条例与标准化规范化建设", "发展党员工作流程与规范",
            "“三会一课”与主题党日实务", "党费收缴使用与管理", "基层党务公文写作",
            "党员组织关系管理", "十五分钟学会开好组织生活会", "十五分钟学会党员信息登记",
        ),
        Strand.ROLE_MODELS: (
            "千名书记讲党课：优秀支部书记经验", "烈士陵园现场教学", "老书记的工作笔记",
            "十五分钟微故事：我的入党介绍人",
        ),
    },
}  # fmt: skip

# What takes half a day suits a pack as well as an intensive class.
_FORMAT_OF_HOURS = {EVENING: Format.EVENING, MICRO: Format.MICRO_LECTURE}
_TASKS = {
    Strand.THEORY: [RegulationTask.THEORY],
    Strand.PRACTICE: [RegulationTask.SKILLS],
    Strand.ROLE_MODELS: [RegulationTask.PURPOSE, RegulationTask.TRADITION],
}

# The programmes that the district has named.
_PROGRAMMES = (
    (ProgrammeKind.SPECIAL_PROJECT, "书记学堂"),
    (ProgrammeKind.SPECIAL_PROJECT, "雏雁启航"),
    (ProgrammeKind.CAMPAIGN, "千名书记讲党课·万名党员抒感言"),
)


@dataclass(frozen=True, slots=True)
class CourseRow:
    """A stored course with the lecturers who may teach it."""

    id: int
    code: str
    title: str
    module: str
    strand: Strand
    hours: Decimal
    instructors: tuple[InstructorRow, ...]

    @property
    def is_elective(self) -> bool:
        """Whether it is one of the electives (law, job skills, property management)."""
        return self.title in _ELECTIVE


def seed_programmes(plan: DemoPlan) -> None:
    """Store the special projects and campaigns, which run from the demo's year on."""
    runs = period(date(plan.year, 1, 1))
    Programme.objects.bulk_create(
        Programme(kind=kind, name=name, period=runs) for kind, name in _PROGRAMMES
    )


def seed_menu(
    plan: DemoPlan, instructors: list[InstructorRow], modules: dict[str, int]
) -> list[CourseRow]:
    """Store the courses and who may teach them; `modules` contains the module ids by code."""
    rng = plan.rng("menu")
    entries = [
        (module, strand, title, hours)
        for module, strands in _MENU.items()
        for strand, titles in strands.items()
        for title, hours in zip(titles, _HOURS[len(titles)], strict=True)
    ]
    courses = [
        CourseRow(
            pk,
            f"{module[:2].upper()}{number:03d}",
            title,
            module,
            strand,
            hours,
            tuple(_pick_lecturers(rng, instructors, module, strand)),
        )
        for number, (pk, (module, strand, title, hours)) in enumerate(
            zip(reserve_ids(Course, len(entries)), entries, strict=True), 1
        )
    ]
    _store(courses, modules)
    return courses


def module_ids() -> dict[str, int]:
    """The ids of the modules, by code. A migration has stored them."""
    return dict(Module.objects.values_list("code", "id"))


def _pick_lecturers(
    rng: random.Random, instructors: list[InstructorRow], module: str, strand: Strand
) -> Iterable[InstructorRow]:
    """The two upper corps teach theory; backbone lecturers also teach practice and role models.

    A lecturer with an account teaches all of the practice of `_OF_ACCOUNTS`, so that their own
    pages have something to show.
    """
    by_corps = {corps: [i for i in instructors if i.corps is corps] for corps in Corps}
    yield from rng.sample(by_corps[Corps.LEAD_STUDY], 2)
    yield from rng.sample(by_corps[Corps.PROFESSIONAL], 4)
    if strand is Strand.THEORY:
        return
    by_school: dict[int | None, list[InstructorRow]] = {}
    for instructor in by_corps[Corps.BACKBONE]:
        by_school.setdefault(instructor.school_id, []).append(instructor)
    for lecturers in by_school.values():
        chosen = rng.sample(lecturers, 2)
        yield from chosen
        if strand is Strand.PRACTICE and module in _OF_ACCOUNTS:
            yield from (one for one in lecturers if one.has_account and one not in chosen)


def _tasks_of(course: CourseRow) -> str:
    """The tasks of the regulation that a course serves, as an array of PostgreSQL."""
    first = [RegulationTask.FIRST] if "习近平" in course.title else []
    return "{" + ",".join([*first, *_TASKS[course.strand]]) + "}"


def _store(courses: list[CourseRow], modules: dict[str, int]) -> None:
    copy_rows(
        Course,
        [
            *("id", "code", "title", "module_id", "strand", "hours"),
            *("is_premium", "is_elective", "format", "tasks"),
        ],
        [
            (
                course.id,
                course.code,
                course.title,
                modules[course.module],
                course.strand.value,
                course.hours,
                course.title in _PREMIUM,
                course.is_elective,
                _FORMAT_OF_HOURS.get(course.hours, ""),
                _tasks_of(course),
            )
            for course in courses
        ],
    )
    copy_rows(
        Course.instructors.through,
        ["course_id", "instructor_id"],
        [(course.id, lecturer.id) for course in courses for lecturer in course.instructors],
    )
