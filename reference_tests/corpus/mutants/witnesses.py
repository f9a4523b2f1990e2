"""Witness expressions of the layers with a sliding window, on numbers that are all different."""

Shape = tuple[int, ...]


def numbers(shape: Shape) -> str:
    count = 1
    for side in shape:
        count *= side
    return f"np.sin(np.arange(1.0, {count + 1})).reshape({shape})"


def cols(x: Shape = (2, 3, 6, 5), window: Shape = (2, 4), stride: int = 1, pad: int = 0) -> str:
    return f"im2col({numbers(x)}, {window[0]}, {window[1]}, {stride}, {pad})"


def image(x: Shape = (2, 3, 6, 5), window: Shape = (2, 4), stride: int = 1, pad: int = 0) -> str:
    oh, ow = ((size + 2 * pad - f) // stride + 1 for size, f in zip(x[2:], window, strict=True))
    col = numbers((x[0] * oh * ow, x[1] * window[0] * window[1]))
    return f"col2im({col}, {x}, {window[0]}, {window[1]}, {stride}, {pad})"


def conv(x: Shape = (2, 3, 6, 5), W: Shape = (4, 3, 2, 4), stride: int = 1, pad: int = 0) -> str:
    return f"used(Convolution({numbers(W)}, np.cos(np.arange({W[0]})), {stride}, {pad}), {numbers(x)})"


def conv_twice(W: Shape = (4, 3, 2, 4), stride: int = 1, pad: int = 0) -> str:
    x = numbers((2, 3, 6, 5))
    return f"twice(Convolution({numbers(W)}, np.cos(np.arange({W[0]})), {stride}, {pad}), ({x},), (np.cos({x}),))"


def pool(
    x: Shape = (2, 3, 6, 8), window: Shape = (2, 4), stride: int = 2, pad: int = 0, name: str = "Pooling", less: int = 0
) -> str:
    return f"used({name}({window[0]}, {window[1]}, {stride}, {pad}), {numbers(x)} - {less})"


def pool_twice(window: Shape = (2, 4), stride: int = 2, pad: int = 0, name: str = "Pooling") -> str:
    x = numbers((2, 3, 6, 8))
    return f"twice({name}({window[0]}, {window[1]}, {stride}, {pad}), ({x},), (np.cos(3 * {x}),))"
