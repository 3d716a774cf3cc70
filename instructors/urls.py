"""URL patterns of this app."""

from django.urls import path

from instructors.views import availability, home, letters, nominations

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
    path("lecturers/letters/", letters.letters, name="letters"),
    path("lecturers/letters/issue/", letters.issue, name="issue_letters"),
    path("lecturers/letters/<int:letter_id>/", letters.letter, name="letter"),
    path("lecturers/letters/<int:letter_id>/reissue/", letters.reissue, name="reissue_letter"),
    path("lecturers/letters/<int:letter_id>/revoke/", letters.revoke, name="revoke_letter"),
    path("lecturers/letters/papers/<int:paper_id>/", letters.letter_file, name="letter_file"),
    path("lecturers/letters/together/<int:file_id>/", letters.batch, name="letter_batch"),
    path(
        "lecturers/letters/together/<int:file_id>/file/",
        letters.batch_file,
        name="letter_batch_file",
    ),
    path("lecturers/<int:instructor_id>/home/", home.home, name="home_township"),
    path("my/availability/", availability.own, name="my_availability"),
    path("lecturers/<int:instructor_id>/days/", availability.availability, name="availability"),
    path("lecturers/<int:instructor_id>/days/week/", availability.week, name="change_week"),
    path("lecturers/<int:instructor_id>/days/leave/", availability.leave, name="add_leave"),
    path(
        "lecturers/<int:instructor_id>/days/exception/",
        availability.exception,
        name="add_exception",
    ),
    path("lecturers/leaves/<int:leave_id>/end/", availability.end_leave, name="end_leave"),
    path(
        "lecturers/exceptions/<int:exception_id>/remove/",
        availability.remove_exception,
        name="remove_exception",
    ),
]
