"""Run convcheck as `python -m convcheck`."""

from reference_tests.cli import main

main()
