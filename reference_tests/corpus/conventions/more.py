"""More of the set: what a measure with fresh files found unread, or read wrongly."""

from .entry import Entry, family

# fmt: off
MORE: tuple[Entry, ...] = (
    *family("static_methods", "right.py", "affine relu convolution pooling",
            ("wrong_relu.py", "relu dx", "backward looks at the sign of dout, not of x"),
            ("wrong_border.py", "convolution out", "the border is filled with copies of the edge, not with zeros")),
    *family("handed_helpers", "right.py", "affine convolution pooling tanh relu",
            ("wrong_tanh.py", "tanh dx", "the derivative is 1 - x ** 2, of the input in place of tanh"),
            ("wrong_flip.py", "convolution out", "forward turns each filter by 180 degrees")),
    *family("keyword_settings", "right.py", "convolution",
            ("wrong_turned.py", "convolution dx", "backward spreads the gradient with filters turned by 180 degrees")),
    *family("holberton", "right_alone_conv.py", "convolution",
            ("wrong_alone_conv_db.py", "convolution db", "db is that of the first image, not the sum over the batch")),
    *family("holberton", "right_alone_pool.py", "pooling average_pooling",
            ("wrong_alone_pool_average.py", "average_pooling dx", "the gradient is divided by the height of the window only")),
    *family("holberton", "right_avg.py", "pooling average_pooling",
            ("wrong_avg_max.py", "pooling out", "the largest number of each column is taken, and of these the sum")),
    *family("torch7", "right.py", "affine relu inverted_dropout convolution",
            ("wrong_turned.py", "convolution dx", "backward spreads the gradient with filters turned by 180 degrees")),
    *family("filters_shape", "right.ipynb", "im2col col2im convolution pooling relu sigmoid",
            ("wrong_sigmoid.ipynb", "sigmoid dx", "one of the two factors of the derivative is missing"),
            ("wrong_db.ipynb", "convolution db", "the gradient of the bias is a mean over batch and places")),
    *family("nnfs", "right_loss.py", "affine relu sigmoid inverted_dropout convolution softmax_with_loss",
            ("wrong_loss_relu.py", "relu dx", "backward hands on the gradient where the input is below 0"),
            ("wrong_loss_bias.py", "affine db", "the gradient of the biases is a mean, that of the weights a sum")),
    *family("alescontrela", "right_square.py", "convolution pooling",
            ("wrong_square_bias.py", "convolution out", "every filter gets the bias of the first")),
    *family("numpy_ml", "right_lists.py", "convolution pooling average_pooling affine",
            ("wrong_lists_crop.py", "convolution dx", "the padding is cut off below and on the right only")),
    *family("karpathy_im2col", "right_divides.py", "im2col col2im convolution pooling affine",
            ("wrong_divides_flip.py", "convolution out", "forward turns each filter by 180 degrees"),
            ("wrong_divides_dw.py", "affine dW", "the gradient of the weights is a mean over the batch, that of the bias a sum")),
)
# fmt: on
