"""URL patterns of this app."""

from django.urls import path

from dispatch.views import board, desk, lecturer_choice, letter_mix, letters, proposals, rules

app_name = "dispatch"

urlpatterns = [
    path("booking/", letters.letters, name="letters"),
    path("booking/new/", letters.write, name="write_letter"),
    path("booking/new/mix/", letter_mix.letter_mix, name="letter_mix"),
    path("booking/new/lecturers/", lecturer_choice.letter_lecturers, name="letter_lecturers"),
    path("booking/<int:letter_id>/", letters.letter, name="letter"),
    path("booking/<int:letter_id>/change/", letters.change, name="change_letter"),
    path("booking/<int:letter_id>/paper/", letters.paper, name="letter_paper"),
    path("booking/<int:letter_id>/copy/", letters.copy, name="copy_letter"),
    path("booking/<int:letter_id>/submit/", letters.submit, name="submit_letter"),
    path("booking/<int:letter_id>/answer/", letters.answer, name="answer_inquiry"),
    path("booking/<int:letter_id>/agree/", letters.confirm, name="confirm_letter"),
    path("booking/<int:letter_id>/cancel/", letters.cancel, name="cancel_letter"),
    path("booking/<int:letter_id>/evaluate/", letters.evaluate, name="evaluate_letter"),
    path("dispatch/", desk.queue, name="queue"),
    path("dispatch/<int:letter_id>/take/", desk.take, name="take_letter"),
    path("dispatch/<int:letter_id>/ask/", desk.ask, name="ask_school"),
    path("dispatch/<int:letter_id>/decline/", desk.decline, name="decline_letter"),
    path("dispatch/<int:letter_id>/schedule/", desk.schedule, name="schedule_letter"),
    path("dispatch/<int:letter_id>/sessions/<int:number>/", desk.engage, name="engage_lecturer"),
    path("dispatch/rules/", rules.booking_rules, name="booking_rules"),
    path("dispatch/board/", board.board, name="board"),
    path("dispatch/plan/", desk.plan, name="plan"),
    path("dispatch/plan/release/", desk.release, name="release_plan"),
    path("dispatch/plan/<int:version_number>/", desk.version, name="plan_version"),
    path("proposals/<str:token>/", proposals.by_link, name="proposal"),
    path("my/engagements/", proposals.mine, name="my_engagements"),
    path("my/engagements/<int:engagement_id>/accept/", proposals.accept, name="accept"),
    path("my/engagements/<int:engagement_id>/decline/", proposals.decline, name="decline"),
]
