import numpy as np

wb_width = 0.1  # 重みとバイアスの広がり具合
eta = 0.01  # 学習係数


# -- im2col --
def im2col(images, flt_h, flt_w, out_h, out_w, stride, pad):
    n_bt, n_ch, img_h, img_w = images.shape
    img_pad = np.pad(images, [(0, 0), (0, 0), (pad, pad), (pad, pad)], "constant")
    cols = np.zeros((n_bt, n_ch, flt_h, flt_w, out_h, out_w))
    for h in range(flt_h):
        h_lim = h + stride * out_h
        for w in range(flt_w):
            w_lim = w + stride * out_w
            cols[:, :, h, w, :, :] = img_pad[:, :, h:h_lim:stride, w:w_lim:stride]
    return cols.transpose(1, 2, 3, 0, 4, 5).reshape(n_ch * flt_h * flt_w, n_bt * out_h * out_w)


# -- col2im --
def col2im(cols, img_shape, flt_h, flt_w, out_h, out_w, stride, pad):
    n_bt, n_ch, img_h, img_w = img_shape
    cols = cols.reshape(n_ch, flt_h, flt_w, n_bt, out_h, out_w).transpose(3, 0, 1, 2, 4, 5)
    images = np.zeros((n_bt, n_ch, img_h + 2 * pad + stride - 1, img_w + 2 * pad + stride - 1))
    for h in range(flt_h):
        h_lim = h + stride * out_h
        for w in range(flt_w):
            w_lim = w + stride * out_w
            images[:, :, h:h_lim:stride, w:w_lim:stride] += cols[:, :, h, w, :, :]
    return images[:, :, pad:img_h + pad, pad:img_w + pad]


# -- 畳み込み層 --
class ConvLayer:

    # n_bt:バッチサイズ, x_ch:入力のチャンネル数, x_h:入力画像の高さ, x_w:入力画像の幅
    # n_flt:フィルタ数, flt_h:フィルタの高さ, flt_w:フィルタの幅, stride:ストライド幅, pad:パディング幅

    def __init__(self, x_ch, x_h, x_w, n_flt, flt_h, flt_w, stride, pad):
        self.params = (x_ch, x_h, x_w, n_flt, flt_h, flt_w, stride, pad)
        self.w = wb_width * np.random.randn(n_flt, x_ch, flt_h, flt_w)
        self.b = wb_width * np.random.randn(1, n_flt)
        self.y_ch = n_flt
        self.y_h = (x_h - flt_h + 2 * pad) // stride + 1
        self.y_w = (x_w - flt_w + 2 * pad) // stride + 1

    def forward(self, x):
        n_bt = x.shape[0]
        x_ch, x_h, x_w, n_flt, flt_h, flt_w, stride, pad = self.params
        y_ch, y_h, y_w = self.y_ch, self.y_h, self.y_w
        x = x.reshape(n_bt, x_ch, x_h, x_w)
        self.cols = im2col(x, flt_h, flt_w, y_h, y_w, stride, pad)
        self.w_col = self.w.reshape(n_flt, x_ch * flt_h * flt_w)
        u = np.dot(self.w_col, self.cols).T + self.b
        self.u = u.reshape(n_bt, y_h, y_w, y_ch).transpose(0, 3, 1, 2)
        self.y = np.where(self.u <= 0, 0, self.u)

    def backward(self, grad_y):
        n_bt = grad_y.shape[0]
        x_ch, x_h, x_w, n_flt, flt_h, flt_w, stride, pad = self.params
        y_ch, y_h, y_w = self.y_ch, self.y_h, self.y_w
        delta = grad_y.reshape(n_bt, y_ch, y_h, y_w) * np.where(self.u <= 0, 0, 1)
        delta = delta.transpose(0, 2, 3, 1).reshape(n_bt * y_h * y_w, y_ch)
        grad_w = np.dot(self.cols, delta)
        self.grad_w = grad_w.T.reshape(n_flt, x_ch, flt_h, flt_w)
        self.grad_b = np.sum(delta, axis=0)
        grad_cols = np.dot(delta, self.w_col)
        self.grad_x = col2im(grad_cols.T, (n_bt, x_ch, x_h, x_w), flt_h, flt_w, y_h, y_w, stride, pad)

    def update(self, eta):
        self.w -= eta * self.grad_w
        self.b -= eta * self.grad_b


# -- プーリング層 --
class PoolingLayer:

    def __init__(self, x_ch, x_h, x_w, pool, pad):
        self.params = (x_ch, x_h, x_w, pool, pad)
        self.y_ch = x_ch
        self.y_h = x_h // pool if x_h % pool == 0 else x_h // pool + 1
        self.y_w = x_w // pool if x_w % pool == 0 else x_w // pool + 1

    def forward(self, x):
        n_bt = x.shape[0]
        x_ch, x_h, x_w, pool, pad = self.params
        x = x.reshape(n_bt, x_ch, x_h, x_w)
        cols = im2col(x, pool, pool, self.y_h, self.y_w, pool, pad)
        cols = cols.reshape(x_ch, pool * pool, n_bt, self.y_h, self.y_w)
        self.max_index = np.argmax(cols, axis=1)
        self.y = np.max(cols, axis=1).transpose(1, 0, 2, 3)

    def backward(self, grad_y):
        n_bt = grad_y.shape[0]
        x_ch, x_h, x_w, pool, pad = self.params
        grad_y = grad_y.reshape(n_bt, self.y_ch, self.y_h, self.y_w).transpose(1, 0, 2, 3)
        onehot = np.arange(pool * pool)[None, :, None, None, None] == self.max_index[:, None]
        grad_cols = (np.ones_like(onehot) * grad_y[:, None]).reshape(x_ch * pool * pool, -1)
        self.grad_x = col2im(grad_cols, (n_bt, x_ch, x_h, x_w), pool, pool, self.y_h, self.y_w, pool, pad)


# -- 全結合層の継承元 --
class BaseLayer:
    def __init__(self, n_upper, n):
        self.w = wb_width * np.random.randn(n_upper, n)
        self.b = wb_width * np.random.randn(n)

    def update(self, eta):
        self.w -= eta * self.grad_w
        self.b -= eta * self.grad_b


# -- 全結合 中間層 --
class MiddleLayer(BaseLayer):
    def forward(self, x):
        self.x = x
        self.u = np.dot(x, self.w) + self.b
        self.y = np.where(self.u <= 0, 0, self.u)

    def backward(self, grad_y):
        delta = grad_y * np.where(self.u <= 0, 0, 1)
        self.grad_w = np.dot(self.x.T, delta)
        self.grad_b = np.sum(delta, axis=0)
        self.grad_x = np.dot(delta, self.w.T)


# -- 全結合 出力層 --
class OutputLayer(BaseLayer):
    def forward(self, x):
        self.x = x
        u = np.dot(x, self.w) + self.b
        self.y = np.exp(u) / np.sum(np.exp(u), axis=1).reshape(-1, 1)

    def backward(self, t):
        delta = self.y - t
        self.grad_w = np.dot(self.x.T, delta)
        self.grad_b = np.sum(delta, axis=0)
        self.grad_x = np.dot(delta, self.w.T)
