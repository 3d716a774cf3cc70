"""URL patterns of this app."""

from django.urls import path

from quotas.views import claims, closing, progress, reconciliations, runs, statements, tasks

app_name = "quotas"

urlpatterns = [
    path("tasks/", tasks.tasks, name="tasks"),
    path("tasks/begin/", tasks.begin, name="begin_task"),
    path("tasks/progress/", progress.progress, name="progress"),
    path("tasks/warnings/", progress.warnings, name="warnings"),
    path("tasks/<int:task_id>/", tasks.task, name="task"),
    path("tasks/<int:task_id>/publish/", tasks.publish, name="publish_task"),
    path("tasks/<int:task_id>/discard/", tasks.discard, name="discard_task"),
    path("tasks/lines/<int:line_id>/drop/", tasks.drop, name="drop_line"),
    path("claims/", claims.claims, name="claims"),
    path("claims/begin/", claims.begin, name="begin_claim"),
    path("claims/<int:claim_id>/", claims.claim, name="claim"),
    path("claims/<int:claim_id>/discard/", claims.discard, name="discard_claim"),
    path("claims/<int:claim_id>/submit/", claims.submit, name="submit_claim"),
    path("claims/<int:claim_id>/accept/", claims.accept, name="accept_claim"),
    path("claims/<int:claim_id>/ask/", claims.ask, name="ask_again"),
    path("reconciliations/", reconciliations.reconciliations, name="reconciliations"),
    path("reconciliations/rehearse/", reconciliations.rehearse, name="rehearse"),
    path("reconciliations/begin/", reconciliations.begin, name="begin_reconciliation"),
    path("reconciliations/organisations/", runs.sums, name="sums"),
    path("reconciliations/members/", runs.results, name="results"),
    path("reconciliations/differences/", runs.differences, name="differences"),
    path("reconciliations/claims/", runs.claim_differences, name="claim_differences"),
    path("reconciliations/<int:run_id>/", runs.run, name="reconciliation"),
    path(
        "reconciliations/<int:run_id>/restart/",
        reconciliations.restart,
        name="restart_reconciliation",
    ),
    path(
        "reconciliations/<int:run_id>/discard/",
        reconciliations.discard,
        name="discard_reconciliation",
    ),
    path("reconciliations/<int:run_id>/sign/", statements.sign, name="sign_district"),
    path(
        "reconciliations/<int:run_id>/sign/<int:school_id>/", statements.sign, name="sign_results"
    ),
    path("signatures/<int:signature_id>/", statements.countersign, name="countersign"),
    path("statements/<int:statement_id>/", statements.statement, name="statement"),
    path("statements/<int:statement_id>/pdf/", statements.pdf, name="statement_pdf"),
    path("statements/<int:statement_id>/xlsx/", statements.xlsx, name="statement_xlsx"),
    path("reconciliations/reopen/", closing.ask, name="ask_reopening"),
    path("reopenings/<int:reopening_id>/grant/", closing.grant, name="grant_reopening"),
    path("reopenings/<int:reopening_id>/refuse/", closing.refuse, name="refuse_reopening"),
    path("reopenings/<int:reopening_id>/withdraw/", closing.withdraw, name="withdraw_reopening"),
    path("adjustments/note/", closing.note, name="note_adjustment"),
    path(
        "adjustments/<int:adjustment_id>/take-back/", closing.take_back, name="take_adjustment_back"
    ),
]
