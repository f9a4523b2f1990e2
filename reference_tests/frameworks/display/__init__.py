"""The report shown: a summary, the matrix or one question on the terminal, and everything as a page."""
