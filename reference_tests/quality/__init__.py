"""Quality of the suite: detection, naming and false-alarm rates, and mutation of impl (`convcheck self-test`)."""
