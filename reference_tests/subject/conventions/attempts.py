"""Attempts to read a target's layers: each is noted where the parent process sees it, and left out if it ended another.

What a target's code may do to its process (an exit, a crash, a loop that catches its own alarm) has no exception.
"""

import contextlib
import linecache
import os
import sys
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, field
from types import FrameType
from typing import Any

from ...i18n import N_
from ..protocol import Unread
from ..timing.alarms import OutOfTime
from .adapter import Adapter
from .candidates import Offer
from .signatures import write_signature
from .vocabulary import layer_named

BETWEEN = "?"  # noted while the target's things are looked at and no layer is being called
ALL = "*"  # in the place of one: no further layer is read
ENDS = N_("it ends its process when it is called: {how}")
LOOKING = N_("something in the file ends the process while its layers are looked for: {how}")
STUCK = N_("something in the file does not come to an end while its layers are looked for: {how}")
HANGS = N_("it does not come to an end when it is called: {how}")
TOO_OFTEN = N_("layers before it ended the process too often, so it was not tried")
NO_TIME = N_("looking at other things of the file took all the time that there is, so it was not tried")
TOO_LONG = "it takes too long"
SLOW = N_("it takes too long: {how}")
ENDINGS = tuple(
    text.partition("{")[0] for text in (ENDS, LOOKING, STUCK, HANGS, TOO_OFTEN, NO_TIME)
)  # their beginnings
WHY = (ENDS, LOOKING, STUCK, HANGS, TOO_OFTEN, NO_TIME, SLOW)
MOST_ENDS, MOST_HANGS = 6, 2  # layers that end the process, or do not end themselves: after so many none is read
TRACING = 4.0  # seconds at most of loading a target once more, to learn at which line that was
Read = Callable[[Offer, Mapping[str, Any], Collection[str]], Adapter | Unread]


def ignore(*texts: str) -> None:
    """Do nothing."""


@dataclass(frozen=True)
class Attempts:
    """What is known of earlier processes of the target, and where this one notes what it does.

    without: the key of what is not tried -> why. traced: the key of that of which each line is noted. What is noted is
    taken back where a block ends by itself: an exception that leaves it ends the process.
    """

    without: Mapping[str, str] = field(default_factory=dict)
    traced: str = ""
    note: Callable[[str], None] = ignore  # of the key of what is tried next
    note_line: Callable[[str], None] = ignore
    note_late: Callable[[str], None] = ignore  # of what was not read to its end, since its time was over
    check: Callable[[], None] = ignore  # ends the process if what was tried has cut it off from its parent

    def read(self, offer: Offer, things: Mapping[str, Any], files: Collection[str], read: Read) -> Adapter | Unread:
        """Return what `read` makes of an offer, unless it is to be left out. files: of the target's code."""
        if why := self.without.get(key_of(offer)) or self.without.get(ALL):
            return Unread(offer.layer, signature_of(offer, things), why)
        with self.trying(offer, files):
            found = read(offer, things, files)
        if isinstance(found, Unread) and found.why.startswith(TOO_LONG):
            self.note_late(key_of(offer))
        return found

    def unread_by_name(self, things: Mapping[str, Any]) -> list[Unread]:
        """Return what looks like a layer by its name alone, if even looking at the target's things ends the process."""
        why = self.without.get(ALL, TOO_OFTEN)
        found = {layer: name for name in things if why != TOO_OFTEN and (layer := layer_named(name))}
        return [Unread(layer, name, why) for layer, name in found.items()]

    def left_out(self, unread: Unread) -> bool:
        """Return whether this was not tried, as it would end the process."""
        return unread.why in self.without.values()

    @property
    def aside(self) -> str:
        """Why the target's things that run code of their own where they are looked at are set aside; "" if not."""
        return self.without.get(BETWEEN, "")

    @contextlib.contextmanager
    def running(self) -> Iterator[None]:
        """Note in the block that a statement of the target runs: how that ends its process is no matter of looking."""
        self.note("")
        yield
        self.look()

    def look(self) -> None:
        """Note that the target's things are looked at from here on."""
        self.note(BETWEEN)

    @contextlib.contextmanager
    def trying(self, offer: Offer, files: Collection[str]) -> Iterator[None]:
        """Note in the block that an offer is tried."""
        key = key_of(offer)
        self.note(key)
        if key == self.traced:
            sys.settrace(self.make_tracer(files))
        try:
            yield
        finally:
            if key == self.traced:
                sys.settrace(None)
        self.check()
        self.note(BETWEEN)

    def make_tracer(self, files: Collection[str]) -> Callable[[FrameType, str, Any], Any]:
        """Return a trace function that notes each line of these files before it is run."""

        def trace(frame: FrameType, event: str, argument: Any) -> Any:
            if frame.f_code.co_filename not in files:
                return None
            if event == "line":
                self.note_line(say_line(frame.f_code.co_filename, frame.f_lineno, files))
            return trace

        return trace


class Endings:
    """What the parent knows of the processes of one target that ended while its layers were read.

    final: it is not loaded again.
    """

    def __init__(self) -> None:
        self.without: dict[str, str] = {}  # the key of what is not tried -> why
        self.traced = ""  # the key of what is tried once more, to learn at which line the process ends
        self.hangs, self.final = 0, False
        self.last: tuple[str, str] | None = None  # how the last process ended: a sentence, and what stands in it

    @property
    def hung(self) -> bool:
        """Whether something was left out because time was over."""
        return self.hangs > 0 or NO_TIME in self.without.values()

    def request(self, seconds: float) -> dict[str, Any]:
        """Return what the next process is told. seconds: that loading may take."""
        self.last = self.last if self.traced else None
        most = min(seconds, TRACING) if self.traced else seconds
        return {"without": self.without, "traced": self.traced, "seconds": most}

    def note(self, sentence: str, how: str) -> None:
        """Note how a process ended while it loaded."""
        self.last = self.last or (sentence, how)

    def learn(self, key: str, line: str, late: bool) -> bool:
        """Return whether to load the target again, as its process ended while layers were read.

        key, line: what it noted last. late: its time was over.
        """
        again = bool(key) or late  # else the traced process has loaded it, and tells what is wrong with it
        traced, self.traced = self.traced, ""
        if traced and key not in ("", traced) and self.last and self.last[0] == HANGS:
            self.without[ALL] = NO_TIME  # what was thought not to end has ended by itself, or is not reached in time
            return not self.final
        key = traced or key
        if self.final or not (again and key and self.last) or ALL in self.without:
            return False
        if key in self.without and key != BETWEEN:
            return False
        if not traced and key != BETWEEN:
            self.traced = key
            return True
        sentence, how = self.last
        self.hangs += sentence == HANGS
        if key == BETWEEN:  # first without what runs code where it is looked at, then without reading anything
            sentence, key = STUCK if sentence == HANGS else LOOKING, ALL if BETWEEN in self.without else BETWEEN
        self.without[key] = sentence.format(how=f"{line} ({how})" if line else how)
        if len(self.without) >= MOST_ENDS or self.hangs >= MOST_HANGS:
            self.without[ALL] = TOO_OFTEN
        return True


def key_of(offer: Offer) -> str:
    """Return by what an offer is known in another process of the same target."""
    return f"{offer.layer} {offer.name}"[:200]


FIRST = Attempts()  # of a target that has had no earlier process


def signature_of(offer: Offer, things: Mapping[str, Any]) -> str:
    """Return the class or function as the target writes it."""
    return write_signature(offer.name.removeprefix("their_"), things[offer.name])


def say_line(filename: str, number: int, files: Collection[str]) -> str:
    """Return "line 3: x = y", with the file's name before it where the target has several."""
    place = f"{os.path.basename(filename)}, " if len({*files}) > 1 else ""
    return f"{place}line {number}: {linecache.getline(filename, number).strip():.100}"


def why_slow(late: OutOfTime, files: Collection[str]) -> str:
    """Return why a layer could not be read whose time was over, with the target's line at which it was."""
    found, at = "", late.__traceback__
    while at:
        if at.tb_frame.f_code.co_filename in files:
            found = say_line(at.tb_frame.f_code.co_filename, at.tb_lineno, files)
        at = at.tb_next
    return SLOW.format(how=found) if found else TOO_LONG
