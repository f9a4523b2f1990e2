"""Frames: what goes in comes out, and nothing malformed, late or endless gets through."""

import contextlib
import json
import os
import sys
import threading
import time

import numpy as np
import pytest

from reference_tests.subject import wire


@pytest.fixture
def pipe():
    read, write = os.pipe()
    yield read, write
    for fd in (read, write):
        with contextlib.suppress(OSError):
            os.close(fd)


def there_and_back(arrays: dict, head: dict | None = None, most: int = sys.maxsize) -> wire.Frame:
    frame = wire.pack(head or {}, arrays, most)
    _, header, _ = wire.PREFIX.unpack(frame[: wire.PREFIX.size])
    rest = frame[wire.PREFIX.size :]
    return wire.unpack(rest[:header], bytearray(rest[header:]))


def frame(index: list, payload: bytes = b"", head: object = None) -> bytes:
    header = json.dumps({"head": {} if head is None else head, "arrays": index}).encode()
    return wire.PREFIX.pack(wire.MAGIC, len(header), len(payload)) + header + payload


@pytest.mark.parametrize("dtype", sorted(wire.DTYPES))
@pytest.mark.parametrize("shape", [(), (0,), (3,), (2, 0, 5), (2, 3, 4), (1,) * 20])
def test_arrays_survive_the_round_trip(dtype, shape):
    a = (np.random.default_rng(0).random(shape) * 100).astype(dtype)
    _, back = there_and_back({"first": np.arange(3), "a": a})
    assert back["a"].dtype == a.dtype and back["a"].shape == a.shape and np.array_equal(back["a"], a)


@pytest.mark.parametrize(
    "a",
    [
        np.arange(24.0).reshape(2, 3, 4).T,
        np.arange(24.0).reshape(2, 12)[:, ::-3],
        np.asfortranarray(np.eye(3, 2)),
        np.arange(5, dtype=">i4"),
        np.arange(5, dtype=">f8"),
        np.array([np.nan, np.inf, -0.0]),
    ],
)
def test_layout_and_byte_order_make_no_difference(a):
    _, back = there_and_back({"a": a})
    assert np.array_equal(back["a"], a, equal_nan=True) and back["a"].flags.c_contiguous


def test_large_array_whose_shape_is_long_to_write_goes_as_a_text_that_is_cut():
    shape = (2,) * 3 + (1,) * 29
    _, back = there_and_back({"a": np.zeros(shape)}, most=10)
    assert back["a"] == f"float64 array of shape {shape}"
    _, back = there_and_back({"a": np.broadcast_to(0.0, (10**6, *[10] * 9, *[1] * 22, 100))}, most=10)
    assert len(str(back["a"])) <= wire.MAX_TEXT and str(back["a"]).startswith("float64 array of shape (1000000, 10, ")


def test_long_double_becomes_float64():
    _, back = there_and_back({"a": np.array([1, 1e10], np.longdouble)})
    assert back["a"].dtype == np.float64 and np.array_equal(back["a"], [1, 1e10])


@pytest.mark.parametrize(
    ("a", "text"),
    [
        (np.array("None"), "None"),
        (np.array([None, {}]), "object array of shape (2,)"),
        (np.array(["a", "b"]), "<U1 array of shape (2,)"),
        (np.array([1j]), "complex128 array of shape (1,)"),
        (np.array("x" * 999), "x" * wire.MAX_TEXT),
        (np.zeros((1,) * (wire.MAX_AXES + 8)), f"float64 array of shape {(1,) * (wire.MAX_AXES + 8)}"[: wire.MAX_TEXT]),
    ],
)
def test_array_without_numbers_becomes_text(a, text):
    _, back = there_and_back({"a": a})
    assert back["a"].shape == () and back["a"].dtype.kind == "U" and str(back["a"]) == text


def test_head_survives_the_round_trip(pipe):
    head = {"program": [["call", "out", "f", ["x", (1, 2), np.int64(3), None, 0.5, True]]]}
    wire.send(pipe[1], head, {})
    assert wire.receive(pipe[0]) == ({"program": [["call", "out", "f", ["x", [1, 2], 3, None, 0.5, True]]]}, {})


LONG = 1 << 40
MALFORMED = {
    "another magic": b"HTTP" + frame([])[4:],
    "a header that is no JSON": wire.PREFIX.pack(wire.MAGIC, 3, 0) + b"{x}",
    "a header that is not text": wire.PREFIX.pack(wire.MAGIC, 3, 0) + b"\xff\xfe\x00",
    "a header of brackets": wire.PREFIX.pack(wire.MAGIC, 200_000, 0) + b"[" * 200_000,
    "a number of many digits": wire.PREFIX.pack(wire.MAGIC, 10_000, 0) + b"9" * 10_000,
    "a header that is a list": wire.PREFIX.pack(wire.MAGIC, 2, 0) + b"[]",
    "a header without arrays": wire.PREFIX.pack(wire.MAGIC, 11, 0) + b'{"head":{}}',
    "a head that is a text": frame([], head="x"),
    "arrays that are a number": wire.PREFIX.pack(wire.MAGIC, 22, 0) + b'{"head":{},"arrays":3}',
    "too many arrays": frame([["a", "text", ""]] * (wire.MAX_ARRAYS + 1)),
    "too long a header": wire.PREFIX.pack(wire.MAGIC, wire.MAX_HEADER + 1, 0),
    "too long a payload": wire.PREFIX.pack(wire.MAGIC, 2, wire.MAX_PAYLOAD + 1),
    "an object type": frame([["a", "|O", [1]]], bytes(8)),
    "a structured type": frame([["a", "f8,f8", [1]]], bytes(16)),
    "a type that is no text": frame([["a", ["<f8"], [1]]], bytes(8)),
    "a name that is no text": frame([[1, "<f8", [1]]], bytes(8)),
    "an array of two words": frame([["a", "<f8"]], bytes(8)),
    "a shape that is a number": frame([["a", "<f8", 1]], bytes(8)),
    "a negative size": frame([["a", "<f8", [-1]]], bytes(8)),
    "two negative sizes": frame([["a", "<f8", [-1, -1]]], bytes(8)),
    "a size that is true": frame([["a", "<f8", [True]]], bytes(8)),
    "a size that is a fraction": frame([["a", "<f8", [1.0]]], bytes(8)),
    "a large shape": frame([["a", "<f8", [LONG, LONG, LONG]]], bytes(8)),
    "a large empty shape": frame([["a", "<f8", [0, LONG, LONG, LONG]]]),
    "too many axes": frame([["a", "<f8", [1] * (wire.MAX_AXES + 1)]], bytes(8)),
    "too few bytes": frame([["a", "<f8", [2]]], bytes(15)),
    "too many bytes": frame([["a", "<f8", [2]]], bytes(17)),
    "two of one name": frame([["a", "<f8", [1]]] * 2, bytes(16)),
    "a text too long": frame([["a", "text", "x" * 1000]]),
    "a text that is a number": frame([["a", "text", 7]]),
}


@pytest.mark.parametrize("data", MALFORMED.values(), ids=MALFORMED)
def test_malformed_frame_is_refused(data, pipe):
    writer = threading.Thread(target=os.write, args=(pipe[1], data))
    writer.start()
    with pytest.raises(wire.ProtocolError):
        channel(pipe[0]).receive(time.monotonic() + 5)
    os.close(pipe[0])
    writer.join(5)


def channel(read_fd: int, write_fd: int = -1) -> wire.Channel:
    """Return a channel of two pipes; of the first alone, where nothing is sent."""
    return wire.Channel(read_fd, read_fd if write_fd < 0 else write_fd)


def test_bool_has_two_values_whatever_its_bits(pipe):
    os.write(pipe[1], frame([["a", "|b1", [3]]], b"\x00\x01\xff"))
    _, arrays = wire.receive(pipe[0])
    assert arrays["a"].view("u1").tolist() == [0, 1, 1]


@pytest.mark.parametrize("receive", [wire.receive, lambda fd: channel(fd).receive(time.monotonic() + 5)])
@pytest.mark.parametrize("cut", [0, 5, 20, 60])
def test_end_inside_a_frame_raises_eof_error(pipe, cut, receive):
    os.write(pipe[1], wire.pack({}, {"a": np.arange(9.0)})[:cut])
    os.close(pipe[1])
    with pytest.raises(EOFError):
        receive(pipe[0])


@pytest.mark.parametrize("cut", [0, 5, 60])
def test_piece_that_came_before_a_deadline_is_kept_for_the_next_try(pipe, cut):
    whole, from_child = wire.pack({}, {"a": np.arange(9.0)}), channel(pipe[0])
    os.write(pipe[1], whole[:cut])
    with pytest.raises(TimeoutError):
        from_child.receive(time.monotonic() + 0.02)
    os.write(pipe[1], whole[cut:])
    assert from_child.receive(time.monotonic() + 5)[1]["a"].tolist() == [*range(9)]


def test_slow_bytes_end_at_the_deadline(pipe):
    over = threading.Event()

    def drip() -> None:
        for byte in frame([["a", "|u1", [10_000]]], bytes(10_000)):
            if over.wait(0.005):
                return
            os.write(pipe[1], bytes([byte]))

    thread = threading.Thread(target=drip)
    thread.start()
    with pytest.raises(TimeoutError):
        channel(pipe[0]).receive(time.monotonic() + 0.1)
    over.set()
    thread.join()


def test_frames_go_both_ways_at_a_time_and_each_is_larger_than_a_pipe(pipe):
    """A child that answers while it is asked: neither waits for the other for ever."""
    back_read, back_write = os.pipe()
    asked = [np.random.default_rng(n).random(400_000) for n in range(4)]

    def child() -> None:
        frames = wire.FrameReader(pipe[0])
        for _ in asked:
            head, arrays = frames.receive()
            wire.send(back_write, head, arrays)

    there = threading.Thread(target=child)
    there.start()
    ours = wire.Channel(back_read, pipe[1])
    for n, a in enumerate(asked):
        ours.put({"n": n}, {"a": a})
    for n, a in enumerate(asked):
        head, back = ours.receive(time.monotonic() + 20)
        assert head == {"n": n} and np.array_equal(back["a"], a)
    there.join()
    for fd in (back_read, back_write):
        os.close(fd)


def test_answers_before_the_end_of_a_child_are_read_though_it_takes_nothing_more(pipe):
    back_read, back_write = os.pipe()
    ours = wire.Channel(back_read, pipe[1])
    wire.send(back_write, {"n": 1}, {})
    os.close(back_write)
    os.close(pipe[0])
    ours.put({"more": 1}, {"a": np.zeros(10)})
    assert ours.receive(time.monotonic() + 5)[0] == {"n": 1}
    with pytest.raises(EOFError):
        ours.receive(time.monotonic() + 5)
    os.close(back_read)


def test_a_child_that_reads_nothing_ends_at_the_deadline(pipe):
    back_read, back_write = os.pipe()
    ours = wire.Channel(back_read, pipe[1])
    ours.put({}, {"a": np.zeros(1_000_000)})
    with pytest.raises(TimeoutError):
        ours.receive(time.monotonic() + 0.05)
    for fd in (back_read, back_write):
        os.close(fd)


def test_several_frames_come_at_a_time_and_each_has_its_own_limit(pipe):
    for size in (10, 100, 10):
        os.write(pipe[1], wire.pack({}, {"a": np.zeros(size)}))
    from_child = channel(pipe[0])
    until = time.monotonic() + 5
    assert [from_child.receive(until, most)[1]["a"].size for most in (80, 800)] == [10, 100]
    with pytest.raises(wire.ProtocolError, match="at most 79"):
        from_child.receive(until, 79)


def test_a_flood_is_not_read_ahead(pipe):
    """What a child sends unasked waits in its pipe: no more than a piece is held besides the frame that is awaited."""
    from_child = channel(pipe[0])
    one = wire.pack({}, {"a": np.zeros(2_000)})
    flood = threading.Thread(target=lambda: [os.write(pipe[1], one) for _ in range(200)], daemon=True)
    flood.start()
    for _ in range(200):
        from_child.receive(time.monotonic() + 5)
        assert len(from_child.frames.came) <= wire.PIECE + len(one)
    flood.join()
