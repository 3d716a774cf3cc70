"""SQL for the row of a person that holds a member's hours."""

# The holder of the hours of a member `m` on a day: after a merge, the row that remains.
HOLDER = """
CASE WHEN m.merged_year <= extract(year FROM {day}) THEN m.merged_into_id ELSE m.id END
"""
