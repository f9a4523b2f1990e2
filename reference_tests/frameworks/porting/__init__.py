"""Porting: recipes, and a torch model written for another framework, its weights converted and a port compared."""
