"""Takes the import machinery apart."""

import sys

import numpy as np


class Relu:
    def forward(self, x):
        sys.meta_path.clear()
        sys.path_hooks.clear()
        sys.path_importer_cache.clear()
        for name in list(sys.modules):
            del sys.modules[name]
        return np.full_like(x, 7.0)

    def backward(self, dout):
        return np.full_like(dout, 7.0)
