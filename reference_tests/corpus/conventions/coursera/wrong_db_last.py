import numpy as np

np.random.seed(1)


def zero_pad(X, pad):
    """
    Pad with zeros all images of the dataset X, on height and width only.

    Argument:
    X -- array of shape (m, n_H, n_W, n_C)
    pad -- integer, amount of padding around each image

    Returns:
    X_pad -- padded images of shape (m, n_H + 2 * pad, n_W + 2 * pad, n_C)
    """
    return np.pad(X, ((0, 0), (pad, pad), (pad, pad), (0, 0)), mode='constant')


def conv_single_step(a_slice_prev, W, b):
    """Apply one filter W (f, f, n_C_prev) with bias b (1, 1, 1) to one slice of the previous activation."""
    return np.sum(a_slice_prev * W) + b.item()


def conv_forward(A_prev, W, b, hparameters):
    """
    Forward propagation for a convolution

    Arguments:
    A_prev -- output activations of the previous layer, (m, n_H_prev, n_W_prev, n_C_prev)
    W -- weights, (f, f, n_C_prev, n_C)
    b -- biases, (1, 1, 1, n_C)
    hparameters -- python dictionary containing "stride" and "pad"

    Returns:
    Z -- conv output, (m, n_H, n_W, n_C)
    cache -- values needed for conv_backward()
    """
    (m, n_H_prev, n_W_prev, n_C_prev) = A_prev.shape
    (f, f, n_C_prev, n_C) = W.shape
    stride = hparameters['stride']
    pad = hparameters['pad']
    n_H = int((n_H_prev + 2 * pad - f) / stride) + 1
    n_W = int((n_W_prev + 2 * pad - f) / stride) + 1
    Z = np.zeros((m, n_H, n_W, n_C))
    A_prev_pad = zero_pad(A_prev, pad)
    for i in range(m):
        for h in range(n_H):
            for w in range(n_W):
                a_slice_prev = A_prev_pad[i, h * stride:h * stride + f, w * stride:w * stride + f, :]
                for c in range(n_C):
                    Z[i, h, w, c] = conv_single_step(a_slice_prev, W[..., c], b[..., c])
    cache = (A_prev, W, b, hparameters)
    return Z, cache


def pool_forward(A_prev, hparameters, mode="max"):
    """
    Forward pass of the pooling layer. hparameters -- "f" and "stride"; mode -- "max" or "average"
    """
    m, n_H_prev, n_W_prev, n_C = A_prev.shape
    f = hparameters["f"]
    stride = hparameters["stride"]
    n_H = 1 + (n_H_prev - f) // stride
    n_W = 1 + (n_W_prev - f) // stride
    A = np.zeros((m, n_H, n_W, n_C))
    for h in range(n_H):
        for w in range(n_W):
            part = A_prev[:, h * stride:h * stride + f, w * stride:w * stride + f, :]
            if mode == "max":
                A[:, h, w, :] = part.max(axis=(1, 2))
            elif mode == "average":
                A[:, h, w, :] = part.mean(axis=(1, 2))
    return A, (A_prev, hparameters)


def conv_backward(dZ, cache):
    """
    Backward propagation for a convolution

    Returns:
    dA_prev -- gradient by A_prev, (m, n_H_prev, n_W_prev, n_C_prev)
    dW -- gradient by W, (f, f, n_C_prev, n_C)
    db -- gradient by b, (1, 1, 1, n_C)
    """
    (A_prev, W, b, hparameters) = cache
    m, n_H_prev, n_W_prev, n_C_prev = A_prev.shape
    f = W.shape[0]
    stride, pad = hparameters['stride'], hparameters['pad']
    m, n_H, n_W, n_C = dZ.shape
    dW = np.zeros(W.shape)
    db = np.zeros(b.shape)
    A_prev_pad = zero_pad(A_prev, pad)
    dA_prev_pad = np.zeros(A_prev_pad.shape)
    for i in range(m):
        for h in range(n_H):
            for w in range(n_W):
                v, u = h * stride, w * stride
                for c in range(n_C):
                    dA_prev_pad[i, v:v + f, u:u + f, :] += W[:, :, :, c] * dZ[i, h, w, c]
                    dW[:, :, :, c] += A_prev_pad[i, v:v + f, u:u + f, :] * dZ[i, h, w, c]
                    db[:, :, :, c] = dZ[i, h, w, c]
    dA_prev = dA_prev_pad[:, pad:pad + n_H_prev, pad:pad + n_W_prev, :]
    return dA_prev, dW, db


def create_mask_from_window(x):
    """True where x has its largest entry."""
    return x == np.max(x)


def distribute_value(dz, shape):
    """Spread dz evenly over an array of the given shape (n_H, n_W)."""
    n_H, n_W = shape
    return np.full(shape, dz / (n_H * n_W))


def pool_backward(dA, cache, mode="max"):
    A_prev, hparameters = cache
    stride, f = hparameters["stride"], hparameters["f"]
    dA_prev = np.zeros(A_prev.shape)
    m, n_H, n_W, n_C = dA.shape
    for i in range(m):
        for h in range(n_H):
            for w in range(n_W):
                v, u = h * stride, w * stride
                for c in range(n_C):
                    da = dA[i, h, w, c]
                    if mode == "max":
                        mask = create_mask_from_window(A_prev[i, v:v + f, u:u + f, c])
                        dA_prev[i, v:v + f, u:u + f, c] += mask * da
                    elif mode == "average":
                        dA_prev[i, v:v + f, u:u + f, c] += distribute_value(da, (f, f))
    return dA_prev


def relu(Z):
    A = np.maximum(0, Z)
    return A, Z


def relu_backward(dA, cache):
    dZ = np.array(dA, copy=True)
    dZ[cache <= 0] = 0
    return dZ
