"""What frameworks do where they differ: the same questions, asked live, each framework in its own process."""
