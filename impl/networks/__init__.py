"""Networks made of impl.layers: each is a Graph, the list of its layers, and computes as Network(graph).

Their ancestor is the Neocognitron (Fukushima 1980). Each of its S-cells looks for one pattern, with the same weights at
every place of the plane: a convolution followed by a ReLU. Its C-cells respond if S-cells of one plane respond nearby,
so they tolerate a shift: pooling, a weighted average. S and C planes alternate and their receptive fields grow, as in
conv - relu - pool - conv - relu - pool. It lacked backpropagation: its S-cells were trained without supervision.
"""

from collections.abc import Callable

from .graph import Graph
from .network import Network
from .parameters import ParameterFileError
from .simple_conv_net import SimpleConvNet
from .zoo import simple_conv_net
from .zoo.alexnet import alexnet, alexnet_torchvision
from .zoo.googlenet import googlenet, googlenet_torchvision
from .zoo.lenet import lenet, lenet5
from .zoo.mlp import mlp
from .zoo.nin import nin
from .zoo.resnet import resnet18
from .zoo.spp_net import spp_net
from .zoo.vgg import vgg16

NETWORKS: dict[str, Callable[..., Graph]] = {  # each takes input_dim, classes and width
    f.__name__: f
    for f in (
        mlp, simple_conv_net.simple_conv_net, lenet5, lenet, alexnet, alexnet_torchvision, nin, vgg16, googlenet,
        googlenet_torchvision, resnet18, spp_net,
    )
}  # fmt: skip

__all__ = ["NETWORKS", "Graph", "Network", "ParameterFileError", "SimpleConvNet"]
