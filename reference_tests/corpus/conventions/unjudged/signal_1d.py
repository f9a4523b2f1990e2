import numpy as np


def convolve(signal, kernel):
    """Full convolution of two 1-D signals, as in a course on signal processing."""
    n, k = len(signal), len(kernel)
    out = np.zeros(n + k - 1)
    for i in range(n):
        for j in range(k):
            out[i + j] += signal[i] * kernel[j]
    return out


def moving_average(signal, size):
    return convolve(signal, np.ones(size) / size)[size - 1:len(signal)]


def low_pass(signal, cutoff, rate):
    t = np.arange(-50, 51) / rate
    kernel = np.sinc(2 * cutoff * t) * np.hamming(t.size)
    return convolve(signal, kernel / kernel.sum())[50:-50]
