"""The suite that `pytest --impl` runs: every layer's checks, and generated cases."""
