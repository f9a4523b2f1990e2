"""Networks made of impl.layers: each is a Graph, the list of its blocks, and works as Network(graph).

Before them all stood the Neocognitron (Fukushima 1980). Its S-cells look for one pattern each, with the same weights at
every place of the plane: a convolution followed by a ReLU. Its C-cells answer if S-cells of one plane do so nearby,
and forgive a shift: pooling, an average with weights. S and C planes alternate, and what they see grows, as here in
conv - relu - pool - conv - relu - pool. What it lacked is backpropagation: its S-cells learned by imitation.
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
        mlp,
        simple_conv_net.simple_conv_net,
        lenet5,
        lenet,
        alexnet,
        alexnet_torchvision,
        nin,
        vgg16,
        googlenet,
        googlenet_torchvision,
        resnet18,
        spp_net,
    )
}

__all__ = ["NETWORKS", "Graph", "Network", "ParameterFileError", "SimpleConvNet"]
