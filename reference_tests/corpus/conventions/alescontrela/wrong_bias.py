'''
Forward and backward operations of a convolutional neural network, one image (channels, rows, columns) at a time
'''
import numpy as np


def convolution(image, filt, bias, s=1):
    '''
    Convolves `filt` over `image` using stride `s`
    filt (n_f, n_c, f, f), bias (n_f, 1)
    '''
    (n_f, n_c_f, f, _) = filt.shape
    n_c, in_dim, _ = image.shape
    out_dim = int((in_dim - f) / s) + 1
    assert n_c == n_c_f, "Dimensions of filter must match dimensions of input image"
    out = np.zeros((n_f, out_dim, out_dim))
    for curr_f in range(n_f):
        for y in range(out_dim):
            for x in range(out_dim):
                patch = image[:, y * s:y * s + f, x * s:x * s + f]
                out[curr_f, y, x] = np.sum(filt[curr_f] * patch) + bias[curr_f, 0]
    return out


def maxpool(image, f=2, s=2):
    '''
    Downsample `image` using kernel size `f` and stride `s`
    '''
    n_c, h_prev, w_prev = image.shape
    h = int((h_prev - f) / s) + 1
    w = int((w_prev - f) / s) + 1
    downsampled = np.zeros((n_c, h, w))
    for i in range(n_c):
        for y in range(h):
            for x in range(w):
                downsampled[i, y, x] = image[i, y * s:y * s + f, x * s:x * s + f].max()
    return downsampled


def softmax(X):
    out = np.exp(X - np.max(X))
    return out / np.sum(out)


def categoricalCrossEntropy(probs, label):
    return -np.sum(label * np.log(probs))


def convolutionBackward(dconv_prev, conv_in, filt, s):
    '''
    Backpropagation through a convolutional layer.
    '''
    (n_f, n_c, f, _) = filt.shape
    dout = np.zeros(conv_in.shape)
    dfilt = np.zeros(filt.shape)
    dbias = np.zeros((n_f, 1))
    for curr_f in range(n_f):
        for y in range(dconv_prev.shape[1]):
            for x in range(dconv_prev.shape[2]):
                g = dconv_prev[curr_f, y, x]
                dfilt[curr_f] += g * conv_in[:, y * s:y * s + f, x * s:x * s + f]
                dout[:, y * s:y * s + f, x * s:x * s + f] += g * filt[curr_f]
        dbias[curr_f] = np.mean(dconv_prev[curr_f])
    return dout, dfilt, dbias


def nanargmax(arr):
    '''
    index of the largest number of an array
    '''
    return np.unravel_index(np.nanargmax(arr), arr.shape)


def maxpoolBackward(dpool, orig, f, s):
    '''
    Backpropagation through a maxpooling layer. The gradients go to the largest number of each window.
    '''
    dout = np.zeros(orig.shape)
    for curr_c in range(orig.shape[0]):
        for y in range(dpool.shape[1]):
            for x in range(dpool.shape[2]):
                (a, b) = nanargmax(orig[curr_c, y * s:y * s + f, x * s:x * s + f])
                dout[curr_c, y * s + a, x * s + b] += dpool[curr_c, y, x]
    return dout
