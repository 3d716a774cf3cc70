"""URL patterns of this app."""

from django.urls import path

from rolls.views import (
    cards,
    door,
    my_code,
    reminders,
    roll_device,
    roll_stages,
    rolls,
    session_papers,
    walk_ins,
)

app_name = "rolls"

urlpatterns = [
    path("my/code/", my_code.my_code, name="my_code"),
    path("sessions/", rolls.sessions, name="sessions"),
    path("sessions/remind/", reminders.remind, name="remind"),
    path("sessions/<int:session_id>/roll/", rolls.roll, name="roll"),
    path("sessions/<int:session_id>/door/", door.door, name="door"),
    path("sessions/<int:session_id>/marks/", roll_device.receive, name="receive_marks"),
    path(
        "sessions/<int:session_id>/marks/<int:receipt_id>/dismissal/",
        roll_device.dismiss,
        name="dismiss_mark",
    ),
    path("roll-worker.js", roll_device.worker, name="roll_worker"),
    path("sessions/<int:session_id>/roll/withdrawal/", rolls.withdrawal, name="withdrawal"),
    path("sessions/<int:session_id>/roll/reopening/", roll_stages.ask, name="ask_reopening"),
    path("reopenings/<int:reopening_id>/answer/", roll_stages.answer, name="answer_reopening"),
    path("sessions/<int:session_id>/sheet.pdf", session_papers.sheet, name="sign_in_sheet"),
    path("sessions/<int:session_id>/evidence/", session_papers.evidence, name="session_evidence"),
    path(
        "sessions/<int:session_id>/evidence/<int:file_id>/",
        session_papers.session_file,
        name="session_file",
    ),
    path(
        "sessions/<int:session_id>/evidence/<int:file_id>/remove/",
        session_papers.remove_file,
        name="remove_session_file",
    ),
    path("sessions/<int:session_id>/walk-ins/", walk_ins.session_walk_ins, name="session_walk_ins"),
    path("walk-ins/", walk_ins.walk_ins, name="walk_ins"),
    path("walk-ins/<int:walk_in_id>/", walk_ins.walk_in, name="walk_in"),
    path("walk-ins/<int:walk_in_id>/match/", walk_ins.match, name="match_walk_in"),
    path("walk-ins/<int:walk_in_id>/unmatch/", walk_ins.unmatch, name="unmatch_walk_in"),
    path("walk-ins/<int:walk_in_id>/remove/", walk_ins.remove, name="remove_walk_in"),
    path("attendance/<int:attendance_id>/correction/", rolls.correction, name="correction"),
    path("cards/", cards.cards, name="cards"),
    path("cards/issue/", cards.issue, name="issue_cards"),
    path("cards/<uuid:batch>/", cards.batch, name="card_batch"),
    path("cards/<uuid:batch>/cards.pdf", cards.sheets, name="card_sheets"),
    path("cards/<int:card_id>/revoke/", cards.revoke, name="revoke_card"),
]
