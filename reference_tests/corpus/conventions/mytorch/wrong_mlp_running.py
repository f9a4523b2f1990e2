import numpy as np


class Linear:
    def __init__(self, in_features, out_features, debug=False):
        self.W = np.zeros((out_features, in_features))
        self.b = np.zeros((out_features, 1))
        self.debug = debug

    def forward(self, A):
        """A: (N, in_features). Returns Z: (N, out_features)"""
        self.A = A
        self.N = A.shape[0]
        self.Ones = np.ones((self.N, 1))
        return self.A @ self.W.T + self.Ones @ self.b.T

    def backward(self, dLdZ):
        dLdA = dLdZ @ self.W
        self.dLdW = dLdZ.T @ self.A
        self.dLdb = dLdZ.T @ self.Ones
        return dLdA


class Sigmoid:
    def forward(self, Z):
        self.A = 1 / (1 + np.exp(-Z))
        return self.A

    def backward(self, dLdA):
        return dLdA * (self.A - self.A ** 2)


class Tanh:
    def forward(self, Z):
        self.A = np.tanh(Z)
        return self.A

    def backward(self, dLdA):
        return dLdA * (1 - np.square(self.A))


class ReLU:
    def forward(self, Z):
        self.A = np.where(Z > 0, Z, 0)
        return self.A

    def backward(self, dLdA):
        return np.where(self.A > 0, dLdA, 0)


class CrossEntropyLoss:
    def forward(self, A, Y):
        """A: logits (N, C). Y: one-hot targets (N, C). Returns the mean loss."""
        self.A, self.Y = A, Y
        self.N = A.shape[0]
        exp = np.exp(A - np.max(A, axis=1, keepdims=True))
        self.softmax = exp / np.sum(exp, axis=1, keepdims=True)
        crossentropy = np.sum(-Y * np.log(self.softmax), axis=1)
        return np.sum(crossentropy) / self.N

    def backward(self):
        return (self.softmax - self.Y) / self.N


class BatchNorm1d:
    def __init__(self, num_features, alpha=0.9):
        self.alpha = alpha
        self.eps = 1e-8
        self.BW = np.ones((1, num_features))
        self.Bb = np.zeros((1, num_features))
        self.dLdBW = np.zeros((1, num_features))
        self.dLdBb = np.zeros((1, num_features))
        self.running_M = np.zeros((1, num_features))
        self.running_V = np.ones((1, num_features))

    def forward(self, Z, eval=False):
        """eval: use the running mean and variance."""
        if eval:
            NZ = (Z - self.running_M) / np.sqrt(self.running_V + self.eps)
            return self.BW * NZ + self.Bb
        self.Z = Z
        self.N = Z.shape[0]
        self.M = Z.sum(axis=0, keepdims=True) / self.N
        self.V = ((Z - self.M) ** 2).sum(axis=0, keepdims=True) / self.N
        self.NZ = (Z - self.M) / np.sqrt(self.V + self.eps)
        self.running_M = self.alpha * self.running_M + (1 - self.alpha) * self.M
        self.running_V = self.alpha * self.running_V + (1 - self.alpha) * np.sqrt(self.V)
        return self.BW * self.NZ + self.Bb

    def backward(self, dLdBZ):
        self.dLdBW = np.sum(dLdBZ * self.NZ, axis=0, keepdims=True)
        self.dLdBb = np.sum(dLdBZ, axis=0, keepdims=True)
        dLdNZ = dLdBZ * self.BW
        inv = 1 / np.sqrt(self.V + self.eps)
        dLdV = -0.5 * np.sum(dLdNZ * (self.Z - self.M) * inv ** 3, axis=0, keepdims=True)
        dLdM = -np.sum(dLdNZ * inv, axis=0, keepdims=True) - 2 / self.N * dLdV * np.sum(self.Z - self.M, axis=0)
        return dLdNZ * inv + dLdV * 2 / self.N * (self.Z - self.M) + dLdM / self.N
