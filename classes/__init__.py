"""Training classes in practice: rosters, order, leave, notices, materials, ratings."""
