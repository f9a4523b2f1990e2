from builtins import range
import numpy as np


def affine_forward(x, w, b):
  out = x.reshape(x.shape[0], -1).dot(w) + b
  return out, (x, w, b)


def affine_backward(dout, cache):
  x, w, b = cache
  return dout.dot(w.T).reshape(x.shape), x.reshape(x.shape[0], -1).T.dot(dout), dout.sum(0)


def batchnorm_forward(x, gamma, beta, bn_param):
  mode = bn_param['mode']
  eps = bn_param.get('eps', 1e-5)
  momentum = bn_param.get('momentum', 0.9)
  N, D = x.shape
  running_mean = bn_param.get('running_mean', np.zeros(D, dtype=x.dtype))
  running_var = bn_param.get('running_var', np.zeros(D, dtype=x.dtype))
  out, cache = None, None
  if mode == 'train':
    mu = np.sum(x, axis=0) / N
    xc = x - mu
    var = np.sum(xc ** 2, axis=0) / N
    ivar = 1. / np.sqrt(var + eps)
    out = xc * ivar * gamma + beta
    running_mean = momentum * running_mean + (1 - momentum) * mu
    running_var = momentum * running_var + (1 - momentum) * var
    cache = (xc, ivar, gamma)
  elif mode == 'test':
    out = gamma / np.sqrt(running_var + eps) * (x - running_mean) + beta
  bn_param['running_mean'] = running_mean
  bn_param['running_var'] = running_var
  return out, cache


def batchnorm_backward(dout, cache):
  xc, ivar, gamma = cache
  N = dout.shape[0]
  dbeta = dout.sum(axis=0)
  dgamma = np.sum(dout * xc * ivar, axis=0)
  dxhat = dout * gamma
  divar = np.sum(dxhat * xc, axis=0)
  dvar = -0.5 * ivar ** 3 * divar
  dxc = dxhat * ivar + 2. / N * xc * dvar
  dmu = np.sum(dxc, axis=0)
  return dxc + dmu / N, dgamma, dbeta


def spatial_batchnorm_forward(x, gamma, beta, bn_param):
  """
  x: (N, C, H, W), gamma and beta: (C,)
  """
  N, C, H, W = x.shape
  flat = x.transpose(0, 2, 3, 1).reshape(-1, C)
  out, cache = batchnorm_forward(flat, gamma, beta, bn_param)
  return out.reshape(N, H, W, C).transpose(0, 3, 1, 2), cache


def spatial_batchnorm_backward(dout, cache):
  N, C, H, W = dout.shape
  dx, dgamma, dbeta = batchnorm_backward(dout.transpose(0, 2, 3, 1).reshape(-1, C), cache)
  return dx.reshape(N, H, W, C).transpose(0, 3, 1, 2), dgamma, dbeta


def affine_bn_relu_forward(x, w, b, gamma, beta, bn_param):
  a, fc_cache = affine_forward(x, w, b)
  n, bn_cache = batchnorm_forward(a, gamma, beta, bn_param)
  return np.maximum(n, 0), (fc_cache, bn_cache, n)


def affine_bn_relu_backward(dout, cache):
  fc_cache, bn_cache, n = cache
  da, dgamma, dbeta = batchnorm_backward(dout * (n > 0), bn_cache)
  return affine_backward(da, fc_cache) + (dgamma, dbeta)
