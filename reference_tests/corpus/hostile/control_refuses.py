"""The other wrong control: an error is its only answer. Gets what an error gets, where no answer is right."""


class Relu:
    def forward(self, x):
        raise ValueError("no")

    def backward(self, dout):
        raise ValueError("no")
