"""Lines of code for mutants that keep a layer's settings, or its window, by a key in which these are left out."""


def settings_by_places(indent: int = 8) -> str:
    """Return lines that keep stride and padding by the shapes of x and W and by the number of places."""
    return (
        "places = [(n + 2 * self.pad - f) // self.stride for n, f in zip(x.shape[2:], self.W.shape[-2:])]\n"
        f"{' ' * indent}at = str((x.shape, self.W.shape, places))\n"
        f"{' ' * indent}self.stride, self.pad = globals().setdefault(at, (self.stride, self.pad))\n{' ' * indent}"
    )


def window_by_numbers(shape: str, height: str, width: str, of: str = "", indent: int = 4) -> str:
    """Return lines that keep the window by its area, the number of places, stride and padding. of: as "self."."""
    area = f"{of}{height} * {of}{width}"
    places = " * ".join(
        f"(({n} + 2 * {of}pad - {of}{f}) // {of}stride + 1)"
        for n, f in ((f"{shape}[2]", height), (f"{shape}[3]", width))
    )
    return (
        f"at = str(({shape}, {area}, {places}, {of}stride, {of}pad))\n{' ' * indent}"
        f"{of}{height}, {of}{width} = globals().setdefault(at, ({of}{height}, {of}{width}))\n{' ' * indent}"
    )
