"""Addresses of rolls, hours and the overview."""

from django.urls import path

from trainees.views import hours, overview, rolls

app_name = "trainees"

urlpatterns = [
    path("my/hours/", hours.my_hours, name="my_hours"),
    path("sessions/", rolls.sessions, name="sessions"),
    path("sessions/<int:session_id>/roll/", rolls.roll, name="roll"),
    path("attendance/<int:attendance_id>/correction/", rolls.correction, name="correction"),
    path("overview/", overview.dashboard, name="dashboard"),
    path("overview/organisations/", overview.organisations, name="organisations"),
    path("overview/classes/", overview.classes, name="classes"),
    path("overview/person-times/", overview.attendances, name="attendances"),
    path("overview/attendees/", overview.attendees, name="attendees"),
    path("overview/entries/", overview.entries, name="entries"),
    path("members/", overview.members, name="members"),
    path("members/<int:member_id>/hours/", hours.member_hours, name="member_hours"),
]
