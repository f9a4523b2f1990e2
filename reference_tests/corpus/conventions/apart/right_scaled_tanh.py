import numpy as np
class TanhLayer:
    def __init__(self):
        self.A = 1.7159
        self.S = 2/3
    def forward_pass(self, z):
        self.y = self.A * np.tanh(self.S * z)
        return self.y
    def backward_pass(self, grad, lr):
        return grad * (self.A - self.y ** 2 / self.A) * self.S
