"""Right helper functions, lent where the target has none: texts, of which a child gets none that it is asked for."""
