"""Every address answers each role as the table says; an address outside the table fails."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from django.db import connection
from django.urls import URLPattern, URLResolver, get_resolver, reverse
from django.utils import timezone

from accounts.enums import SLIP_ROLES, Role
from tests.access.table import NOT_ALLOWED, TABLE
from tests.architecture.layers import LAYERS
from tests.pdf_text import read_lines

# Anywhere in a statement, since a WITH may write; `FOR … UPDATE` only locks.
WRITING = re.compile(r"\b(INSERT\s+INTO|(?<!KEY )(?<!FOR )UPDATE|DELETE\s+FROM|TRUNCATE)\b", re.I)
FREE_TABLES = ("accounts_browsersession",)
ROLES = [None, *Role]


def named_urls(resolver: URLResolver, namespace: str = "") -> Iterator[str]:
    for entry in resolver.url_patterns:
        if isinstance(entry, URLResolver):
            inner = f"{namespace}{entry.namespace}:" if entry.namespace else namespace
            yield from named_urls(entry, inner)
        else:
            assert isinstance(entry, URLPattern)
            assert entry.name or namespace == "admin:", f"{entry} has no name"
            yield f"{namespace}{entry.name}"


def test_every_address_stands_in_the_table():
    urls = {name for name in named_urls(get_resolver()) if not name.startswith("admin:")}

    assert urls == set(TABLE)


class WriteWatch:
    """Collects the statements that write anything but sessions and, where due, the trail."""

    def __init__(self, *, trail: bool) -> None:
        self.free = (*FREE_TABLES, *(("accounts_auditentry",) if trail else ()))
        self.writes: list[str] = []

    def __call__(self, execute, sql, params, many, context):
        text = str(sql)
        if WRITING.search(text) and not any(f'"{table}"' in text for table in self.free):
            self.writes.append(text[:120])
        return execute(sql, params, many, context)


@pytest.mark.parametrize("name", TABLE)
def test_get_answers_as_the_table_says_and_writes_nothing(two_schools, name):
    row = TABLE[name]
    answers, expected = {}, {}
    for role in ROLES:
        client = two_schools.client(role)
        for is_own in (True, False) if row.target else (True,):
            things = two_schools.own if is_own else two_schools.other
            url = reverse(name, args=row.arguments(things))
            watch = WriteWatch(trail=row.writes_trail)
            with connection.execute_wrapper(watch):
                answers[role, is_own] = client.get(url).status_code
            assert not watch.writes, (name, role, watch.writes)
            expected[role, is_own] = row.expected(role, is_own=is_own)

    assert answers == expected


WRITING_PAGES = {
    "rolls:roll": Role.SCHOOL_CLERK,
    "rolls:door": Role.SCHOOL_CLERK,
    "rolls:issue_cards": Role.SCHOOL_CLERK,
    "rolls:revoke_card": Role.SCHOOL_CLERK,
    "rolls:receive_marks": Role.SCHOOL_CLERK,
    "rolls:dismiss_mark": Role.SCHOOL_CLERK,
    "rolls:correction": Role.SCHOOL_CLERK,
    "rolls:withdrawal": Role.SCHOOL_CLERK,
    "rolls:session_evidence": Role.SCHOOL_CLERK,
    "rolls:session_walk_ins": Role.SCHOOL_CLERK,
    "rolls:match_walk_in": Role.SCHOOL_CLERK,
    "trainees:correct_member": Role.SCHOOL_CLERK,
    "years:answer_dispute": Role.SCHOOL_CLERK,
    "years:decide_dispute": Role.ORGANISATION_DEPARTMENT,
    "years:report_missing": Role.MEMBER,
    "years:open_dispute": Role.MEMBER,
    "years:appeal_dispute": Role.MEMBER,
    "years:withdraw_dispute": Role.MEMBER,
    "trainees:grant_exemption": Role.SCHOOL_CLERK,
    "trainees:end_exemption": Role.SCHOOL_CLERK,
    "trainees:check_slips": Role.SCHOOL_CLERK,
    "trainees:issue_slips": Role.SCHOOL_CLERK,
    "trainees:transfer_member": Role.ORGANISATION_DEPARTMENT,
    "trainees:change_membership_status": Role.ORGANISATION_DEPARTMENT,
    "trainees:appoint": Role.ORGANISATION_DEPARTMENT,
    "trainees:correct_days": Role.ORGANISATION_DEPARTMENT,
    "trainees:full_membership": Role.ORGANISATION_DEPARTMENT,
    "trainees:end_post": Role.ORGANISATION_DEPARTMENT,
    "trainees:account_slip": Role.SECURITY_ADMINISTRATOR,
    "years:member_documents": Role.MEMBER,
    "years:revoke_document": Role.SCHOOL_CLERK,
    "years:check_document": None,
    "studies:record_study": Role.BRANCH_SECRETARY,
    "studies:review_study": Role.ORGANISATION_COMMISSIONER,
    "studies:add_study_files": Role.BRANCH_SECRETARY,
    "studies:declare": Role.MEMBER,
    "classes:enrol_self": Role.MEMBER,
    "classes:make_feed": Role.MEMBER,
    "classes:ask_leave": Role.MEMBER,
    "classes:answer_leave": Role.SCHOOL_CLERK,
    "classes:class_order": Role.SCHOOL_CLERK,
    "classes:joining_schools": Role.SCHOOL_CLERK,
    "classes:post_notice": Role.SCHOOL_CLERK,
    "classes:class_materials": Role.SCHOOL_CLERK,
    "classes:remove_material": Role.SCHOOL_CLERK,
    "classes:rate_class": Role.MEMBER,
    "classes:write_supervision": Role.DISTRICT_SCHOOL,
    "classes:discard_supervision": Role.DISTRICT_SCHOOL,
    "schools:contact": Role.SCHOOL_CLERK,
    "courses:venue": Role.SCHOOL_CLERK,
    "courses:year_plan": Role.SCHOOL_CLERK,
    "courses:year_plan_copy": Role.SCHOOL_CLERK,
    "courses:year_plan_change": Role.SCHOOL_CLERK,
    "courses:year_plan_drop": Role.SCHOOL_CLERK,
    "courses:course_add": Role.DISTRICT_SCHOOL,
    "courses:mix_rule": Role.DISTRICT_SCHOOL,
    "dispatch:booking_rules": Role.DISTRICT_SCHOOL,
    "courses:course_change": Role.DISTRICT_SCHOOL,
    "courses:course_retire": Role.DISTRICT_SCHOOL,
    "courses:course_materials": Role.DISTRICT_SCHOOL,
    "courses:course_material_remove": Role.DISTRICT_SCHOOL,
    "schools:open": Role.ORGANISATION_DEPARTMENT,
    "schools:found_school": Role.SYSTEM_ADMINISTRATOR,
    "schools:found_root": Role.ORGANISATION_DEPARTMENT,
    "schools:add_township": Role.SYSTEM_ADMINISTRATOR,
    "schools:found_table": Role.SYSTEM_ADMINISTRATOR,
    "schools:founding_preview": Role.SYSTEM_ADMINISTRATOR,
    "hours:rules": Role.SYSTEM_ADMINISTRATOR,
    "trainees:organisation_move": Role.ORGANISATION_DEPARTMENT,
    "trainees:register_imports": Role.ORGANISATION_DEPARTMENT,
    "trainees:register_apply": Role.ORGANISATION_DEPARTMENT,
    "accounts:activate": None,
    "accounts:activate_password": None,
    "accounts:privacy": Role.MEMBER,
}


# What a clerk writes, and what the organisation department does.
CLERKS_ACTS = [
    "rolls:roll",
    "rolls:dismiss_mark",
    "rolls:door",
    "rolls:revoke_card",
    "rolls:correction",
    "rolls:withdrawal",
    "rolls:session_evidence",
    "rolls:remove_session_file",
    "rolls:session_walk_ins",
    "rolls:match_walk_in",
    "rolls:unmatch_walk_in",
    "rolls:remove_walk_in",
    "trainees:correct_member",
    "years:member_documents",
    "years:revoke_document",
    "years:answer_dispute",
    "classes:answer_leave",
    "classes:class_order",
    "classes:post_notice",
    "classes:class_materials",
    "classes:move_material",
    "classes:remove_material",
    "studies:record_study",
    "studies:record_visit",
    "studies:declare_for",
    "studies:change_study",
    "studies:submit_study",
    "studies:discard_study",
    "studies:review_study",
    "studies:withdraw_study",
    "studies:add_study_files",
    "studies:remove_study_file",
    "trainees:grant_exemption",
    "trainees:end_exemption",
    "schools:contact",
    "courses:venue",
    "courses:year_plan",
    "courses:year_plan_copy",
    "courses:year_plan_drop",
]
OFFICE_ACTS = [
    name
    for name in TABLE
    if name in {"schools:open", "schools:officer", "schools:merge"}
    or name.startswith("trainees:organisation_")
]


@pytest.mark.parametrize("name", OFFICE_ACTS)
def test_the_network_is_changed_by_the_organisation_department_alone(two_schools, name):
    url = reverse(name, args=TABLE[name].arguments(two_schools.own))

    for role in set(Role) - {Role.ORGANISATION_DEPARTMENT}:
        assert two_schools.client(role).post(url, {"step": "do"}).status_code == 403, role


@pytest.mark.parametrize("name", WRITING_PAGES)
def test_post_without_token_is_403(two_schools, name):
    client = two_schools.client(WRITING_PAGES[name])
    client.handler.enforce_csrf_checks = True
    url = reverse(name, args=TABLE[name].arguments(two_schools.own))

    assert client.post(url, {}).status_code == 403


@pytest.mark.parametrize("name", CLERKS_ACTS)
def test_post_to_another_schools_object_is_404(two_schools, name):
    client = two_schools.client(Role.SCHOOL_CLERK)
    url = reverse(name, args=TABLE[name].arguments(two_schools.other))
    body = {
        "act": "submit",
        "idempotency_key": "6f9619ff-8b86-4d01-b42d-00cf4fc964ff",
        "new_status": "late",
        "seen_version": "1",
        "reason": "x",
    }

    assert client.post(url, body).status_code == 404


# The lists of the apps below show schools and accounts, which this is not about.
UPPER = set(LAYERS.apps) - {"accounts", "backstage", "schools", "instructors", "courses"}
LISTS = [
    name
    for name, row in TABLE.items()
    if not row.target and name.partition(":")[0] in UPPER and NOT_ALLOWED not in row.at_own.values()
]


# A booking letter, and a class that is planned, name the schools that join.
NAMES_SCHOOLS = {"years:my_hours", "dispatch:write_letter", "classes:plan_class"}


@pytest.mark.parametrize("name", [name for name in LISTS if name not in NAMES_SCHOOLS])
def test_a_forged_school_in_the_address_shows_nothing_of_it(two_schools, name):
    client = two_schools.client(Role.SCHOOL_CLERK)
    other = two_schools.other["school"]

    reply = client.get(reverse(name), {"school": other.pk}).content
    page = "".join(read_lines(reply)) if reply.startswith(b"%PDF") else reply.decode()

    assert other.name not in page
    assert two_schools.other["member"].number not in page


@pytest.mark.parametrize("role", [Role.SCHOOL_LEADER, Role.LIAISON_OFFICER, Role.DISTRICT_SCHOOL])
@pytest.mark.parametrize("name", ["rolls:roll", "rolls:correction", "years:answer_dispute"])
def test_who_only_reads_may_not_post(two_schools, name, role):
    url = reverse(name, args=[two_schools.own[TABLE[name].target].pk])
    body = {
        "act": "submit",
        "idempotency_key": "6f9619ff-8b86-4d01-b42d-00cf4fc964ff",
        "new_status": "late",
        "seen_version": "1",
        "reason": "x",
    }

    assert two_schools.client(role).post(url, body).status_code == 403


@pytest.mark.parametrize("name", ["trainees:transfer_member", "trainees:end_post"])
def test_the_register_is_changed_by_the_department_alone(two_schools, name):
    url = reverse(name, args=TABLE[name].arguments(two_schools.own))
    for role in set(Role) - {Role.ORGANISATION_DEPARTMENT}:
        assert two_schools.client(role).post(url, {}).status_code == 403, role


@pytest.mark.parametrize("name", ["trainees:check_slips", "trainees:issue_slips"])
def test_slips_are_issued_by_those_alone_who_serve_members(two_schools, name):
    for role in set(Role) - SLIP_ROLES:
        assert two_schools.client(role).post(reverse(name), {}).status_code == 403, role


def test_a_role_that_has_ended_opens_nothing(two_schools):
    clerk = two_schools.people[Role.SCHOOL_CLERK]
    today = timezone.localdate()
    clerk.role_grants.update(period=(today.replace(year=2020), today))

    url = reverse("rolls:sessions")
    assert two_schools.client(Role.SCHOOL_CLERK).get(url).status_code == 403


def test_a_disabled_account_is_signed_out_at_once(two_schools):
    client = two_schools.client(Role.SCHOOL_CLERK)
    url = reverse("rolls:sessions")
    assert client.get(url).status_code == 200

    clerk = two_schools.people[Role.SCHOOL_CLERK]
    clerk.is_active = False
    clerk.save()

    assert client.get(url).status_code == 302


def test_personal_pages_are_not_stored(two_schools):
    response = two_schools.client(Role.MEMBER).get(reverse("years:my_hours"))

    assert "no-store" in response.headers["Cache-Control"]
