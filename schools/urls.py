"""Addresses of schools. The page of a single school is in `courses.urls`."""

from django.urls import path

from schools.views import schools

app_name = "schools"

urlpatterns = [
    path("schools/", schools.schools, name="schools"),
    path("schools/new/", schools.open_new, name="open"),
    path("schools/<int:school_id>/contact/", schools.contact, name="contact"),
    path("schools/<int:school_id>/officers/", schools.officer, name="officer"),
    path("schools/<int:school_id>/notes/", schools.note, name="note"),
    path("schools/<int:school_id>/merge/", schools.merge, name="merge"),
]
