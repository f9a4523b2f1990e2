"""Not the real one."""

raise RuntimeError("THROUGH was imported in place of the real one")
