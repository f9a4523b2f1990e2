"""Published networks, one file for each family."""
