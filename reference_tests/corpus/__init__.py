"""Code to be examined: wrong, correct and hostile implementations, and examples. Data: nothing here is a test."""
