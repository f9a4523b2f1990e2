"""Frames: what goes in comes out, and nothing malformed, late or endless gets through."""

import contextlib
import json
import os
import threading
import time

import numpy as np
import pytest

from reference_tests.subject import wire


@pytest.fixture
def pipe():
    read, write = os.pipe()
    os.set_blocking(read, False)
    yield read, write
    for fd in (read, write):
        with contextlib.suppress(OSError):
            os.close(fd)


def there_and_back(arrays: dict, head: dict | None = None) -> wire.Frame:
    frame = wire.pack(head or {}, arrays)
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
        wire.receive(pipe[0], time.monotonic() + 5)
    os.close(pipe[0])
    writer.join(5)


def test_bool_has_two_values_whatever_its_bits(pipe):
    os.write(pipe[1], frame([["a", "|b1", [3]]], b"\x00\x01\xff"))
    _, arrays = wire.receive(pipe[0], time.monotonic() + 5)
    assert arrays["a"].view("u1").tolist() == [0, 1, 1]


@pytest.mark.parametrize("cut", [0, 5, 20, 60])
def test_end_inside_a_frame_raises_eof_error(pipe, cut):
    os.write(pipe[1], wire.pack({}, {"a": np.arange(9.0)})[:cut])
    os.close(pipe[1])
    with pytest.raises(EOFError):
        wire.receive(pipe[0], time.monotonic() + 5)


@pytest.mark.parametrize("cut", [0, 5, 60])
def test_receive_ends_at_the_deadline(pipe, cut):
    os.write(pipe[1], wire.pack({}, {"a": np.arange(9.0)})[:cut])
    with pytest.raises(TimeoutError):
        wire.receive(pipe[0], time.monotonic() + 0.05)


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
        wire.receive(pipe[0], time.monotonic() + 0.1)
    over.set()
    thread.join()


def test_send_without_a_reader_ends_at_the_deadline(pipe):
    os.set_blocking(pipe[1], False)
    with pytest.raises(TimeoutError):
        wire.send(pipe[1], {}, {"a": np.zeros(1_000_000)}, time.monotonic() + 0.05)


def test_frame_larger_than_the_pipe_is_sent(pipe):
    os.set_blocking(pipe[1], False)
    a = np.random.default_rng(0).random(500_000)
    sender = threading.Thread(target=wire.send, args=(pipe[1], {}, {"a": a}, time.monotonic() + 10))
    sender.start()
    _, back = wire.receive(pipe[0], time.monotonic() + 10)
    sender.join()
    assert np.array_equal(back["a"], a)


def test_frame_above_the_limit_is_refused(pipe):
    os.write(pipe[1], wire.pack({}, {"a": np.zeros(100)}))
    with pytest.raises(wire.ProtocolError, match="at most 799"):
        wire.receive(pipe[0], time.monotonic() + 5, 799)
