"""MNIST: an embedded subset (6,000 training and 1,000 test digits), or the full set from IDX files.

Source: Y. LeCun, C. Cortes, C. Burges, The MNIST database of handwritten digits; CC BY-SA 3.0 (MNIST_LICENSE.txt).
"""

import os
from collections.abc import Callable, Sequence
from pathlib import Path
from types import ModuleType

import numpy as np

from .idx import DataError, read_idx

Split = tuple[np.ndarray, np.ndarray]

EMBEDDED = Path(__file__).parent / "mnist_subset"
FILES = {
    "train": ("train-images-idx3-ubyte", "train-labels-idx1-ubyte"),
    "test": ("t10k-images-idx3-ubyte", "t10k-labels-idx1-ubyte"),
}
CLASSES = 10
MIRRORS = (
    "https://ossci-datasets.s3.amazonaws.com/mnist/",
    "https://storage.googleapis.com/cvdf-datasets/mnist/",
    "https://raw.githubusercontent.com/fgnt/mnist/master/",
)
SHA256 = {
    "train-images-idx3-ubyte.gz": "440fcabf73cc546fa21475e81ea370265605f56be210a4024d2ca8f203523609",
    "train-labels-idx1-ubyte.gz": "3552534a0a558bbed6aed32b30c495cca23d567ec52cac8be1a0730e8010255c",
    "t10k-images-idx3-ubyte.gz": "8d422c7b0a1c1c79245a5bcf07fe86e33eeafee792b84584aec276f5a2dbc4e6",
    "t10k-labels-idx1-ubyte.gz": "f7ae60f92e00ec6debd23a6088c31dbd2371eca3ffa0defaefb259924204aec6",
}


def load_mnist(
    normalize: bool = True, flatten: bool = True, one_hot_label: bool = False, *, data_dir: str | Path | None = None
) -> tuple[Split, Split]:
    """(x_train, t_train), (x_test, t_test), as the book's function of that name returns them.

    normalize: float32 from 0 to 1, else uint8 from 0 to 255. flatten: (N, 784), else (N, 1, 28, 28).
    one_hot_label: (N, 10) float64, else labels (N,) uint8.
    data_dir: a folder with the four IDX files, raw or .gz (28x28 or another size); None: the embedded subset.
    Raises DataError if a file is missing, cut or damaged.
    """
    folder = EMBEDDED if data_dir is None else Path(data_dir)
    train, test = (_load(folder, part, normalize, flatten, one_hot_label) for part in FILES)
    return train, test


def _load(folder: Path, part: str, normalize: bool, flatten: bool, one_hot_label: bool) -> Split:
    images, labels = (find(folder, name) for name in FILES[part])
    x, t = read_idx(images, axes=3), read_idx(labels, axes=1)
    if len(x) != len(t):
        raise DataError(f"{images} has {len(x)} images but {labels} has {len(t)} labels")
    if len(t) and t.max() >= CLASSES:
        raise DataError(f"{labels} has a label {t.max()}: labels are 0 to {CLASSES - 1}")
    x = x.astype(np.float32) / 255.0 if normalize else x.copy()
    x = x.reshape(len(x), -1) if flatten else x[:, np.newaxis]  # (N, H*W) or (N, 1, H, W)
    return x, np.eye(CLASSES)[t] if one_hot_label else t.copy()


def find(folder: Path, name: str) -> Path:
    """Find the file of that name in the folder, raw or .gz, also spelled with a dot (train-images.idx3-ubyte).

    Raises DataError if there is none.
    """
    for spelling in (name, name.replace("-idx", ".idx")):
        for path in (folder / spelling, folder / f"{spelling}.gz"):
            if path.is_file():
                return path
    fact = f"has no {name} or {name}.gz" if folder.is_dir() else "is not a folder"
    raise DataError(f"{folder} {fact}")


def cache_dir() -> Path:
    """The default folder of the full set: CONVCHECK_DATA_DIR, or the user's cache."""
    pooch = _pooch()
    return Path(os.environ.get("CONVCHECK_DATA_DIR") or Path(pooch.os_cache("convcheck")) / "mnist")


def fetch_mnist(
    folder: str | Path | None = None, progress: Callable[[str, int, int], None] | None = None, *,
    mirrors: Sequence[str] | None = None, sha256: dict[str, str] | None = None, timeout: float = 30.0,
) -> Path:  # fmt: skip
    """Download the full set (11 MB) and return its folder, for load_mnist(data_dir=...); whole files are not replaced.

    folder: default cache_dir(). progress: called with (file name, bytes so far, bytes in all).
    mirrors: tried in turn for each file, default MIRRORS; sha256: of each file, default SHA256.
    timeout: seconds that a mirror may be silent.
    Raises DataError if no mirror has a file with the right checksum.
    """
    folder = cache_dir() if folder is None else Path(folder)
    for name, checksum in (SHA256 if sha256 is None else sha256).items():
        _fetch(name, checksum, folder, MIRRORS if mirrors is None else mirrors, progress or (lambda *_: None), timeout)
    return folder


def _fetch(name: str, checksum: str, folder: Path, mirrors: Sequence[str], progress: Callable, timeout: float) -> None:
    pooch = _pooch()
    from requests.exceptions import RequestException  # comes with pooch

    reasons = []
    for mirror in mirrors:
        meter = _Meter(lambda done, total: progress(name, done, total))
        downloader = pooch.HTTPDownloader(progressbar=meter, timeout=timeout)
        try:
            file = pooch.retrieve(mirror + name, f"sha256:{checksum}", name, folder, downloader=downloader)
            Path(file).chmod(0o644)  # pooch makes it readable to its owner only; a class may share a folder
            return
        except RequestException as error:
            status = getattr(error.response, "status_code", None)
            reasons.append(f"{mirror} {f'answers {status}' if status else 'cannot be reached'}")
        except ValueError:  # pooch: the checksum differs
            reasons.append(f"{mirror} has another file under that name")
        except OSError as error:
            raise DataError(f"{folder / name} cannot be written: {error.strerror or error}") from None
    raise DataError(f"{name} could not be fetched: {'; '.join(reasons)}")


def _pooch() -> ModuleType:
    try:
        import pooch
    except ModuleNotFoundError:
        raise DataError("the full set is fetched with pooch: python -m pip install 'convcheck[data]'") from None
    pooch.get_logger().setLevel("WARNING")
    return pooch


class _Meter:
    """A progress bar for pooch: it counts bytes and reports them to a callback."""

    def __init__(self, report: Callable[[int, int], None]):
        self.report, self.total, self.done = report, 0, 0

    def update(self, size: int) -> None:
        self.done = min(self.done + size, self.total)
        self.report(self.done, self.total)

    def reset(self) -> None:
        self.done = 0

    def close(self) -> None:
        pass
