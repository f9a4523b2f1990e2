"""The flow of a check: draw a case, ask the references, run the subject, compare, diagnose. And the tables of each."""
