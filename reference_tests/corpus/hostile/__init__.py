"""Hostile submissions: each file attempts one attack; known_leaks.json says what succeeds at the lower levels."""
