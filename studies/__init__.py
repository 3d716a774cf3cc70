"""Study of branches and of members by themselves, with its evidence and its reviews."""
