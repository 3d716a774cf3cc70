"""Addresses of rolls, hours and the overview."""

from django.urls import path

from trainees.views import hours, organisations, overview, people, register, rolls, slips
from trainees.views import organisation_acts as acts

app_name = "trainees"

urlpatterns = [
    path("my/hours/", hours.my_hours, name="my_hours"),
    path("sessions/", rolls.sessions, name="sessions"),
    path("sessions/<int:session_id>/roll/", rolls.roll, name="roll"),
    path("sessions/<int:session_id>/roll/withdrawal/", rolls.withdrawal, name="withdrawal"),
    path("attendance/<int:attendance_id>/correction/", rolls.correction, name="correction"),
    path("overview/", overview.dashboard, name="dashboard"),
    path("overview/organisations/", overview.organisation_figures, name="dashboard_organisations"),
    path("overview/classes/", overview.classes, name="classes"),
    path("overview/person-times/", overview.attendances, name="attendances"),
    path("overview/attendees/", overview.attendees, name="attendees"),
    path("overview/entries/", overview.entries, name="entries"),
    path("organisations/", organisations.organisations, name="organisations"),
    path("organisations/<int:organisation_id>/", organisations.organisation, name="organisation"),
    path("organisations/<int:organisation_id>/add/", acts.add, name="organisation_add"),
    path("organisations/<int:organisation_id>/rename/", acts.rename, name="organisation_rename"),
    path("organisations/<int:organisation_id>/move/", acts.move, name="organisation_move"),
    path("organisations/<int:organisation_id>/split/", acts.split, name="organisation_split"),
    path("organisations/<int:organisation_id>/merge/", acts.merge, name="organisation_merge"),
    path("organisations/<int:organisation_id>/close/", acts.close, name="organisation_close"),
    path("members/", overview.members, name="members"),
    path("register/", register.imports, name="register_imports"),
    path("register/template/", register.template, name="register_template"),
    path("register/<int:register_id>/", register.detail, name="register_import"),
    path("register/<int:register_id>/columns/", register.columns, name="register_columns"),
    path("register/<int:register_id>/apply/", register.apply, name="register_apply"),
    path("register/<int:register_id>/read/", register.reread, name="register_reread"),
    path("register/<int:register_id>/discard/", register.discard, name="register_discard"),
    path("register/<int:register_id>/errors/", register.errors, name="register_errors"),
    path("members/<int:member_id>/", people.member, name="member"),
    path("members/<int:member_id>/hours/", hours.member_hours, name="member_hours"),
    path("members/<int:member_id>/correct/", people.correct, name="correct_member"),
    path("members/<int:member_id>/transfer/", people.transfer, name="transfer_member"),
    path("members/<int:member_id>/standing/", people.change_standing, name="change_standing"),
    path("members/<int:member_id>/post/", people.appoint, name="appoint"),
    path("members/<int:member_id>/posts/<int:post_id>/end/", people.end_post, name="end_post"),
    path("slips/", slips.slips, name="slips"),
    path("slips/check/", slips.check_slips, name="check_slips"),
    path("slips/issue/", slips.issue_slips, name="issue_slips"),
    path("slips/<uuid:key>/", slips.slip_batch, name="slip_batch"),
    path("slips/<uuid:key>/slips.pdf", slips.slip_sheets, name="slip_sheets"),
    path("accounts/<int:user_id>/slip/", slips.account_slip, name="account_slip"),
]
