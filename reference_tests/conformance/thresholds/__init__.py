"""Cases around the numbers that the target's own code names: a size or a bound at which it may go another way."""
