"""URL patterns of this app."""

from django.urls import path

from instructors.views import nominations

app_name = "instructors"

urlpatterns = [
    path("lecturers/nominations/", nominations.nominations, name="nominations"),
    path("lecturers/nominations/new/", nominations.nominate, name="nominate"),
    path("lecturers/nominations/<int:nomination_id>/", nominations.nomination, name="nomination"),
    path(
        "lecturers/nominations/<int:nomination_id>/appoint/",
        nominations.appoint,
        name="appoint_nominee",
    ),
    path(
        "lecturers/nominations/<int:nomination_id>/decline/",
        nominations.decline,
        name="decline_nomination",
    ),
]
