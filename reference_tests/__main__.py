"""Run convcheck as `python -m reference_tests`."""

from .cli import main

main()
