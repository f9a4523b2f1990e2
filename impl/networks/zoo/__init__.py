"""Published networks: one file a family."""
