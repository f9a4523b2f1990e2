"""Terminal, JSON, HTML ...: all from the same verdicts."""
