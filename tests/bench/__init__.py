"""`make bench`: what a page costs beside raw SQL that does the same work, in one run.

database.py      a database of its own, filled by `seed_demo`, and the two roles' addresses
classes.py       classes with rolls to be taken
portal.py        the web server, started as `make run` starts it
browser.py       signs in and sends forms over a connection that stays open
load.py          several connections at once, in a process of its own
limits.py        the raw SQL: the fewest sensible statements, prepared
pages.py         the page of a member and the dashboard, ours and the limit turn by turn
rolls.py         a roll posted, likewise
figures.py       medians, targets and the table
"""
