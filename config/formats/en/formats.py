"""English dates in the administration and on paper: Tue 24 Nov 2026, like `format_day`."""

DATE_FORMAT = "D j M Y"
SHORT_DATE_FORMAT = "Y-m-d"
MONTH_DAY_FORMAT = "j F"
TIME_FORMAT = "H:i"
DATETIME_FORMAT = SHORT_DATETIME_FORMAT = "j M Y H:i"
