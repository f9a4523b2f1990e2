"""Make the embedded subset from the full IDX files: python -m impl.data.make_subset FOLDER

Every tenth digit of each class, in the full set's order and proportions; nothing is random.
"""

import gzip
import sys
from pathlib import Path

import numpy as np

from impl.data.idx import DataError, read_idx, write_idx
from impl.data.mnist import EMBEDDED, FILES, find
from impl.files import write_atomically

EVERY = 10


def choose_images(labels: np.ndarray) -> np.ndarray:
    """Indices of every tenth of the digits sorted by class: all classes in proportion, to within one digit."""
    return np.sort(np.argsort(labels, kind="stable")[::EVERY])


def make(source: Path, target: Path = EMBEDDED) -> None:
    """Write the subset's four files into target. Raises DataError as read_idx does."""
    target.mkdir(exist_ok=True)
    for images, labels in FILES.values():
        t = read_idx(find(source, labels), axes=1)
        keep = choose_images(t)
        for name, array in (images, read_idx(find(source, images), axes=3)[keep]), (labels, t[keep]):
            # no time stamp, so the same digits give the same bytes
            write_atomically(target / f"{name}.gz", gzip.compress(write_idx(array), compresslevel=9, mtime=0))


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    try:
        make(Path(sys.argv[1]))
    except DataError as error:
        sys.exit(str(error))
