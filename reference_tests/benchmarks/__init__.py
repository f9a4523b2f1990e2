"""Benchmarks, run by command only; no test asserts a time."""
