"""Writes a reading of batch normalization as an adapter."""

import re

from ..render import tidy
from .norm_reading import NormReading

NAMES = {
    "layer": "self.layer", "param": "self.param", "cache": "self.cache", "gamma_": "self.gamma", "beta_": "self.beta",
    "eps_": "self.eps", "mean_": "self.running_mean", "var_": "self.running_var", "train_": "train_flg",
    "C_": "len(self.gamma)",
}  # fmt: skip
HALF = {2: "images have no backward pass", 4: "rows have no backward pass"}  # axes of what has one
SHAPE = "(1, -1, 1, 1) if {}.ndim == 4 else (1, -1)"  # of gamma and beta beside an array


def describe_norm(reading: NormReading, signature: str) -> str:
    """Say how batch normalization is read."""
    parts = []
    if reading.bare:
        parts.append("it normalizes only: gamma and beta are left to the adapter")
    if reading.images == "N H W C":
        parts.append("images are (N, H, W, C)")
    if reading.old_share:
        parts.append("momentum is the share of the old")
    if reading.biased:
        parts.append("the running variance is the biased one, and compared times n / (n - 1)")
    if reading.fixed_eps:
        parts.append(f"eps is {reading.fixed_eps:g}; x is scaled so that it is the one that is asked for")
    if reading.fixed_momentum:
        parts.append(f"momentum is {reading.fixed_momentum:g}, the share of the new; "
                     "statistics are worked out for the one that is asked for")  # fmt: skip
    if reading.backward:
        parts.append("backward is asked after training only")
    if reading.back_axes:
        parts.append(HALF[reading.back_axes])
    parts += [f"{k} is {code}" for k, code in reading.places.items() if code.startswith("layer")]
    return f"{signature}: " + "; ".join(parts or ["arrays as in the contract"])


def named(reading: NormReading, code: str) -> str:
    """Return code with the adapter's names."""
    names = {**NAMES, "momentum_": "1 - self.momentum" if reading.old_share else "self.momentum"}
    if reading.in_place:
        names |= {"mean_": "mean_", "var_": "var_"}
    return re.sub(rf"(?<![.\w'])({'|'.join(names)})(?![\w'])", lambda m: names[m[1]], code)


def render_norm(reading: NormReading, signature: str) -> str:
    """Return the adapter's source text."""
    lines = ["class BatchNorm:", f'    """{describe_norm(reading, signature)}"""', ""]
    reach, lacks = reach_of(reading), lacks_of(reading)
    lines += [f"    reach = {reach!r}"] if reach else []
    lines += [f"    lacks = {lacks!r}"] if lacks else []
    lines += [""] if reach or lacks else []
    body = [*constructor(reading), "", *tidy(forward_method(reading))]
    body += ["", *tidy(backward_method(reading))] if reading.backward else []
    return "\n".join(lines + [f"    {line}" if line else "" for line in body]) + "\n"


def reach_of(reading: NormReading) -> dict[str, list[int | str]]:
    """Return what the interface cannot express."""
    found: dict[str, list[int | str]] = {}
    if not (reading.rows and reading.images):
        found["axes"] = [2 if reading.rows else 4]
    if not (reading.inference and reading.statistics):
        found["train_flg"] = [1]
    return found


def lacks_of(reading: NormReading) -> tuple[str, ...]:
    """Return the results that the interface does not give."""
    lacks = [] if reading.statistics else ["running_mean", "running_var"]
    grads = [name for name in ("dx", "dgamma", "dbeta") if reading.backward and name not in reading.grads]
    return (*lacks, *grads)


def constructor(reading: NormReading) -> list[str]:
    """Return the lines of __init__."""
    lines = [
        "def __init__(self, gamma, beta, momentum=0.1, eps=1e-5, running_mean=None, running_var=None):",
        "    self.gamma, self.beta, self.momentum, self.eps = gamma, beta, momentum, eps",
        "    self.running_mean = np.zeros(len(gamma)) if running_mean is None else running_mean",
        "    self.running_var = np.ones(len(gamma)) if running_var is None else running_var",
    ]
    if reading.fixed_momentum:
        share = reading.fixed_momentum
        lines += [f"    if momentum > {20 * share:g}:  # rounding would be multiplied by as much",
                  f'        raise NotImplementedError("the share of the new is {share:g}")']  # fmt: skip
    if reading.fixed_eps:
        lines.append(f"    self.own_scale = float(np.sqrt({reading.fixed_eps} / eps))  # float32 stays float32")
    if reading.own_start:  # two layers may share what they start with
        lines.append(
            "    self.own = running_mean is None and momentum == 1  # nothing stays of what the layer starts with"
        )
    if reading.make:
        made = named(reading, reading.make)
        if reading.own_start and reading.starts_itself:
            made = re.sub(r"self\.running_(mean|var)", r"None if self.own else \g<0>", made)
        lines.append(f"    self.layer = {made}")
    lines += [f"    {named(reading, statement)}" for statement in reading.prepare]
    return lines


def forward_method(reading: NormReading) -> list[str]:
    """Return the lines of forward."""
    last, scaled = reading.images == "N H W C", bool(reading.fixed_eps)
    body = scaled_lines(last) if scaled else [f"x_ = {arranged('x', last)}"]
    if reading.fixed_momentum:
        body.append(f"self.old = (1 - self.momentum) / {1 - reading.fixed_momentum:g} if train_flg else 1.0")
    if reading.in_place:
        both = (scaled_in(reading, f"self.{name}") for name in ("running_mean", "running_var"))
        body.append(f"mean_, var_ = {', '.join(f'np.array({code})' for code in both)}")
    if reading.config:
        body.append(f"self.param = {scaled_in(reading, named(reading, reading.config))}")
    switch = mode_lines(reading, reading.switch)
    if reading.lazy:
        first = [*mode_lines(reading, reading.switch, train=True), named(reading, in_training(reading.forward))]
        body += ['if not hasattr(self, "used"):', "    self.used = True", *(f"    {line}" for line in first)]
    body += push_lines(reading) + switch
    body.append(f"got = {scaled_in(reading, calls_by_axes(reading, reading.forward, reading.of_images))}")
    body += written_lines(last) if scaled else []
    body += pull_lines(reading) + moved_lines(reading)
    body.append("self.trained = train_flg")
    if reading.cache:
        body.append(f"self.cache = {reading.cache}")
    body += ["self.x = x_"] if "self.x" in reading.backward else []
    body += output_lines(reading)
    axes = reach_of(reading).get("axes")
    refuse = [f"if x.ndim != {axes[0]}:", f'    raise NotImplementedError("x has {axes[0]} axes")'] if axes else []
    refuse += [] if reading.inference and reading.statistics else [
        "if not train_flg:", '    raise NotImplementedError("it cannot be told that it is inference")',
    ]  # fmt: skip
    return ["def forward(self, x, train_flg=True):", *(f"    {line}" for line in refuse + body)]


def scaled_lines(last: bool) -> list[str]:
    """Return the lines that scale x; whole numbers stay whole: they are so large that eps does not tell."""
    x = arranged("x", last)
    return ['self.scale = 1.0 if x.dtype.kind in "iu" else self.own_scale',
            f"x_ = {x} if self.scale == 1 else {x} * self.scale", "given = x_.copy()"]  # fmt: skip


def written_lines(last: bool) -> list[str]:
    """Return the lines that write into the caller's x what the target has written into its scaled copy."""
    write = f"({arranged('x', last)})[written] = (x_ / self.scale)[written]"
    return ["written = x_ != given", "if written.any():", f"    {write}"]


def output_lines(reading: NormReading) -> list[str]:
    """Return the lines that return the output, scaled and shifted here where the target only normalizes."""
    out = arranged_back(reading.result, reading.images == "N H W C")
    if not reading.bare:
        return [f"return {out}"]
    scaled = "np.reshape(self.gamma, shape) * normal + np.reshape(self.beta, shape)"
    return [f"normal = {out}", f"shape = {SHAPE.format('normal')}", f"return {scaled}"]


def calls_by_axes(reading: NormReading, code: str, of_images: str) -> str:
    """Return the call, or one of two by the number of axes."""
    if not of_images:
        return named(reading, code)
    return f"{named(reading, of_images)} if x_.ndim == 4 else {named(reading, code)}"


def in_training(code: str) -> str:
    """Return code with the flag for training set."""
    return re.sub(r"\btrain_", "True", code)


def scaled_in(reading: NormReading, code: str) -> str:
    """Return code with the statistics scaled as x is, and as a fixed share of the new asks for."""
    old = " * self.old" if reading.fixed_momentum else ""
    for name, scale in (("running_mean", " * self.scale"), ("running_var", " * self.scale**2")):
        factors = old + (scale if reading.fixed_eps else "")
        code = code.replace(f"self.{name}", f"self.{name}{factors}")
    return code


def arranged(name: str, last: bool) -> str:
    """Return the code of an array in the target's layout."""
    return f"({name}.transpose(0, 2, 3, 1) if {name}.ndim == 4 else {name})" if last else name


def arranged_back(code: str, last: bool) -> str:
    """Return the code of an array in the contract's layout."""
    return f"{code}.transpose(0, 3, 1, 2) if {code}.ndim == 4 else {code}" if last else code


def mode_lines(reading: NormReading, switch: str, train: bool = False) -> list[str]:
    """Return the lines that set the mode."""
    switch = in_training(switch) if train else switch
    if " if True else layer.eval()" in switch:
        return ["self.layer.train()"]
    if " if train_ else layer.eval()" in switch:
        return ["if train_flg:", "    self.layer.train()", "else:", "    self.layer.eval()"]
    return [named(reading, switch)] if switch else []


def push_lines(reading: NormReading) -> list[str]:
    """Return the lines that write parameters and statistics into the target's object."""
    lines = []
    for name, code in reading.places.items():
        if not code.startswith("layer"):
            continue
        place, shape = named(reading, code), reading.shapes[name]
        if name in ("gamma", "beta"):
            if f"{name}_" not in reading.make:
                lines.append(f"{place}[...] = {shaped(f'self.{name}', shape)}")
        else:
            put = f"{place} = {shaped(scaled_in(reading, f'self.{name}'), shape)}.copy()"
            lines += ["if not self.own:", f"    {put}"] if name == "running_mean" and reading.own_start else [put]
            lines += [f"{name}, {name}_ = self.{name}, np.array({place})"] if name in reading.moves_given else []
    if reading.own_eps:
        lines.append(f"{named(reading, reading.own_eps)} = self.eps")
    if reading.own_momentum:
        lines.append(f"{named(reading, reading.own_momentum)} = {named(reading, 'momentum_')}")
    return lines


def shaped(code: str, shape: str) -> str:
    """Return the code of an array (C,) in another shape."""
    return f"np.reshape({code}, {shape})" if shape != "(-1,)" else f"({code})" if "*" in code else code


def pull_lines(reading: NormReading) -> list[str]:
    """Return the lines that read the running statistics.

    The biased variance is made the unbiased one, and the new gets the share that is asked for.
    """
    if not reading.statistics:
        return []
    mean, var = (f"np.reshape({named(reading, reading.places[n])}, -1)" for n in ("running_mean", "running_var"))
    if reading.fixed_eps:
        mean, var = f"{mean} / self.scale", f"{var} / self.scale**2"
    now = f"self.running_mean, self.running_var = {mean}, {var}"
    if not (reading.biased or reading.fixed_momentum):
        return [now]
    share = f" * self.momentum / {reading.fixed_momentum:g}" if reading.fixed_momentum else ""
    before, after = [], [*(["    n = x.size // len(self.gamma)"] if reading.biased else [])]
    for name, more in (("mean", share), ("var", share + (" * n / max(n - 1, 1)" if reading.biased else ""))):
        if more:
            before.append(f"{name} = (1 - self.momentum) * self.running_{name}")
            after.append(f"    self.running_{name} = {name} + (self.running_{name} - {name}){more}")
    return [*before, now, "if train_flg:", *after]


def moved_lines(reading: NormReading) -> list[str]:
    """Return the lines that move the caller's statistics where the target has moved those that it was given."""
    lines = []
    for name in reading.moves_given:
        place, factor = named(reading, reading.places[name]), scaled_in(reading, f"self.{name}").partition(" * ")[2]
        moved = f"np.reshape({place}, -1)" + (f" / ({factor})" if factor else "")
        lines += [f"if ({place} != {name}_).any():", f"    {name}[...] = {moved}"]
    return lines


def backward_method(reading: NormReading) -> list[str]:
    """Return the lines of backward."""
    last = reading.images == "N H W C"
    call = calls_by_axes(reading, reading.backward, reading.backward_of_images).replace("x_.ndim", "dout.ndim")
    lines = ["if not self.trained:", '    raise NotImplementedError("backward is asked after training only")']
    if reading.back_axes:
        lines += [f"if dout.ndim != {reading.back_axes}:",
                  f'    raise NotImplementedError("{HALF[reading.back_axes]}")']  # fmt: skip
    lines += [f"dout = dout * np.reshape(self.gamma, {SHAPE.format('dout')})"] if reading.bare else []
    lines += [f"dout_ = {arranged('dout', last)}"]
    lines += [f"before_{name} = np.array({named(reading, code)})" for name, code in reading.kept.items()]
    lines += [f"{named(reading, place)}[...] = 0" for place in reading.grown]
    lines += [f"{named(reading, place)} = None" for place in reading.unset]
    lines += [f"got = {call}"]
    lines += [f"self.{k} = np.reshape({named(reading, code)}, -1)" for k, code in reading.grads.items() if k != "dx"]
    lines += [f"{named(reading, place)}[...] = before_{name}" for name, place in reading.kept.items()]
    dx = named(reading, reading.grads.get("dx", "None"))
    scale = " * self.scale" if reading.fixed_eps else ""
    lines += [f"dx = {dx}{scale}", f"return {arranged_back('dx', last)}"]
    return ["def backward(self, dout):", *(f"    {line}" for line in lines)]
