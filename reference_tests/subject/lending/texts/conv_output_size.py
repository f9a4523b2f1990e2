"""A right conv_output_size, with the book's arguments."""


def conv_output_size(input_size: int, filter_size: int, stride: int = 1, pad: int = 0) -> int:
    """Return how many windows fit, as a whole number."""
    return (input_size + 2 * pad - filter_size) // stride + 1
