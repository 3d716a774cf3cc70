"""What people send, by subject."""
