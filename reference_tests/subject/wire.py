"""Frames between two processes of which one is not trusted: no pickle, no npy header, nothing that runs code.

A frame is a magic, the lengths of header and payload, a JSON header and raw bytes. The header gives each array's name,
dtype (from a list) and shape. A malformed frame raises ProtocolError. The process that is trusted has a Channel, where
a late frame raises TimeoutError; the other one waits as long as it lives.
"""

import contextlib
import json
import math
import mmap
import os
import select
import struct
import sys
import time
from collections import deque
from collections.abc import Iterable, Mapping, Sequence
from itertools import islice
from types import MappingProxyType
from typing import Any

import numpy as np

from .timing.alarms import LONGEST_LOOK, AwakeClock

MAGIC = b"CNN1"
PREFIX = struct.Struct("<4sIQ")  # magic, bytes of header, bytes of payload
DTYPES = frozenset(["<f2", "<f4", "<f8", "|i1", "<i2", "<i4", "<i8", "|u1", "<u2", "<u4", "<u8", "|b1"])
TEXT_TYPE = "text"  # in place of a dtype: a description of a result that is no array of numbers
ONLY_SHAPE = "~"  # before the dtype of an array that is larger than any right one: its numbers are not sent
MAX_TEXT = 200
MAX_HEADER, MAX_PAYLOAD = 1 << 20, 1 << 28  # bytes
MAX_ARRAYS, MAX_AXES = 4096, 32
PIPE_SIZE = 1 << 20  # bytes that a pipe should hold
MOST_BUFFERS = 512  # that one system call takes
PIECE = 1 << 17  # bytes that are read at a time
NUMBER = struct.Struct("<I")  # of the step that comes next, in the shared page
KEY, LINE, LATE, LONGEST_NOTE = 512, 1536, 2560, 1024  # places of three texts in it, and their bytes
ADD_SEALS, SEAL_SHRINK, SEAL_GROW = 1033, 2, 4  # of fcntl, which names them since Python 3.13

Frame = tuple[dict[str, Any], dict[str, np.ndarray]]


class ProtocolError(Exception):
    """The received bytes are not a frame."""


def pack(head: Mapping[str, Any], arrays: Mapping[str, np.ndarray], most: int = sys.maxsize) -> bytes:
    """Return a frame of a JSON head and arrays by name. most: bytes; of arrays beyond it only type and shape go."""
    index: list[list[Any]] = []
    parts: list[bytes] = []
    for name, array in arrays.items():
        a = to_portable(np.asarray(array))
        words = str(a) if a.ndim == 0 and a.dtype.kind == "U" else f"{a.dtype} array of shape {a.shape}"
        sendable = a.dtype.str in DTYPES and a.ndim <= MAX_AXES
        if sendable and a.nbytes <= most:
            index.append([name, a.dtype.str, list(a.shape)])
            parts.append(a.tobytes())
            most -= a.nbytes
        elif sendable and len(words) <= MAX_TEXT:
            index.append([name, ONLY_SHAPE + a.dtype.str, list(a.shape)])
        else:
            index.append([name, TEXT_TYPE, words[:MAX_TEXT]])
    header = json.dumps({"head": head, "arrays": index}, default=lambda number: number.item()).encode()
    payload = b"".join(parts)
    return PREFIX.pack(MAGIC, len(header), len(payload)) + header + payload


def to_portable(a: np.ndarray) -> np.ndarray:
    """Return the array little-endian, and long double (which differs between machines) as float64."""
    if a.dtype.kind == "f" and a.dtype.itemsize > 8:
        return a.astype("<f8")
    return a if a.dtype.str in DTYPES or a.dtype.kind not in "iuf" else a.astype(a.dtype.newbyteorder("<"))


def unpack(header: bytes, payload: bytearray | memoryview) -> Frame:
    """Return the head and the arrays of a frame. Raises ProtocolError."""
    try:
        whole = json.loads(header.decode())  # of bytes, json would take half a character
        head, index = whole["head"], whole["arrays"]
        if b"\\u" in header:  # half a character would be a fault of ours wherever it is written later
            json.dumps(whole, ensure_ascii=False).encode()
    except (ValueError, RecursionError, TypeError, KeyError):
        raise ProtocolError("the header is not a frame's") from None
    if not (isinstance(head, dict) and isinstance(index, list) and len(index) <= MAX_ARRAYS):
        raise ProtocolError("the header is not a frame's")
    arrays, at = {}, 0
    for entry in index:
        if not (isinstance(entry, list) and len(entry) == 3 and all(isinstance(e, str) for e in entry[:2])):
            raise ProtocolError("an array without name, type and shape")
        name, dtype, shape = entry
        arrays[name], at = (read_text(shape), at) if dtype == TEXT_TYPE else read_array(dtype, shape, payload, at)
    if at != len(payload):
        raise ProtocolError(f"{len(payload) - at} bytes too many")
    if len(arrays) != len(index):
        raise ProtocolError("two arrays of one name")
    return head, arrays


def read_text(text: Any) -> np.ndarray:
    """Return a text entry as an array of one string. Raises ProtocolError."""
    if not (isinstance(text, str) and len(text) <= MAX_TEXT):
        raise ProtocolError("a text that is none")
    return np.array(text)


def read_array(dtype: str, shape: Any, payload: bytearray | memoryview, at: int) -> tuple[np.ndarray, int]:
    """Return one array out of the payload, and the offset of the next. Raises ProtocolError."""
    if dtype.removeprefix(ONLY_SHAPE) not in DTYPES:
        raise ProtocolError(f"the type {dtype[:20]!r} is not on the list")
    if not (isinstance(shape, list) and len(shape) <= MAX_AXES and all(type(n) is int and n >= 0 for n in shape)):
        raise ProtocolError("a shape that is none")
    if dtype.startswith(ONLY_SHAPE):
        return stand_for(dtype.removeprefix(ONLY_SHAPE), shape), at
    kind, count = np.dtype(dtype), math.prod(shape)
    end = at + count * kind.itemsize
    if end > len(payload):
        raise ProtocolError(f"an array of shape {shape} needs more bytes than there are"[:300])
    try:
        raw = np.frombuffer(memoryview(payload)[at:end], "u1" if kind.kind == "b" else kind)
        return (raw != 0 if kind.kind == "b" else raw).reshape(shape), end  # a bool has no other bits
    except (ValueError, OverflowError):
        raise ProtocolError(f"no array has the shape {shape}"[:300]) from None


def stand_for(dtype: str, shape: list[int]) -> np.ndarray:
    """Return the text that stands for an array of which only type and shape came. Raises ProtocolError."""
    words = f"{np.dtype(dtype)} array of shape {tuple(shape)}"
    if len(words) > MAX_TEXT:
        raise ProtocolError("a shape that is none")
    return np.array(words)


def send(fd: int, head: Mapping[str, Any], arrays: Mapping[str, np.ndarray], most: int = sys.maxsize) -> None:
    """Send a frame, however long it takes. most: bytes; of arrays beyond it only the type and the shape are sent."""
    left = memoryview(pack(head, arrays, most))
    while left:
        left = left[os.write(fd, left) :]


def receive(fd: int) -> Frame:
    """Return the next frame, however long it takes, and read nothing after it. Raises ProtocolError, EOFError."""
    header, payload = read_prefix(read_exactly(fd, PREFIX.size), MAX_PAYLOAD, MAX_HEADER)
    body = read_exactly(fd, header + payload)
    return unpack(bytes(body[:header]), memoryview(body)[header:])


def read_exactly(fd: int, size: int) -> bytearray:
    """Return the next size bytes. Raises EOFError."""
    got = bytearray()
    while len(got) < size:
        piece = os.read(fd, min(size - len(got), PIPE_SIZE))
        if not piece:
            raise EOFError
        got += piece
    return got


def read_prefix(prefix: bytearray, most: int, most_header: int) -> tuple[int, int]:
    """Return the bytes of a frame's header and payload. Raises ProtocolError, also where they are more than that."""
    magic, header, payload = PREFIX.unpack(prefix)
    if magic != MAGIC:
        raise ProtocolError("it does not begin as a frame")
    if header > most_header or payload > most:
        raise ProtocolError(f"{header + payload} bytes; at most {most} are taken")
    return header, payload


class FrameReader:
    """The frames that come from a file descriptor, of which several may come at a time."""

    def __init__(self, fd: int) -> None:
        self.fd, self.came = fd, bytearray()

    def take(self, most: int = MAX_PAYLOAD, most_header: int = MAX_HEADER) -> Frame | None:
        """Return the next frame; None as long as not all of it has come. Raises ProtocolError."""
        if len(self.came) < PREFIX.size:
            return None
        header, payload = read_prefix(self.came[: PREFIX.size], most, most_header)
        start, end = PREFIX.size + header, PREFIX.size + header + payload
        if len(self.came) < end:
            return None
        frame = bytes(self.came[PREFIX.size : start]), memoryview(self.came[start:end])
        del self.came[:end]
        return unpack(*frame)

    def read(self) -> None:
        """Read what there is, a piece at a time. Raises EOFError."""
        piece = os.read(self.fd, PIECE)
        if not piece:
            raise EOFError
        self.came += piece

    def receive(self) -> Frame:
        """Return the next frame, however long it takes. Raises ProtocolError, EOFError."""
        while (frame := self.take()) is None:
            self.read()
        return frame


class Channel:
    """A parent's two pipes to a child, which do not block: more frames go out while answers to others come in.

    What has come of a frame is kept where the time is over before its end: one can go on waiting for it.
    """

    def __init__(self, read_fd: int, write_fd: int) -> None:
        self.frames, self.write_fd = FrameReader(read_fd), write_fd
        self.unsent: deque[memoryview] = deque()
        for fd in (read_fd, write_fd):
            os.set_blocking(fd, False)
            widen_pipe(fd)

    def put(self, head: Mapping[str, Any], arrays: Mapping[str, np.ndarray] = MappingProxyType({})) -> None:
        """Send a frame, or as much of it as goes at once; the rest goes as answers are received."""
        self.put_packed([pack(head, arrays)])

    def put_packed(self, frames: Iterable[bytes]) -> None:
        """Send the bytes of frames, or as much of them as goes at once: the child is woken once for all of them."""
        self.unsent += map(memoryview, frames)
        self.write()

    def receive(self, deadline: float, most: int = MAX_PAYLOAD, most_header: int = MAX_HEADER) -> Frame:
        """Return the next frame, of at most `most` bytes of payload. Raises ProtocolError, TimeoutError, EOFError."""
        while (frame := self.frames.take(most, most_header)) is None:
            seconds = deadline - time.monotonic()  # a drip must not last for ever
            writable = [self.write_fd] if self.unsent else []
            ready, free, _ = select.select([self.frames.fd], writable, [], seconds) if seconds > 0 else ([], [], [])
            if not (ready or free):
                raise TimeoutError
            if free:
                self.write()
            if ready:
                self.frames.read()
        return frame

    def receive_awake(self, seconds: float) -> Frame:
        """Return the next frame, which has so many seconds in which this process can go on. Raises as receive does."""
        clock = AwakeClock(LONGEST_LOOK)
        while True:
            try:
                return self.receive(time.monotonic() + min(LONGEST_LOOK, seconds))
            except TimeoutError:
                if clock.now() >= seconds:
                    raise

    def write(self) -> None:
        """Send what goes at once. A child that has ended takes nothing more, but may have answered before."""
        try:
            while self.unsent:
                sent = os.writev(self.write_fd, list(islice(self.unsent, MOST_BUFFERS)))
                while self.unsent and sent >= len(self.unsent[0]):
                    sent -= len(self.unsent.popleft())
                if sent:
                    self.unsent[0] = self.unsent[0][sent:]
        except BlockingIOError:
            pass
        except BrokenPipeError:
            self.unsent.clear()


def widen_pipe(fd: int) -> None:
    """Make a pipe larger, for fewer switches between the processes; on Linux only, and if the system allows it."""
    if sys.platform == "linux":
        import fcntl

        with contextlib.suppress(OSError):
            fcntl.fcntl(fd, fcntl.F_SETPIPE_SZ, PIPE_SIZE)


def make_shared_page() -> tuple[int, mmap.mmap]:
    """Return the file of a page of memory that two processes share, and the page.

    The untrusted one notes there which step comes next, which is known then however it ends.
    """
    if sys.platform == "linux":
        import fcntl

        fd = os.memfd_create("step", os.MFD_CLOEXEC | os.MFD_ALLOW_SEALING)
        os.truncate(fd, mmap.PAGESIZE)
        fcntl.fcntl(fd, ADD_SEALS, SEAL_SHRINK | SEAL_GROW)  # the other process cannot take it away
    else:
        import tempfile

        with tempfile.TemporaryFile() as file:
            fd = os.dup(file.fileno())
        os.truncate(fd, mmap.PAGESIZE)
    return fd, mmap.mmap(fd, mmap.PAGESIZE)


def note_step(page: mmap.mmap, step: int) -> None:
    """Note in a shared page which step comes next."""
    NUMBER.pack_into(page, 0, step)


def noted_step(page: mmap.mmap | None, program: Sequence[Sequence[Any]]) -> str:
    """Return the words of the step of a program that a shared page notes, "" without a page."""
    if page is None:
        return ""
    (step,) = NUMBER.unpack_from(page, 0)
    return str(program[min(step, len(program) - 1)][2])


def note_text(page: mmap.mmap, place: int, text: str) -> None:
    """Note a text in a shared page: at KEY what is being read, at LINE the line of it that comes next.

    At LATE what was not read to its end, since its time was over.
    """
    page[place : place + LONGEST_NOTE] = text.encode(errors="replace")[:LONGEST_NOTE].ljust(LONGEST_NOTE, b"\0")


def noted_text(page: mmap.mmap | None, place: int) -> str:
    """Return a text that a shared page notes, "" without a page."""
    return page[place : place + LONGEST_NOTE].rstrip(b"\0").decode(errors="replace") if page else ""
