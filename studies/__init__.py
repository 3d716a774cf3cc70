"""Study by branches and by individual members outside classes, with evidence and reviews."""
