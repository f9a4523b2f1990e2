"""Find submissions and read their files."""
