"""Which row of a person holds the hours of a member."""

# Who holds the hours of a member `m` on a day: since a merge, the row that was kept.
HOLDER = """
CASE WHEN m.merged_year <= extract(year FROM {day}) THEN m.merged_into_id ELSE m.id END
"""
