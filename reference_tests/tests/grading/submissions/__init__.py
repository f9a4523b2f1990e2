"""Tests of finding and reading submissions."""
