"""What is kept of members' years and of hours, so that a page judges nobody and adds up no ledger.

A cache: `hours.queries.requirements` says what is owed and reached, and the rows can be made again
at any time (`hours/actions/balances.py`).
"""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils.translation import gettext_lazy as _

from config.lib.hours import HoursField, is_quarter_multiple
from hours.enums import BalanceVerdict, CreditCategory, RequirementGroup
from schools.enums import Audience
from schools.models import Organisation, School
from trainees.models import Member

_WHY_UNCHAINED = "It is computed from covered rows, and computed again at any time."


class Balance(models.Model):
    """Where one member stands in one year: what is owed and done, and the verdict.

    There is a row for everybody who belongs to an organisation on some day of the year. It is right
    for each day of judgement before `holds_until`, on which something dated of the member begins or
    ends, unless a `BalanceChange` names the member. On days on which they belong nowhere the
    verdict is `NONE`. `name_pinyin` and `organisation_code` are copies, for the order of lists.
    Keys are not checked: what a balance points to goes after the facts of its member, who waits.
    """

    unchained_because = _WHY_UNCHAINED

    year = models.PositiveSmallIntegerField(_("year"))
    member = models.ForeignKey(
        Member,
        on_delete=models.DO_NOTHING,
        db_constraint=False,
        related_name="+",
        verbose_name=_("member"),
    )
    name_pinyin = models.CharField(max_length=200)
    organisation = models.ForeignKey(
        Organisation,
        on_delete=models.DO_NOTHING,
        db_constraint=False,
        null=True,
        related_name="+",
        verbose_name=_("Party organisation"),
        db_index=False,
    )
    organisation_code = models.CharField(max_length=20)
    school = models.ForeignKey(
        School,
        on_delete=models.DO_NOTHING,
        db_constraint=False,
        null=True,
        related_name="+",
        verbose_name=_("school"),
        db_index=False,
    )
    membership_status = models.CharField(_("membership status"), max_length=20)
    exemption = models.CharField(_("exemption"), max_length=20)
    rule_group = models.CharField(_("rule"), max_length=20, choices=RequirementGroup)
    audience = models.CharField(_("audience"), max_length=20, choices=Audience)
    owed = HoursField(_("credit hours owed"))
    trainings = models.PositiveSmallIntegerField(_("concentrated trainings owed"))
    training_hours = HoursField(_("least credit hours of a training"), null=True)
    hours = HoursField(_("credit hours done"))
    concentrated = HoursField(_("credit hours of concentrated training"))
    trained = models.PositiveIntegerField(_("concentrated trainings attended"))
    verdict = models.CharField(_("verdict"), max_length=20, choices=BalanceVerdict)
    holds_until = models.DateField(_("holds until"))

    class Meta:
        verbose_name = _("balance")
        verbose_name_plural = _("balances")
        constraints = [
            models.UniqueConstraint(fields=["year", "member"], name="balance_once_a_year"),
            models.CheckConstraint(
                condition=is_quarter_multiple("owed", "training_hours", "hours", "concentrated"),
                name="balance_quarter_steps",
            ),
        ]
        # Each begins with what a list is narrowed to, and goes on in its order.
        indexes = [
            models.Index(fields=["year", "name_pinyin", "member"], name="balance_by_name"),
            models.Index(
                fields=["year", "organisation_code", "name_pinyin", "member"],
                name="balance_by_organisation",
            ),
            models.Index(
                fields=["year", "school", "name_pinyin", "member"], name="balance_of_school"
            ),
            models.Index(
                fields=["year", "verdict", "name_pinyin", "member"], name="balance_of_verdict"
            ),
            models.Index(
                fields=["year", "organisation", "name_pinyin", "member"],
                name="balance_in_organisation",
            ),
            models.Index(fields=["year", "holds_until"], name="balance_until"),
        ]

    def __str__(self) -> str:
        return f"{self.member} · {self.year}"


class BalanceCount(models.Model):
    """How many kept balances of a year are alike in what lists and figures are narrowed to.

    Triggers on the balances keep it; verdicts of `NONE` are not counted.
    """

    unchained_because = _WHY_UNCHAINED

    year = models.PositiveSmallIntegerField(_("year"))
    school = models.ForeignKey(
        School,
        on_delete=models.DO_NOTHING,
        db_constraint=False,
        null=True,
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
    audience = models.CharField(_("audience"), max_length=20, choices=Audience)
    rule_group = models.CharField(_("rule"), max_length=20, choices=RequirementGroup)
    verdict = models.CharField(_("verdict"), max_length=20, choices=BalanceVerdict)
    members = models.IntegerField(_("members"))

    class Meta:
        verbose_name = _("number of balances")
        verbose_name_plural = _("numbers of balances")
        constraints = [
            models.UniqueConstraint(
                fields=["year", "school", "organisation", "audience", "rule_group", "verdict"],
                nulls_distinct=False,
                name="balance_count_once",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.year} · {self.members}"


class BalanceYear(models.Model):
    """A year whose balances are kept, and the latest day of judgement that they were settled for.

    Before that day they say nothing, and a year without this row has none.
    """

    unchained_because = _WHY_UNCHAINED

    year = models.PositiveSmallIntegerField(_("year"), primary_key=True)
    judged_on = models.DateField(_("day of judgement"))

    class Meta:
        verbose_name = _("year of balances")
        verbose_name_plural = _("years of balances")

    def __str__(self) -> str:
        return str(self.year)


class BalanceChange(models.Model):
    """A change that the balances do not say yet, written by triggers with the change itself.

    With a `year`, hours of that year were posted; without one, facts that verdicts rest on changed.
    Without `members`, everybody's did.
    """

    unchained_because = _WHY_UNCHAINED

    year = models.PositiveSmallIntegerField(_("year"), null=True)
    members = ArrayField(models.BigIntegerField(), null=True, verbose_name=_("members"))

    class Meta:
        verbose_name = _("change of balances")
        verbose_name_plural = _("changes of balances")

    def __str__(self) -> str:
        return str(self.pk)


class MonthTotal(models.Model):
    """Hours posted for a month, by school and organisation of the day, and category.

    The rows that are alike add up to what the ledger says, at any moment: a trigger on the ledger
    writes a row with each posting, and settling adds these to the row that `is_settled`.
    """

    unchained_because = _WHY_UNCHAINED

    year = models.PositiveSmallIntegerField(_("year"))
    month = models.PositiveSmallIntegerField(_("month"))
    school = models.ForeignKey(
        School,
        on_delete=models.PROTECT,
        related_name="+",
        verbose_name=_("school"),
        db_index=False,
    )
    organisation = models.ForeignKey(
        Organisation,
        on_delete=models.PROTECT,
        related_name="+",
        verbose_name=_("Party organisation"),
        db_index=False,
    )
    category = models.CharField(_("category"), max_length=20, choices=CreditCategory)
    hours = HoursField(_("credit hours"), max_digits=12)
    is_settled = models.BooleanField(_("settled"), default=False, db_default=False)

    class Meta:
        verbose_name = _("total of a month")
        verbose_name_plural = _("totals of months")
        constraints = [
            models.CheckConstraint(
                condition=is_quarter_multiple("hours"), name="month_total_quarter_steps"
            ),
            models.UniqueConstraint(
                fields=["year", "month", "school", "organisation", "category"],
                condition=models.Q(is_settled=True),
                name="month_total_settled_once",
            ),
        ]
        indexes = [
            models.Index(
                fields=["id"], condition=models.Q(is_settled=False), name="month_total_unsettled"
            ),
            models.Index(fields=["year", "school"], name="month_total_of_school"),
        ]

    def __str__(self) -> str:
        return f"{self.year}-{self.month:02} · {self.hours}"
