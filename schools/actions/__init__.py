"""All writes to the network, by subject."""
