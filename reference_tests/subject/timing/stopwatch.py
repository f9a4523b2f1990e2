"""How long may a target take? Its own time counts, not that in which others have the processor, or nothing goes on.

A program has so many seconds of processor time: of the target's process and of all that it has started. By the clock
it has WALL times as many, which ends what sleeps or waits. All programs together have so many seconds in which the
target computes, sleeps or waits for anything but a processor, where the system tells that; by the clock, WALL times as
many. On a busy machine the clock alone runs on; while this process is stopped or the machine suspended, not even that.
"""

import math
import time
from collections.abc import Callable

from .alarms import BY_THE_CLOCK, WALL, AwakeClock
from .usage import Usage

FIRST_LOOK = 0.1  # seconds until the time of a program is looked at; nearly all have ended by then
LOOKS = 0.02, 1.0  # the least and the most seconds between two later looks


class Stopwatch:
    """The time of one target, over all its processes.

    whole: seconds that it has. grace: so many more has one step, in which the process may say itself that time is over.
    patience: times the usual seconds that it may wait. threads: of one that computes in several at once, no more counts
    than passes by the clock.
    """

    def __init__(self, grace: float, whole: float = math.inf, patience: float = 1.0, threads: bool = False) -> None:
        self.whole, self.grace, self.patience, self.threads = whole, grace, patience, threads
        self.earlier = self.own = 0.0  # its own seconds: of the processes before this one, of this one
        self.computed_earlier = self.computed = 0.0  # of these, on processors
        self.clock = self.awaited = 0.0  # by the clock: of all processes, of this one
        self.awake = AwakeClock()

    def new_process(self, measure: Callable[[], Usage]) -> None:
        """Go on with another process. measure: returns its usage since its start."""
        self.measure = measure
        self.earlier, self.own, self.awaited = self.earlier + self.own, 0.0, 0.0
        self.computed_earlier, self.computed = self.computed_earlier + self.computed, 0.0

    def begin(self, seconds: float) -> float:
        """Begin a step that has so many seconds. Return until when to wait before a look."""
        self.before: float | None = None  # processor time at the beginning of the step, as of the first look
        until = self.look_in(min(FIRST_LOOK, seconds))
        self.seconds, self.start = seconds, self.awake.now()
        return until

    def look_in(self, seconds: float) -> float:
        """Announce a look in so many seconds. Return when that is."""
        self.awake.expect(seconds)
        return time.monotonic() + seconds

    def look(self) -> float:
        """Return until when to wait before another look. Raises TimeoutError, with the time that is over."""
        left = self.left()
        over = min(left, key=left.__getitem__)
        if left[over] <= 0:
            raise TimeoutError(over)
        return self.look_in(min(max(left[over], LOOKS[0]), LOOKS[1]))

    def left(self) -> dict[str, float]:
        """Return the seconds that are left, by the limit in words."""
        passed, (used, queued) = self.awake.now() - self.start, self.measure()
        used = self.awaited + passed if used is None else used
        self.before = used if self.before is None else self.before
        spent = min(used - self.before, passed) if self.threads else used - self.before
        self.computed = used
        self.own = max(used, self.awaited + passed - queued) if queued is not None else used
        wall, slept, whole = WALL * self.patience, self.patience * self.whole, "for the whole submission"
        return {
            f"{self.seconds:g} s": self.seconds + self.grace - spent,
            BY_THE_CLOCK.format(n=wall * self.seconds): wall * self.seconds + self.grace - passed,
            f"the {self.whole:g} s {whole}": self.whole - self.computed_earlier - used,
            f"the {slept:g} s {whole}": slept - self.earlier - self.own,
            f"{BY_THE_CLOCK.format(n=wall * self.whole)} {whole}": wall * self.whole - self.clock - passed,
        }

    def end(self) -> None:
        """End the step."""
        passed = self.awake.now() - self.start
        self.awaited, self.clock = self.awaited + passed, self.clock + passed

    @property
    def spent(self) -> bool:
        """Whether the target has used all of its time on processors."""
        return self.computed_earlier + self.computed >= self.whole

    @property
    def over(self) -> bool:
        """Whether the time of the whole target is over."""
        slept, wall = self.patience * self.whole, WALL * self.patience * self.whole
        return self.spent or self.earlier + self.own >= slept or self.clock >= wall
