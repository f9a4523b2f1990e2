"""The output size of a convolution or a pooling along one axis.

The window starts at one end of the padded input and takes steps of `stride` until it no longer fits:

    OH = floor((H + 2 * pad - FH) / stride) + 1        OW likewise, with W and FW
"""


def conv_output_size(input_size, filter_size, stride=1, pad=0):
    """Return how many places a window has along one axis. Raise ValueError if it fits nowhere."""
    span = input_size + 2 * pad - filter_size  # how far the window can move
    if span < 0:
        raise ValueError(f"a filter of {filter_size} is larger than the padded input")
    return span // stride + 1
