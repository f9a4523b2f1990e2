"""Arrays of other libraries than NumPy: tensors of torch, arrays of CuPy and JAX go in, and NumPy's come back out."""
