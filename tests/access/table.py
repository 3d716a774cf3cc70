"""Who gets what from every address: the one table of URL × role × own or other school.

A cell is the status of a GET. `own` and `other` say whose school the object in the address
belongs to; addresses without an object have one column. Admin addresses follow by rule from
the roles that each ModelAdmin names (`test_admin_access`).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from accounts.enums import (
    DISTRICT_ROLES,
    MONEY_ROLES,
    SCHOOL_ROLES,
    SERVING_ROLES,
    SLIP_ROLES,
    STAFF_ROLES,
    Role,
)

SIGN_IN = ELSEWHERE = 302
OK, FORBIDDEN, MISSING, NOT_ALLOWED = 200, 403, 404, 405

EVERYONE = frozenset(Role)
STAFF = SCHOOL_ROLES | DISTRICT_ROLES


@dataclass(frozen=True)
class Row:
    """One address. Roles in neither `at_own` nor `public` are answered with `denied`."""

    at_own: dict[frozenset, int]
    other: dict[frozenset, int] | None = None
    public: int | None = None
    denied: int = FORBIDDEN
    target: str = ""
    writes_trail: bool = False

    def arguments(self, things: dict[str, Any]) -> list[Any]:
        """What the address names: the keys of the targets among the things of a school."""
        named = [things[target] for target in self.target.split(",") if target]
        return [getattr(thing, "pk", thing) for thing in named]

    def expected(self, role: Role | None, *, is_own: bool) -> int:
        """The status for a role; None is a stranger."""
        if role is None:
            return SIGN_IN if self.public is None else self.public
        cells = self.at_own if is_own or self.other is None else self.other
        return next((status for roles, status in cells.items() if role in roles), self.denied)


CLERK = frozenset({Role.SCHOOL_CLERK})
LEADER = frozenset({Role.SCHOOL_LEADER})
OFFICE = frozenset({Role.ORGANISATION_DEPARTMENT})
ACADEMIC = frozenset({Role.DISTRICT_SCHOOL})
AUDIT = frozenset({Role.AUDIT_ADMINISTRATOR})
SYSTEM = frozenset({Role.SYSTEM_ADMINISTRATOR})
SECURITY = frozenset({Role.SECURITY_ADMINISTRATOR})
FOUNDERS = OFFICE | SYSTEM
# A branch secretary is a member as well.
MEMBERS = frozenset({Role.MEMBER, Role.BRANCH_SECRETARY})
MEMBER = frozenset({Role.MEMBER})
LECTURER = frozenset({Role.LECTURER})
RECORDERS = frozenset({Role.SCHOOL_CLERK, Role.ORGANISATION_COMMISSIONER, Role.BRANCH_SECRETARY})
# A record of a branch: for the school, the district, and those who serve the branch.
STUDY_SEEN = {STAFF | RECORDERS: OK, MEMBER: MISSING}
STUDY_OF_OTHERS = {DISTRICT_ROLES: OK, SCHOOL_ROLES | RECORDERS | MEMBER: MISSING}
LIAISON = frozenset({Role.LIAISON_OFFICER})
# Who sees an object of the own school or of any; who may do something to it.
SEEN = {SCHOOL_ROLES: MISSING, DISTRICT_ROLES: OK}
OTHERS_DISPUTE = {DISTRICT_ROLES: FORBIDDEN}
PLANNERS = {CLERK | frozenset({Role.DISTRICT_SCHOOL}): OK}
PLANNED_ELSEWHERE = {frozenset({Role.DISTRICT_SCHOOL}): OK, SCHOOL_ROLES: MISSING}
OFFICE_ACT = Row({OFFICE: OK}, {OFFICE: OK, SCHOOL_ROLES: MISSING}, target="organisation")

READERS = STAFF | MONEY_ROLES
AUDITOR = frozenset({Role.AUDITOR})
FUNDS_SEEN = {DISTRICT_ROLES: OK, READERS: MISSING}


def _fund_act(target: str, roles: frozenset) -> Row:
    """An act of some on what all readers of the money see at their own school."""
    elsewhere = {DISTRICT_ROLES: FORBIDDEN, READERS: MISSING}
    return Row({roles: OK, READERS: FORBIDDEN}, elsewhere, target=target)


TABLE: dict[str, Row] = {
    "home": Row({EVERYONE: OK}),
    "healthz": Row({EVERYONE: OK}, public=OK),
    "live": Row({EVERYONE: OK}, public=OK),
    "ready": Row({EVERYONE: OK}, public=OK),
    # From this machine, as tests are; from elsewhere there is no such page.
    "metrics": Row({EVERYONE: OK}, public=OK),
    "csp_report": Row({EVERYONE: NOT_ALLOWED}, public=NOT_ALLOWED),
    "set_language": Row({EVERYONE: NOT_ALLOWED}, public=NOT_ALLOWED),
    "accounts:sign_in": Row({EVERYONE: 302}, public=OK),
    "accounts:sign_out": Row({EVERYONE: NOT_ALLOWED}, public=NOT_ALLOWED),
    "accounts:password_change": Row({EVERYONE: OK}),
    # Nobody here has an app yet (`tests/accounts/views/test_second_factor.py`).
    "accounts:second_factor": Row({STAFF_ROLES: ELSEWHERE}),
    "accounts:enrol_second_factor": Row({STAFF_ROLES: OK}),
    "accounts:recovery_codes": Row({STAFF_ROLES: ELSEWHERE}),
    "accounts:renew_recovery_codes": Row({EVERYONE: NOT_ALLOWED}),
    "accounts:reset_second_factor": Row({SECURITY: MISSING}, {SECURITY: MISSING}, target="account"),
    "backstage:jobs": Row({EVERYONE: OK}),
    "backstage:job": Row({CLERK: OK}, {}, target="job", denied=MISSING),
    "backstage:stop_job": Row({EVERYONE: NOT_ALLOWED}, target="job"),
    # Each has only their own.
    "backstage:messages": Row({EVERYONE: OK}),
    "backstage:open_message": Row({EVERYONE: NOT_ALLOWED}, target="message"),
    "backstage:read_all_messages": Row({EVERYONE: NOT_ALLOWED}),
    "backstage:email": Row({EVERYONE: OK}),
    "backstage:file": Row({CLERK: OK}, {}, target="file", denied=MISSING, writes_trail=True),
    "backstage:status": Row({SYSTEM: OK}),
    "backstage:export": Row({EVERYONE: NOT_ALLOWED}, target="export"),
    # Each sees only what they proposed or may decide on.
    "backstage:pending_acts": Row({EVERYONE: OK}),
    "backstage:confirm_act": Row(
        {CLERK | OFFICE: OK}, {OFFICE: OK}, target="pending_act", denied=MISSING
    ),
    "backstage:refuse_act": Row(
        {CLERK | OFFICE: OK}, {OFFICE: OK}, target="pending_act", denied=MISSING
    ),
    "accounts:own_slips": Row({EVERYONE: OK}),
    "accounts:see_slip": Row({EVERYONE: NOT_ALLOWED}),
    "accounts:trail": Row({AUDIT: OK}),
    "accounts:trail_entry": Row({AUDIT: OK}, target="entry"),
    "accounts:activate": Row({EVERYONE: 302}, public=OK),
    "accounts:activate_password": Row({EVERYONE: 302}, public=302),
    "accounts:privacy": Row({EVERYONE: OK}, public=OK),
    "years:my_hours": Row({MEMBERS: OK}, denied=MISSING),
    "years:my_classes": Row({MEMBERS: OK}, denied=MISSING),
    "classes:enrol_self": Row({EVERYONE: NOT_ALLOWED}, target="class"),
    # Of a class that has not begun and is open, for who is in it.
    "classes:leave_class": Row({}, target="class", denied=MISSING),
    # Of a class that is over, which the member attended and has not rated.
    "classes:rate_class": Row({MEMBER: OK}, {}, target="class_over", denied=MISSING),
    "classes:my_timetable": Row({MEMBERS: OK}, denied=MISSING),
    "rolls:my_code": Row({MEMBERS: OK}, denied=MISSING),
    "classes:make_feed": Row({MEMBERS: ELSEWHERE}, denied=MISSING),
    "classes:end_feed": Row({EVERYONE: NOT_ALLOWED}),
    # Of a session on whose roster the member is.
    "classes:ask_leave": Row({MEMBER: OK}, {}, target="session", denied=MISSING),
    "classes:withdraw_leave": Row({EVERYONE: NOT_ALLOWED}, target="leave"),
    "classes:answer_leave": Row(
        {CLERK: ELSEWHERE, STAFF: MISSING}, {STAFF: MISSING}, target="leave"
    ),
    # The token in the address says whose timetable it is; who asks does not matter.
    "classes:calendar": Row({EVERYONE: OK}, public=OK, target="calendar"),
    "years:report_missing": Row({MEMBERS: OK}, denied=MISSING),
    # A line in dispute leads the member to the dispute; nobody else's line is there.
    "years:open_dispute": Row({MEMBER: ELSEWHERE}, {}, target="assessment", denied=MISSING),
    "years:disputes": Row({STAFF: OK}),
    "years:dispute": Row(
        {STAFF | MEMBER: OK}, {DISTRICT_ROLES: OK}, target="dispute", denied=MISSING
    ),
    "years:answer_dispute": Row(
        {CLERK: OK, STAFF | MEMBER: FORBIDDEN}, OTHERS_DISPUTE, target="dispute", denied=MISSING
    ),
    "years:withdraw_dispute": Row(
        {MEMBER: OK, STAFF: FORBIDDEN}, OTHERS_DISPUTE, target="dispute", denied=MISSING
    ),
    # Nothing is answered yet, so there is nothing to appeal against or to decide.
    "years:appeal_dispute": Row(
        {MEMBER: ELSEWHERE, STAFF: FORBIDDEN}, OTHERS_DISPUTE, target="dispute", denied=MISSING
    ),
    "years:decide_dispute": Row(
        {OFFICE: ELSEWHERE, STAFF | MEMBER: FORBIDDEN},
        {OFFICE: ELSEWHERE, DISTRICT_ROLES: FORBIDDEN},
        target="dispute",
        denied=MISSING,
    ),
    "schools:schools": Row({STAFF: OK}),
    "schools:open": Row({OFFICE: OK}),
    "schools:contact": Row(
        {OFFICE | CLERK: OK}, {OFFICE: OK, SCHOOL_ROLES: MISSING}, target="school"
    ),
    "schools:officer": Row({OFFICE: OK}, {OFFICE: OK, SCHOOL_ROLES: MISSING}, target="school"),
    "schools:note": Row({LIAISON: OK}, {SCHOOL_ROLES: MISSING}, target="school"),
    "schools:merge": Row({OFFICE: OK}, {OFFICE: OK, SCHOOL_ROLES: MISSING}, target="school"),
    # The system administrator founds until the first member is registered
    # (`tests/schools/views/test_founding.py`).
    **{
        f"schools:{page}": Row({OFFICE: OK})
        for page in ("found_district", "add_township", "add_village", "found_school", "found_root")
    },
    "schools:found_table": Row({OFFICE: OK}, target="table_kind"),
    "schools:founding_template": Row({OFFICE: OK}, target="table_kind"),
    # A table belongs to the person who uploaded it.
    "schools:founding_preview": Row({OFFICE: OK}, {OFFICE: MISSING}, target="table_kind,table"),
    "schools:founding_refused": Row({OFFICE: OK}, {OFFICE: MISSING}, target="table_kind,table"),
    "hours:rules": Row({FOUNDERS: OK}),
    "instructors:nominations": Row({STAFF: OK}),
    "instructors:nominate": Row({CLERK | LEADER: OK}),
    "instructors:nomination": Row({STAFF: OK}, SEEN, target="nomination"),
    **{
        f"instructors:{act}": Row(
            {OFFICE: OK}, {OFFICE: OK, SCHOOL_ROLES: MISSING}, target="nomination"
        )
        for act in ("appoint_nominee", "decline_nomination")
    },
    # Each lecturer enters the own days, the academic officer those of all.
    "instructors:my_availability": Row({LECTURER: ELSEWHERE}, denied=MISSING),
    **{
        f"instructors:{page}": Row({ACADEMIC: OK}, target="lecturer", denied=MISSING)
        for page in (
            *("availability", "change_week", "add_leave", "add_exception"),
            "home_township",
        )
    },
    "instructors:end_leave": Row({ACADEMIC: OK}, target="lecturer_leave", denied=MISSING),
    "instructors:remove_exception": Row(
        {ACADEMIC: OK}, target="lecturer_exception", denied=MISSING
    ),
    # Staff of every school choose among all lecturers of the district.
    "classes:lecturers": Row({STAFF: OK}),
    # Of the schools in sight; lecturers have their own.
    "classes:teaching_calendar": Row({STAFF | LECTURER: OK}),
    "classes:lecturer": Row({STAFF: OK}, target="lecturer", denied=MISSING),
    "classes:lecturer_sessions": Row({STAFF: OK}, target="lecturer", denied=MISSING),
    "classes:my_teaching": Row({LECTURER: OK}, denied=MISSING),
    "classes:make_teaching_feed": Row({LECTURER: ELSEWHERE}, denied=MISSING),
    "classes:end_teaching_feed": Row({EVERYONE: NOT_ALLOWED}),
    "instructors:letters": Row({STAFF: OK}),
    "instructors:issue_letters": Row({OFFICE: OK}),
    "instructors:letter": Row({STAFF: OK}, SEEN, target="letter", denied=MISSING),
    "instructors:letter_file": Row(
        {STAFF: OK}, SEEN, target="letter_paper", denied=MISSING, writes_trail=True
    ),
    **{
        f"instructors:{act}": Row(
            {OFFICE: OK, STAFF: FORBIDDEN},
            {OFFICE: OK, ACADEMIC: FORBIDDEN},
            target="letter",
            denied=MISSING,
        )
        for act in ("reissue_letter", "revoke_letter")
    },
    "instructors:letter_batch": Row({OFFICE: OK}, target="letter_sheets"),
    "instructors:letter_batch_file": Row({OFFICE: OK}, target="letter_sheets", writes_trail=True),
    "courses:school": Row({STAFF: OK}, SEEN, target="school"),
    "courses:venue_add": Row({DISTRICT_ROLES | CLERK: OK}, SEEN, target="school"),
    "courses:venue": Row({DISTRICT_ROLES | CLERK: OK}, SEEN, target="venue"),
    "courses:year_plan": Row({STAFF: OK}, SEEN, target="school"),
    "courses:year_plan_copy": Row({EVERYONE: NOT_ALLOWED}, target="school"),
    "courses:year_plan_follow": Row({EVERYONE: NOT_ALLOWED}, target="school"),
    "courses:year_plan_change": Row({EVERYONE: NOT_ALLOWED}, target="planned_course"),
    "courses:year_plan_drop": Row({EVERYONE: NOT_ALLOWED}, target="planned_course"),
    # The menu is one for the whole district.
    "courses:menu": Row({STAFF: OK}),
    "courses:mix": Row({STAFF: OK}),
    "courses:mix_rule": Row({ACADEMIC: OK}, target="module"),
    "courses:course_add": Row({ACADEMIC: OK}),
    "courses:course": Row({STAFF: OK}, target="course"),
    "courses:course_change": Row({ACADEMIC: OK}, target="course"),
    "courses:course_retire": Row({ACADEMIC: OK}, target="course"),
    "courses:course_materials": Row({ACADEMIC: OK}, target="course"),
    # For staff, and for lecturers of the course: here the course of the lecturer's session.
    "courses:course_material": Row(
        {STAFF | LECTURER: OK}, target="course,course_material", denied=MISSING
    ),
    "courses:course_material_remove": Row({ACADEMIC: OK}, target="course,course_material"),
    "dispatch:letters": Row({STAFF: OK}),
    "dispatch:write_letter": Row({CLERK: OK}),
    # Of a school that the person books for, named in the query.
    "dispatch:letter_mix": Row({STAFF: MISSING}),
    "dispatch:letter_lecturers": Row({STAFF: MISSING}),
    "dispatch:letter": Row({STAFF: OK}, SEEN, target="booking_letter"),
    "dispatch:letter_paper": Row({STAFF: OK}, SEEN, target="booking_letter"),
    # It is scheduled, so its draft is no more.
    "dispatch:change_letter": Row(
        {CLERK: ELSEWHERE, STAFF: FORBIDDEN},
        {DISTRICT_ROLES: FORBIDDEN, SCHOOL_ROLES: MISSING},
        target="booking_letter",
    ),
    "dispatch:copy_letter": Row({EVERYONE: NOT_ALLOWED}, target="booking_letter"),
    **{
        f"dispatch:{act}": Row(
            {CLERK: OK, STAFF: FORBIDDEN},
            {DISTRICT_ROLES: FORBIDDEN, SCHOOL_ROLES: MISSING},
            target="booking_letter",
        )
        for act in (
            *("submit_letter", "answer_inquiry", "confirm_letter"),
            *("cancel_letter", "evaluate_letter"),
        )
    },
    "dispatch:queue": Row({ACADEMIC: OK}),
    "dispatch:take_letter": Row({EVERYONE: NOT_ALLOWED}, target="booking_letter"),
    **{
        f"dispatch:{act}": Row({ACADEMIC: OK}, target="booking_letter")
        for act in ("hand_over_letter", "ask_school", "decline_letter", "schedule_letter")
    },
    "dispatch:engage_for_letter": Row({ACADEMIC: OK}, target="booking_letter"),
    "dispatch:engage_lecturer": Row({ACADEMIC: OK}, target="booking_letter,booking_session"),
    "dispatch:booking_rules": Row({ACADEMIC: OK}),
    "dispatch:board": Row({ACADEMIC: OK}),
    "dispatch:plan": Row({ACADEMIC: OK}),
    "dispatch:release_plan": Row({ACADEMIC: OK}),
    "dispatch:plan_version": Row({ACADEMIC: OK}, target="plan_version"),
    # For lecturers without an account, who are not signed in.
    "dispatch:proposal": Row({EVERYONE: OK}, public=OK, target="proposal"),
    "dispatch:my_engagements": Row({frozenset({Role.LECTURER}): OK}),
    "dispatch:answer_proposals": Row(
        {frozenset({Role.LECTURER}): OK},
        {frozenset({Role.LECTURER}): MISSING},
        target="booking_letter",
    ),
    "dispatch:accept": Row(
        {frozenset({Role.LECTURER}): OK}, {frozenset({Role.LECTURER}): MISSING}, target="engagement"
    ),
    "dispatch:decline": Row(
        {frozenset({Role.LECTURER}): OK}, {frozenset({Role.LECTURER}): MISSING}, target="engagement"
    ),
    **{
        f"quotas:{name}": Row({STAFF: OK})
        for name in (
            *("tasks", "claims", "progress", "warnings", "reconciliations"),
            *("sums", "results", "differences", "claim_differences"),
        )
    },
    "studies:themed_days": Row({STAFF: OK}),
    "quotas:rehearse": Row({EVERYONE: NOT_ALLOWED}),
    "quotas:begin_reconciliation": Row({OFFICE: OK}),
    # One of which the school is the only part.
    "quotas:reconciliation": Row({STAFF: OK}, SEEN, target="reconciliation"),
    "quotas:restart_reconciliation": Row({OFFICE: OK}, target="reconciliation"),
    "quotas:discard_reconciliation": Row({OFFICE: OK}, target="reconciliation"),
    "quotas:sign_district": Row(
        {ACADEMIC: OK, STAFF: FORBIDDEN},
        {ACADEMIC: OK, DISTRICT_ROLES: FORBIDDEN, SCHOOL_ROLES: MISSING},
        target="final_run",
    ),
    "quotas:sign_results": Row(
        {LEADER: OK, STAFF: FORBIDDEN},
        {DISTRICT_ROLES: FORBIDDEN, SCHOOL_ROLES: MISSING},
        target="final_run,school",
    ),
    "quotas:countersign": Row({OFFICE: OK}, target="statement_signature"),
    "quotas:statement": Row({STAFF: OK}, SEEN, target="year_statement"),
    "quotas:statement_pdf": Row({STAFF: OK}, SEEN, target="year_statement", writes_trail=True),
    "quotas:statement_xlsx": Row({STAFF: OK}, SEEN, target="year_statement", writes_trail=True),
    "quotas:ask_reopening": Row({OFFICE: OK}),
    "quotas:grant_reopening": Row({OFFICE: OK}, target="year_reopening"),
    "quotas:refuse_reopening": Row({OFFICE: OK}, target="year_reopening"),
    # For who asked alone.
    "quotas:withdraw_reopening": Row({}, target="year_reopening"),
    # No year is closed in the table's world, so there is nothing to note beside.
    "quotas:note_adjustment": Row({OFFICE: MISSING}),
    "quotas:take_adjustment_back": Row({OFFICE: OK}, target="year_adjustment"),
    "quotas:begin_task": Row({OFFICE: OK}),
    "quotas:task": Row({STAFF: OK}, target="annual_task"),
    # Nobody else knows of a draft.
    "quotas:publish_task": Row({OFFICE: OK}, target="task_draft"),
    "quotas:discard_task": Row({OFFICE: OK}, target="task_draft"),
    "quotas:drop_line": Row({EVERYONE: NOT_ALLOWED}, target="task_line"),
    "quotas:begin_claim": Row({EVERYONE: NOT_ALLOWED}),
    "quotas:claim": Row({STAFF: OK}, SEEN, target="quota_claim"),
    "quotas:discard_claim": Row(
        {CLERK: OK, STAFF: FORBIDDEN},
        {DISTRICT_ROLES: FORBIDDEN, SCHOOL_ROLES: MISSING},
        target="quota_claim",
    ),
    "quotas:submit_claim": Row(
        {LEADER: OK, STAFF: FORBIDDEN},
        {DISTRICT_ROLES: FORBIDDEN, SCHOOL_ROLES: MISSING},
        target="quota_claim",
    ),
    "quotas:accept_claim": Row({OFFICE: OK}, target="quota_claim"),
    "quotas:ask_again": Row({OFFICE: OK}, target="quota_claim"),
    "funding:funds": Row({READERS: OK}),
    "funding:commitments": Row({READERS: OK}),
    "funding:fund": Row({READERS: OK}, FUNDS_SEEN, target="school"),
    "funding:allocation": Row({READERS: OK}, FUNDS_SEEN, target="fund_allocation"),
    "funding:commitment": Row({READERS: OK}, FUNDS_SEEN, target="fund_commitment"),
    **{f"funding:{act}": Row({OFFICE: OK}, target="school") for act in ("allocate", "carry_over")},
    "funding:adjust_allocation": Row({OFFICE: OK}, target="fund_allocation"),
    "funding:commit": _fund_act("school", CLERK),
    "funding:check_commitment": _fund_act("fund_commitment", frozenset({Role.CUSTODIAN})),
    "funding:decide_exception": Row(
        {OFFICE: OK, READERS: FORBIDDEN},
        {OFFICE: OK, DISTRICT_ROLES: FORBIDDEN, READERS: MISSING},
        target="fund_item",
    ),
    "funding:proposals": Row({OFFICE: OK}),
    "funding:allocate_proposals": Row({OFFICE: OK}),
    "funding:approve_commitment": _fund_act("fund_commitment", frozenset({Role.APPROVER})),
    "funding:pay_commitment": _fund_act("fund_commitment", frozenset({Role.PAYER})),
    "funding:release_commitment": _fund_act(
        "fund_commitment", CLERK | frozenset({Role.CUSTODIAN, Role.APPROVER})
    ),
    # Of an allocation, which is the department's.
    "funding:add_voucher": _fund_act("fund_commitment", CLERK),
    "funding:voucher_file": Row(
        {READERS: OK}, FUNDS_SEEN, target="fund_voucher", writes_trail=True
    ),
    "funding:withdraw_voucher": _fund_act("fund_voucher", CLERK),
    "funding:fee_sheet": Row({READERS: OK}, FUNDS_SEEN, target="fund_fee"),
    "funding:reverse_transaction": Row(
        {OFFICE: OK, READERS: FORBIDDEN},
        {OFFICE: OK, ACADEMIC: FORBIDDEN, READERS: MISSING},
        target="fund_transaction",
    ),
    "funding:classes": Row({READERS: OK}),
    "funding:class_costs": Row({READERS: OK}, FUNDS_SEEN, target="class"),
    "funding:ask_for_class": _fund_act("class", CLERK),
    "funding:settle_class": _fund_act("class", CLERK | frozenset({Role.CUSTODIAN, Role.APPROVER})),
    "funding:double_roles": Row({OFFICE | SECURITY | AUDITOR: OK}),
    "fund_reports:figures": Row({READERS: OK}),
    "fund_reports:moves": Row({READERS: OK}),
    "fund_reports:costs": Row({READERS: OK}),
    "fund_reports:class_costs": Row({READERS: OK}),
    "fund_reports:costs_pdf": Row({READERS: OK}, writes_trail=True),
    "fund_reports:account": Row({READERS: OK}),
    "fund_reports:account_pdf": Row({READERS: OK}, writes_trail=True),
    "fund_reports:audit_pdf": Row(
        {READERS: OK}, FUNDS_SEEN, target="special_audit", writes_trail=True
    ),
    "funding:audits": Row({READERS: OK}),
    "funding:audit": Row({READERS: OK}, FUNDS_SEEN, target="special_audit"),
    "funding:open_audit": Row({AUDITOR: OK, READERS: FORBIDDEN}),
    "funding:close_audit": _fund_act("special_audit", AUDITOR),
    "funding:raise_finding": _fund_act("audited_payment", AUDITOR),
    "funding:answer_finding": _fund_act("audit_finding", CLERK),
    "funding:review_answer": _fund_act("finding_answer", AUDITOR),
    # Everybody gets what they see, and most see none.
    "schools:find_organisations": Row({EVERYONE: OK}),
    "trainees:organisations": Row({STAFF: OK}),
    "trainees:organisation": Row({STAFF: OK}, SEEN, target="organisation"),
    "trainees:organisation_add": OFFICE_ACT,
    "trainees:organisation_rename": OFFICE_ACT,
    "trainees:organisation_cancel_rename": Row(
        {OFFICE: OK}, {OFFICE: OK, SCHOOL_ROLES: MISSING}, target="organisation,name_change"
    ),
    "trainees:organisation_move": OFFICE_ACT,
    "trainees:organisation_split": OFFICE_ACT,
    "trainees:organisation_merge": OFFICE_ACT,
    "trainees:organisation_close": OFFICE_ACT,
    "studies:studies": Row({STAFF | RECORDERS | MEMBERS: OK}),
    "studies:choose_organisation": Row({RECORDERS: 302}),  # each serves one: straight on to it
    "studies:record_study": Row({RECORDERS: OK}, {RECORDERS: MISSING}, target="organisation"),
    "studies:record_visit": Row({RECORDERS: OK}, {RECORDERS: MISSING}, target="organisation"),
    "studies:declare": Row({MEMBERS: OK}, denied=MISSING),
    "studies:declare_for": Row({CLERK: OK}, {CLERK: MISSING}, target="member"),
    "studies:study": Row(STUDY_SEEN, STUDY_OF_OTHERS, target="study"),
    "studies:study_file": Row(STUDY_SEEN, STUDY_OF_OTHERS, target="study,study_file"),
    # It is handed in, by somebody else: seen, and not to be changed.
    "studies:change_study": Row(
        {MEMBER: MISSING}, {SCHOOL_ROLES | RECORDERS | MEMBER: MISSING}, target="study"
    ),
    "studies:withdraw_study": Row(
        {CLERK | LEADER: 302, MEMBER: MISSING},
        {SCHOOL_ROLES | RECORDERS | MEMBER: MISSING},
        target="study",
    ),
    # Nobody has approved it yet: those who will be able to correct it are sent back to it.
    "studies:correct_participants": Row(
        {CLERK | LEADER | OFFICE: ELSEWHERE, MEMBER: MISSING},
        {OFFICE: ELSEWHERE, SCHOOL_ROLES | RECORDERS | MEMBER: MISSING},
        target="study",
    ),
    **{
        f"studies:{act}": Row({EVERYONE: NOT_ALLOWED}, target="study")
        for act in ("submit_study", "discard_study", "review_study", "add_study_files")
    },
    "studies:remove_study_file": Row({EVERYONE: NOT_ALLOWED}, target="study,study_file"),
    "classes:plan_class": Row({CLERK | frozenset({Role.DISTRICT_SCHOOL}): OK}),
    "classes:lecturers_for_plan": Row({CLERK | frozenset({Role.DISTRICT_SCHOOL}): OK}),
    "classes:lecturers_for_session": Row(PLANNERS, PLANNED_ELSEWHERE, target="session"),
    "classes:training_class": Row({STAFF: OK}, SEEN, target="class"),
    "classes:change_class": Row(PLANNERS, PLANNED_ELSEWHERE, target="class"),
    "classes:joining_schools": Row(PLANNERS, PLANNED_ELSEWHERE, target="class"),
    "classes:change_session": Row(PLANNERS, PLANNED_ELSEWHERE, target="session"),
    "classes:class_roster": Row(PLANNERS, PLANNED_ELSEWHERE, target="class"),
    "classes:enrol_guest": Row(
        {CLERK | ACADEMIC: ELSEWHERE}, {ACADEMIC: ELSEWHERE, SCHOOL_ROLES: MISSING}, target="class"
    ),
    "classes:withdraw_member": Row(PLANNERS, PLANNED_ELSEWHERE, target="class,member"),
    "classes:post_notice": Row(PLANNERS, PLANNED_ELSEWHERE, target="class"),
    "classes:take_notice_down": Row({EVERYONE: NOT_ALLOWED}, target="class,class"),
    "classes:class_order": Row(PLANNERS, PLANNED_ELSEWHERE, target="class"),
    # Who does not wait is on no page of its own.
    "classes:leave_waiting_list": Row(
        {CLERK | ACADEMIC: ELSEWHERE},
        {ACADEMIC: ELSEWHERE, SCHOOL_ROLES: MISSING},
        target="class,member",
    ),
    "rolls:sessions": Row({STAFF: OK}),
    # Trainees and lecturers of the class as well.
    "classes:class_materials": Row(
        {STAFF | {Role.MEMBER, Role.LECTURER}: OK},
        {DISTRICT_ROLES: OK},
        target="class",
        denied=MISSING,
    ),
    "classes:material_file": Row(
        {STAFF | {Role.MEMBER, Role.LECTURER}: OK},
        {DISTRICT_ROLES: OK},
        target="class,material",
        denied=MISSING,
    ),
    "classes:move_material": Row({EVERYONE: NOT_ALLOWED}, target="class,material"),
    "classes:remove_material": Row(PLANNERS, PLANNED_ELSEWHERE, target="class,material"),
    "classes:supervision_notes": Row({STAFF: OK}),
    "classes:supervision_note": Row({STAFF: OK}, SEEN, target="supervision_note"),
    "classes:write_supervision": Row(
        {ACADEMIC: OK}, {ACADEMIC: OK, SCHOOL_ROLES: MISSING}, target="session"
    ),
    "classes:discard_supervision": Row({EVERYONE: NOT_ALLOWED}, target="session"),
    "rolls:roll": Row({STAFF: OK}, {SCHOOL_ROLES: MISSING, DISTRICT_ROLES: OK}, target="session"),
    "rolls:door": Row({CLERK: OK}, {SCHOOL_ROLES: MISSING}, target="session"),
    "rolls:receive_marks": Row({EVERYONE: NOT_ALLOWED}, public=NOT_ALLOWED, target="session"),
    "rolls:dismiss_mark": Row({CLERK: OK}, {SCHOOL_ROLES: MISSING}, target="session,mark_receipt"),
    "rolls:roll_worker": Row({EVERYONE: OK}, public=OK),
    "rolls:sign_in_sheet": Row(
        {STAFF: OK},
        {SCHOOL_ROLES: MISSING, DISTRICT_ROLES: OK},
        target="session",
        writes_trail=True,
    ),
    "rolls:session_evidence": Row({STAFF: OK}, SEEN, target="session"),
    "rolls:session_file": Row({STAFF: OK}, SEEN, target="session,session_file", writes_trail=True),
    "rolls:remove_session_file": Row({EVERYONE: NOT_ALLOWED}, target="session,session_file"),
    "rolls:session_walk_ins": Row({STAFF: OK}, SEEN, target="session"),
    "rolls:walk_ins": Row({STAFF: OK}),
    "rolls:walk_in": Row({STAFF: OK}, SEEN, target="walk_in"),
    "rolls:match_walk_in": Row({CLERK: OK}, {SCHOOL_ROLES: MISSING}, target="walk_in"),
    # Nobody has matched it yet: there is nothing to undo.
    "rolls:unmatch_walk_in": Row({CLERK: 302}, {SCHOOL_ROLES: MISSING}, target="walk_in"),
    "rolls:remove_walk_in": Row({CLERK: OK}, {SCHOOL_ROLES: MISSING}, target="walk_in"),
    "rolls:withdrawal": Row({CLERK: OK}, {SCHOOL_ROLES: MISSING}, target="session"),
    "rolls:remind": Row({EVERYONE: NOT_ALLOWED}),
    "rolls:ask_reopening": Row({EVERYONE: NOT_ALLOWED}, target="session"),
    "rolls:answer_reopening": Row({EVERYONE: NOT_ALLOWED}, target="session"),
    # What has begun is not called off: back to the class.
    **{
        f"classes:call_off_{thing}": Row(
            {CLERK | frozenset({Role.DISTRICT_SCHOOL}): ELSEWHERE},
            {frozenset({Role.DISTRICT_SCHOOL}): ELSEWHERE, SCHOOL_ROLES: MISSING},
            target=thing,
        )
        for thing in ("session", "class")
    },
    # The department corrects a mark while it decides an appeal about it; else it sees the roll.
    "rolls:correction": Row(
        {CLERK: OK, OFFICE: ELSEWHERE},
        {OFFICE: ELSEWHERE, SCHOOL_ROLES: MISSING},
        target="attendance",
    ),
    "years:overview": Row({STAFF: OK}),
    "years:overview_organisations": Row({STAFF: OK}),
    "reports:report": Row({STAFF: OK}),
    "reports:report_pdf": Row({STAFF: OK}, writes_trail=True),
    "reports:report_sessions": Row({STAFF: OK}),
    "reports:report_members": Row({STAFF: OK}),
    "reports:statistics": Row({STAFF: OK}),
    "reports:statistics_sessions": Row({STAFF: OK}),
    "reports:statistics_members": Row({STAFF: OK}),
    "reports:layouts": Row({STAFF: OK}),
    "reports:add_layout": Row({CLERK | DISTRICT_ROLES: OK}),
    "reports:layout": Row({STAFF: OK}, SEEN, target="layout"),
    "reports:fill_layout": Row({EVERYONE: NOT_ALLOWED}, target="layout"),
    "reports:layout_file": Row({STAFF: OK}, SEEN, target="layout"),
    "reports:withdraw_layout": Row(
        {CLERK: OK, STAFF: FORBIDDEN},
        {DISTRICT_ROLES: FORBIDDEN, SCHOOL_ROLES: MISSING},
        target="layout",
    ),
    "years:classes": Row({STAFF: OK}),
    "years:attendances": Row({STAFF: OK}),
    "years:attendees": Row({STAFF: OK}),
    "years:entries": Row({STAFF: OK}),
    "years:members": Row({STAFF: OK}),
    "trainees:register_imports": Row({OFFICE: OK}),
    "years:duplicates": Row({OFFICE: OK}),
    "years:propose_merge": Row({OFFICE: OK}, target="member,slip_member"),
    "years:merge": Row({OFFICE: OK}, target="merge"),
    "years:decide_merge": Row({OFFICE: OK}, target="merge"),
    "years:refuse_merge": Row({OFFICE: OK}, target="merge"),
    "years:undo_merge": Row({OFFICE: SIGN_IN}, target="merge"),
    "trainees:register_template": Row({OFFICE: OK}),
    "trainees:register_import": Row({OFFICE: OK}, target="register"),
    "trainees:register_columns": Row({OFFICE: OK}, target="register"),
    "trainees:register_organisations": Row({OFFICE: 302}, target="register"),
    "trainees:register_apply": Row({OFFICE: 302}, target="register"),  # to the import's own page
    "trainees:register_reread": Row({EVERYONE: NOT_ALLOWED}, target="register"),
    "trainees:register_discard": Row({EVERYONE: NOT_ALLOWED}, target="register"),
    "trainees:register_errors": Row({OFFICE: MISSING}, target="register"),  # nothing is read yet
    "years:member_hours": Row(
        {STAFF | SERVING_ROLES: OK},
        {SCHOOL_ROLES | SERVING_ROLES: MISSING, DISTRICT_ROLES: OK},
        target="member",
        writes_trail=True,
    ),
    "years:served_members": Row({SERVING_ROLES: OK}),
    "years:my_access_log": Row({MEMBERS: OK}, denied=MISSING),
    "years:check_document": Row({EVERYONE: OK}, public=OK),
    # Members themselves and those who serve them; others learn not even that there are any.
    **{
        f"years:{name}": Row(
            {SLIP_ROLES | {Role.MEMBER}: OK},
            {OFFICE: OK},
            target=target,
            denied=MISSING,
            writes_trail=True,
        )
        for name, target in (("member_documents", "member"), ("document_file", "document"))
    },
    "years:revoke_document": Row(
        {OFFICE | CLERK: OK, SLIP_ROLES | {Role.MEMBER}: FORBIDDEN},
        {OFFICE: OK},
        target="document",
        denied=MISSING,
    ),
    "trainees:member": Row(
        {STAFF: OK},
        {SCHOOL_ROLES: MISSING, DISTRICT_ROLES: OK},
        target="member",
        writes_trail=True,
    ),
    "trainees:correct_member": Row(
        {OFFICE | CLERK: OK}, {SCHOOL_ROLES: MISSING, OFFICE: OK}, target="member"
    ),
    "trainees:grant_exemption": Row(
        {OFFICE | CLERK: OK}, {SCHOOL_ROLES: MISSING, OFFICE: OK}, target="member"
    ),
    "trainees:end_exemption": Row(
        {OFFICE | CLERK: OK}, {SCHOOL_ROLES: MISSING, OFFICE: OK}, target="exempt,exemption"
    ),
    **{
        f"trainees:{act}": Row({OFFICE: OK}, {SCHOOL_ROLES: MISSING, OFFICE: OK}, target="member")
        for act in (
            "transfer_member",
            "change_membership_status",
            "appoint",
            "full_membership",
            "correct_days",
        )
    },
    "years:add_member": Row({OFFICE: OK}),
    "years:departures": Row({STAFF: OK}),
    "years:clocks": Row({STAFF: OK}),
    "years:record_departure": Row(
        {OFFICE: OK}, {SCHOOL_ROLES: MISSING, OFFICE: OK}, target="member"
    ),
    "years:return_member": Row({OFFICE: OK}, target="member"),
    "years:take_back_departure": Row({OFFICE: OK}, target="departure"),
    "trainees:end_post": Row(
        {OFFICE: OK}, {SCHOOL_ROLES: MISSING, OFFICE: OK}, target="leader,post"
    ),
    "rolls:cards": Row({SLIP_ROLES: OK}),
    "rolls:issue_cards": Row({SLIP_ROLES: ELSEWHERE}),  # to the list where they are ticked
    "rolls:card_batch": Row(
        {CLERK: OK, SLIP_ROLES: MISSING}, {SLIP_ROLES: MISSING}, target="batch_key"
    ),
    "rolls:card_sheets": Row(
        {CLERK: OK, SLIP_ROLES: MISSING},
        {SLIP_ROLES: MISSING},
        target="batch_key",
        writes_trail=True,
    ),
    "rolls:revoke_card": Row({SLIP_ROLES: OK}, {OFFICE: OK, SLIP_ROLES: MISSING}, target="card"),
    "trainees:slips": Row({SLIP_ROLES: OK}),
    "trainees:check_slips": Row({EVERYONE: NOT_ALLOWED}),
    "trainees:issue_slips": Row({EVERYONE: NOT_ALLOWED}),
    # A batch is its issuer's: in the one case the clerk's, in the other somebody else's.
    "trainees:slip_batch": Row(
        {CLERK: OK, SLIP_ROLES | SECURITY: MISSING},
        {SLIP_ROLES | SECURITY: MISSING},
        target="batch_key",
    ),
    "trainees:slip_sheets": Row(
        {CLERK: OK, SLIP_ROLES | SECURITY: MISSING},
        {SLIP_ROLES | SECURITY: MISSING},
        target="batch_key",
        writes_trail=True,
    ),
    # A member without another role is no staff: the branch secretary or the clerk issues the slip.
    "trainees:account_slip": Row({SECURITY: OK}, {SECURITY: MISSING}, target="account"),
}
