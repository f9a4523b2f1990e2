"""The known defects: answers that contradict the framework's own documentation. All other differences are choices."""

from collections.abc import Iterable
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
TRUNCATED = Defect(
    "The operator's text rounds the size down, which leaves no window that is larger than the image; with a stride "
    "above 1 its division cuts towards zero, and there is one.",
    ONNX + "MaxPool.html",
)
KNOWN = {
    ("tensorflow", "S12", "the input's size"): Defect(
        "tf.nn.convolution's text gives the output's sizes and channels; with oneDNN an empty batch comes back with "
        "the input's.",
        "https://www.tensorflow.org/api_docs/python/tf/nn/convolution",
    ),
    ("tensorflow", "S10", "3x3"): Defect(
        "tf.nn.convolution's text gives an output of no pixels; with oneDNN it comes back with the input's size and "
        "whatever stood in memory.",
        "https://www.tensorflow.org/api_docs/python/tf/nn/convolution",
    ),
    ("onnxruntime", "S11", "the maximum of what is there"): TRUNCATED,
    ("onnxruntime", "P14", "the maximum of what is there"): TRUNCATED,
    ("onnx-reference", "R01", "left as it is"): LRN,
    ("onnx-reference", "R02", "left as it is"): LRN,
    ("onnx-reference", "R03", "left as it is"): LRN,
    ("onnx-reference", "R05", "no"): LRN,
    ("onnx-reference", "P12", "they do not"): Defect(
        "The operator's text says that Indices are those of the selected values; without strides they point elsewhere.",
        ONNX + "MaxPool.html",
    ),
}


def find_defect(framework: str, question: str, keys: Iterable[str]) -> Defect | None:
    """Return the known defect that one of these answers shows, None if none does."""
    return next((KNOWN[framework, question, key] for key in keys if (framework, question, key) in KNOWN), None)
