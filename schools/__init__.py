"""The network: district, schools, organisations, roles."""
