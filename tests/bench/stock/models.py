"""The records that the stock page lists."""

from django.conf import settings
from django.db import models


class Record(models.Model):
    """A study record of one user."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE)
    title = models.CharField(max_length=100)
    day = models.DateField()
    hours = models.DecimalField(max_digits=5, decimal_places=2)

    class Meta:
        ordering = ("-day",)

    def __str__(self) -> str:
        return self.title
