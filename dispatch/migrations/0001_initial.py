"""Booking letters with their items, dates and steps; engagements; versions of the plan; rules."""

import django.contrib.postgres.constraints
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

import config.lib.hours
import config.lib.periods


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("courses", "0007_year_plans"),
        ("instructors", "0005_availability"),
        ("schools", "0003_year_end_rule"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="BookingLetter",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("number", models.CharField(max_length=30, unique=True, verbose_name="number")),
                ("title", models.CharField(max_length=100, verbose_name="Title")),
                (
                    "preset",
                    models.CharField(
                        choices=[
                            ("micro_lecture", "micro-lecture of 15 minutes"),
                            ("pack", "4-hour pack in half a day"),
                            ("evening", "evening class, twice two hours"),
                            ("intensive", "intensive class of three days"),
                        ],
                        max_length=20,
                        verbose_name="format",
                    ),
                ),
                (
                    "mode",
                    models.CharField(
                        choices=[
                            ("on_site", "on site"),
                            ("online", "online"),
                            ("mobile_hall", "mobile lecture hall"),
                            ("outreach", "outreach teaching"),
                            ("hybrid", "on site and online at once"),
                        ],
                        default="on_site",
                        max_length=20,
                        verbose_name="mode",
                    ),
                ),
                (
                    "audience",
                    models.CharField(
                        choices=[
                            ("secretaries", "secretary"),
                            ("affairs_workers", "Party-affairs worker"),
                            ("ordinary", "ordinary member"),
                        ],
                        max_length=20,
                        verbose_name="audience",
                    ),
                ),
                ("headcount", models.PositiveSmallIntegerField(verbose_name="people expected")),
                (
                    "place",
                    models.CharField(
                        blank=True,
                        db_default="",
                        default="",
                        max_length=80,
                        verbose_name="other place",
                    ),
                ),
                (
                    "preferred_corps",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("lead_study", "lead-study corps"),
                            ("professional", "professional corps"),
                            ("backbone", "backbone corps"),
                        ],
                        db_default="",
                        default="",
                        max_length=20,
                        verbose_name="preferred corps",
                    ),
                ),
                (
                    "note",
                    models.CharField(
                        blank=True, db_default="", default="", max_length=500, verbose_name="note"
                    ),
                ),
                (
                    "stage",
                    models.CharField(
                        choices=[
                            ("draft", "draft"),
                            ("submitted", "submitted"),
                            ("inquiry", "the district asks"),
                            ("answered", "answered"),
                            ("scheduled", "scheduled"),
                            ("confirmed", "confirmed"),
                            ("taught", "taught"),
                            ("evaluated", "evaluated"),
                            ("declined", "declined"),
                            ("cancelled", "cancelled"),
                        ],
                        default="draft",
                        max_length=10,
                        verbose_name="state",
                    ),
                ),
                ("written_at", models.DateTimeField(verbose_name="written at")),
                (
                    "submitted_at",
                    models.DateTimeField(blank=True, null=True, verbose_name="submitted at"),
                ),
                (
                    "owner",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="worked on by",
                    ),
                ),
                (
                    "preferred_instructor",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="instructors.instructor",
                        verbose_name="preferred lecturer",
                    ),
                ),
                (
                    "school",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="booking_letters",
                        to="schools.school",
                        verbose_name="school",
                    ),
                ),
                (
                    "training_class",
                    models.OneToOneField(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="booking_letter",
                        to="courses.trainingclass",
                        verbose_name="training class",
                    ),
                ),
                (
                    "venue",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="courses.venue",
                        verbose_name="venue",
                    ),
                ),
                (
                    "written_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="written by",
                    ),
                ),
            ],
            options={
                "verbose_name": "booking letter",
                "verbose_name_plural": "booking letters",
                "ordering": ["-number"],
            },
        ),
        migrations.CreateModel(
            name="BookingItem",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("position", models.PositiveSmallIntegerField(verbose_name="position")),
                (
                    "wish",
                    models.CharField(
                        blank=True, db_default="", default="", max_length=200, verbose_name="wish"
                    ),
                ),
                (
                    "strand",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("theory", "political theory"),
                            ("practice", "grassroots practice"),
                            ("role_models", "role models"),
                        ],
                        db_default="",
                        default="",
                        max_length=20,
                        verbose_name="strand",
                    ),
                ),
                (
                    "course",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="booked",
                        to="courses.course",
                        verbose_name="course",
                    ),
                ),
                (
                    "module",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="courses.module",
                        verbose_name="module",
                    ),
                ),
                (
                    "letter",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="items",
                        to="dispatch.bookingletter",
                    ),
                ),
            ],
            options={
                "verbose_name": "item of a booking letter",
                "verbose_name_plural": "items of booking letters",
                "ordering": ["letter", "position"],
            },
        ),
        migrations.CreateModel(
            name="BookingRule",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "lead_days",
                    models.PositiveSmallIntegerField(
                        verbose_name="days from submission to the first wished day"
                    ),
                ),
                (
                    "answer_days",
                    models.PositiveSmallIntegerField(verbose_name="days for the lecturer's answer"),
                ),
                (
                    "confirm_days",
                    models.PositiveSmallIntegerField(
                        verbose_name="days for the school's agreement"
                    ),
                ),
                (
                    "evaluate_days",
                    models.PositiveSmallIntegerField(verbose_name="days for the evaluation"),
                ),
                (
                    "half_day_hours",
                    config.lib.hours.HoursField(
                        decimal_places=2,
                        max_digits=6,
                        verbose_name="most credit hours in half a day",
                    ),
                ),
                (
                    "month_hours",
                    config.lib.hours.HoursField(
                        decimal_places=2, max_digits=6, verbose_name="most credit hours in a month"
                    ),
                ),
                (
                    "year_hours",
                    config.lib.hours.HoursField(
                        decimal_places=2, max_digits=6, verbose_name="most credit hours in a year"
                    ),
                ),
                (
                    "travel_minutes",
                    models.PositiveSmallIntegerField(
                        verbose_name="minutes of travel between two schools"
                    ),
                ),
                ("source", models.CharField(max_length=200, verbose_name="source")),
                ("period", config.lib.periods.PeriodField(verbose_name="period")),
            ],
            options={
                "verbose_name": "rule of booking",
                "verbose_name_plural": "rules of booking",
                "ordering": ["period"],
                "constraints": [
                    django.contrib.postgres.constraints.ExclusionConstraint(
                        expressions=[("period", "&&")],
                        name="booking_rule_one_at_a_time",
                        violation_error_message="A version is in force on some of these days: end its period first.",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("answer_days__range", (1, 60)),
                            ("confirm_days__range", (1, 60)),
                            ("evaluate_days__range", (1, 366)),
                            ("lead_days__lte", 366),
                            ("travel_minutes__lte", 600),
                        ),
                        name="booking_rule_within_reach",
                        violation_error_message="An answer or agreement takes 1 to 60 days, the rest a year at most; travel takes ten hours at most.",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("half_day_hours__gt", 0), ("month_hours__gt", 0), ("year_hours__gt", 0)
                        ),
                        name="booking_rule_allows_teaching",
                        violation_error_message="Credit hours are above 0.",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="BookingStep",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "stage",
                    models.CharField(
                        choices=[
                            ("draft", "draft"),
                            ("submitted", "submitted"),
                            ("inquiry", "the district asks"),
                            ("answered", "answered"),
                            ("scheduled", "scheduled"),
                            ("confirmed", "confirmed"),
                            ("taught", "taught"),
                            ("evaluated", "evaluated"),
                            ("declined", "declined"),
                            ("cancelled", "cancelled"),
                        ],
                        max_length=10,
                        verbose_name="state",
                    ),
                ),
                (
                    "word",
                    models.CharField(blank=True, max_length=500, verbose_name="what was said"),
                ),
                (
                    "rating",
                    models.PositiveSmallIntegerField(blank=True, null=True, verbose_name="rating"),
                ),
                ("taken_at", models.DateTimeField(verbose_name="at")),
                (
                    "letter",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="steps",
                        to="dispatch.bookingletter",
                    ),
                ),
                (
                    "taken_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="by",
                    ),
                ),
            ],
            options={
                "verbose_name": "step of a booking letter",
                "verbose_name_plural": "steps of booking letters",
                "ordering": ["taken_at", "id"],
            },
        ),
        migrations.CreateModel(
            name="Engagement",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("number", models.PositiveSmallIntegerField(verbose_name="number of the session")),
                ("starts_at", models.DateTimeField(verbose_name="starts at")),
                ("ends_at", models.DateTimeField(verbose_name="ends at")),
                (
                    "hours",
                    config.lib.hours.HoursField(
                        decimal_places=2, max_digits=6, verbose_name="credit hours"
                    ),
                ),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("draft", "in the draft of the plan"),
                            ("proposed", "waits for the lecturer"),
                            ("accepted", "accepted"),
                            ("declined", "declined"),
                            ("lapsed", "not answered in time"),
                            ("withdrawn", "withdrawn"),
                        ],
                        default="draft",
                        max_length=10,
                        verbose_name="state",
                    ),
                ),
                (
                    "proposed_at",
                    models.DateTimeField(blank=True, null=True, verbose_name="proposed at"),
                ),
                (
                    "answer_by",
                    models.DateTimeField(blank=True, null=True, verbose_name="to be answered by"),
                ),
                (
                    "answered_at",
                    models.DateTimeField(blank=True, null=True, verbose_name="answered at"),
                ),
                (
                    "reason",
                    models.CharField(
                        blank=True, db_default="", default="", max_length=200, verbose_name="reason"
                    ),
                ),
                (
                    "answered_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="answered by",
                    ),
                ),
                (
                    "course",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="courses.course",
                        verbose_name="course",
                    ),
                ),
                (
                    "instructor",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="engagements",
                        to="instructors.instructor",
                        verbose_name="lecturer",
                    ),
                ),
                (
                    "letter",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="engagements",
                        to="dispatch.bookingletter",
                        verbose_name="booking letter",
                    ),
                ),
                (
                    "session",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="engagements",
                        to="courses.session",
                        verbose_name="session",
                    ),
                ),
                (
                    "venue",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="courses.venue",
                        verbose_name="venue",
                    ),
                ),
            ],
            options={
                "verbose_name": "engagement",
                "verbose_name_plural": "engagements",
                "ordering": ["starts_at", "id"],
            },
        ),
        migrations.CreateModel(
            name="EngagementOverride",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("warning", models.CharField(max_length=20, verbose_name="warning")),
                ("text", models.CharField(max_length=300, verbose_name="what it said")),
                ("reason", models.CharField(max_length=200, verbose_name="reason")),
                ("overridden_at", models.DateTimeField(verbose_name="at")),
                (
                    "engagement",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="overrides",
                        to="dispatch.engagement",
                        verbose_name="engagement",
                    ),
                ),
                (
                    "instructor",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="instructors.instructor",
                        verbose_name="lecturer",
                    ),
                ),
                (
                    "overridden_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="by",
                    ),
                ),
            ],
            options={
                "verbose_name": "overridden warning",
                "verbose_name_plural": "overridden warnings",
                "ordering": ["id"],
            },
        ),
        migrations.CreateModel(
            name="JointSchool",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "letter",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="joint_schools",
                        to="dispatch.bookingletter",
                    ),
                ),
                (
                    "school",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="schools.school",
                        verbose_name="school",
                    ),
                ),
            ],
            options={
                "verbose_name": "joint school",
                "verbose_name_plural": "joint schools",
                "ordering": ["school__code"],
            },
        ),
        migrations.CreateModel(
            name="PlanVersion",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("number", models.PositiveIntegerField(unique=True, verbose_name="version")),
                ("note", models.CharField(blank=True, max_length=200, verbose_name="note")),
                ("released_at", models.DateTimeField(verbose_name="released at")),
                (
                    "released_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="released by",
                    ),
                ),
            ],
            options={
                "verbose_name": "version of the dispatch plan",
                "verbose_name_plural": "versions of the dispatch plan",
                "ordering": ["-number"],
            },
        ),
        migrations.CreateModel(
            name="PlanLine",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("number", models.PositiveSmallIntegerField(verbose_name="number of the session")),
                ("starts_at", models.DateTimeField(verbose_name="starts at")),
                ("ends_at", models.DateTimeField(verbose_name="ends at")),
                (
                    "course",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="courses.course",
                        verbose_name="course",
                    ),
                ),
                (
                    "engagement",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="dispatch.engagement",
                        verbose_name="engagement",
                    ),
                ),
                (
                    "instructor",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="instructors.instructor",
                        verbose_name="lecturer",
                    ),
                ),
                (
                    "letter",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="dispatch.bookingletter",
                        verbose_name="booking letter",
                    ),
                ),
                (
                    "version",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="lines",
                        to="dispatch.planversion",
                        verbose_name="version",
                    ),
                ),
            ],
            options={
                "verbose_name": "line of the dispatch plan",
                "verbose_name_plural": "lines of the dispatch plan",
                "ordering": ["version", "starts_at", "id"],
            },
        ),
        migrations.CreateModel(
            name="WishedDate",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("rank", models.PositiveSmallIntegerField(verbose_name="rank")),
                ("day", models.DateField(verbose_name="date")),
                ("begins_at", models.TimeField(blank=True, null=True, verbose_name="begins at")),
                (
                    "letter",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="dates",
                        to="dispatch.bookingletter",
                    ),
                ),
            ],
            options={
                "verbose_name": "wished date",
                "verbose_name_plural": "wished dates",
                "ordering": ["letter", "rank"],
            },
        ),
        migrations.AddIndex(
            model_name="bookingletter",
            index=models.Index(fields=["stage", "submitted_at"], name="booking_letter_queue"),
        ),
        migrations.AddConstraint(
            model_name="bookingletter",
            constraint=models.CheckConstraint(
                condition=models.Q(("headcount__gt", 0)),
                name="booking_letter_is_for_somebody",
                violation_error_message="At least one person is expected.",
            ),
        ),
        migrations.AddConstraint(
            model_name="bookingletter",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("place", ""), ("venue__isnull", False)),
                    models.Q(("venue", None), models.Q(("place", ""), _negated=True)),
                    _connector="OR",
                ),
                name="booking_letter_has_one_place",
                violation_error_message="A class is held at a venue or at another place.",
            ),
        ),
        migrations.AddConstraint(
            model_name="bookingletter",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("stage__in", ["draft", "cancelled"]),
                    ("submitted_at__isnull", False),
                    _connector="OR",
                ),
                name="booking_letter_submitted_at_a_moment",
            ),
        ),
        migrations.AddConstraint(
            model_name="bookingletter",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(
                        ("stage__in", ["confirmed", "taught", "evaluated"]),
                        ("training_class__isnull", False),
                    ),
                    ("stage", "cancelled"),
                    models.Q(
                        models.Q(
                            ("stage__in", ["confirmed", "taught", "evaluated"]), _negated=True
                        ),
                        ("training_class", None),
                    ),
                    _connector="OR",
                ),
                name="booking_letter_confirmed_has_a_class",
            ),
        ),
        migrations.AddConstraint(
            model_name="bookingitem",
            constraint=models.UniqueConstraint(
                fields=("letter", "position"), name="booking_item_position_once_a_letter"
            ),
        ),
        migrations.AddConstraint(
            model_name="bookingitem",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(
                        ("course__isnull", False), ("module", None), ("strand", ""), ("wish", "")
                    ),
                    models.Q(
                        ("course", None),
                        models.Q(("wish", ""), _negated=True),
                        ("module__isnull", False),
                        models.Q(("strand", ""), _negated=True),
                    ),
                    _connector="OR",
                ),
                name="booking_item_is_a_course_or_a_wish",
                violation_error_message="An item is a course of the menu, or a wish with its module and strand.",
            ),
        ),
        migrations.AddConstraint(
            model_name="bookingstep",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("stage__in", ["inquiry", "answered", "declined", "cancelled"]),
                    ("word", ""),
                    _negated=True,
                ),
                name="booking_step_says_why",
                violation_error_message="Say why.",
            ),
        ),
        migrations.AddConstraint(
            model_name="bookingstep",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("rating__range", (1, 5)), ("stage", "evaluated")),
                    models.Q(models.Q(("stage", "evaluated"), _negated=True), ("rating", None)),
                    _connector="OR",
                ),
                name="booking_step_rates_an_evaluation",
            ),
        ),
        migrations.AddConstraint(
            model_name="bookingstep",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("taken_by__isnull", False), ("stage", "taught"), _connector="OR"
                ),
                name="booking_step_is_signed",
            ),
        ),
        migrations.AddIndex(
            model_name="engagement",
            index=models.Index(fields=["instructor", "starts_at"], name="engagement_of_lecturer"),
        ),
        migrations.AddIndex(
            model_name="engagement",
            index=models.Index(fields=["starts_at"], name="engagement_starts"),
        ),
        migrations.AddConstraint(
            model_name="engagement",
            constraint=models.CheckConstraint(
                condition=models.Q(("ends_at__gt", models.F("starts_at"))),
                name="engagement_ends_after_start",
            ),
        ),
        migrations.AddConstraint(
            model_name="engagement",
            constraint=models.UniqueConstraint(
                condition=models.Q(("state__in", ("draft", "proposed", "accepted"))),
                fields=("letter", "number"),
                name="engagement_live_once_a_session",
            ),
        ),
        migrations.AddConstraint(
            model_name="engagement",
            constraint=models.UniqueConstraint(
                condition=models.Q(("state__in", ("draft", "proposed", "accepted"))),
                fields=("session",),
                name="engagement_live_once_a_class_session",
            ),
        ),
        migrations.AddConstraint(
            model_name="engagement",
            constraint=django.contrib.postgres.constraints.ExclusionConstraint(
                condition=models.Q(("state__in", ("draft", "proposed", "accepted"))),
                expressions=[
                    ("instructor", "="),
                    (config.lib.periods.TimestampRange("starts_at", "ends_at"), "&&"),
                ],
                name="engagement_lecturer_once_at_a_time",
                violation_error_message="This lecturer is engaged elsewhere at that time.",
            ),
        ),
        migrations.AddConstraint(
            model_name="engagement",
            constraint=django.contrib.postgres.constraints.ExclusionConstraint(
                condition=models.Q(("state__in", ("draft", "proposed", "accepted"))),
                expressions=[
                    ("venue", "="),
                    (config.lib.periods.TimestampRange("starts_at", "ends_at"), "&&"),
                ],
                name="engagement_venue_once_at_a_time",
                violation_error_message="This venue is booked for another letter at that time.",
            ),
        ),
        migrations.AddConstraint(
            model_name="engagement",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("state", "draft"),
                    ("state", "withdrawn"),
                    models.Q(
                        ("answer_by__isnull", False),
                        ("instructor__isnull", False),
                        ("proposed_at__isnull", False),
                    ),
                    _connector="OR",
                ),
                name="engagement_proposed_to_somebody",
            ),
        ),
        migrations.AddConstraint(
            model_name="engagement",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(
                        ("answered_at__isnull", False),
                        ("answered_by__isnull", False),
                        ("state__in", ["accepted", "declined"]),
                    ),
                    models.Q(
                        models.Q(("state__in", ["accepted", "declined"]), _negated=True),
                        ("answered_at", None),
                        ("answered_by", None),
                    ),
                    _connector="OR",
                ),
                name="engagement_answer_is_signed",
            ),
        ),
        migrations.AddConstraint(
            model_name="engagement",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(
                        ("state__in", ["declined", "withdrawn"]),
                        models.Q(("reason", ""), _negated=True),
                    ),
                    models.Q(
                        models.Q(("state__in", ["declined", "withdrawn"]), _negated=True),
                        ("reason", ""),
                    ),
                    _connector="OR",
                ),
                name="engagement_ends_with_a_reason",
                violation_error_message="Say why.",
            ),
        ),
        migrations.AddConstraint(
            model_name="engagementoverride",
            constraint=models.CheckConstraint(
                condition=models.Q(("reason", ""), _negated=True),
                name="engagement_override_has_a_reason",
                violation_error_message="Say why.",
            ),
        ),
        migrations.AddConstraint(
            model_name="jointschool",
            constraint=models.UniqueConstraint(
                fields=("letter", "school"), name="joint_school_once_a_letter"
            ),
        ),
        migrations.AddConstraint(
            model_name="planversion",
            constraint=models.CheckConstraint(
                condition=models.Q(("number__gt", 0)), name="plan_version_counts_from_one"
            ),
        ),
        migrations.AddConstraint(
            model_name="planline",
            constraint=models.UniqueConstraint(
                fields=("version", "letter", "number"), name="plan_line_once_a_session"
            ),
        ),
        migrations.AddConstraint(
            model_name="wisheddate",
            constraint=models.UniqueConstraint(
                fields=("letter", "rank"), name="wished_date_rank_once"
            ),
        ),
        migrations.AddConstraint(
            model_name="wisheddate",
            constraint=models.UniqueConstraint(
                fields=("letter", "day"),
                name="wished_date_day_once",
                violation_error_message="Each day is wished for once.",
            ),
        ),
        migrations.AddConstraint(
            model_name="wisheddate",
            constraint=models.CheckConstraint(
                condition=models.Q(("rank__range", (1, 3))), name="wished_date_of_three"
            ),
        ),
    ]
