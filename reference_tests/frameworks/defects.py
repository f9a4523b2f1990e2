"""The known defects: answers that contradict the framework's own documentation. All other differences are choices."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Defect:
    """A contradiction of the documentation. what: the contradiction in words. link: the document's address."""

    what: str
    link: str


ONNX = "https://onnx.ai/onnx/operators/onnx__"
LRN = Defect(
    "The operator's text sums over the channels near each channel, for every sample; the reference fills only the "
    "channels numbered below the batch size (onnx issue 7805).",
    ONNX + "LRN.html",
)
KNOWN = {
    ("tensorflow", "S12", "0x1x4x4"): Defect(
        "tf.nn.convolution's text gives the output's sizes and channels; with oneDNN an empty batch comes back with "
        "the input's.",
        "https://www.tensorflow.org/api_docs/python/tf/nn/convolution",
    ),
    ("onnx-reference", "R01", "2"): LRN,
    ("onnx-reference", "R02", "(0,)"): LRN,
    ("onnx-reference", "R05", "no"): LRN,
    ("onnx-reference", "P12", "they do not"): Defect(
        "The operator's text says that Indices are those of the selected values; without strides they point elsewhere.",
        ONNX + "MaxPool.html",
    ),
}


def find_defect(framework: str, question: str, key: str) -> Defect | None:
    """Return the known defect that this answer shows, None if it shows none."""
    return KNOWN.get((framework, question, key))
