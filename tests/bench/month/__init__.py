"""`make bench-month`: a month of random acts by four threads on the demo, and what holds after it.

people.py     who acts, and the classes of the month
acts.py       the acts: each picks its subject by chance and does one action of the portal
recount.py    the hours of each member and year, counted again from the evidence in plain Python
run.py        the threads, the checks, the figures
"""
