"""Addresses of rolls, hours and the overview."""

from django.urls import path

from trainees.views import hours, overview, register, rolls

app_name = "trainees"

urlpatterns = [
    path("my/hours/", hours.my_hours, name="my_hours"),
    path("sessions/", rolls.sessions, name="sessions"),
    path("sessions/<int:session_id>/roll/", rolls.roll, name="roll"),
    path("attendance/<int:attendance_id>/correction/", rolls.correction, name="correction"),
    path("overview/", overview.dashboard, name="dashboard"),
    path("overview/classes/", overview.classes, name="classes"),
    path("overview/person-times/", overview.attendances, name="attendances"),
    path("overview/attendees/", overview.attendees, name="attendees"),
    path("overview/entries/", overview.entries, name="entries"),
    path("members/", overview.members, name="members"),
    path("register/", register.imports, name="register_imports"),
    path("register/template/", register.template, name="register_template"),
    path("register/<int:register_id>/", register.detail, name="register_import"),
    path("register/<int:register_id>/columns/", register.columns, name="register_columns"),
    path("register/<int:register_id>/apply/", register.apply, name="register_apply"),
    path("register/<int:register_id>/read/", register.reread, name="register_reread"),
    path("register/<int:register_id>/discard/", register.discard, name="register_discard"),
    path("register/<int:register_id>/errors/", register.errors, name="register_errors"),
    path("members/<int:member_id>/hours/", hours.member_hours, name="member_hours"),
]
