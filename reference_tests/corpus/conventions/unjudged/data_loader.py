import gzip
import struct

import numpy as np


class DataLoader:
    """Batches of images and labels, shuffled anew in each epoch."""

    def __init__(self, images, labels, batch_size=32, shuffle=True):
        self.images, self.labels = images, labels
        self.batch_size, self.shuffle = batch_size, shuffle

    def __len__(self):
        return -(-len(self.images) // self.batch_size)

    def __iter__(self):
        order = np.arange(len(self.images))
        if self.shuffle:
            np.random.shuffle(order)
        for start in range(0, len(order), self.batch_size):
            rows = order[start:start + self.batch_size]
            yield self.images[rows], self.labels[rows]


def load_idx(path):
    """Read images or labels in MNIST's format."""
    with gzip.open(path) as f:
        _, kind, dims = struct.unpack(">HBB", f.read(4))
        shape = struct.unpack(">" + "I" * dims, f.read(4 * dims))
        return np.frombuffer(f.read(), np.uint8).reshape(shape)


def normalize(images):
    return images.astype(np.float32) / 255.0
