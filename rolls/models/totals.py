"""What is kept of attendances, so that a page does not count them."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from schools.models import Organisation, School
from trainees.models import Member


class AttendanceTotal(models.Model):
    """How often a member attended in a year, at one school and for one organisation of the day.

    A cache of `ATTENDANCES` (`rolls/queries/attendances.py`), right for members for whom no
    `BalanceChange` waits, in years of which the balances are kept. The member is the one who holds
    the hours. Keys are not checked: marks hold what they point to.
    """

    unchained_because = "It is computed from covered rows, and computed again at any time."

    year = models.PositiveSmallIntegerField(_("year"))
    school = models.ForeignKey(
        School,
        on_delete=models.DO_NOTHING,
        db_constraint=False,
        related_name="+",
        verbose_name=_("school"),
        db_index=False,
    )
    organisation = models.ForeignKey(
        Organisation,
        on_delete=models.DO_NOTHING,
        db_constraint=False,
        related_name="+",
        verbose_name=_("Party organisation"),
        db_index=False,
    )
    member = models.ForeignKey(
        Member,
        on_delete=models.DO_NOTHING,
        db_constraint=False,
        related_name="+",
        verbose_name=_("member"),
        db_index=False,
    )
    times = models.PositiveIntegerField(_("times attended"))

    class Meta:
        verbose_name = _("total of attendances")
        verbose_name_plural = _("totals of attendances")
        constraints = [
            # The overview counts in this order, and reads nothing else.
            models.UniqueConstraint(
                fields=["year", "school", "member", "organisation"],
                include=["times"],
                name="attendance_total_once",
            ),
            models.CheckConstraint(
                condition=models.Q(times__gt=0), name="attendance_total_is_of_some"
            ),
        ]
        indexes = [models.Index(fields=["member", "year"], name="attendance_total_of_member")]

    def __str__(self) -> str:
        return f"{self.member_id} · {self.year}: {self.times}"
