"""A plain Django project; its page shows the cost of an ordinary, unoptimised page.

Database sessions, auth, CSRF and messages are Django's own, as set up by `startproject`. The page
shows the twenty newest records of the signed-in user, from one queryset.
"""

ROWS = 20
# The schema of its tables in the benchmark's database.
SCHEMA = "stock"
