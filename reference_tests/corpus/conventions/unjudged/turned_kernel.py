"""Filters of image processing: the kernel is turned, as the word convolution says."""

import numpy as np


def convolve2D(image, kernel, padding=0, strides=1):
    kernel = kernel[::-1, ::-1]
    rows = (image.shape[0] - kernel.shape[0] + 2 * padding) // strides + 1
    columns = (image.shape[1] - kernel.shape[1] + 2 * padding) // strides + 1
    padded = np.zeros((image.shape[0] + 2 * padding, image.shape[1] + 2 * padding)) if padding else image
    if padding:
        padded[padding:-padding, padding:-padding] = image
    out = np.zeros((rows, columns))
    for y in range(columns):
        for x in range(rows):
            top, left = x * strides, y * strides
            out[x, y] = (kernel * padded[top:top + kernel.shape[0], left:left + kernel.shape[1]]).sum()
    return out
