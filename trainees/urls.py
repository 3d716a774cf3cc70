"""URL patterns of this app."""

from django.urls import path

from trainees.views import (
    exemptions,
    organisations,
    people,
    register,
    slips,
)
from trainees.views import organisation_acts as acts

app_name = "trainees"

urlpatterns = [
    path("organisations/", organisations.organisations, name="organisations"),
    path("organisations/<int:organisation_id>/", organisations.organisation, name="organisation"),
    path("organisations/<int:organisation_id>/add/", acts.add, name="organisation_add"),
    path("organisations/<int:organisation_id>/rename/", acts.rename, name="organisation_rename"),
    path(
        "organisations/<int:organisation_id>/names/<int:change_id>/cancel/",
        acts.cancel_renaming,
        name="organisation_cancel_rename",
    ),
    path("organisations/<int:organisation_id>/move/", acts.move, name="organisation_move"),
    path("organisations/<int:organisation_id>/split/", acts.split, name="organisation_split"),
    path("organisations/<int:organisation_id>/merge/", acts.merge, name="organisation_merge"),
    path("organisations/<int:organisation_id>/close/", acts.close, name="organisation_close"),
    path("register/", register.imports, name="register_imports"),
    path("register/template/", register.template, name="register_template"),
    path("register/<int:register_id>/", register.detail, name="register_import"),
    path("register/<int:register_id>/columns/", register.columns, name="register_columns"),
    path(
        "register/<int:register_id>/organisations/",
        register.organisations,
        name="register_organisations",
    ),
    path("register/<int:register_id>/apply/", register.apply, name="register_apply"),
    path("register/<int:register_id>/read/", register.reread, name="register_reread"),
    path("register/<int:register_id>/discard/", register.discard, name="register_discard"),
    path("register/<int:register_id>/errors/", register.errors, name="register_errors"),
    path("members/<int:member_id>/", people.member, name="member"),
    path("members/<int:member_id>/correct/", people.correct, name="correct_member"),
    path("members/<int:member_id>/days/", people.correct_days, name="correct_days"),
    path("members/<int:member_id>/full/", people.full_membership, name="full_membership"),
    path("members/<int:member_id>/transfer/", people.transfer, name="transfer_member"),
    path(
        "members/<int:member_id>/standing/",
        people.change_membership_status,
        name="change_membership_status",
    ),
    path("members/<int:member_id>/post/", people.appoint, name="appoint"),
    path("members/<int:member_id>/posts/<int:post_id>/end/", people.end_post, name="end_post"),
    path("members/<int:member_id>/exemptions/", exemptions.grant, name="grant_exemption"),
    path(
        "members/<int:member_id>/exemptions/<int:exemption_id>/end/",
        exemptions.end,
        name="end_exemption",
    ),
    path("slips/", slips.slips, name="slips"),
    path("slips/check/", slips.check_slips, name="check_slips"),
    path("slips/issue/", slips.issue_slips, name="issue_slips"),
    path("slips/<uuid:key>/", slips.slip_batch, name="slip_batch"),
    path("slips/<uuid:key>/slips.pdf", slips.slip_sheets, name="slip_sheets"),
    path("accounts/<int:user_id>/slip/", slips.account_slip, name="account_slip"),
]
