"""`make bench`: compares the cost of pages with that of raw SQL for the same work, in one run.

database.py      a separate database, filled by `seed_demo`, and the URLs of the two roles
classes.py       classes with rolls to take
portal.py        a web server, started in the same way as by `make run`
stock/           a plain Django project; its page is the limit for pages per second
stock_page.py    its tables in the same database, its people, its server
sessions.py      sessions as created by a sign-in
crowd.py         members who are signed in
browser.py       signs in and sends forms over a persistent connection
load.py          several connections at once, in a separate process
limits.py        the raw SQL ("the limit"): as few statements as is sensible, prepared
pages.py         a member's page and the overview, portal and limit in alternation
rates.py         pages per second for many members and for the stock page, in alternation
rolls.py         posting a roll, likewise
ledger_check.py  the nightly check beside one pass over the rows
month/           `make bench-month`: random acts by four threads, and what holds after them
figures.py       medians, targets and the table
"""
