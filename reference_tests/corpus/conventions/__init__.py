"""Implementations in other interfaces than the book's, right and with one planted mistake each.

One folder a convention. Targets are called right* or wrong_*: a file, a folder or a notebook. A wrong
one is its right sibling with one change. All numbers of the right ones were compared with torch's, and the wrong ones
differ from torch in the stated parts and nowhere else.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

FOLDER = Path(__file__).parent


@dataclass(frozen=True)
class Entry:
    """One target (a file or a folder below FOLDER), and what a judge has to say of it.

    right: components that have to be judged, and right. wrong: component to (the mistake, the parts that are wrong).
    unjudged: component to why it cannot be judged; the key "" is the whole target.
    """

    path: str
    convention: str
    right: tuple[str, ...] = ()
    wrong: dict[str, tuple[str, tuple[str, ...]]] = field(default_factory=dict)
    unjudged: dict[str, str] = field(default_factory=dict)


def family(convention: str, right: str, components: str, *wrong: tuple[str, str, str]) -> Iterator[Entry]:
    """Yield the entry of a right target, then those of its wrong siblings: (name, "component parts; ...", mistake)."""
    names = tuple(components.split())
    yield Entry(f"{convention}/{right}", convention, names)
    for name, where, mistake in wrong:
        parts = {part.split()[0]: (mistake, tuple(part.split()[1:])) for part in where.split(";")}
        yield Entry(f"{convention}/{name}", convention, tuple(n for n in names if n not in parts), parts)


def unjudged(name: str, reason: str) -> Entry:
    """Make the entry of a target without anything to judge."""
    return Entry(f"unjudged/{name}", "", unjudged={"": reason})


# fmt: off
FILES: tuple[Entry, ...] = (
    *family("cs231n", "right.py", "convolution pooling affine relu softmax_with_loss inverted_dropout batch_norm",
            ("wrong_flip.py", "convolution out", "forward turns each filter by 180 degrees"),
            ("wrong_pool_all.py", "pooling dx", "backward gives the gradient to every place of the window"),
            ("wrong_loss_sum.py", "softmax_with_loss dx", "the loss is a mean, its gradient is not divided by N"),
            ("wrong_batchnorm.py", "batch_norm dx", "dx leaves out the way through the variance"),
            ("wrong_db.py", "convolution db", "db is that of the first image, not the sum over the batch")),
    *family("cs231n", "right_im2col.py", "convolution pooling affine relu",
            ("wrong_im2col_bias.py", "convolution out", "the bias is not added"),
            ("wrong_im2col_stride.py", "convolution dx", "backward lays the windows down without the stride"),
            ("wrong_im2col_relu.py", "relu dx", "backward looks at the sign of dout, not of x"),
            ("wrong_im2col_w.py", "affine dx", "w is reshaped where it should be transposed"),
            ("wrong_im2col_pool.py", "pooling dx", "backward assigns where windows overlap instead of adding")),
    *family("cs231n", "right_split", "convolution pooling affine relu softmax_with_loss inverted_dropout im2col col2im",
            ("wrong_split_order", "convolution out", "the columns are read image by image, while im2col lays them place by place"),
            ("wrong_split_dropout", "inverted_dropout out dx", "the mask is not scaled by 1 / keep in training"),
            ("wrong_split_db", "convolution db", "db is the mean over batch and places, while dw is a sum"),
            ("wrong_split_col2im", "col2im out; convolution dx; pooling dx", "col2im assigns where windows overlap instead of adding")),
    *family("coursera", "right.py", "convolution pooling average_pooling relu",
            ("wrong_stride.py", "convolution out", "forward moves the window by one, whatever the stride"),
            ("wrong_db_last.py", "convolution db", "db keeps the last place of the last image only"),
            ("wrong_average.py", "average_pooling dx", "each place of the window gets the whole gradient"),
            ("wrong_mask.py", "pooling dx", "the mask marks every place but the largest"),
            ("wrong_crop.py", "convolution dx", "the padding is cut off below and on the right only")),
    *family("coursera", "right_vectorized.py", "convolution pooling average_pooling",
            ("wrong_vectorized_bias.py", "convolution out", "the bias is not added"),
            ("wrong_vectorized_assign.py", "convolution dx", "dx is assigned where windows overlap instead of added"),
            ("wrong_vectorized_mean.py", "average_pooling out", "the sum is divided by f, not by f * f")),
    *family("coursera", "right.ipynb", "convolution pooling average_pooling",
            ("wrong_updates.ipynb", "convolution dx", "each image's gradient is assigned where windows overlap instead of added"),
            ("wrong_average.ipynb", "average_pooling dx", "the gradient is divided by the height of the window only"),
            ("wrong_dw_stride.ipynb", "convolution dx dW", "backward moves the window by one, whatever the stride")),
    *family("torch_nn", "right.py", "convolution pooling relu affine softmax_with_loss",
            ("wrong_flip.py", "convolution out", "forward turns each filter by 180 degrees"),
            ("wrong_linear_db.py", "affine db", "the gradient of the bias is a mean, that of the weight a sum"),
            ("wrong_loss.py", "softmax_with_loss dx", "the loss is a mean, its gradient is not divided by N"),
            ("wrong_pool_swapped.py", "pooling dx", "backward takes the row of the largest number for its column")),
    *family("torch_nn", "right_grads_dict.py", "convolution average_pooling sigmoid tanh affine",
            ("wrong_grads_dict_flip.py", "convolution dx", "backward spreads the gradient with filters turned by 180 degrees"),
            ("wrong_grads_dict_dw.py", "convolution dW", "dW is that of the last image, not the sum over the batch"),
            ("wrong_grads_dict_tanh.py", "tanh dx", "the derivative is taken as (1 - y)**2"),
            ("wrong_grads_dict_sigmoid.py", "sigmoid dx", "backward does not use the upstream gradient"),
            ("wrong_grads_dict_average.py", "average_pooling dx", "the gradient is divided by k, not by k * k")),
    *family("torch_nn", "right_parameters.py", "convolution relu affine inverted_dropout",
            ("wrong_parameters_crop.py", "convolution dx", "the padding is cut off on one side only"),
            ("wrong_parameters_dropout.py", "inverted_dropout out dx", "neither training nor inference is scaled"),
            ("wrong_parameters_linear.py", "affine db", "the gradient of the bias is that of the first row, not the sum over the batch"),
            ("wrong_parameters_relu.py", "relu dx", "backward hands on the gradient where x is below 0")),
    *family("keras", "right.py", "convolution pooling global_average_pooling affine",
            ("wrong_upside_down.py", "convolution out", "forward reads each filter upside down"),
            ("wrong_dense_bias.py", "affine db", "the gradient of the bias is summed over the units, not over the batch"),
            ("wrong_global.py", "global_average_pooling dx", "the gradient is divided by the height only"),
            ("wrong_pool_assign.py", "pooling dx", "backward assigns where windows overlap instead of adding")),
    *family("keras", "right_forward.py", "convolution pooling relu sigmoid tanh affine inverted_dropout",
            ("wrong_forward_dw.py", "convolution dW", "dW is reshaped from (filters, window) without a transposition"),
            ("wrong_forward_stride.py", "convolution dx", "backward lays the windows down without the stride"),
            ("wrong_forward_tanh.py", "tanh dx", "the derivative of tanh is taken as 1 - y"),
            ("wrong_forward_dropout.py", "inverted_dropout out dx", "what is kept is divided by the share that is dropped")),
    *family("one_image", "right.py", "convolution pooling affine",
            ("wrong_last_region.py", "convolution dW", "the gradient of a filter is that of the last region, not the sum of all"),
            ("wrong_mean.py", "convolution out", "forward takes the mean of the products, backward differentiates the sum"),
            ("wrong_pool_all.py", "pooling dx", "backward gives the gradient to every place of the window"),
            ("wrong_updated.py", "affine dx", "the gradient by the input is worked out with the weights after their update")),
    *family("one_image", "right_op.py", "convolution pooling affine",
            ("wrong_op_turned.py", "convolution out", "forward turns each filter by 180 degrees"),
            ("wrong_op_bias.py", "affine db", "the bias changes by the gradient of the probabilities, not of the totals"),
            ("wrong_op_mask.py", "pooling dx", "backward hands on the mask without the upstream gradient")),
    *family("self_updating", "right.py", "convolution affine sigmoid tanh",
            ("wrong_updated.py", "affine dx", "the gradient by the input is worked out with the weights after their update"),
            ("wrong_full.py", "convolution dx", "the full product correlates where it should convolve"),
            ("wrong_convolve.py", "convolution out", "forward convolves, backward differentiates a correlation"),
            ("wrong_tanh.py", "tanh dx", "the derivative of tanh is not squared")),
    *family("self_updating", "right_batch.py", "convolution pooling relu affine",
            ("wrong_batch_updated.py", "convolution dx", "the filters change while the gradient by the input is still being worked out"),
            ("wrong_batch_relu.py", "relu dx", "backward looks at the sign of the gradient, not of x"),
            ("wrong_batch_bias.py", "convolution db", "the biases change by the first image only, not by the sum over the batch"),
            ("wrong_batch_pool.py", "pooling dx", "backward gives the gradient to every place of the window")),
    *family("torch_functional", "right.py", "convolution pooling average_pooling relu sigmoid affine softmax_with_loss",
            ("wrong_flip.py", "convolution out", "conv2d turns each filter by 180 degrees"),
            ("wrong_stride.py", "convolution dx", "conv2d_backward lays the windows down without the stride"),
            ("wrong_sigmoid.py", "sigmoid dx", "the derivative is taken at x instead of at sigmoid(x)"),
            ("wrong_linear.py", "affine dW", "grad_weight is (in, out) while weight is (out, in)"),
            ("wrong_average.py", "average_pooling dx", "backward gives each place the whole gradient")),
    *family("torch_functional", "right_forward_only.py", "convolution pooling relu sigmoid tanh affine softmax_with_loss global_average_pooling im2col",
            ("wrong_forward_only_bias.py", "convolution out", "the bias is taken away instead of added"),
            ("wrong_forward_only_pool.py", "pooling out", "max_pool2d takes the mean of each window"),
            ("wrong_forward_only_global.py", "global_average_pooling out", "the mean is taken over channels and rows, not over rows and columns")),
    *family("book_variants", "right_renamed.py", "im2col col2im convolution pooling relu affine softmax_with_loss",
            ("wrong_renamed_reshape.py", "convolution out", "the product is reshaped to (N, FN, OH, OW) where it should be transposed"),
            ("wrong_renamed_dw.py", "convolution dW", "dW_filter is reshaped without being transposed"),
            ("wrong_renamed_dbias.py", "affine db", "dbias is a mean, dweight a sum"),
            ("wrong_renamed_pool.py", "pooling dx", "backward takes the gradient of the images in the order of the channels first")),
    *family("book_variants", "right_pad_first.py", "convolution dropout tanh affine",
            ("wrong_pad_first_dropout.py", "dropout out", "inference multiplies by the ratio that is dropped, not by the share kept"),
            ("wrong_pad_first_db.py", "convolution db", "db is a mean over the places, dW a sum"),
            ("wrong_pad_first_affine.py", "affine dx", "W is reshaped where it should be transposed"),
            ("wrong_pad_first_stride.py", "convolution dx", "backward lays the windows down without the stride")),
    *family("book_variants", "right_grads_list.py", "convolution affine sigmoid softmax_with_loss",
            ("wrong_grads_list_flip.py", "convolution out", "forward turns each filter by 180 degrees"),
            ("wrong_grads_list_dw.py", "convolution dW", "dW is reshaped from (C, FH, FW, FN) where it should be transposed"),
            ("wrong_grads_list_sigmoid.py", "sigmoid dx", "one of the two factors of the derivative is missing"),
            ("wrong_grads_list_loss.py", "softmax_with_loss dx", "the loss is a mean, its gradient is not divided by N")),
)
# fmt: on
