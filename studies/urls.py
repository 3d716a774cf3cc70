"""URL patterns of this app."""

from django.urls import path

from studies.views import studies, study_acts, study_reviews, themed_days

app_name = "studies"

urlpatterns = [
    path("my/declaration/", study_acts.declare, name="declare"),
    path("studies/", studies.studies, name="studies"),
    path("studies/themed-days/", themed_days.themed_days, name="themed_days"),
    path("studies/record/", study_acts.choose, name="choose_organisation"),
    path("studies/<int:study_id>/", studies.study, name="study"),
    path("studies/<int:study_id>/change/", study_acts.change, name="change_study"),
    path("studies/<int:study_id>/submit/", study_acts.submit, name="submit_study"),
    path("studies/<int:study_id>/discard/", study_acts.discard, name="discard_study"),
    path("studies/<int:study_id>/review/", study_reviews.review, name="review_study"),
    path("studies/<int:study_id>/withdraw/", study_reviews.withdraw, name="withdraw_study"),
    path(
        "studies/<int:study_id>/participants/",
        study_reviews.correct_participants,
        name="correct_participants",
    ),
    path("studies/<int:study_id>/files/", study_acts.add_files, name="add_study_files"),
    path("studies/<int:study_id>/files/<int:file_id>/", studies.study_file, name="study_file"),
    path(
        "studies/<int:study_id>/files/<int:file_id>/remove/",
        study_acts.remove_file,
        name="remove_study_file",
    ),
    path("organisations/<int:organisation_id>/study/", study_acts.record, name="record_study"),
    path(
        "organisations/<int:organisation_id>/visit/", study_acts.record_visit, name="record_visit"
    ),
    path("members/<int:member_id>/declaration/", study_acts.declare_for, name="declare_for"),
]
