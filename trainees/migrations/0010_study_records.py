"""Branch studies become records of study: other kinds, more days, participants, reviews.

What stands was in the ledger, so it is approved. Participants come in the next migration, apart
from the changes of the tables.
"""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

import config.lib.hours
from config.lib.append_only import ForbidChanges


def remove_constraint(
    name: str, condition: str, unless: str
) -> migrations.SeparateDatabaseAndState:
    """Remove a constraint. Undone, it comes back unless a row found by `unless` speaks against it.

    No page of the portal before wrote these rows.
    """
    table = "trainees_branchstudy"
    back = f"""
        DO $$ BEGIN
            IF NOT EXISTS (SELECT FROM {table} {unless}) THEN
                ALTER TABLE {table} ADD CONSTRAINT {name} {condition};
            END IF;
        END $$
    """  # noqa: S608 - fixed text, no input
    return migrations.SeparateDatabaseAndState(
        [migrations.RunSQL(f"ALTER TABLE {table} DROP CONSTRAINT IF EXISTS {name}", back)],
        [migrations.RemoveConstraint("branchstudy", name)],
    )


class Migration(migrations.Migration):
    dependencies = [
        ("schools", "0006_role_scopes"),
        ("trainees", "0007_refusals_are_codes"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        remove_constraint(
            "branch_study_once_a_day",
            "UNIQUE (organisation_id, held_on, kind)",
            "GROUP BY organisation_id, held_on, kind HAVING count(*) > 1",
        ),
        remove_constraint(
            "branch_study_minutes_sane",
            "CHECK (minutes >= 15 AND minutes <= 480)",
            "WHERE NOT minutes BETWEEN 15 AND 480",
        ),
        migrations.RenameModel("BranchStudy", "Study"),
        migrations.AlterModelOptions(
            name="study",
            options={
                "verbose_name": "study record",
                "verbose_name_plural": "study records",
                "ordering": ["-held_on", "-id"],
            },
        ),
        migrations.AlterField(
            model_name="study",
            name="kind",
            field=models.CharField(
                choices=[
                    ("branch_meeting", "branch members' meeting"),
                    ("committee_meeting", "branch committee meeting"),
                    ("group_meeting", "Party group meeting"),
                    ("party_lesson", "Party lesson"),
                    ("themed_day", "themed Party day"),
                    ("outreach_visit", "visit with study at home"),
                    ("activity", "activity of study or reflection"),
                    ("online_study", "online study"),
                    ("outside_training", "training elsewhere"),
                ],
                max_length=20,
                verbose_name="kind",
            ),
        ),
        migrations.AlterField(
            model_name="study",
            name="place",
            field=models.CharField(blank=True, max_length=80, verbose_name="place"),
        ),
        migrations.AddField(
            model_name="study",
            name="days",
            field=models.PositiveSmallIntegerField(default=1, verbose_name="days"),
        ),
        migrations.AddField(
            model_name="study",
            name="starts_at",
            field=models.TimeField(blank=True, null=True, verbose_name="begins at"),
        ),
        migrations.AddField(
            model_name="study",
            name="version",
            field=models.PositiveIntegerField(default=1, editable=False),
        ),
        migrations.AddField(
            model_name="study",
            name="state",
            field=models.CharField(
                choices=[
                    ("draft", "draft"),
                    ("submitted", "waits for review"),
                    ("checked", "passed by the community"),
                    ("approved", "approved"),
                    ("withdrawn", "withdrawn"),
                ],
                default="approved",
                max_length=12,
                verbose_name="state",
            ),
        ),
        migrations.AlterField(
            model_name="study",
            name="state",
            field=models.CharField(
                choices=[
                    ("draft", "draft"),
                    ("submitted", "waits for review"),
                    ("checked", "passed by the community"),
                    ("approved", "approved"),
                    ("withdrawn", "withdrawn"),
                ],
                default="draft",
                max_length=12,
                verbose_name="state",
            ),
        ),
        migrations.AddField(
            model_name="study",
            name="round",
            field=models.PositiveSmallIntegerField(
                default=1, editable=False, verbose_name="submissions"
            ),
        ),
        migrations.AlterField(
            model_name="study",
            name="round",
            field=models.PositiveSmallIntegerField(
                default=0, editable=False, verbose_name="submissions"
            ),
        ),
        migrations.CreateModel(
            name="CreditStep",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "from_minutes",
                    models.PositiveSmallIntegerField(verbose_name="from so many minutes"),
                ),
                (
                    "hours",
                    config.lib.hours.HoursField(
                        decimal_places=2, max_digits=6, verbose_name="credit hours"
                    ),
                ),
            ],
            options={
                "verbose_name": "step of a credit rule",
                "verbose_name_plural": "steps of a credit rule",
                "ordering": ["rule", "from_minutes"],
            },
        ),
        migrations.CreateModel(
            name="StudyParticipant",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
            ],
            options={
                "verbose_name": "participant",
                "verbose_name_plural": "participants",
                "ordering": ["member__number"],
            },
        ),
        migrations.CreateModel(
            name="StudyReview",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("round", models.PositiveSmallIntegerField(verbose_name="submission")),
                (
                    "step",
                    models.CharField(
                        choices=[
                            ("community", "review of the community"),
                            ("school", "review of the school"),
                        ],
                        max_length=12,
                        verbose_name="step",
                    ),
                ),
                (
                    "verdict",
                    models.CharField(
                        choices=[
                            ("passed", "passed"),
                            ("returned", "returned"),
                            ("withdrawn", "withdrawn"),
                        ],
                        max_length=12,
                        verbose_name="verdict",
                    ),
                ),
                ("reason", models.CharField(blank=True, max_length=200, verbose_name="reason")),
                ("reviewed_at", models.DateTimeField(verbose_name="reviewed at")),
            ],
            options={
                "verbose_name": "review of a study record",
                "verbose_name_plural": "reviews of study records",
                "ordering": ["reviewed_at", "id"],
            },
        ),
        migrations.AddField(
            model_name="creditstep",
            name="rule",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE,
                related_name="steps",
                to="trainees.creditrule",
                verbose_name="credit rule",
            ),
        ),
        migrations.AddField(
            model_name="studyparticipant",
            name="member",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="studies",
                to="trainees.member",
                verbose_name="member",
            ),
        ),
        migrations.AddField(
            model_name="studyparticipant",
            name="organisation",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="schools.organisation",
                verbose_name="Party organisation",
            ),
        ),
        migrations.AddField(
            model_name="studyparticipant",
            name="study",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE,
                related_name="participants",
                to="trainees.study",
                verbose_name="study record",
            ),
        ),
        migrations.AddField(
            model_name="studyreview",
            name="recorded_by",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
                verbose_name="recorded by",
            ),
        ),
        migrations.AddField(
            model_name="studyreview",
            name="reviewed_by",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
                verbose_name="reviewed by",
            ),
        ),
        migrations.AddField(
            model_name="studyreview",
            name="study",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="reviews",
                to="trainees.study",
                verbose_name="study record",
            ),
        ),
        migrations.AddField(
            model_name="creditrule",
            name="half_day_cap",
            field=config.lib.hours.HoursField(
                blank=True,
                decimal_places=2,
                max_digits=6,
                null=True,
                verbose_name="cap of a half day (credit hours)",
            ),
        ),
        migrations.AddField(
            model_name="creditrule",
            name="review_steps",
            field=models.PositiveSmallIntegerField(default=1, verbose_name="steps of review"),
        ),
        migrations.AddField(
            model_name="creditrule",
            name="yearly_cap",
            field=config.lib.hours.HoursField(
                blank=True,
                decimal_places=2,
                max_digits=6,
                null=True,
                verbose_name="yearly cap of the category (credit hours)",
            ),
        ),
        migrations.AlterField(
            model_name="creditrule",
            name="category",
            field=models.CharField(
                choices=[
                    ("concentrated", "concentrated training"),
                    ("collective", "collective study"),
                    ("online", "online study"),
                    ("outside", "training elsewhere"),
                    ("outreach", "study brought home"),
                    ("activity", "activity"),
                ],
                max_length=20,
                verbose_name="category",
            ),
        ),
        migrations.AddIndex(
            model_name="study",
            index=models.Index(fields=["organisation", "held_on"], name="study_organisation_day"),
        ),
        migrations.AddConstraint(
            model_name="creditrule",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(
                        ("half_day_cap__isnull", True),
                        ("half_day_cap__in_quarters", True),
                        _connector="OR",
                    ),
                    models.Q(
                        ("yearly_cap__isnull", True),
                        ("yearly_cap__in_quarters", True),
                        _connector="OR",
                    ),
                    models.Q(
                        ("half_day_cap__isnull", True), ("half_day_cap__gt", 0), _connector="OR"
                    ),
                    models.Q(("yearly_cap__isnull", True), ("yearly_cap__gt", 0), _connector="OR"),
                ),
                name="credit_rule_caps_in_steps",
                violation_error_message="A cap is above 0 and goes in steps of 0.25.",
            ),
        ),
        migrations.AddConstraint(
            model_name="creditrule",
            constraint=models.CheckConstraint(
                condition=models.Q(("review_steps__in", [1, 2])),
                name="credit_rule_review_steps",
                violation_error_message="A record is reviewed in one or two steps.",
            ),
        ),
        migrations.AddConstraint(
            model_name="creditstep",
            constraint=models.UniqueConstraint(
                fields=("rule", "from_minutes"), name="credit_step_once_per_rule"
            ),
        ),
        migrations.AddConstraint(
            model_name="creditstep",
            constraint=models.CheckConstraint(
                condition=models.Q(("hours__in_quarters", True), ("hours__gt", 0)),
                name="credit_step_hours_in_steps",
                violation_error_message="Credit hours are above 0 and go in steps of 0.25.",
            ),
        ),
        migrations.AddConstraint(
            model_name="study",
            constraint=models.UniqueConstraint(
                condition=models.Q(
                    models.Q(
                        ("kind__in", ["online_study", "outside_training", "outreach_visit"]),
                        _negated=True,
                    ),
                    models.Q(("state", "withdrawn"), _negated=True),
                ),
                fields=("organisation", "held_on", "kind", "starts_at"),
                name="study_once_at_a_time",
                nulls_distinct=False,
                violation_error_message="A record of this kind and time is there already.",
            ),
        ),
        migrations.AddConstraint(
            model_name="study",
            constraint=models.CheckConstraint(
                condition=models.Q(("minutes__gte", 5), ("minutes__lte", 480)),
                name="study_minutes_sane",
                violation_error_message="A day of study has 5 to 480 minutes.",
            ),
        ),
        migrations.AddConstraint(
            model_name="study",
            constraint=models.CheckConstraint(
                condition=models.Q(("days__gte", 1), ("days__lte", 31)),
                name="study_days_sane",
                violation_error_message="A record covers 1 to 31 days.",
            ),
        ),
        migrations.AddConstraint(
            model_name="study",
            constraint=models.CheckConstraint(
                condition=models.Q(("state", "draft"), ("round__gt", 0), _connector="OR"),
                name="study_was_submitted",
            ),
        ),
        migrations.AddConstraint(
            model_name="studyparticipant",
            constraint=models.UniqueConstraint(
                fields=("study", "member"), name="study_participant_once_per_study"
            ),
        ),
        migrations.AddConstraint(
            model_name="studyreview",
            constraint=models.UniqueConstraint(
                condition=models.Q(("verdict", "withdrawn"), _negated=True),
                fields=("study", "round", "step"),
                name="study_review_step_once",
            ),
        ),
        migrations.AddConstraint(
            model_name="studyreview",
            constraint=models.UniqueConstraint(
                condition=models.Q(("verdict", "withdrawn"), _negated=True),
                fields=("study", "round", "reviewed_by"),
                name="study_review_two_people",
                violation_error_message="The two steps of a review are taken by two people.",
            ),
        ),
        migrations.AddConstraint(
            model_name="studyreview",
            constraint=models.CheckConstraint(
                condition=models.Q(("reviewed_by", models.F("recorded_by")), _negated=True),
                name="study_review_by_another",
                violation_error_message="Nobody reviews what he recorded himself.",
            ),
        ),
        migrations.AddConstraint(
            model_name="studyreview",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("verdict", "passed"), models.Q(("reason", ""), _negated=True), _connector="OR"
                ),
                name="study_review_return_has_reason",
                violation_error_message="Say why.",
            ),
        ),
        ForbidChanges("trainees_studyreview"),
    ]
