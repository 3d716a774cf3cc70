"""English dates of the administration and of papers: Tue 24 Nov 2026, as `format_day` does."""

DATE_FORMAT = "D j M Y"
SHORT_DATE_FORMAT = "Y-m-d"
MONTH_DAY_FORMAT = "j F"
TIME_FORMAT = "H:i"
DATETIME_FORMAT = SHORT_DATETIME_FORMAT = "j M Y H:i"
