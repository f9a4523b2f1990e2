"""Answers of frameworks that are not run here but read in their source, each with its file and commit."""

FROM_SOURCE = {
    "caffe": "BVLC/caffe",
    "darknet": "pjreddie/darknet",
    "cudnn": "modes, 7.6.5",
}
CAFFE_POOL = "src/caffe/layers/pooling_layer.cpp at 0323844"
CAFFE_LRN = "src/caffe/layers/lrn_layer.cpp at 03f897b"
CAFFE_NORM = "src/caffe/layers/batch_norm_layer.cpp at 09c8f45"
CAFFE_DROPOUT = "src/caffe/layers/dropout_layer.cpp at 03f897b"
CAFFE_PROTO = "src/caffe/proto/caffe.proto at 8a65ae3"
DARKNET_POOL = "src/maxpool_layer.c at 005714a"
DARKNET_LRN = "src/normalization_layer.c at 011eed6"
DARKNET_NORM = "src/batchnorm_layer.c at 011eed6"
DARKNET_DROPOUT = "src/dropout_layer.c at 011eed6"
CUDNN = "https://docs.nvidia.com/deeplearning/cudnn/archives/cudnn_765/cudnn-api/index.html"
BY_MODE = "either, by its mode"

STATED = {
    "S02": {"caffe": ("rounded up", CAFFE_POOL)},
    "S03": {"caffe": ("rounded up", CAFFE_POOL)},
    "S04": {"caffe": ("it is kept: the lowest float (-3.4e38)", CAFFE_POOL)},
    "S16": {
        "caffe": ("1", f"{CAFFE_POOL}, {CAFFE_PROTO}"),
    },
    "C01": {"cudnn": (BY_MODE, f"cudnnConvolutionMode_t, {CUDNN}")},
    "P01": {
        "caffe": ("padding never wins", CAFFE_POOL),
        "darknet": ("padding never wins", DARKNET_POOL),
    },
    "P02": {
        "caffe": ("it counts", CAFFE_POOL),
        "darknet": ("it does not", DARKNET_POOL),
        "cudnn": (BY_MODE, f"cudnnPoolingMode_t, {CUDNN}"),
    },
    "P03": {"caffe": ("by the pixels there", CAFFE_POOL)},
    "P04": {"caffe": ("the pixels and the padding", CAFFE_POOL)},
    "P05": {
        "caffe": ("the first", CAFFE_POOL),
        "darknet": ("the first", DARKNET_POOL),
    },
    "P06": {
        "caffe": ("added up", CAFFE_POOL),
        "darknet": ("added up", DARKNET_POOL),
    },
    "P07": {
        "caffe": ("NaN is passed over", CAFFE_POOL),
        "darknet": ("NaN is passed over", DARKNET_POOL),
        "cudnn": (BY_MODE, f"cudnnNanPropagation_t, {CUDNN}"),
    },
    "P08": {
        "caffe": ("the lowest float (-3.4e38)", CAFFE_POOL),
        "darknet": ("the lowest float (-3.4e38)", DARKNET_POOL),
    },
    "P11": {"caffe": ("within the channel (6)", CAFFE_POOL), "darknet": ("over all channels (14)", DARKNET_POOL)},
    "R01": {
        "caffe": ("divided by n", CAFFE_LRN),
        "darknet": ("not divided, and one channel short", DARKNET_LRN),
    },
    "R02": {"caffe": ("refused", CAFFE_LRN)},
    "R03": {
        "caffe": ("the width", CAFFE_LRN),
    },
    "R04": {
        "caffe": ("size 5, alpha 1, beta 0.75, k 1", CAFFE_PROTO),
    },
    "D01": {
        "caffe": ("1/(1 - p)", CAFFE_DROPOUT),
        "darknet": ("1/(1 - p)", DARKNET_DROPOUT),
    },
    "D02": {
        "caffe": ("dropped", CAFFE_DROPOUT),
        "darknet": ("dropped", DARKNET_DROPOUT),
    },
    "D04": {"caffe": ("1", CAFFE_DROPOUT), "darknet": ("1", DARKNET_DROPOUT)},
    "B01": {"caffe": ("1e-05", CAFFE_PROTO)},
    "B03": {"darknet": ("0.1", DARKNET_NORM)},
    "B04": {"caffe": ("unbiased (n - 1)", CAFFE_NORM)},
    "B05": {"caffe": ("0", CAFFE_NORM)},
    "B06": {"caffe": ("the biased deviation", CAFFE_NORM)},
}


def answers_from_source(question: str) -> dict[str, tuple[str, str]]:
    """Return {framework: (answer, file)} for the id of a question."""
    return STATED.get(question, {})
