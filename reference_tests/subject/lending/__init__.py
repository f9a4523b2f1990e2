"""Lending to a target what it imports and does not have: right functions, and stand-ins that do nothing."""
