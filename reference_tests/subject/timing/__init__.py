"""Time that foreign code may take: its own, in which neither a busy machine nor one that stands still has a part."""
