"""Answers of frameworks that are not run here but read in their source, each with its file and commit."""

FROM_SOURCE = {
    "caffe": "BVLC/caffe",
    "darknet": "pjreddie/darknet",
    "chainer": "chainer/chainer",
    "mxnet": "apache/mxnet",
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
CHAINER_MAX = "chainer/functions/pooling/max_pooling_2d.py at 03f7f88"
CHAINER_AVERAGE = "chainer/functions/pooling/average_pooling_2d.py at 082c938"
CHAINER_LRN = "chainer/functions/normalization/local_response_normalization.py at 0143075"
CHAINER_LOSS = "chainer/functions/loss/softmax_cross_entropy.py at 00b5b3f"
CHAINER_DROPOUT = "chainer/functions/noise/dropout.py at 01a70df"
MXNET_POOL = "src/operator/nn/pooling-inl.h at 079981f"
MXNET_LRN = "src/operator/nn/lrn-inl.h at 1454042"
CUDNN = "https://docs.nvidia.com/deeplearning/cudnn/archives/cudnn_765/cudnn-api/index.html"
BY_MODE = "either, by its mode"

STATED = {
    "S02": {"caffe": ("3x3", CAFFE_POOL), "chainer": ("3x3", CHAINER_MAX), "mxnet": ("2x2", MXNET_POOL)},
    "S03": {"caffe": ("3x3", CAFFE_POOL), "chainer": ("3x3", CHAINER_MAX), "mxnet": ("3x3", MXNET_POOL)},
    "S04": {"caffe": ("2x2", CAFFE_POOL), "chainer": ("2x2", CHAINER_MAX), "mxnet": ("2x2", MXNET_POOL)},
    "S08": {"caffe": ("6x6", CAFFE_POOL), "chainer": ("6x6", CHAINER_MAX)},
    "S11": {"mxnet": ("refused", MXNET_POOL)},
    "S15": {"mxnet": ("refused", MXNET_POOL)},
    "S16": {
        "caffe": ("5x5", f"{CAFFE_POOL}, {CAFFE_PROTO}"),
        "chainer": ("3x3", CHAINER_MAX),
        "mxnet": ("5x5", MXNET_POOL),
    },
    "C01": {"cudnn": (BY_MODE, f"cudnnConvolutionMode_t, {CUDNN}")},
    "P01": {
        "caffe": ("padding never wins", CAFFE_POOL),
        "darknet": ("padding never wins", DARKNET_POOL),
        "chainer": ("padding never wins", CHAINER_MAX),
    },
    "P02": {
        "caffe": ("it counts", CAFFE_POOL),
        "darknet": ("it does not", DARKNET_POOL),
        "chainer": ("it counts", CHAINER_AVERAGE),
        "cudnn": (BY_MODE, f"cudnnPoolingMode_t, {CUDNN}"),
    },
    "P03": {"caffe": ("divided by the pixels there (1)", CAFFE_POOL)},
    "P04": {"caffe": ("divided by 2", CAFFE_POOL)},
    "P05": {
        "caffe": ("the first", CAFFE_POOL),
        "darknet": ("the first", DARKNET_POOL),
        "chainer": ("the first", CHAINER_MAX),
    },
    "P06": {
        "caffe": ("added up (2)", CAFFE_POOL),
        "darknet": ("added up (2)", DARKNET_POOL),
        "chainer": ("added up (2)", CHAINER_MAX),
    },
    "P07": {
        "caffe": ("NaN is passed over", CAFFE_POOL),
        "darknet": ("NaN is passed over", DARKNET_POOL),
        "chainer": ("NaN wins", CHAINER_MAX),
        "cudnn": (BY_MODE, f"cudnnNanPropagation_t, {CUDNN}"),
    },
    "P08": {
        "caffe": ("the lowest float (-3.4e38)", CAFFE_POOL),
        "darknet": ("the lowest float (-3.4e38)", DARKNET_POOL),
        "chainer": ("-inf", CHAINER_MAX),
    },
    "P11": {"caffe": ("within the channel (6)", CAFFE_POOL), "darknet": ("over all channels (14)", DARKNET_POOL)},
    "L01": {"chainer": ("mean", CHAINER_LOSS)},
    "L03": {"chainer": ("refused", CHAINER_LOSS)},
    "L04": {"chainer": ("logits", CHAINER_LOSS)},
    "L11": {"chainer": ("by the number of samples", CHAINER_LOSS)},
    "R01": {
        "caffe": ("divided by n", CAFFE_LRN),
        "darknet": ("not divided, and one channel short", DARKNET_LRN),
        "chainer": ("not divided", CHAINER_LRN),
        "mxnet": ("divided by n", MXNET_LRN),
    },
    "R02": {"caffe": ("refused", CAFFE_LRN), "chainer": ("i-1 .. i+1", CHAINER_LRN), "mxnet": ("refused", MXNET_LRN)},
    "R03": {
        "caffe": ("1 (it is the width)", CAFFE_LRN),
        "chainer": ("1 (it is the width)", CHAINER_LRN),
        "mxnet": ("1 (it is the width)", MXNET_LRN),
    },
    "R04": {
        "caffe": ("size 5, alpha 1, beta 0.75, k 1", CAFFE_PROTO),
        "chainer": ("size 5, alpha 0.0001, beta 0.75, k 2", CHAINER_LRN),
        "mxnet": ("size -, alpha 0.0001, beta 0.75, k 2", MXNET_LRN),
    },
    "D01": {
        "caffe": ("1/(1 - p)", CAFFE_DROPOUT),
        "darknet": ("1/(1 - p)", DARKNET_DROPOUT),
        "chainer": ("1/(1 - p)", CHAINER_DROPOUT),
    },
    "D02": {
        "caffe": ("dropped", CAFFE_DROPOUT),
        "darknet": ("dropped", DARKNET_DROPOUT),
        "chainer": ("dropped", CHAINER_DROPOUT),
    },
    "D04": {"caffe": ("1", CAFFE_DROPOUT), "darknet": ("1", DARKNET_DROPOUT), "chainer": ("1", CHAINER_DROPOUT)},
    "D05": {"chainer": ("it drops", CHAINER_DROPOUT)},
    "B01": {"caffe": ("1e-05", CAFFE_PROTO)},
    "B03": {"darknet": ("0.1", DARKNET_NORM)},
    "B04": {"caffe": ("unbiased (n - 1)", CAFFE_NORM)},
    "B05": {"caffe": ("0", CAFFE_NORM)},
    "B06": {"caffe": ("biased (1)", CAFFE_NORM)},
}


def answers_from_source(question: str) -> dict[str, tuple[str, str]]:
    """Return {framework: (answer, file)} for the id of a question."""
    return STATED.get(question, {})
