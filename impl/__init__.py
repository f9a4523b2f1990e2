"""A convolutional network from scratch: NumPy alone, every layer checked against torch and SciPy."""
