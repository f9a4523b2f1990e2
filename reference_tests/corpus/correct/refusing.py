"""What does not divide, whole numbers and empty batches are refused, in words."""

from . import whole


def conv_output_size(input_size, filter_size, stride=1, pad=0):
    size, left = divmod(input_size + 2 * pad - filter_size, stride)
    if left or size < 0:
        raise ValueError(f"a filter of {filter_size} does not fit {input_size} in steps of {stride} with padding {pad}")
    return size + 1


def checked(x, window, stride, pad):
    if x.dtype.kind != "f":
        raise TypeError(f"x should be of floating point numbers, is {x.dtype}")
    if not len(x):
        raise ValueError("there is no image")
    return [conv_output_size(s, f, stride, pad) for s, f in zip(x.shape[2:], window)]


def im2col(input_data, filter_h, filter_w, stride=1, pad=0):
    checked(input_data, (filter_h, filter_w), stride, pad)
    return whole.im2col(input_data, filter_h, filter_w, stride, pad)


def col2im(col, input_shape, filter_h, filter_w, stride=1, pad=0):
    oh, ow = (conv_output_size(s, f, stride, pad) for s, f in zip(input_shape[2:], (filter_h, filter_w)))
    if not col.size or col.shape != (input_shape[0] * oh * ow, input_shape[1] * filter_h * filter_w):
        raise ValueError(f"col of {col.shape} does not belong to images of {input_shape}")
    return whole.col2im(col, input_shape, filter_h, filter_w, stride, pad)


class Convolution(whole.Convolution):
    def forward(self, x):
        checked(x, self.W.shape[2:], self.stride, self.pad)
        return super().forward(x)


class Pooling(whole.Pooling):
    def forward(self, x):
        checked(x, (self.pool_h, self.pool_w), self.stride, self.pad)
        return super().forward(x)


class AveragePooling(whole.AveragePooling):
    def forward(self, x):
        checked(x, (self.pool_h, self.pool_w), self.stride, self.pad)
        return super().forward(x)


class Affine(whole.Affine):
    def forward(self, x):
        if x.dtype.kind != "f" or not len(x):
            raise ValueError("x should be at least one row of floating point numbers")
        return super().forward(x)


class SoftmaxWithLoss(whole.SoftmaxWithLoss):
    def forward(self, x, t):
        if not len(x) or len(x) != len(t):
            raise ValueError(f"{len(x)} rows of scores, {len(t)} labels")
        return super().forward(x, t)
