import django.contrib.postgres.constraints
import django.db.models.deletion
from django.db import migrations, models
from django.db.models import F, Q

import config.lib.periods


class Migration(migrations.Migration):
    """The table of places, still empty. Going back, 0003 has filled the columns by now."""

    dependencies = [
        ("schools", "0001_initial"),
    ]

    operations = [
        migrations.CreateModel(
            name="Placement",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("period", config.lib.periods.PeriodField(verbose_name="period")),
                (
                    "organisation",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="placements",
                        to="schools.organisation",
                        verbose_name="Party organisation",
                    ),
                ),
                (
                    "parent",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="placements_below",
                        to="schools.organisation",
                        verbose_name="higher organisation",
                    ),
                ),
                (
                    "township",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="placements",
                        to="schools.township",
                        verbose_name="township",
                    ),
                ),
                (
                    "village",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="placements",
                        to="schools.village",
                        verbose_name="village or community",
                    ),
                ),
            ],
            options={
                "verbose_name": "place in the tree",
                "verbose_name_plural": "places in the tree",
                "ordering": ["organisation__code", "period"],
                "constraints": [
                    django.contrib.postgres.constraints.ExclusionConstraint(
                        expressions=[("organisation", "="), ("period", "&&")],
                        name="placement_one_at_a_time",
                        violation_error_message="This organisation has a place on some of these days: end that one first.",
                    ),
                    django.contrib.postgres.constraints.ExclusionConstraint(
                        condition=Q(parent__isnull=True),
                        expressions=[("period", "&&")],
                        name="placement_one_top_at_a_time",
                        violation_error_message="Every organisation but the district committee names a higher one.",
                    ),
                    models.CheckConstraint(
                        condition=Q(
                            parent__isnull=True, township__isnull=True, village__isnull=True
                        )
                        | Q(parent__isnull=False, township__isnull=False),
                        name="placement_below_the_top_has_township",
                        violation_error_message="Every organisation below the district committee names its township.",
                    ),
                    models.CheckConstraint(
                        condition=~Q(parent=F("organisation")),
                        name="placement_is_not_below_itself",
                        violation_error_message="An organisation is not its own higher organisation.",
                    ),
                ],
            },
        ),
        migrations.AddField(
            model_name="organisation",
            name="name_pinyin",
            field=models.CharField(db_default="", editable=False, max_length=700),
        ),
        migrations.AddField(
            model_name="organisation",
            name="name_initials",
            field=models.CharField(db_default="", editable=False, max_length=200),
        ),
        migrations.RemoveConstraint(
            model_name="organisation", name="organisation_only_district_has_no_parent"
        ),
        migrations.RemoveConstraint(
            model_name="organisation", name="organisation_below_district_has_township"
        ),
        migrations.RemoveConstraint(
            model_name="organisation", name="organisation_is_not_its_own_parent"
        ),
    ]
