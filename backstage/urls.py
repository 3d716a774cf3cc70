from django.urls import path

from backstage import views

app_name = "backstage"

urlpatterns = [
    path("jobs/", views.jobs, name="jobs"),
    path("jobs/<int:job_id>/", views.job, name="job"),
    path("jobs/<int:job_id>/stop/", views.stop, name="stop_job"),
    path("pending-acts/", views.pending_acts, name="pending_acts"),
    path("pending-acts/<int:act_id>/confirm/", views.confirm_pending_act, name="confirm_act"),
    path("pending-acts/<int:act_id>/refuse/", views.refuse_pending_act, name="refuse_act"),
    path("messages/", views.messages_list, name="messages"),
    path("messages/read/", views.read_all_messages, name="read_all_messages"),
    path("messages/email/", views.email, name="email"),
    path("messages/<int:message_id>/open/", views.open_message, name="open_message"),
    path("status/", views.status, name="status"),
    path("exports/<slug:name>/", views.export, name="export"),
    path("files/<uuid:key>/", views.file, name="file"),
]
