"""A CNN as a feature extractor: a support vector machine of scikit-learn in place of the dense layers."""

from typing import Any

import numpy as np

Split = tuple[np.ndarray, np.ndarray]


class NoScikitLearn(RuntimeError):
    pass


def features(network: Any, layer: str, x: np.ndarray, batch: int = 100) -> np.ndarray:
    """The layer's output for images (N, C, H, W), as rows (N, D)."""
    from impl.networks.inspection import truncate

    forward, _ = truncate(network, layer)
    parts = [forward(x[i : i + batch]) for i in range(0, len(x), batch)]
    return np.concatenate(parts).reshape(len(x), -1)


def svm_accuracy(network: Any, layer: str, train: Split, test: Split, C: float = 10.0) -> float:
    """Share of test images that an SVM (RBF kernel) on the layer's features gets right. Raises NoScikitLearn.

    The kernel is computed here, as one matrix product: much faster than scikit-learn's own loops.
    """
    try:
        from sklearn.svm import SVC
    except ModuleNotFoundError:
        raise NoScikitLearn(
            "a support vector machine needs scikit-learn: python -m pip install 'convcheck[notebook]'"
        ) from None
    known, asked = features(network, layer, train[0]), features(network, layer, test[0])
    gamma = 1 / (known.shape[1] * known.var())
    machine = SVC(C=C, kernel="precomputed").fit(_kernel(known, known, gamma), train[1])
    return float((machine.predict(_kernel(asked, known, gamma)) == test[1]).mean())


def _kernel(a: np.ndarray, b: np.ndarray, gamma: float) -> np.ndarray:
    squares = (a * a).sum(axis=1)[:, None] + (b * b).sum(axis=1) - 2 * a @ b.T
    return np.exp(-gamma * np.maximum(squares, 0))
