"""Writes a reading as an adapter: a class with the contract's interface, in the target's names, to be edited."""

import re
import textwrap

from .layouts import NAMES, Layout
from .reading import Reading, assign, uses

SIZE_LINES = {  # layer -> how the sizes are worked out: (names, code)
    "x4": ("N, C, IH, IW", "x.shape"),
    "W4": ("FN, C, FH, FW", "self.W.shape"),
    "x2": ("N, D", "x.shape"),
    "W2": ("D, M", "self.W.shape"),
}
LIMITS = {  # a size or argument -> what is said of a value that the interface cannot express
    "FW": "windows are square", "stride": "the stride is {}", "pad": "the padding is {}", "C": "there is one channel",
    "FN": "there is one filter", "FH": "the window has {} rows", "axes": "x has {} axes",
}  # fmt: skip


BEYOND_SAME = "(stride != 1 or FH != FW or 2 * pad + 1 != FH)"  # of "same": the padding is another one


def render(reading: Reading) -> str:
    """Return the adapter's source text."""
    lines = [f"class {reading.family.name}:", f'    """{describe(reading)}"""', ""]
    lines += (
        ["    linear = True  # under a bias so large that the ReLU hands everything on", ""] if reading.shift else []
    )
    if reading.reach:
        lines += [f"    reach = {reading.reach!r}", ""]
    body = tidy(constructor(reading)) + [""] + tidy(forward_method(reading))
    if reading.backward and reading.grads:
        body += ["", *tidy(backward_method(reading))]
    return "\n".join(lines + [textwrap.indent(line, "    ") if line else "" for line in body]) + "\n"


def render_inner_relu(reading: Reading) -> str:
    """Return the adapter of the ReLU inside a layer that hands on what it is given: of one pixel, or of one input."""
    images = reading.family.name == "Convolution"
    one, sides = ((1, 1, 1, 1), "1, 1, 1, -1") if images else ((1, 1), "-1, 1")
    lines = [
        render(reading),
        "",
        "class Relu:",
        f'    """The ReLU inside {reading.signature}"""',
        "",
        "    def forward(self, x):",
        f"        self.layer = {reading.family.name}(np.ones({one}), np.zeros(1))",
        "        self.layer.linear, self.shape = False, x.shape",
        f"        return self.layer.forward(x.reshape({sides})).reshape(x.shape)",
        "",
        "    def backward(self, dout):",
        f"        return self.layer.backward(dout.reshape({sides})).reshape(self.shape)",
    ]
    return "\n".join(lines) + "\n"


def tidy(lines: list[str]) -> list[str]:
    """Return the lines without repetitions, names that stand for another, and a name that is used once only."""
    lines = [line for i, line in enumerate(lines) if " = " not in line or line not in lines[:i] or "got = " in line]
    for name, same in re.findall(r"^ *(\w+_) = (\w+)$", "\n".join(lines), re.MULTILINE):
        lines = [re.sub(rf"(?<![.\w]){name}\b", same, line) for line in lines if line.strip() != f"{name} = {same}"]
    text = "\n".join(lines)
    made = re.search(r"^ *got = (.*)\n(?= *(return|outs\.append\().*\bgot\b.*$)", text, re.MULTILINE)
    if made and len(re.findall(r"\bgot\b", text)) == 2:
        text = re.sub(r"\bgot\b", lambda _: made[1], text.replace(made[0], ""))
    return text.split("\n")


def describe(reading: Reading) -> str:
    """Return the docstring: what is read, and how."""
    return f"{reading.signature}: " + "; ".join(list_places(reading))


def list_places(reading: Reading) -> list[str]:
    """List what the reading says of layouts and places, in words."""
    parts = [] if reading.x.plain else [f"x is ({', '.join(axis_name(g) for g in reading.x.groups)})"]
    for name, layout in {**reading.given, **{k: p[1] for k, p in reading.params.items()}}.items():
        where = f"{name} is {reading.params[name][0]}" if name in reading.params else name
        parts.append(where if layout.plain else f"{where} ({', '.join(axis_name(g) for g in layout.groups)})")
    for name, (code, _) in reading.grads.items():
        if not code.startswith("got"):
            parts.append(f"{name} is {code}")
    if "b" in reading.family.params and not ({"b"} & {*reading.params, *reading.given}):
        parts.append("it has no bias")
    return parts + reading.notes or ["arrays as in the book"]


LETTERS = {"F": "FN", "I": "FH", "J": "FW", "Y": "OH", "X": "OW", "": "1"}


def axis_name(group: str) -> str:
    """Return how an axis is written: FN for F."""
    return "*".join(LETTERS.get(letter, letter) for letter in group) or "1"


def constructor(reading: Reading) -> list[str]:
    """Return the lines of __init__."""
    family = reading.family
    lines = [f"def __init__(self{', ' if family.make else ''}{family.make}):"]
    lines += [f"    self.{name} = {name}" for name in family.kept]
    lines += limits(reading)
    made: list[str] = []
    if reading.make and not reading.late and not is_made_with_shift(reading):
        made = [
            f"self.layer = {of_adapter(insert_parameters(reading, reading.make))}",
            *(of_adapter(s) for s in reading.prepare if "x_" not in s),
        ]
        made = sizes_needed(made, reading, with_x=False) + made
    elif reading.make:
        made = ["self.layer = None"]
    lines += [f"    {line}" for line in made]
    return lines if len(lines) > 1 else [*lines, "    pass"]


def is_made_with_shift(reading: Reading) -> bool:
    """Return whether the target's constructor takes the bias under which a ReLU inside is linear: x decides on that."""
    return bool(reading.shift) and uses(reading.make, "b_")


def limits(reading: Reading) -> list[str]:
    """Return the lines that refuse what the interface cannot express and the constructor can see."""
    lines = []
    for name, values in reading.reach.items():
        if name in ("C", "N", "H", "W", "axes", "train_flg", "dilation", "rest") or "C" in values:
            continue
        wrong = " and ".join(BEYOND_SAME if value == "same" else f"{name} != {value}" for value in values)
        text = LIMITS.get(name, name + " is {}").format(" or ".join(map(str, values)))
        lines += [f"    if {wrong}:", f'        raise NotImplementedError("{text}")']
    return [f"    {line}" for line in sizes_needed(lines, reading, with_x=False)] + lines if lines else []


def sizes_needed(lines: list[str], reading: Reading, with_x: bool = True) -> list[str]:
    """Return the lines that work out the sizes which other lines use."""
    code, found = "\n".join(lines), []
    params = reading.family.params
    names = [NAMES[letter] for letter in params["W"].axes] if "W" in params else []
    if uses(code, *(n for n in names if n not in ("C", "D") or not with_x)):
        found.append(f"{', '.join(names)} = self.W.shape")
    if "pool_h" in reading.family.kept and uses(code, "FH", "FW"):
        found.append("FH, FW = self.pool_h, self.pool_w")
    if with_x and len(reading.family.x.axes) == 4 and uses(code, "N", "C", "IH", "IW"):
        found.insert(0, "N, C, IH, IW = x.shape")
    if with_x and len(reading.family.x.axes) == 2 and uses(code, "N", "D"):
        found.insert(0, "N, D = x.shape")
    kept = [n for n in reading.family.kept if n not in reading.family.params and uses(code, n)]
    found += [f"{n} = self.{n}" for n in kept if with_x]
    return found


def of_adapter(code: str) -> str:
    """Return code with the adapter's attributes in place of local names."""
    return re.sub(r"(?<![\w.])(layer|cache)\b(?!\s*=[^=])", r"self.\1", code)


def insert_parameters(reading: Reading, code: str) -> str:
    """Return code with the parameters' code in place of W_ and b_."""
    for name, layout in reading.given.items():
        there = f"self.{name}_" if name in reading.handed else layout.there(array_of(reading, name))
        code = re.sub(rf"\b{name}_", lambda _, there=there: there, code)  # type: ignore[misc]
    return code


def array_of(reading: Reading, name: str) -> str:
    """Return the code of a parameter as the target is given it."""
    return "(self.b.astype(float) + shift)" if name == "b" and reading.shift else f"self.{name}"


def write_parameters(reading: Reading) -> list[str]:
    """Return the statements that write the parameters into the target's object."""
    return [
        assign(of_adapter(where), layout.there(array_of(reading, name)))
        for name, (where, layout) in reading.params.items()
    ]


def run_lines(reading: Reading, image: str) -> list[str]:
    """Return the lines of one forward pass; image: the code of the input in the contract's layout."""
    lines = [f"x_ = {reading.x.there(image)}"] if reading.x.there(image) != "x_" else []
    making = of_adapter(insert_parameters(reading, reading.make))
    prepare = [of_adapter(s) for s in reading.prepare]
    forward = of_adapter(insert_parameters(reading, reading.forward))
    first = [
        *([f"self.layer = {making}"] if reading.late else []),
        *(prepare if reading.late else [p for p in prepare if "x_" in p]),
    ]
    first += [forward] if reading.lazy else []
    if is_made_with_shift(reading):
        lines += [f"self.layer = {making}", *prepare, *([forward] if reading.lazy else [])]
    elif reading.late:
        lines += [
            "if self.layer is None or self.made_for != x.shape:",
            "    self.made_for = x.shape",
            *(f"    {s}" for s in first),
        ]
    elif first:
        lines += ['if not hasattr(self, "used"):', "    self.used = True", *(f"    {s}" for s in first)]
    before = [line for statement in reading.before for line in written_out(of_adapter(statement))]
    handed = {name: reading.given[name].there(array_of(reading, name)) for name in reading.handed}
    copies = [f"self.{name}_ = np.array({code})" for name, code in handed.items()]
    return [*lines, *before, *write_parameters(reading), *copies, f"got = {forward}"]


def written_out(statement: str) -> list[str]:
    """Return the lines of a statement; those of a choice between two calls as an if."""
    on, _, rest = statement.partition(" if train_flg else ")
    return ["if train_flg:", f"    {on}", "else:", f"    {rest}"] if rest and " = " not in statement else [statement]


def forward_method(reading: Reading) -> list[str]:
    """Return the lines of forward."""
    head = [f"def forward(self, {', '.join(['x', reading.family.asked] if reading.family.asked else ['x'])}):"]
    if reading.reach.get("train_flg") == [1]:
        head += ["    if not train_flg:", '        raise NotImplementedError("it cannot be told that it is inference")']
    if "C" in reading.reach and len(reading.family.x.axes) == 4:
        head += ["    if x.shape[1] != 1:", f'        raise NotImplementedError("{LIMITS["C"]}")']
    most = "np.abs(self.W).sum() * np.abs(x).max() + np.abs(self.b).max() + 1e-30"
    if reading.shift:
        head += [f"    shift = 2.0 ** np.ceil(np.log2({most})) if self.linear else 0.0", "    self.shift = shift"]
    if reading.one_image:
        run = run_lines(reading, "one")
        body = ["self.x = x", "outs = []", "for one in x:", *(f"    {line}" for line in run),
                f"    outs.append({output(reading)})", "return np.stack(outs)"]  # fmt: skip
    else:
        body = run_lines(reading, "x")
        if reading.backward and (uses(f"{reading.backward} {reading.more}", "x_") or reading.x.copies):
            body.append("self.x_ = x_")
        for name in asked_names(reading):
            if uses(reading.backward, name):
                body.append(f"self.{name} = {name}")
        if uses(reading.backward, "out_"):
            body.append(f"self.out_ = {of_adapter(reading.result)}")
        if reading.cache:
            body.append(f"self.cache = {reading.cache}")
        if needs_x(reading):
            body.append("self.shape = x.shape")
        body.append(f"return {output(reading)}")
    body = with_output_sizes(body, reading)
    return head + [f"    {line}" for line in sizes_needed(body, reading) + body]


def output(reading: Reading) -> str:
    """Return the code of the output in the contract's layout; a bias that the target has not is added here."""
    code = reading.out.back(of_adapter(reading.result)) + (" - shift" if reading.shift else "")
    if "b" not in reading.family.params or "b" in reading.params or "b" in reading.given:
        return code
    of_channels = len(reading.out.axes) == 4 and reading.family.params["b"].axes == "F"
    return f"{code} + self.b{'[:, None, None]' if of_channels else ''}"


def with_output_sizes(body: list[str], reading: Reading) -> list[str]:
    """Put the lines that work out OH and OW before the others if they are used."""
    if not uses("\n".join(body), "OH", "OW"):
        return body
    return [
        "OH = (IH + 2 * pad - FH) // stride + 1",
        "OW = (IW + 2 * pad - FW) // stride + 1",
        *body,
    ]


def asked_names(reading: Reading) -> list[str]:
    """Return the names of forward's arguments besides the input."""
    return [part.partition("=")[0].strip() for part in reading.family.asked.split(",") if part]


def needs_x(reading: Reading) -> bool:
    """Return whether backward needs the sizes of the input."""
    code = " ".join(f"{place} {layout.back('a')}" for place, layout in reading.grads.values())
    code += f" {reading.out.there('dout')} {reading.backward} {reading.more}"
    return uses(code, "N", "C", "IH", "IW", "OH", "OW", "D")


def backward_method(reading: Reading) -> list[str]:
    """Return the lines of backward."""
    calls = [of_adapter(insert_parameters(reading, code)) for code in (reading.backward, reading.more)]
    if not reading.one_image:
        own = rf"(?<![.\w])({'|'.join(['x_', 'out_', *asked_names(reading)])})\b(?!=)"
        calls = [re.sub(own, r"self.\1", call) for call in calls]
    grads = reading.grads
    kept = {name: of_adapter(insert_parameters(reading, where)) for name, where in reading.kept.items()}
    run = [f"{name} = {copied(where)}" for name, where in kept.items()] + [f"got = {calls[0]}"]
    run += [f"more = {calls[1]}"] if reading.more else []
    own_code = {name: of_adapter(insert_parameters(reading, code)) for name, (code, _) in grads.items()}
    parts = {name: layout.back(wrap(own_code[name])) for name, (_, layout) in grads.items()}
    if reading.one_image:
        body = one_by_one(reading, run, parts)
    else:
        there = reading.out.there("dout")
        body = [f"dout_ = {there}", *run]
        body += [f"self.{name} = {code}" for name, code in parts.items() if name != "dx"]
        body += restore(reading) + ([f"return {parts['dx']}"] if "dx" in parts else ["return None"])
    body = [f"self.d{n} = None" for n in reading.family.params if f"d{n}" not in parts] + body
    body = with_output_sizes(body, reading)
    shape = "self.x.shape" if reading.one_image else "self.shape"
    sizes = [line.replace("x.shape", shape) for line in sizes_needed(body, reading)]
    dout = f"dout={reading.family.upstream}" if reading.family.upstream else "dout"
    return [f"def backward(self, {dout}):", *(f"    {line}" for line in sizes + body)]


def copied(code: str) -> str:
    """Return the code that copies an array; 0 stands for one that is not there yet."""
    return f"0 if {code} is None else np.array({code})"


def wrap(code: str) -> str:
    """Put a difference or a product in brackets."""
    return f"({code})" if " - " in code or " * " in code else code


def restore(reading: Reading) -> list[str]:
    """Return the statements that undo a change of the parameters by backward."""
    changed = [n for n in reading.params if f"before_{n}" in reading.kept]
    moved = {n: of_adapter(insert_parameters(reading, reading.kept[f"before_{n}"])) for n in reading.handed}
    copies = [f"{where}[...] = before_{name}" for name, where in moved.items()]
    return [assign(of_adapter(reading.params[n][0]), f"before_{n}") for n in changed] + copies


def one_by_one(reading: Reading, run: list[str], parts: dict[str, str]) -> list[str]:
    """Return the body of backward for a target of one image: each image goes forward once more, then back."""
    names = [n for n in parts if n != "dx"]
    again = run_lines(reading, "one")
    shift = ["shift = self.shift"] if reading.shift else []
    lines = ["x = self.x", *shift, *(f"self.{n} = 0" for n in names), "dxs = []", "for one, dout_one in zip(x, dout):"]
    inner = [
        *again,
        *([f"self.cache = {reading.cache}"] if reading.cache else []),
        *([f"out_ = {of_adapter(reading.result)}"] if uses(reading.backward, "out_") else []),
        f"dout_ = {reading.out.there('dout_one')}",
        *run,
    ]
    inner += [f"self.{n} = self.{n} + {parts[n]}" for n in names]
    inner += restore(reading) + ([f"dxs.append({parts['dx']})"] if "dx" in parts else [])
    lines += [f"    {line}" for line in inner]
    return [*lines, "return np.stack(dxs)" if "dx" in parts else "return None"]


__all__ = ["Layout", "render"]
