"""Alarms in the process that runs foreign code: on its time on the processor, and on the clock.

Time on the processor is the limit; one by the clock, WALL times as long, ends what sleeps or waits. The clock is that
of a process that can go on: while this one is stopped, or the machine is suspended, it stands still.
"""

import contextlib
import math
import signal
import threading
import time
from collections.abc import Callable
from typing import Any, NamedTuple

from ...i18n import N_

REPEAT = 0.5  # seconds between two alarms, for code that catches the first
WALL = 10  # times the processor time: the limit by the clock
BY_THE_CLOCK = N_("{n} s by the clock")
OF_ALL = N_("the {n} s for the whole submission")
OF_ALL_BY_THE_CLOCK = N_("{n} s by the clock for the whole submission")
LIMITS = (BY_THE_CLOCK, OF_ALL, OF_ALL_BY_THE_CLOCK)  # of a limit that was reached; that of a program is but "5 s"
SHARE = 0.7  # of the time that is left, for one of several things
LOOKS, LONGEST_LOOK = 10, 1.0  # times that a limit by the clock is looked at, and seconds between two looks at most
SHORTEST_LOOK = 0.01
TOO_LATE = 2  # times the announced step: what a look comes later than that, the process could not go on


def is_by_the_clock(limit: str) -> bool:
    """Return whether a limit in words is one by the clock: time on the processor was left."""
    return limit.endswith(BY_THE_CLOCK.partition("} ")[2])


class OutOfTime(BaseException):
    """The time limit of one program is over. No Exception, so that `except Exception` does not catch it."""


class AwakeClock:
    """Seconds in which this process could go on.

    It is looked at every so often, as announced. Of a step that is much longer, only as much counts as there may be on
    a busy machine: for the rest the process was stopped, or the machine stood still.
    """

    def __init__(self, step: float = math.inf) -> None:
        self.seen, self.total, self.step = time.monotonic(), 0.0, step

    def now(self) -> float:
        """Return the seconds so far."""
        passed = time.monotonic() - self.seen
        self.seen += passed
        self.total += min(passed, TOO_LATE * self.step)
        return self.total

    def expect(self, seconds: float) -> None:
        """Announce that the next look comes in so many seconds, and so do those after it."""
        self.now()
        self.step = seconds


class Clock(NamedTuple):
    """One of a process's two timers, the signal that it gives, and the clock that it runs by."""

    timer: int
    signal: int
    now: Callable[[], float]


AWAKE = AwakeClock()  # this process's
HAS_TIMERS = hasattr(signal, "setitimer")  # Windows has none: there the parent process watches the time
if HAS_TIMERS:
    CLOCK = Clock(signal.ITIMER_REAL, signal.SIGALRM, AWAKE.now)
    PROCESSOR = Clock(signal.ITIMER_PROF, signal.SIGPROF, time.thread_time)  # however many threads a library has


def limit_time(seconds: float, wall: float | None = None) -> contextlib.AbstractContextManager[object]:
    """Raise OutOfTime in the block after that many seconds of its time on the processor, and again every half second.

    wall: seconds by the clock; by default as many times more as the block around it has, or WALL times. It needs the
    main thread and signals.
    """
    if threading.current_thread() is not threading.main_thread() or not HAS_TIMERS:
        return contextlib.nullcontext()
    ratio = RUNNING[-1].ratio if RUNNING else WALL
    return Alarms(seconds, ratio * seconds if wall is None else wall)


def share_of_time(most: float) -> float:
    """Return so many seconds, or most of what is left to the block around it, if that is less.

    So what runs out of its time within a limit leaves some to what comes after it.
    """
    return min(most, SHARE * RUNNING[-1].left()) if RUNNING else most


class Alarms:
    """A block with alarms on both timers. Alarms that were set before, such as a test's, go on afterwards."""

    def __init__(self, seconds: float, wall: float) -> None:
        self.ratio = wall / seconds
        self.step = min(max(wall / LOOKS, SHORTEST_LOOK), LONGEST_LOOK)
        self.limits = ((PROCESSOR, seconds, f"{seconds:g} s"), (CLOCK, wall, BY_THE_CLOCK.format(n=f"{wall:g}")))
        self.before = list[tuple[Clock, Any, tuple[float, float], float]]()

    def __enter__(self) -> None:
        self.step_before = AWAKE.step
        AWAKE.expect(self.step)
        RUNNING.append(self)
        self.ends = {clock: clock.now() + seconds for clock, seconds, _ in self.limits}
        for clock, seconds, text in self.limits:
            old = signal.signal(clock.signal, self.make_handler(clock, text))
            self.before.append((clock, old, self.set_timer(clock, seconds), clock.now()))

    def __exit__(self, *_: object) -> None:
        for clock, *_rest in self.before:
            signal.setitimer(clock.timer, 0)
        RUNNING.remove(self)
        AWAKE.expect(self.step_before)
        for clock, old, others, start in self.before:
            signal.signal(clock.signal, old)
            if others[0]:
                signal.setitimer(clock.timer, max(others[0] - (clock.now() - start), 1e-3), others[1])

    def set_timer(self, clock: Clock, left: float) -> tuple[float, float]:
        """Set a timer for a time that is left, that of the clock for the next look. Return what was set before."""
        return signal.setitimer(clock.timer, min(left, self.step) if clock is CLOCK else left, REPEAT)

    def make_handler(self, clock: Clock, text: str) -> Callable[[int, object], None]:
        """Return a handler of a timer's signal. text: the limit in words.

        The kernel's timer of processor time counts in ticks, and for all threads: it rings long before the time.
        """

        def ring(number: int, frame: object) -> None:
            if (left := self.ends[clock] - clock.now()) <= 0:
                raise OutOfTime(text)
            self.set_timer(clock, max(left, SHORTEST_LOOK))

        return ring

    def left(self) -> float:
        """Return the seconds that are left on the processor, or by the clock if those are over sooner."""
        own, wall = (self.ends[clock] - clock.now() for clock, *_ in self.limits)
        return max(min(own, wall / self.ratio), 0.0)


RUNNING: list[Alarms] = []  # the blocks that the main thread is in
