"""A member's year, disputes, issued documents, and the overview of all schools."""
