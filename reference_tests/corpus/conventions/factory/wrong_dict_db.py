import numpy as np


def conv_layer(W, b, stride=1, pad=0):
    state = {}
    FN, C, FH, FW = W.shape

    def forward(x):
        xp = np.pad(x, ((0, 0), (0, 0), (pad, pad), (pad, pad)))
        OH, OW = (xp.shape[2] - FH) // stride + 1, (xp.shape[3] - FW) // stride + 1
        out = np.zeros((len(x), FN, OH, OW))
        for n, f, i, j in np.ndindex(*out.shape):
            out[n, f, i, j] = np.vdot(xp[n, :, i * stride:i * stride + FH, j * stride:j * stride + FW], W[f]) + b[f]
        state.update(xp=xp, shape=x.shape)
        return out

    def backward(dout):
        xp = state['xp']
        dxp, dW, db = np.zeros_like(xp), np.zeros_like(W), np.zeros_like(b)
        for n, f, i, j in np.ndindex(*dout.shape):
            here = np.s_[n, :, i * stride:i * stride + FH, j * stride:j * stride + FW]
            d = dout[n, f, i, j]
            dxp[here] += d * W[f]
            dW[f] += d * xp[here]
            db[f] = d
        H, Wd = state['shape'][2:]
        return {'dx': dxp[:, :, pad:pad + H, pad:pad + Wd], 'dW': dW, 'db': db}

    return {'forward': forward, 'backward': backward}


def sigmoid_layer():
    state = {}

    def forward(x):
        state['y'] = 1 / (1 + np.exp(-x))
        return state['y']

    def backward(dout):
        return {'dx': dout * state['y'] * (1 - state['y'])}

    return {'forward': forward, 'backward': backward}


def affine_layer(W, b):
    state = {}

    def forward(x):
        state['x'] = x
        return np.dot(x, W) + b

    def backward(dout):
        return {'dx': np.dot(dout, W.T), 'dW': np.dot(state['x'].T, dout), 'db': np.sum(dout, 0)}

    return {'forward': forward, 'backward': backward}
