"""URL patterns of a school's page, its venues the menu of courses and its mix."""

from django.urls import path

from courses.views import materials, menu, mix, schools, venues, year_plans

app_name = "courses"

urlpatterns = [
    path("schools/<int:school_id>/", schools.school, name="school"),
    path("schools/<int:school_id>/venues/new/", venues.add, name="venue_add"),
    path("venues/<int:venue_id>/", venues.edit, name="venue"),
    path("schools/<int:school_id>/plan/", year_plans.year_plan, name="year_plan"),
    path("schools/<int:school_id>/plan/copy/", year_plans.copy, name="year_plan_copy"),
    path("schools/<int:school_id>/plan/advice/", year_plans.follow, name="year_plan_follow"),
    path("year-plans/<int:planned_id>/change/", year_plans.change, name="year_plan_change"),
    path("year-plans/<int:planned_id>/drop/", year_plans.drop, name="year_plan_drop"),
    path("mix/", mix.mix, name="mix"),
    path("mix/<int:module_id>/rule/", mix.rule, name="mix_rule"),
    path("menu/", menu.menu, name="menu"),
    path("menu/new/", menu.add, name="course_add"),
    path("menu/<int:course_id>/", menu.course, name="course"),
    path("menu/<int:course_id>/change/", menu.change, name="course_change"),
    path("menu/<int:course_id>/retire/", menu.retire, name="course_retire"),
    path("menu/<int:course_id>/materials/", materials.add, name="course_materials"),
    path(
        "menu/<int:course_id>/materials/<int:material_id>/",
        materials.material_file,
        name="course_material",
    ),
    path(
        "menu/<int:course_id>/materials/<int:material_id>/remove/",
        materials.remove,
        name="course_material_remove",
    ),
]
