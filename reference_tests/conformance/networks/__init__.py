"""Comparing whole networks with torch. Only cli, reports and benchmarks import this folder; nothing below knows it."""
