from __future__ import print_function
import numpy as np


def _columns(x, hh, ww, stride, pad):
  xp = np.pad(x, ((0, 0), (0, 0), (pad, pad), (pad, pad)), 'constant')
  n, c, h, w = xp.shape
  oh = (h - hh) // stride + 1
  ow = (w - ww) // stride + 1
  cols = np.zeros((c * hh * ww, n * oh * ow), dtype=x.dtype)
  row = 0
  for ch in range(c):
    for a in range(hh):
      for e in range(ww):
        patch = xp[:, ch, a:a + stride * oh:stride, e:e + stride * ow:stride]
        cols[row] = patch.ravel()
        row += 1
  return cols, oh, ow


def conv_forward_im2col(x, w, b, conv_param):
  """
  A fast convolution: one matrix product over all the windows.
  x (N, C, H, W), w (F, C, HH, WW), b (F,), conv_param {'stride', 'pad'}
  """
  stride = conv_param.get('stride', 1)
  pad = conv_param.get('pad', 0)
  num_filters, _, hh, ww = w.shape
  cols, oh, ow = _columns(x, hh, ww, stride, pad)
  res = w.reshape(num_filters, -1).dot(cols)
  out = res.reshape(num_filters, x.shape[0], oh, ow).transpose(1, 0, 2, 3)
  cache = (x, w, b, conv_param, cols)
  return out, cache


def conv_backward_im2col(dout, cache):
  x, w, b, conv_param, cols = cache
  stride = conv_param.get('stride', 1)
  pad = conv_param.get('pad', 0)
  n, c, h, wid = x.shape
  num_filters, _, hh, ww = w.shape
  _, _, oh, ow = dout.shape
  db = dout.sum(axis=(0, 2, 3))
  d = dout.transpose(1, 0, 2, 3).reshape(num_filters, -1)
  dw = d.dot(cols.T).reshape(w.shape)
  dcols = w.reshape(num_filters, -1).T.dot(d).reshape(c, hh, ww, n, oh, ow)
  dxp = np.zeros((n, c, h + 2 * pad, wid + 2 * pad))
  for a in range(hh):
    for e in range(ww):
      dxp[:, :, a:a + stride * oh:stride, e:e + stride * ow:stride] += dcols[:, a, e].transpose(1, 0, 2, 3)
  dx = dxp[:, :, pad:pad + h, pad:pad + wid]
  return dx, dw, db


def max_pool_forward_fast(x, pool_param):
  """Picks the reshape trick when the windows tile the input, otherwise goes through strides."""
  h, w = x.shape[2:]
  ph, pw, s = pool_param['pool_height'], pool_param['pool_width'], pool_param['stride']
  oh, ow = (h - ph) // s + 1, (w - pw) // s + 1
  sn, sc, sh, sw = x.strides
  view = np.lib.stride_tricks.as_strided(x, x.shape[:2] + (oh, ow, ph, pw), (sn, sc, s * sh, s * sw, sh, sw))
  flat = view.reshape(x.shape[:2] + (oh, ow, ph * pw))
  where = flat.argmax(axis=-1)
  return flat.max(axis=-1), (x.shape, pool_param, where)


def max_pool_backward_fast(dout, cache):
  shape, pool_param, where = cache
  pw, s = pool_param['pool_width'], pool_param['stride']
  dx = np.zeros(shape)
  n, c, i, j = np.indices(dout.shape)
  np.add.at(dx, (n, c, i * s + where // pw, j * s + where % pw), dout)
  return dx


def affine_forward(x, w, b):
  out = np.dot(x.reshape(x.shape[0], w.shape[0]), w) + b
  return out, (x, w)


def affine_backward(dout, cache):
  x, w = cache
  dx = np.dot(dout, w.T).reshape(x.shape)
  dw = np.dot(x.reshape(x.shape[0], -1).T, dout)
  db = np.sum(dout, axis=0)
  return dx, dw, db


def relu_forward(x):
  return x * (x > 0), x


def relu_backward(dout, x):
  return np.where(x > 0, dout, 0)


def conv_relu_forward(x, w, b, conv_param):
  a, conv_cache = conv_forward_im2col(x, w, b, conv_param)
  out, relu_cache = relu_forward(a)
  return out, (conv_cache, relu_cache)


def conv_relu_backward(dout, cache):
  conv_cache, relu_cache = cache
  return conv_backward_im2col(relu_backward(dout, relu_cache), conv_cache)
