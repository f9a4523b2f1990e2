"""How long may a target take? Its own time counts, not that in which others have the processor, or nothing goes on.

A program has so many seconds of processor time: of the target's process and of all that it has started. By the clock
it has WALL times as many, which ends what sleeps or waits. All programs together have so many seconds in which the
target computes, sleeps or waits for anything but a processor, where the system tells that; by the clock, WALL times as
many. On a busy machine the clock alone runs on; while this process or the target's is stopped, or the machine is
suspended, not even that.
"""

import math
import time
from collections.abc import Callable

from .alarms import BY_THE_CLOCK, OF_ALL, OF_ALL_BY_THE_CLOCK, WALL, AwakeClock
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
        self.clock = self.awaited = 0.0  # by the clock: of all processes, of this one while it was not stopped
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
        self.seconds, self.passed, self.stopped, self.seen = seconds, 0.0, 0.0, self.awake.now()
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
        used, queued, stopped = self.measure()
        self.pass_time(stopped)
        passed = self.passed
        used = self.awaited + passed if used is None else used
        self.before = used if self.before is None else self.before
        spent = min(used - self.before, passed) if self.threads else used - self.before
        self.computed = used
        self.own = max(used, self.awaited + passed - queued) if queued is not None else used
        wall, slept = WALL * self.patience, self.patience * self.whole
        return {
            f"{self.seconds:g} s": self.seconds + self.grace - spent,
            BY_THE_CLOCK.format(n=f"{wall * self.seconds:g}"): wall * self.seconds + self.grace - passed,
            OF_ALL.format(n=f"{self.whole:g}"): self.whole - self.computed_earlier - used,
            OF_ALL.format(n=f"{slept:g}"): slept - self.earlier - self.own,
            OF_ALL_BY_THE_CLOCK.format(n=f"{wall * self.whole:g}"): wall * self.whole - self.clock,
        }

    def end(self) -> None:
        """End the step."""
        self.pass_time()
        self.awaited += self.passed

    def pass_time(self, stopped: bool = False) -> None:
        """Count what has passed since the last look, apart if the process is stopped, unless that takes for ever."""
        now = self.awake.now()
        step, self.seen = now - self.seen, now
        self.clock += step
        if stopped and self.stopped < WALL * self.patience * self.seconds:
            self.stopped += step
        else:
            self.passed += step

    @property
    def spent(self) -> bool:
        """Whether the target has used all of its time on processors."""
        return self.computed_earlier + self.computed >= self.whole

    @property
    def over(self) -> bool:
        """Whether the time of the whole target is over."""
        slept, wall = self.patience * self.whole, WALL * self.patience * self.whole
        return self.spent or self.earlier + self.own >= slept or self.clock >= wall
