"""A plain Django project, whose page tells what a page costs that nobody made faster or slower.

Sessions in the database, auth, CSRF and messages are Django's own, as `startproject` sets them up.
The page shows the twenty newest records of the person who is signed in, from one queryset.
"""

ROWS = 20
# Where its tables are in the benchmark's database.
SCHEMA = "stock"
