"""URL patterns of this app."""

from django.urls import path

from years.views import disputes, document_check, documents, hours, overview

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
    path("overview/", overview.overview, name="overview"),
    path("overview/organisations/", overview.organisation_figures, name="overview_organisations"),
    path("overview/classes/", overview.classes, name="classes"),
    path("overview/person-times/", overview.attendances, name="attendances"),
    path("overview/attendees/", overview.attendees, name="attendees"),
    path("overview/entries/", overview.entries, name="entries"),
    path("members/", overview.members, name="members"),
    path("members/<int:member_id>/hours/", hours.member_hours, name="member_hours"),
]
