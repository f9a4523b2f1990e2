from .layers.layers import Conv2D, FullyConnected, Pool2D
