"""Tests of reading other interfaces."""
