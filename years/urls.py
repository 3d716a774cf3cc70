"""URL patterns of this app."""

from django.urls import path

from years.views import (
    departures,
    disputes,
    document_check,
    documents,
    hours,
    merges,
    new_members,
    overview,
)

app_name = "years"

urlpatterns = [
    path("my/hours/", hours.my_hours, name="my_hours"),
    path("my/classes/", hours.my_classes, name="my_classes"),
    path("my/looks/", hours.my_access_log, name="my_access_log"),
    path("served/", hours.served_members, name="served_members"),
    path("check/", document_check.check, name="check_document"),
    path("members/<int:member_id>/documents/", documents.member_documents, name="member_documents"),
    path("documents/<int:document_id>/document.pdf", documents.document_file, name="document_file"),
    path("documents/<int:document_id>/revoke/", documents.revoke, name="revoke_document"),
    path("my/hours/missing/", disputes.report_missing, name="report_missing"),
    path("my/hours/<int:assessment_id>/wrong/", disputes.open_dispute, name="open_dispute"),
    path("disputes/", disputes.disputes, name="disputes"),
    path("disputes/<int:dispute_id>/", disputes.dispute, name="dispute"),
    path("disputes/<int:dispute_id>/answer/", disputes.answer, name="answer_dispute"),
    path("disputes/<int:dispute_id>/appeal/", disputes.appeal, name="appeal_dispute"),
    path("disputes/<int:dispute_id>/decision/", disputes.decide, name="decide_dispute"),
    path("disputes/<int:dispute_id>/withdrawal/", disputes.withdraw, name="withdraw_dispute"),
    path("register/duplicates/", merges.duplicates, name="duplicates"),
    path(
        "register/duplicates/<int:kept_id>/<int:given_up_id>/",
        merges.propose,
        name="propose_merge",
    ),
    path("register/merges/<int:merge_id>/", merges.merge, name="merge"),
    path("register/merges/<int:merge_id>/decide/", merges.decide, name="decide_merge"),
    path("register/merges/<int:merge_id>/refuse/", merges.refuse, name="refuse_merge"),
    path("register/merges/<int:merge_id>/undo/", merges.undo, name="undo_merge"),
    path("overview/", overview.overview, name="overview"),
    path("overview/organisations/", overview.organisation_figures, name="overview_organisations"),
    path("overview/classes/", overview.classes, name="classes"),
    path("overview/person-times/", overview.attendances, name="attendances"),
    path("overview/attendees/", overview.attendees, name="attendees"),
    path("overview/entries/", overview.entries, name="entries"),
    path("members/", overview.members, name="members"),
    path("members/trainings/", overview.clocks, name="clocks"),
    path("members/add/", new_members.add, name="add_member"),
    path("members/left/", departures.departures, name="departures"),
    path("members/left/<int:departure_id>/", departures.take_back, name="take_back_departure"),
    path("members/<int:member_id>/leave/", departures.record, name="record_departure"),
    path("members/<int:member_id>/return/", departures.take_in, name="return_member"),
    path("members/<int:member_id>/hours/", hours.member_hours, name="member_hours"),
]
