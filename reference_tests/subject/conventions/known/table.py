"""The table of known conventions. A row names an interface and orders what is tried; it makes no answer right."""

from collections.abc import Mapping
from dataclasses import dataclass, field

NCHW = {"x": ("N C H W",), "W": ("F C I J",)}
NHWC = {"x": ("N H W C",), "W": ("I J C F",)}
ONE = {"x": ("C H W", "H W C", "H W"), "W": ("F C I J", "F I J", "I J")}
SQUARE = "windows are square"
OLD_SHARE = "momentum is the share of the old running value"
ADDED_UP = "gradients add up until they are cleared"
LATE = "dropout is not scaled in training"
RATE = "backward takes a learning rate and changes the weights"


@dataclass(frozen=True)
class Convention:
    """One row. marks: what its functions, classes ("Conv(a, b)") and methods ("Conv.forward(self, x)") look like.

    layouts: of images (x), filters (W), biases (b) and a dense layer's weights (dense), as layouts.py writes them.
    """

    name: str
    title: str
    marks: tuple[str, ...]
    layouts: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    facts: tuple[str, ...] = ()


KNOWN = (
    Convention(
        "cs231n", "CS231n, assignment 2",
        (r"^affine_forward\(x, w, b\)", r"[(, ]conv_param\b", r"[(, ]pool_param\b", r"^softmax_loss\(x, y\)",
         r"[(, ]bn_param\b", r"[(, ]dropout_param\b", r"^\w+_(naive|fast)\("),
        {**NCHW, "b": ("F",), "dense": ("D M",)},
        ("forward returns the output and a cache, which backward takes", OLD_SHARE, "dropout's p is dropped or kept"),
    ),
    Convention(
        "coursera", "Coursera, Convolutional Neural Networks, week 1",
        (r"[(, ]h_?param(eter)?s\b", r"^conv_single_step\(", r"^zero_pad\(X, pad\)", r"\(dZ, cache\)",
         r"^create_mask_from_window\(", r"^pool_forward\(A_prev, hp"),
        {**NHWC, "b": ("1 1 1 F",)}, (SQUARE, "one pool function has two modes, max and average"),
    ),
    Convention(
        "holberton", "Holberton School, one file a function",
        (r"^conv_forward\(A_prev, W, b, activation", r"^conv_backward\(dZ, A_prev, W, b, padding",
         r"^pool_(for|back)ward\(.*A_prev, kernel_shape", r"^convolve_?\w*\(images, kernels?",
         r"^pool\(images, kernel_shape"),
        {**NHWC, "b": ("1 1 1 F",)}, ("padding is 'same', 'valid' or a pair", "activation is a function"),
    ),
    Convention(
        "mytorch", "CMU 11-785, mytorch",
        (r"[(, ]dLd[ZA]\b", r"weight_init_fn", r"^Conv2d_stride1\(", r"^MeanPool2d"),
        {**NCHW, "dense": ("M D",)}, (OLD_SHARE,),
    ),
    Convention(
        "numpy-ml", "numpy-ml",
        (r"[(, ]dLdy\b", r"^Conv2D\(out_ch, kernel_shape", r"^Pool2D\(kernel_shape", r"^FullyConnected\(n_out",
         r"\.flush_gradients\("),
        {**NHWC, "b": ("1 1 1 F",), "dense": ("D M",)},
        ("weights are made at the first forward pass", ADDED_UP),
    ),
    Convention(
        "ml-from-scratch", "ML-From-Scratch",
        (r"[(, ]accum_grad\b", r"^Conv2D\(n_filters, filter_shape", r"\.backward_pass\(", r"^Dense\(n_units"),
        NCHW, ("an optimizer inside the layer changes the weights", LATE),
    ),
    Convention(
        "keras", "Keras",
        (r"^Conv2D\(filters, kernel_size", r"^Max_?Pool(ing)?2D\(pool_size[^,]*, strides",
         r"^AveragePooling2D\(pool_size",
         r"^Dense\(units", r"\.build\(self, input_shape\)", r"^GlobalAveragePooling2D\("),
        {**NHWC, "b": ("F",), "dense": ("D M",)},
        ("weights are made at the first forward pass", "padding is 'valid' or 'same'", OLD_SHARE),
    ),
    Convention(
        "torch-autograd", "torch.autograd.Function", (r"\.forward\(ctx\b", r"\.backward\(ctx\b", r"\.setup_context\("),
        NCHW, ("forward and backward are static and share a context",),
    ),
    Convention(
        "dezero", "DeZero",
        (r"^Variable\(data", r"^conv2d_simple\(", r"^pooling_simple\(", r"^im2col_array\(", r"\.backward\(self, gy"),
        {**NCHW, "dense": ("D M",)}, ("the filters and the bias are given to the call", ADDED_UP),
    ),
    Convention(
        "tensor", "a tensor with methods, as in micrograd",
        (r"^Tensor\.(conv2d|max_pool2d|relu|matmul|backward)\(", r"^(Tensor|Value)\(data"), NCHW, (ADDED_UP,),
    ),
    Convention(
        "torch-nn", "torch.nn",
        (r"^Conv\w*\(in_(channels|ch|c)\w*, out_(channels|ch|c)\w*, ", r"^Linear\(in_features, out_features",
         r"^Max_?Pool(ing)?(2[dD])?\(kernel_size", r"\.zero_grad\(self"),
        {**NCHW, "b": ("F", "F 1"), "dense": ("M D", "D M")}, ("the layer makes its weights itself",),
    ),
    Convention(
        "torch-functional", "torch.nn.functional",
        (r"^conv2d\(input, weight", r"^linear\(input, weight", r"^max_pool2d\(input, kernel",
         r"_backward\(grad_output, input",
         r"^cross_entropy\(input, target"),
        {**NCHW, "b": ("F",), "dense": ("M D",)}, ("functions without a state",),
    ),
    Convention(
        "azuma", "Azuma's books",
        (r"^im2col\(\w+, flt_h, flt_w, out_h, out_w", r"^ConvLayer\(x_ch, x_h, x_w", r"\.backward\(self, grad_y\)",
         r"^PoolingLayer\(x_ch", r"^(Middle|Output)Layer\(n_upper"),
        {"x": ("N C H W", "N CHW"), "W": ("F C I J",), "b": ("1 F",)},
        ("the layer has a ReLU inside", "pooling steps by its window", LATE),
    ),
    Convention(
        "karpathy-im2col", "im2col by indices, as in CS231n",
        (r"im2col_indices\(x", r"col2im_indices\(cols", r"^conv_forward\(X, W, b, stride=1, padding=1\)"),
        {**NCHW, "b": ("F 1",)}, ("padding comes before stride", "im2col's columns are laid place by place"),
    ),
    Convention(
        "alescontrela", "Alescontrela's Numpy-CNN",
        (r"^convolution\(image, filt, bias", r"^convolutionBackward\(", r"^maxpoolBackward\("),
        {"x": ("C H W",), "W": ("F C I J",), "b": ("F 1",)}, ("one image at a time",),
    ),
    Convention(
        "one-image", "one grey image, as in victorzhou's text",
        (r"[(, ]d_L_d_out\b", r"[(, ]learn_rate\b", r"\.iterate_regions\(self, image",
         r"^Conv\w*\(num_filters(, filter_size)?\)"),
        {"x": ("H W", "H W C"), "W": ("F I J",)}, ("one image at a time", RATE, "no bias"),
    ),
    Convention(
        "self-updating", "layers that update themselves",
        (r"^Convolutional\(input_shape, kernel_size, depth\)",
         r"\.back\w*\(self, \w+, (learning_rate|lr|alpha|eta|rate)\b", r"^Reshape\(input_shape, output_shape\)"),
        {**ONE, "x": (*ONE["x"], "N C H W")}, (RATE,),
    ),
    Convention(
        "param-dict", "functions with a dict of parameters",
        (r"^(conv|pool|dense|linear|affine)\w*_forward\(\w+, (params?|p)\)", r"^init_conv\(", r"^make_params\("), NCHW,
        ("W, b, stride and padding are in one dict",),
    ),
    Convention(
        "jax-like", "init and apply, as in JAX",
        (r"^\w*apply\(params, x", r"^\w*grad\(params, x", r"^\w*init\(rng", r"^\w+\.apply\(params, x"), {},
        ("the parameters come before the input",),
    ),
    Convention(
        "named-tuples", "functions with a named tuple of parameters",
        (r"_forward\(params, x", r"_backward\(params, cache", r"^\w*Params\(W, b"), NCHW,
    ),
    Convention(
        "factory", "factories",
        (r"^(make|create|build)_\w+\((W|w|weights?|filters?), (b|bias)", r"^make_(conv|dense|relu|pool)",
         r"^(conv|affine|dense|relu|sigmoid|pool)_layer\((W, b\b|\))"),
        NCHW, ("a function makes the layer's two functions",),
    ),
    Convention(
        "dataclass", "dataclasses", (r"^@dataclass Conv\w*\(", r"^@dataclass (Dense|Linear|Affine|\w*Pool\w*)\("), NCHW,
    ),
    Convention(
        "image-processing", "functions for one picture",
        (r"^conv\w*\(image, kernel", r"^(max|avg|average)_?pool\w*\((image|feature_map)", r"^relu\(image\)",
         r"^relu\(feature_map\)",
         r"^conv2d\(image, "),
        ONE, ("one image at a time",),
    ),
    Convention(
        "filters-first", "the number of filters first",
        (r"^Conv\w*\((\w*filters|channels_out|X_dim), (filter_size|channels_in|kernel_height|n_filter)",
         r"[(, ]X_dim\b", r"^FC\(num_outputs, num_inputs"),
        NCHW,
    ),
    Convention(
        "own-language", "names in the author's own language",
        (r"(sesgo|filtros|paso|relleno|entrada|gewichte|schritt|groesse|kanaele|omomi|baiasu|gazou|nyuryoku|haba)\b",
         r"\.(adelante|vorwaerts|avant|junden|gyakuden|atras|rueckwaerts|retro)\("),
    ),
    Convention(
        "book-variant", "the book's, with other names or another order",
        (r"^Conv\w*\((W|w|weight|weights|W_filter|filters?|params), (b|bias|biases)\b", r"^Conv\w*\(W, b, pad",
         r"^(Affine|Linear|Dense)\((W|weight), (b|bias)\)"),
        {**NCHW, "b": ("F",), "dense": ("D M",)}, ("padding and stride may be in the other order", LATE),
    ),
    Convention(
        "method-names", "other names for forward and backward",
        (r"\.(forward_pass|forward_prop\w*|feed_?forward|fprop|propagate|foward\w*|call|apply|run)\(self, ",
         r"\.(backward_pass|back_?prop\w*|bprop|propagate_back\w*|backword)\(self, "),
    ),
)  # fmt: skip
BOOK = "book"  # pins the contract's own interface: nothing else is read
NAMES = (BOOK, *(row.name for row in KNOWN))
