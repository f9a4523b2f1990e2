"""Reports on an examination: terminal, JSON, HTML page, notebook cell, all from the same verdicts."""
