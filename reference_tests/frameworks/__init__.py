"""Frameworks compared where they differ: the same questions, answered live, each framework in its own process."""
