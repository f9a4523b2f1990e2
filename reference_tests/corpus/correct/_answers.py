"""The layers of whole.py with their arrays passed through a function on the way in and on the way out."""

from . import whole

LAYERS = "Convolution Pooling AveragePooling Relu Sigmoid Tanh Affine SoftmaxWithLoss Dropout LRN".split()  # noqa: SIM905


def passed(give, take=lambda a: a):
    """The whole contract: what comes in goes through take, what goes out through give."""

    def layer(base):
        class Passed(base):
            def forward(self, x, *t, **how):
                return give(super().forward(take(x), *t, **how))

            def backward(self, dout=1):
                dx = give(super().backward(take(dout)))
                for name in ("dW", "db"):
                    if hasattr(self, name):
                        setattr(self, name, give(getattr(self, name)))
                return dx

        Passed.__name__ = base.__name__
        return Passed

    found = {name: layer(getattr(whole, name)) for name in LAYERS}

    class SimpleConvNet(whole.SimpleConvNet):
        PARTS = tuple(found[part.__name__] for part in whole.SimpleConvNet.PARTS)

    return found | {
        "SimpleConvNet": SimpleConvNet,
        "conv_output_size": whole.conv_output_size,
        "im2col": lambda input_data, *how, **named: give(whole.im2col(take(input_data), *how, **named)),
        "col2im": lambda col, *how, **named: give(whole.col2im(take(col), *how, **named)),
    }
