from django.db import models
from django.utils.translation import pgettext_lazy

from funding.enums import HELD, Stage


class Figure(models.TextChoices):
    """What is compared over a year; each is what lies in some stages.

    The budget is what was carried in and allocated; what is carried over stays in it.
    """

    BUDGET = "budget", pgettext_lazy("of money", "budget")
    COMMITMENTS = "commitments", pgettext_lazy("of money", "commitments")
    PAYMENTS = "payments", pgettext_lazy("of money", "payments")


STAGES_OF = {
    Figure.BUDGET: HELD,
    Figure.COMMITMENTS: (Stage.COMMITTED, Stage.APPROVED, Stage.PAID),
    Figure.PAYMENTS: (Stage.PAID,),
}
