"""Who checks the checker."""
