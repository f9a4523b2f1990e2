"""MNIST: the embedded subset, the book's return values, damaged files, and fetching from mirrors that fail."""

import gzip
import hashlib
import shutil
import subprocess
import sys
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import numpy as np
import pytest

from impl.data import DataError, fetch_mnist, load_mnist
from impl.data.idx import read_idx, write_idx
from impl.data.make_subset import choose_images, make
from impl.data.mnist import EMBEDDED, FILES

NAMES = [f"{name}.gz" for pair in FILES.values() for name in pair]


@pytest.fixture
def folder(tmp_path):
    """A data set of its own: 6 training and 4 test images of 5x3 pixels, as raw IDX files."""
    rng = np.random.default_rng(0)
    for (images, labels), n in zip(FILES.values(), (6, 4)):
        (tmp_path / images).write_bytes(write_idx(rng.integers(0, 256, (n, 5, 3), dtype=np.uint8)))
        (tmp_path / labels).write_bytes(write_idx(np.arange(n, dtype=np.uint8)))
    return tmp_path


@pytest.mark.slow
def test_embedded_subset_is_small_and_stratified():
    assert sum(file.stat().st_size for file in EMBEDDED.iterdir()) < 1_200_000
    (x_train, t_train), (x_test, t_test) = load_mnist(normalize=False)
    assert x_train.shape == (6000, 784) and x_test.shape == (1000, 784)
    # the full set's digits per class, LeCun's data: a tenth of each
    full_train = [5923, 6742, 5958, 6131, 5842, 5421, 5918, 6265, 5851, 5949]
    full_test = [980, 1135, 1032, 1010, 982, 892, 958, 1028, 974, 1009]
    assert np.abs(np.bincount(t_train) - np.array(full_train) / 10).max() < 1
    assert np.abs(np.bincount(t_test) - np.array(full_test) / 10).max() < 1
    assert len(np.unique(x_train, axis=0)) == 6000, "no digit twice"
    assert abs(x_train.mean() - 33.318) < 0.3 and x_train.max() == 255, "the full set's mean pixel is 33.318"


@pytest.mark.slow
def test_load_mnist_has_the_books_interface():
    (x, t), (x_test, t_test) = load_mnist()
    assert (x.dtype, t.dtype, x.shape[1:], t.ndim) == (np.float32, np.uint8, (784,), 1)
    assert x.min() == 0 and x.max() == 1
    (x4, hot), _ = load_mnist(normalize=False, flatten=False, one_hot_label=True)
    assert (x4.dtype, hot.dtype, x4.shape[1:], hot.shape) == (np.uint8, np.float64, (1, 28, 28), (6000, 10))
    assert (hot.sum(axis=1) == 1).all() and (hot.argmax(axis=1) == t).all()
    np.testing.assert_array_equal(x4.reshape(6000, 784).astype(np.float32) / 255, x)
    assert load_mnist(True, False, False)[1][0].shape == (1000, 1, 28, 28), "the book's scripts call by position"
    assert all(array.flags.writeable for array in (x, t, x_test, t_test, x4, hot))


@pytest.mark.parametrize("packed", [False, True], ids=["raw", "gz"])
@pytest.mark.parametrize("dot", [False, True], ids=["dash", "dot"])
def test_load_mnist_reads_a_folder_of_idx_files(folder, packed, dot):
    want = load_mnist(normalize=False, flatten=False, data_dir=folder)
    for file in list(folder.iterdir()):
        content = file.read_bytes()
        file.unlink()
        name = (file.name.replace("-idx", ".idx") if dot else file.name) + (".gz" if packed else "")
        (folder / name).write_bytes(gzip.compress(content) if packed else content)
    got = load_mnist(normalize=False, flatten=False, data_dir=str(folder))
    assert want[0][0].shape == (6, 1, 5, 3)
    for a, b in zip(want[0] + want[1], got[0] + got[1]):
        np.testing.assert_array_equal(a, b)


DAMAGE = {
    "is cut: 89 bytes of data, its header says 6x5x3": lambda raw: raw[:-1],
    "is too long: 91 bytes of data": lambda raw: raw + b"\0",
    "is cut: 9 bytes, the header alone has 16": lambda raw: raw[:9],
    "is not an IDX file of bytes with 3 axes: it starts with 3c 68": lambda raw: b"<html>503 Unavailable</html>",
    "is not an IDX file of bytes with 3 axes": lambda raw: b"\0\0\x0d\x03" + raw[4:],  # float32
    "is cut: its gzip stream ends early": lambda raw: gzip.compress(raw)[:-20],
    "is damaged: CRC check failed": lambda raw: gzip.compress(raw)[:-8] + bytes(8),
    "is damaged: Error -3": lambda raw: gzip.compress(raw)[:10] + b"\xff" * 60,
    "has 5 images but": lambda raw: write_idx(np.frombuffer(raw[16:], np.uint8).reshape(-1, 5, 3)[:5]),
}


@pytest.mark.parametrize("fact", DAMAGE)
def test_load_mnist_damaged_file_is_named_in_one_sentence(folder, fact):
    file = folder / FILES["train"][0]
    file.write_bytes(DAMAGE[fact](file.read_bytes()))
    with pytest.raises(DataError) as error:
        load_mnist(data_dir=folder)
    assert str(error.value).startswith(f"{file} {fact}") and "\n" not in str(error.value)


def test_load_mnist_missing_files_and_wrong_labels_are_named(folder):
    with pytest.raises(DataError, match="nowhere is not a folder"):
        load_mnist(data_dir=folder / "nowhere")
    labels = folder / FILES["test"][1]
    labels.write_bytes(write_idx(np.array([0, 1, 10, 3], np.uint8)))
    with pytest.raises(DataError, match=r"t10k-labels-idx1-ubyte has a label 10: labels are 0 to 9"):
        load_mnist(data_dir=folder)
    labels.unlink()
    with pytest.raises(DataError, match=r"has no t10k-labels-idx1-ubyte or t10k-labels-idx1-ubyte\.gz"):
        load_mnist(data_dir=folder)


@pytest.mark.slow
def test_make_subset_is_deterministic(tmp_path):
    for target in (tmp_path / "a", tmp_path / "b"):
        make(EMBEDDED, target)
    assert all((tmp_path / "a" / n).read_bytes() == (tmp_path / "b" / n).read_bytes() for n in NAMES)
    t = read_idx(EMBEDDED / NAMES[1], axes=1)
    x = read_idx(EMBEDDED / NAMES[0], axes=3)
    (got, labels), _ = load_mnist(normalize=False, flatten=False, data_dir=tmp_path / "a")
    assert len(got) == 600 and (np.diff(choose_images(t)) > 0).all(), "the order is kept"
    np.testing.assert_array_equal(got[:, 0], x[choose_images(t)])
    np.testing.assert_array_equal(labels, t[choose_images(t)])


@pytest.mark.slow
def test_make_subset_command_reports_a_missing_file(tmp_path):
    run = subprocess.run([sys.executable, "-m", "impl.data.make_subset", tmp_path], capture_output=True, text=True)
    assert run.returncode == 1
    assert run.stderr.startswith(f"{tmp_path} has no train-labels") and "Traceback" not in run.stderr


class Silent(SimpleHTTPRequestHandler):
    def log_message(self, *_):
        self.server.asked.append(self.path)


@pytest.fixture
def mirror(tmp_path):
    """A server on this machine with four good files in good/, a cut one in cut/, and nothing elsewhere."""
    root = tmp_path / "www"
    shutil.copytree(EMBEDDED, root / "good")
    (root / "cut").mkdir()
    for name in NAMES:
        (root / "cut" / name).write_bytes((root / "good" / name).read_bytes()[:-5])
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Silent, directory=root))
    server.asked = []
    server.url = f"http://127.0.0.1:{server.server_port}"
    Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
    yield server
    server.shutdown()
    server.server_close()


SHA256 = {name: hashlib.sha256((EMBEDDED / name).read_bytes()).hexdigest() for name in NAMES}
NOBODY = "http://127.0.0.1:1/"  # nothing listens on port 1


def test_fetch_mnist_tries_the_mirrors_in_turn(tmp_path, mirror):
    seen = []
    mirrors = [NOBODY, f"{mirror.url}/absent/", f"{mirror.url}/cut/", f"{mirror.url}/good/"]
    folder = fetch_mnist(tmp_path / "cache", lambda *now: seen.append(now), mirrors=mirrors, sha256=SHA256)
    assert sorted(p.name for p in folder.iterdir()) == sorted(NAMES), "and no temporary files"
    assert all((folder / name).read_bytes() == (EMBEDDED / name).read_bytes() for name in NAMES)
    assert len(load_mnist(data_dir=folder)[0][0]) == 6000
    assert all(file.stat().st_mode & 0o444 == 0o444 for file in folder.iterdir()), "others may read it"
    for name in NAMES:
        size = (EMBEDDED / name).stat().st_size
        assert (name, size, size) in seen and all(done <= total for _, done, total in seen)


def test_fetch_mnist_replaces_only_damaged_files(tmp_path, mirror):
    fetch = partial(fetch_mnist, tmp_path, mirrors=[f"{mirror.url}/good/"], sha256=SHA256)
    fetch()
    mirror.asked.clear()
    fetch()
    assert mirror.asked == []
    (tmp_path / NAMES[2]).write_bytes(b"half")
    fetch()
    assert mirror.asked == [f"/good/{NAMES[2]}"]
    assert (tmp_path / NAMES[2]).read_bytes() == (EMBEDDED / NAMES[2]).read_bytes()


def test_fetch_mnist_without_a_good_mirror_is_one_sentence(tmp_path, mirror):
    mirrors = [NOBODY, f"{mirror.url}/absent/", f"{mirror.url}/cut/"]
    with pytest.raises(DataError) as error:
        fetch_mnist(tmp_path / "cache", mirrors=mirrors, sha256=SHA256)
    assert str(error.value) == (
        f"{NAMES[0]} could not be fetched: {NOBODY} cannot be reached; {mirror.url}/absent/ answers 404; "
        f"{mirror.url}/cut/ has another file under that name"
    )
    assert list((tmp_path / "cache").iterdir()) == []


def test_fetch_mnist_unwritable_cache_is_refused(tmp_path, mirror):
    (tmp_path / "file").write_text("")
    with pytest.raises(DataError, match=r"file.*cannot be written"):
        fetch_mnist(tmp_path / "file" / "cache", mirrors=[f"{mirror.url}/good/"], sha256=SHA256)


def test_fetch_mnist_without_pooch_names_the_extra(monkeypatch):
    monkeypatch.setitem(sys.modules, "pooch", None)
    with pytest.raises(DataError, match=r"pip install 'convcheck\[data\]'"):
        fetch_mnist(Path("anywhere"))
