"""Networks to be ported: LeNet, a VGG block, one like AlexNet, and blocks of others."""

import torch
from torch import nn


class LeNet(nn.Module):
    """Average pooling, an unequal image, a flattened image of several channels."""

    def __init__(self) -> None:
        super().__init__()
        self.c1 = nn.Conv2d(1, 6, 5, padding=2)
        self.c3 = nn.Conv2d(6, 16, 5)
        self.f5 = nn.Linear(16 * 5 * 4, 120)
        self.f6 = nn.Linear(120, 84)
        self.out = nn.Linear(84, 10)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        x = nn.functional.avg_pool2d(torch.tanh(self.c1(x)), 2)
        x = nn.functional.avg_pool2d(torch.tanh(self.c3(x)), 2)
        x = torch.tanh(self.f5(x.view(x.size(0), -1)))
        return torch.softmax(self.out(torch.tanh(self.f6(x))), 1)


def trained(model: nn.Module) -> nn.Module:
    """Give batch normalization statistics that are not 0 and 1, and every bias a number."""
    generator = torch.Generator().manual_seed(1)
    for module in model.modules():
        if isinstance(module, nn.BatchNorm2d):
            assert module.running_mean is not None and module.running_var is not None
            module.running_mean.normal_(generator=generator)
            module.running_var.uniform_(0.01, 2, generator=generator)
            nn.init.normal_(module.weight)
            nn.init.normal_(module.bias)
    return model


def vgg() -> nn.Module:
    """A VGG block with batch normalization and dropout, twice, the second strided."""
    return trained(
        nn.Sequential(
            nn.Conv2d(3, 8, 3, padding=1), nn.BatchNorm2d(8), nn.ReLU(),
            nn.Conv2d(8, 8, 3, padding=1, stride=2), nn.BatchNorm2d(8, eps=1e-3), nn.ReLU(), nn.MaxPool2d(2),
            nn.Dropout2d(0.2), nn.Flatten(), nn.Linear(8 * 4 * 3, 16), nn.ReLU(), nn.Dropout(), nn.Linear(16, 5),
        )
    )  # fmt: skip


def alexnet() -> nn.Module:
    """LRN, pooling of 3/2 rounded up, groups, a strided convolution with padding, adaptive pooling."""
    return nn.Sequential(
        nn.Conv2d(3, 16, 7, stride=2, padding=2), nn.ReLU(), nn.LocalResponseNorm(5, 1e-2, 0.75, 2.0),
        nn.MaxPool2d(3, 2, ceil_mode=True),
        nn.Conv2d(16, 24, 5, padding=2, groups=2), nn.ReLU(), nn.LocalResponseNorm(4, 1e-2, 0.75, 1.0),
        nn.MaxPool2d(3, 2, ceil_mode=True),
        nn.Conv2d(24, 16, 3, padding=1, groups=2), nn.ReLU(), nn.AvgPool2d(3, 2, 1, ceil_mode=True),
        nn.AdaptiveAvgPool2d((3, 2)), nn.Flatten(), nn.Dropout(), nn.Linear(96, 32), nn.ReLU(), nn.Linear(32, 7),
    )  # fmt: skip


class Residual(nn.Module):
    """A relu that writes into its input, a sum of two paths, a mean over the image."""

    def __init__(self) -> None:
        super().__init__()
        self.stem = nn.Sequential(nn.Conv2d(3, 8, 7, 2, 3, bias=False), nn.BatchNorm2d(8), nn.ReLU(inplace=True))
        self.pool = nn.MaxPool2d(3, 2, 1)
        self.long = nn.Sequential(nn.Conv2d(8, 16, 3, 2, 1), nn.BatchNorm2d(16))
        self.short = nn.Conv2d(8, 16, 1, 2)
        self.relu = nn.ReLU(inplace=True)
        self.fc = nn.Linear(16, 5)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        x = self.pool(self.stem(x))
        x = self.relu(self.long(x) + self.short(x))
        return self.fc(torch.flatten(nn.functional.adaptive_avg_pool2d(x, 1), 1))


class Mobile(nn.Module):
    """A depthwise convolution with a multiplier, a gate of one number a channel, a concatenation, a mean."""

    def __init__(self) -> None:
        super().__init__()
        self.first, self.depthwise = nn.Conv2d(3, 8, 3, 2, 1), nn.Conv2d(8, 16, 3, 1, 1, groups=8)
        self.gate, self.point = nn.Conv2d(16, 16, 1), nn.Conv2d(16, 8, 1)
        self.fc = nn.Linear(16, 3)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        x = nn.functional.hardswish(self.depthwise(self.first(x)))
        x = self.point(x * nn.functional.hardsigmoid(self.gate(x.mean((2, 3), keepdim=True))))
        return self.fc(torch.cat([x, nn.functional.relu6(x)], 1).mean([2, 3]))


class UNet(nn.Module):
    """A transposed convolution, and a concatenation across it."""

    def __init__(self) -> None:
        super().__init__()
        self.down, self.deep = nn.Conv2d(1, 4, 3, padding=1), nn.Conv2d(4, 8, 3, padding=1)
        self.up, self.out = nn.ConvTranspose2d(8, 4, 2, 2), nn.Conv2d(8, 1, 1)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        a = nn.functional.silu(self.down(x))
        b = nn.functional.elu(self.deep(nn.functional.max_pool2d(a, 2)))
        return torch.sigmoid(self.out(torch.cat((self.up(b), a), 1)))


SHAPES = {
    "LeNet": "2x1x28x24", "vgg": "2x3x18x14", "alexnet": "2x3x53x46", "Residual": "2x3x33x38", "Mobile": "2x3x17x14",
    "UNet": "2x1x8x12",
}  # fmt: skip
