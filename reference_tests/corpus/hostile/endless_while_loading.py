"""Never comes back from being loaded, and catches what would stop it (bounded: a minute)."""

import time


class Relu:
    until = time.monotonic() + 60
    while time.monotonic() < until:
        try:
            while time.monotonic() < until:
                pass
        except BaseException:
            pass
