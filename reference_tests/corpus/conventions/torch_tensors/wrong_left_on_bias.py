"""Layers of a lecture on tensors: backward takes nothing, and leaves each gradient on its tensor as .grad_."""
import torch


class Layer:
    def __call__(self, *given):
        self.given = given
        self.result = self.forward(*given)
        return self.result

    def backward(self):
        self.leave(self.result, *self.given)


class Linear(Layer):
    def __init__(self, weight, bias):
        self.weight, self.bias = weight, bias

    def forward(self, rows):
        return torch.addmm(self.bias, rows, self.weight)

    def leave(self, result, rows):
        up = result.grad_
        rows.grad_ = up.mm(self.weight.t())
        self.weight.grad_ = rows.t().mm(up)
        self.bias.grad_ = up.mean(0)


class ReLU(Layer):
    def forward(self, values):
        return values.clamp_min(0.0)

    def leave(self, result, values):
        values.grad_ = torch.where(values > 0, result.grad_, torch.zeros_like(values))


class Tanh(Layer):
    def forward(self, values):
        return torch.tanh(values)

    def leave(self, result, values):
        values.grad_ = result.grad_ * (1 - result * result)
