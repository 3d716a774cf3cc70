"""URL patterns of a school's page and its venues."""

from django.urls import path

from courses.views import schools, venues

app_name = "courses"

urlpatterns = [
    path("schools/<int:school_id>/", schools.school, name="school"),
    path("schools/<int:school_id>/venues/new/", venues.add, name="venue_add"),
    path("venues/<int:venue_id>/", venues.edit, name="venue"),
]
