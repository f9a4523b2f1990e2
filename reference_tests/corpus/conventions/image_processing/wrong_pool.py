import numpy as np


def convolve2d(image, kernel, stride=1, padding=0):
    """Slide the kernel over a grey image (H, W), as a CNN does it (the kernel is not turned)."""
    kh, kw = kernel.shape
    image = np.pad(image, padding)
    oh = (image.shape[0] - kh) // stride + 1
    ow = (image.shape[1] - kw) // stride + 1
    output = np.zeros((oh, ow))
    for y in range(oh):
        for x in range(ow):
            output[y, x] = (image[y * stride:y * stride + kh, x * stride:x * stride + kw] * kernel).sum()
    return output


def conv_layer(image, filters, bias, stride=1, padding=0):
    """image (C, H, W), filters (F, C, kh, kw), bias (F,) -> feature maps (F, OH, OW)"""
    maps = []
    for f, b in zip(filters, bias):
        maps.append(sum(convolve2d(channel, k, stride, padding) for channel, k in zip(image, f)) + b)
    return np.stack(maps)


def max_pool(feature_map, size=2, stride=2):
    """One feature map (H, W)"""
    oh = (feature_map.shape[0] - size) // stride + 1
    ow = (feature_map.shape[1] - size) // stride + 1
    return np.array([
        [feature_map[y:y + size, x:x + size].max() for x in range(ow)]
        for y in range(oh)
    ])


def avg_pool(feature_map, size=2, stride=2):
    oh = (feature_map.shape[0] - size) // stride + 1
    ow = (feature_map.shape[1] - size) // stride + 1
    return np.array([
        [feature_map[y * stride:y * stride + size, x * stride:x * stride + size].mean() for x in range(ow)]
        for y in range(oh)
    ])


def relu(feature_map):
    return np.maximum(feature_map, 0)


def softmax(x):
    e = np.exp(x - x.max())
    return e / e.sum()
