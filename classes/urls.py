"""URL patterns of this app."""

from django.urls import path

from classes.views import (
    calendar,
    calendar_feeds,
    calling_off,
    class_order,
    classes,
    joint,
    leaves,
    lecturer_choice,
    lecturers,
    materials,
    notices,
    ratings,
    rosters,
    supervision,
    teaching,
    timetable,
)

app_name = "classes"

urlpatterns = [
    path("my/classes/<int:class_id>/enrol/", timetable.enrol, name="enrol_self"),
    path("my/classes/<int:class_id>/leave/", timetable.leave_class, name="leave_class"),
    path("my/classes/<int:class_id>/rating/", ratings.rate, name="rate_class"),
    path("my/timetable/", timetable.my_timetable, name="my_timetable"),
    path("my/timetable/calendar/", timetable.make_feed, name="make_feed"),
    path("my/timetable/calendar/end/", timetable.end_feed, name="end_feed"),
    path("my/sessions/<int:session_id>/leave/", timetable.leave, name="ask_leave"),
    path("my/leaves/<int:leave_id>/withdraw/", timetable.take_leave_back, name="withdraw_leave"),
    path("calendar/", calendar.calendar, name="teaching_calendar"),
    path("calendar/<str:token>.ics", calendar_feeds.calendar, name="calendar"),
    path("my/teaching/", teaching.my_teaching, name="my_teaching"),
    path("my/teaching/calendar/", teaching.make_feed, name="make_teaching_feed"),
    path("my/teaching/calendar/end/", teaching.end_feed, name="end_teaching_feed"),
    path("lecturers/", lecturers.lecturers, name="lecturers"),
    path("lecturers/<int:instructor_id>/", lecturers.lecturer, name="lecturer"),
    path(
        "lecturers/<int:instructor_id>/sessions/",
        lecturers.sessions,
        name="lecturer_sessions",
    ),
    path("classes/plan/", classes.plan, name="plan_class"),
    path("classes/plan/lecturers/", lecturer_choice.for_plan, name="lecturers_for_plan"),
    path(
        "sessions/<int:session_id>/lecturers/",
        lecturer_choice.for_session,
        name="lecturers_for_session",
    ),
    path("classes/<int:class_id>/", classes.training_class, name="training_class"),
    path("classes/<int:class_id>/change/", classes.change, name="change_class"),
    path("sessions/<int:session_id>/change/", classes.change_session, name="change_session"),
    path("classes/<int:class_id>/roster/", rosters.roster, name="class_roster"),
    path("classes/<int:class_id>/guests/", rosters.enrol_guest, name="enrol_guest"),
    path(
        "classes/<int:class_id>/roster/<int:member_id>/withdraw/",
        rosters.withdraw,
        name="withdraw_member",
    ),
    path(
        "classes/<int:class_id>/waiting/<int:member_id>/leave/",
        rosters.leave_waiting,
        name="leave_waiting_list",
    ),
    path("classes/<int:class_id>/order/", class_order.class_order, name="class_order"),
    path("classes/<int:class_id>/notices/add/", notices.notice, name="post_notice"),
    path(
        "classes/<int:class_id>/notices/<int:notice_id>/down/",
        notices.notice_down,
        name="take_notice_down",
    ),
    path("classes/<int:class_id>/schools/", joint.joining_schools, name="joining_schools"),
    path("classes/<int:class_id>/materials/", materials.materials, name="class_materials"),
    path(
        "classes/<int:class_id>/materials/<int:material_id>/file/",
        materials.material_file,
        name="material_file",
    ),
    path(
        "classes/<int:class_id>/materials/<int:material_id>/move/",
        materials.move,
        name="move_material",
    ),
    path(
        "classes/<int:class_id>/materials/<int:material_id>/remove/",
        materials.remove,
        name="remove_material",
    ),
    path("supervision/", supervision.notes, name="supervision_notes"),
    path("supervision/<int:note_id>/", supervision.note, name="supervision_note"),
    path("sessions/<int:session_id>/supervision/", supervision.write, name="write_supervision"),
    path(
        "sessions/<int:session_id>/supervision/discard/",
        supervision.discard,
        name="discard_supervision",
    ),
    path("leaves/<int:leave_id>/answer/", leaves.answer, name="answer_leave"),
    path("sessions/<int:session_id>/call-off/", calling_off.session, name="call_off_session"),
    path("classes/<int:class_id>/call-off/", calling_off.training_class, name="call_off_class"),
]
