"""Every write about the network, by subject."""
