"""Whole networks, layer by layer beside torch."""
