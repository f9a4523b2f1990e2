"""What the wrong numbers of one use tell of its cause, beyond that it is this use in which they come."""
