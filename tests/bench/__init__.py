"""`make bench`: what a page costs beside raw SQL that does the same work, in one run.

database.py      a database of its own, filled by `seed_demo`, and the two roles' addresses
classes.py       classes with rolls to be taken
portal.py        a web server, started as `make run` starts it
stock/           a plain Django project, whose page is the limit of pages per second
stock_page.py    its tables in the same database, its people, its server
sessions.py      sessions as a sign-in leaves them
crowd.py         members who are signed in
browser.py       signs in and sends forms over a connection that stays open
load.py          several connections at once, in a process of its own
limits.py        the raw SQL: the fewest sensible statements, prepared
pages.py         the page of a member and the dashboard, ours and the limit turn by turn
rates.py         pages a second of many members, and of the stock page, turn by turn
rolls.py         a roll posted, likewise
figures.py       medians, targets and the table
"""
