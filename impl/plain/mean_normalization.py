"""Mean normalization: the mean of the training images is subtracted from every image.

    out = x - mean        dx = dout

There is one mean for each channel, or with per_pixel one for each channel of each pixel.
"""


class MeanNormalization:
    """The subtraction of the mean of the training images `train` (M, C, H, W) from x (N, C, H, W)."""

    def __init__(self, train, per_pixel=False):
        axes = (0,) if per_pixel else (0, 2, 3)
        self.mean = train.mean(axis=axes, keepdims=True)  # (1, C, H, W) or (1, C, 1, 1)

    def forward(self, x):
        return x - self.mean

    def backward(self, dout):
        return dout.copy()
