"""Memberships, posts and exemptions of the days of a closed year stay."""

from django.db import migrations

from schools.closed_years import GuardFacts


class Migration(migrations.Migration):
    dependencies = [
        ("trainees", "0007_proposed_below_proposed"),
        ("schools", "0005_closed_years"),
    ]

    operations = [
        GuardFacts("trainees_membership", "member_id", "organisation_id", "membership_status"),
        GuardFacts("trainees_post", "member_id", "organisation_id", "kind"),
        GuardFacts("trainees_exemption", "member_id", "category"),
    ]
