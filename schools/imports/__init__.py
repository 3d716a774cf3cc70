"""Tables from which a network is founded: divisions, schools, organisations."""
