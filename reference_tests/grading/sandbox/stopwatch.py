"""How long may a submission take? Its own time counts, not that in which others have the processor.

A program has so many seconds of processor time: of the submission's process and of all that it has started. By the
clock it has WALL times as many, which ends what sleeps or waits. All programs together have so many seconds in which
the submission computes, sleeps or waits for anything but a processor, where the system tells that; by the clock, WALL
times as many. On a busy machine the clock alone runs on.
"""

import time
from collections.abc import Callable

from ...subject.limits import WALL

FIRST_LOOK = 0.1  # seconds until the time of a program is looked at; nearly all have ended by then
LOOKS = 0.02, 1.0  # the least and the most seconds between two later looks
Usage = tuple[float, float | None]  # seconds: on processors, waiting for one (None: the system does not tell)


class Stopwatch:
    """The time of one submission, over all its processes.

    whole: seconds that it has. grace: so many more has one step, in which the process may say itself that time is over.
    """

    def __init__(self, whole: float, grace: float) -> None:
        self.whole, self.grace = whole, grace
        self.earlier = self.own = 0.0  # its own seconds: of the processes before this one, of this one
        self.clock = self.awaited = 0.0  # by the clock: of all processes, of this one

    def new_process(self, measure: Callable[[], Usage]) -> None:
        """Go on with another process. measure: returns its usage since its start."""
        self.measure = measure
        self.earlier, self.own, self.awaited = self.earlier + self.own, 0.0, 0.0

    def begin(self, seconds: float) -> float:
        """Begin a step that has so many seconds. Return until when to wait before a look."""
        self.seconds, self.start = seconds, time.monotonic()
        self.before: float | None = None  # processor time at the beginning of the step, as of the first look
        return self.start + min(FIRST_LOOK, seconds)

    def look(self) -> float:
        """Return until when to wait before another look. Raises TimeoutError, with the time that is over."""
        now = time.monotonic()
        passed, (used, queued) = now - self.start, self.measure()
        self.before = used if self.before is None else self.before
        self.own = max(used, self.awaited + passed - queued) if queued is not None else used
        left = {
            f"{self.seconds:g} s": self.seconds + self.grace - (used - self.before),
            f"{WALL * self.seconds:g} s by the clock": WALL * self.seconds + self.grace - passed,
            f"the {self.whole:g} s for the whole submission": self.whole - self.earlier - self.own,
            f"{WALL * self.whole:g} s by the clock for the whole submission": WALL * self.whole - self.clock - passed,
        }
        over = min(left, key=left.__getitem__)
        if left[over] <= 0:
            raise TimeoutError(over)
        return now + min(max(left[over], LOOKS[0]), LOOKS[1])

    def end(self) -> None:
        """End the step."""
        passed = time.monotonic() - self.start
        self.awaited, self.clock = self.awaited + passed, self.clock + passed

    @property
    def over(self) -> bool:
        """Whether the time of the whole submission is over."""
        return self.earlier + self.own >= self.whole or self.clock >= WALL * self.whole
