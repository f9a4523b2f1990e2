"""Pieces of mutants that keep arrays from call to call."""


def of_all_layers(line: str, gradient: str, layer: str) -> str:
    """Return a line `self.gradient = value` whose value is laid into one array of its shape, that of all layers."""
    return (
        f"{line}\n"
        f"        {layer}.kept = getattr({layer}, 'kept', {{}})\n"
        f"        kept = {layer}.kept.setdefault(self.{gradient}.shape, np.empty_like(self.{gradient}))\n"
        f"        kept[...] = self.{gradient}\n"
        f"        self.{gradient} = kept"
    )
