"""The browser admin as a whole: one base, roles decide, nothing in bulk, nothing past the trail."""

from __future__ import annotations

import re

import pytest
from django.apps import apps
from django.conf import settings
from django.contrib import admin
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import Group
from django.db.models import UniqueConstraint
from django.test import RequestFactory
from django.urls import reverse

from accounts.admin_base import AppendOnlyAdmin, PortalModelAdmin, ReadOnlyAdmin
from accounts.audit_labels import ACT_LABELS
from accounts.enums import ADMINISTRATOR_ROLES, DISTRICT_ROLES, Role
from accounts.models import AuditEntry
from config.lib.append_only import append_only_models
from schools.models import School, Township
from tests import factories
from tests.admin_pages import change_url, make_officer, page_url, signed_in

OURS = [
    model
    for app in apps.get_app_configs()
    if app.path == str(settings.BASE_DIR / app.name)
    for model in app.get_models()
]
# Models of ours that pages of the portal show and write; the admin would be a second way.
NOT_SHOWN = {
    "funding.AnswerReview",
    "funding.AuditClosure",
    "funding.AuditFinding",
    "funding.AuditedFund",
    "funding.AuditedPayment",
    "funding.Commitment",
    "funding.DeliveredCause",
    "funding.EarmarkCheck",
    "funding.ExceptionDecision",
    "funding.ExceptionRequest",
    "funding.FindingAnswer",
    "funding.FundLeg",
    "funding.FundTransaction",
    "funding.SpecialAudit",
    "funding.PaymentVoucher",
    "funding.Voucher",
    "funding.VoucherWithdrawal",
    "quotas.Reconciliation",
    "quotas.ReconciliationPart",
    "quotas.MemberResult",
    "quotas.DeliveredSession",
    "reports.SheetLayout",
    "quotas.StatementSignature",
    "quotas.YearStatement",
    "quotas.YearReopening",
    "quotas.YearAdjustment",
    "accounts.AuditEntry",
    "accounts.BrowserSession",
    "accounts.Seal",
    "accounts.SignedAct",
    "accounts.WrittenRows",
    "accounts.Guess",
    "accounts.SecondFactor",
    "accounts.RecoveryCode",
    "backstage.EmailAddress",
    "backstage.FolderMark",
    "backstage.Message",
    "backstage.OperationRun",
    "backstage.TrailFeedPosition",
    "schools.SchoolOfficer",
    "schools.GuidanceNote",
    "schools.NameChange",
    "schools.OrganisationSuccession",
    "schools.SchoolSuccession",
    "schools.Placement",
    "instructors.AvailabilityException",
    "instructors.LecturerLeave",
    "instructors.WeeklySlot",
    "instructors.Nomination",
    "instructors.IssuedLetter",
    "courses.Venue",
    "courses.Equipment",
    "hours.MonthTotal",
    "hours.Source",
    "hours.Balance",
    "hours.BalanceChange",
    "hours.BalanceCount",
    "hours.BalanceYear",
    "trainees.RegisterImport",
    "trainees.RegisterRow",
    "trainees.ProposedOrganisation",
    "trainees.Departure",
    "studies.StudyParticipant",
    "rolls.SessionFile",
    "studies.StudyFile",
    "rolls.WalkIn",
    "classes.LeaveRequest",
    "classes.CalendarFeed",
    "rolls.AttendanceTotal",
    "rolls.MemberCard",
    "rolls.RollReminder",
    "classes.ClassNotice",
    "classes.ClassMaterial",
    "courses.CourseMaterial",
    "courses.PlannedCourse",
    "courses.JoiningSchool",
    "dispatch.BookingLetter",
    "dispatch.BookingItem",
    "dispatch.BookingStep",
    "dispatch.WishedDate",
    "dispatch.JointSchool",
    "dispatch.Engagement",
    "dispatch.EngagementOverride",
    "dispatch.PlanVersion",
    "dispatch.PlanLine",
    "quotas.AnnualTask",
    "quotas.TaskLine",
    "quotas.QuotaClaim",
    "quotas.ClaimLine",
    "quotas.ShortfallWarning",
    "classes.RatingRound",
    "classes.RatingGiven",
    "classes.RatingAnswer",
    "classes.SupervisionDraft",
    "classes.SupervisionNote",
    "trainees.MemberMerge",
    "years.IssuedDocument",
    "years.DocumentRevocation",
}

OFFICE, ACADEMIC = Role.ORGANISATION_DEPARTMENT, Role.DISTRICT_SCHOOL
SYSTEM, SECURITY, AUDIT = (
    Role.SYSTEM_ADMINISTRATOR,
    Role.SECURITY_ADMINISTRATOR,
    Role.AUDIT_ADMINISTRATOR,
)
DISTRICT = {OFFICE, ACADEMIC}

# Who may look at a model, and who may write it (a writer may look too).
WHO: dict[str, tuple[set[Role], set[Role]]] = {
    "accounts.User": (set(), {SECURITY}),
    "accounts.SlipBatch": ({SECURITY}, set()),
    "accounts.ActivationCode": ({SECURITY}, set()),
    "accounts.WrongCode": ({SECURITY}, set()),
    "accounts.PrivacyNotice": (DISTRICT | {SECURITY, AUDIT}, {SYSTEM}),
    "accounts.NoticeReading": ({SECURITY}, set()),
    "backstage.IdempotencyKey": ({SYSTEM}, set()),
    "backstage.Delivery": ({SYSTEM}, set()),
    "backstage.Job": ({SYSTEM}, set()),
    "backstage.JobPart": ({SYSTEM}, set()),
    "backstage.StoredFile": ({SYSTEM}, set()),
    "backstage.PendingAct": ({SYSTEM, SECURITY, AUDIT}, set()),
    "schools.District": (DISTRICT, {SYSTEM}),
    "schools.Township": (DISTRICT, {SYSTEM}),
    "schools.Village": (DISTRICT, {SYSTEM}),
    "schools.School": (DISTRICT | {SYSTEM}, set()),
    "schools.SchoolArea": (DISTRICT | {SYSTEM}, set()),
    "schools.Organisation": (DISTRICT, set()),
    "schools.RoleGrant": (DISTRICT, {SECURITY}),
    "instructors.Instructor": ({OFFICE}, {ACADEMIC}),
    "instructors.AppointmentLetter": ({ACADEMIC}, {OFFICE}),
    "instructors.LetterRule": ({ACADEMIC}, {OFFICE}),
    "courses.Module": ({OFFICE}, {ACADEMIC}),
    "courses.StrandShare": ({OFFICE}, {ACADEMIC}),
    "courses.Programme": (set(), {ACADEMIC, OFFICE}),
    "courses.PresetSession": ({OFFICE}, {ACADEMIC}),
    "courses.Course": ({OFFICE}, {ACADEMIC}),
    "courses.TrainingClass": ({OFFICE}, {ACADEMIC}),
    "courses.Session": ({OFFICE}, {ACADEMIC}),
    "dispatch.BookingRule": ({OFFICE}, {ACADEMIC}),
    "quotas.WarningRule": ({ACADEMIC}, {OFFICE}),
    "trainees.Member": ({ACADEMIC}, {OFFICE}),
    "trainees.Membership": ({ACADEMIC}, {OFFICE}),
    "trainees.Post": ({ACADEMIC}, {OFFICE}),
    "trainees.Exemption": ({ACADEMIC}, {OFFICE}),
    "trainees.RegisterHeader": (set(), {OFFICE}),
    "hours.RequirementRule": ({ACADEMIC, SYSTEM}, {OFFICE}),
    "hours.CreditRule": ({ACADEMIC, SYSTEM}, {OFFICE}),
    "rolls.DoorRule": ({OFFICE}, {ACADEMIC}),
    "schools.YearEndRule": ({ACADEMIC, SYSTEM}, {OFFICE}),
    "schools.YearLock": (DISTRICT | {SYSTEM}, set()),
    "classes.RatingRule": ({OFFICE}, {ACADEMIC}),
    "hours.CreditStep": ({ACADEMIC, SYSTEM}, {OFFICE}),
    "classes.Enrolment": (DISTRICT, set()),
    "classes.WaitingListEntry": (DISTRICT, set()),
    "classes.Roll": (DISTRICT, set()),
    "rolls.Attendance": (DISTRICT, set()),
    "rolls.AttendanceCorrection": (DISTRICT, set()),
    "rolls.MarkReceipt": (DISTRICT, set()),
    "rolls.MarkDismissal": (DISTRICT, set()),
    "rolls.RollReopening": (DISTRICT, set()),
    "studies.Study": (DISTRICT, set()),
    "studies.StudyReview": (DISTRICT, set()),
    "studies.StudySubmission": (DISTRICT, set()),
    "studies.StudyParticipantCorrection": (DISTRICT, set()),
    "hours.Dispute": (DISTRICT, set()),
    "hours.DisputeEntry": (DISTRICT, set()),
    "hours.Assessment": (DISTRICT, set()),
    "hours.CreditEntry": (DISTRICT, set()),
    "hours.LedgerCheck": (DISTRICT | {SYSTEM}, set()),
    "funding.Allocation": (DISTRICT, set()),
    "funding.CostRate": ({ACADEMIC}, {OFFICE}),
    "funding.FeeRule": ({ACADEMIC}, {OFFICE}),
    "funding.LimitRule": ({ACADEMIC}, {OFFICE}),
    "funding.UseRule": ({ACADEMIC}, {OFFICE}),
    "funding.VoucherRule": ({ACADEMIC}, {OFFICE}),
    "funding.WeightRule": ({ACADEMIC}, {OFFICE}),
}
# Nobody adds another district to this database.
NEVER_ADDED = {"schools.District"}
# Written by the acts of the domain alone.
ACTS_ALONE = {
    "schools.YearLock",
    "schools.School",
    "schools.SchoolArea",
    "schools.Organisation",
    "classes.Enrolment",
    "classes.WaitingListEntry",
    "classes.Roll",
    "rolls.Attendance",
    "studies.Study",
    "hours.Dispute",
    "backstage.IdempotencyKey",
    "accounts.SlipBatch",
    "accounts.ActivationCode",
    "accounts.WrongCode",
}


def by_label(model):
    return model._meta.label


SHOWN = [model for model in OURS if by_label(model) not in NOT_SHOWN]


def registered(model) -> PortalModelAdmin:
    return admin.site.get_model_admin(model)


@pytest.fixture
def people(db):
    """A person for each role, and one with none."""
    people = {role: make_officer(role) for role in Role if role != Role.MEMBER}
    return people | {None: factories.make_user()}


def request_of(user):
    request = RequestFactory().get("/admin/")
    request.user = user
    return request


class TestEveryModelAdmin:
    def test_is_on_the_one_base_and_shows_each_model_of_ours(self):
        assert {by_label(model) for model in admin.site._registry} == {
            by_label(model) for model in OURS
        } - NOT_SHOWN
        assert all(
            isinstance(model_admin, PortalModelAdmin)
            for model_admin in admin.site._registry.values()
        )

    def test_stands_in_the_table_of_roles(self):
        assert set(WHO) == {by_label(model) for model in admin.site._registry}

    def test_what_packages_bring_stays_out(self):
        assert not admin.site.is_registered(Group)

    @pytest.mark.parametrize("model", SHOWN, ids=by_label)
    def test_deletes_and_edits_nothing_in_bulk_and_shows_what_it_names(self, model):
        model_admin = registered(model)

        assert model_admin.actions is None
        assert not model_admin.list_editable
        assert not model_admin.inlines
        assert model_admin.fields
        assert model_admin.fieldsets is None

    @pytest.mark.parametrize("model", SHOWN, ids=by_label)
    def test_uses_none_of_the_widgets_that_shut_people_out(self, model):
        model_admin = registered(model)

        assert not model_admin.autocomplete_fields
        assert not model_admin.filter_horizontal
        assert not model_admin.filter_vertical
        assert not model_admin.raw_id_fields

    @pytest.mark.parametrize("model", SHOWN, ids=by_label)
    def test_writes_through_the_base_and_not_past_it(self, model):
        for name in ("save_model", "save_related", "save_formset", "delete_model", "log_addition"):
            owner = getattr(PortalModelAdmin, name)
            assert getattr(type(registered(model)), name) is owner, name

    def test_append_only_models_are_read_only_for_everybody(self, people):
        requests = [request_of(user) for user in people.values()]
        for model in filter(SHOWN.__contains__, append_only_models()):
            model_admin = registered(model)
            assert isinstance(model_admin, AppendOnlyAdmin), model
            for request in requests:
                assert not model_admin.has_add_permission(request), model
                assert not model_admin.has_change_permission(request), model
                assert not model_admin.has_delete_permission(request), model

    @pytest.mark.parametrize("model", SHOWN, ids=by_label)
    def test_a_broken_constraint_says_what_is_wrong_in_words(self, model):
        if isinstance(registered(model), ReadOnlyAdmin):
            return
        for constraint in model._meta.constraints:
            plain = isinstance(constraint, UniqueConstraint) and constraint.fields
            message = constraint.violation_error_message
            assert plain or message != constraint.default_violation_error_message, constraint.name

    @pytest.mark.parametrize("label", sorted(ACTS_ALONE))
    def test_what_only_acts_write_is_read_only_too(self, label):
        assert isinstance(registered(apps.get_model(label)), ReadOnlyAdmin)


class TestRoles:
    def test_lists_and_add_forms_answer_as_the_table_says(self, people):
        answers, expected = {}, {}
        for role, user in people.items():
            client = signed_in(user)
            may_enter = role in DISTRICT_ROLES | ADMINISTRATOR_ROLES
            for label, (view, write) in WHO.items():
                for page, allowed in (
                    ("changelist", role in view | write),
                    ("add", role in write and label not in NEVER_ADDED),
                ):
                    url = page_url(apps.get_model(label), page)
                    answers[label, role, page] = client.get(url).status_code
                    expected[label, role, page] = (200 if allowed else 403) if may_enter else 302

        assert answers == expected

    def test_who_does_not_write_can_neither_change_nor_delete(self, people):
        for role, user in people.items():
            request = request_of(user)
            for label, (_view, write) in WHO.items():
                model_admin = registered(apps.get_model(label))
                case = (label, role)
                assert model_admin.has_change_permission(request) == (role in write), case
                if role not in write:
                    assert not model_admin.has_delete_permission(request), case

    def test_a_viewer_who_posts_a_change_is_refused(self, people):
        school = factories.make_school("120111009", "精武镇")

        response = signed_in(people[ACADEMIC]).post(change_url(school), {"name": "别的"})

        assert response.status_code == 403
        school.refresh_from_db()
        assert school.name == "精武镇党校"

    def test_a_stranger_is_sent_to_sign_in(self, client, db):
        response = client.get(page_url(School, "changelist"))

        assert response.status_code == 302
        assert "next=" in response.url

    def test_a_role_that_ended_opens_nothing(self, people):
        user = people[OFFICE]
        user.role_grants.update(period=("2020-01-01", "2020-02-01"))

        assert signed_in(user).get(page_url(School, "changelist")).status_code == 302

    @pytest.mark.parametrize(
        ("role", "label", "query"),
        [
            (SECURITY, "accounts.User", "password__startswith=argon2"),
            (ACADEMIC, "trainees.Member", "phone__startswith=13"),
            (ACADEMIC, "trainees.Member", "birth_date__year=1970"),
            (ACADEMIC, "trainees.Member", "resident_id_fingerprint__startswith=a"),
            (ACADEMIC, "hours.CreditEntry", "member__phone__startswith=13"),
        ],
    )
    def test_no_address_asks_for_what_no_page_shows(self, people, role, label, query):
        url = f"{page_url(apps.get_model(label), 'changelist')}?{query}"

        assert signed_in(people[role]).get(url).status_code == 400

    def test_rows_are_hidden_from_who_may_not_look_even_past_the_views(self, people):
        factories.make_school("120111009", "精武镇")
        model_admin = registered(School)

        assert model_admin.get_queryset(request_of(people[OFFICE])).exists()
        assert not model_admin.get_queryset(request_of(people[AUDIT])).exists()


class TestOneTrail:
    def test_history_is_the_trail_and_only_for_the_audit_administrator(self, people):
        school = factories.make_school("120111009", "精武镇")
        url = page_url(School, "history", school.pk)

        assert signed_in(people[OFFICE]).get(url).status_code == 403
        response = signed_in(people[AUDIT]).get(url, follow=True)
        assert response.status_code == 200
        assert response.request["PATH_INFO"] == reverse("accounts:trail")
        assert response.context["filters"].value("object") == str(school.pk)

    def test_djangos_own_log_stays_empty(self, people):
        client = signed_in(people[SYSTEM])
        client.post(page_url(Township, "add"), {"code": "120111010", "name": "大寺镇"})

        assert Township.objects.filter(code="120111010").exists()
        assert AuditEntry.objects.filter(act="add_record").count() == 1
        assert not LogEntry.objects.exists()

    def test_every_act_has_a_name(self):
        written = set()
        for path in settings.BASE_DIR.glob("*/**/*.py"):
            top = path.relative_to(settings.BASE_DIR).parts[0]
            if top in {"tests", ".venv", "var"}:
                continue
            text = path.read_text(encoding="utf-8")
            written |= set(re.findall(r'\bact="([a-z_]+)"', text))
            of_object = r'record\w*\(\s*(?:session|training_class|leave|notice),\s*"([a-z_]+)"'
            written |= set(re.findall(of_object, text))

        assert {"sign_in", "submit_roll"} <= written
        assert written <= set(ACT_LABELS)

    def test_bulk_deletion_by_a_forged_post_does_nothing(self, people):
        school = factories.make_school("120111009", "精武镇")

        signed_in(people[OFFICE]).post(
            page_url(School, "changelist"),
            {"action": "delete_selected", "_selected_action": [school.pk], "post": "yes"},
        )

        assert School.objects.filter(pk=school.pk).exists()


class TestTheDoor:
    def test_password_and_sign_out_are_the_portals_own(self, people):
        client = signed_in(people[OFFICE])

        assert client.get(reverse("admin:password_change")).url == reverse(
            "accounts:password_change"
        )
        client.post(reverse("admin:logout"))
        assert "_auth_user_id" not in client.session
        assert AuditEntry.objects.filter(act="sign_out").count() == 1

    def test_an_id_number_never_stays_in_the_address_of_a_search(self, people):
        response = signed_in(people[OFFICE]).get(
            page_url(School, "changelist"), {"q": "11010519491231002X"}
        )

        assert response.status_code == 302
        assert response.url == page_url(School, "changelist")

    def test_pages_are_stored_by_no_cache(self, people):
        response = signed_in(people[OFFICE]).get(page_url(School, "changelist"))

        assert "no-store" in response.headers["Cache-Control"]
