"""Data: MNIST, embedded and full."""

from .idx import DataError
from .mnist import fetch_mnist, load_mnist

__all__ = ["DataError", "fetch_mnist", "load_mnist"]
