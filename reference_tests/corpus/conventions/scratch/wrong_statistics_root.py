import numpy as np
def batch_norm_forward(X, gamma, beta, running_mean, running_var, is_training=True, momentum=0.9, eps=1e-5):
    if is_training:
        mean = X.mean(axis=0)
        var = X.var(axis=0)
        running_mean[:] = momentum * running_mean + (1 - momentum) * mean
        running_var[:] = momentum * running_var + (1 - momentum) * np.sqrt(var)
    else:
        mean, var = running_mean, running_var
    std = np.sqrt(var + eps)
    X_norm = (X - mean) / std
    out = gamma * X_norm + beta
    cache = (X_norm, std, gamma)
    return out, cache
def batch_norm_backward(dout, cache):
    X_norm, std, gamma = cache
    N = dout.shape[0]
    dbeta = dout.sum(axis=0)
    dgamma = (dout * X_norm).sum(axis=0)
    dX_norm = dout * gamma
    dX = (N * dX_norm - dX_norm.sum(axis=0) - X_norm * (dX_norm * X_norm).sum(axis=0)) / (N * std)
    return dX, dgamma, dbeta
def dropout_forward(X, keep_prob, is_training=True):
    if not is_training:
        return X, None
    mask = (np.random.rand(*X.shape) < keep_prob) / keep_prob
    return X * mask, mask
def dropout_backward(dout, mask):
    return dout * mask
