"""How a network may be used: predict, loss, accuracy, gradient, training. Each scenario turns a case into a program."""

import math
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np

from ..i18n import N_, _
from ..subject.protocol import EPS32, EPS64, Fault, Plan, Question, Trace
from . import inputs, references
from .references.loops_network import PARAMS, has_both_sides, margin, margin_of_each, score_margin
from .scenarios import HISTORY, side_by_side
from .scenarios.uses import Expect
from .types import Case, Problem, Scenario, Shape

Program = list[list[Any]]
CLEAR = 1e-5  # no number of a case is nearer to a kink, relative to its layer: ten times what float32 errs there
LONG = 200  # attempts, after which no filter has a bias above 0: where there is no ink, all its windows would be equal
PIXELS = 255.0  # the largest number of an image as a file has it
RATE = 0.1  # of gradient descent
DEFAULTS = ("W1", "b2", "b3")  # whose shapes show a default: filters, channels, hidden and output size
FALSE_ALARM = 6.5  # standard deviations: a right initialization is beyond it less than once in 10**10


def parameters(case: Case) -> dict[str, Shape]:
    """Map each parameter to its shape, as the book has them; an odd row or column is left out by the pooling."""
    c, h, w = case.params["input_dim"]
    fn, size, pad, stride = case.params["conv_param"].values()
    pooled = [((length + 2 * pad - size) // stride + 1) // 2 for length in (h, w)]
    hidden, classes = case.params["hidden_size"], case.params["output_size"]
    dense = {"W2": (fn * math.prod(pooled), hidden), "b2": (hidden,), "W3": (hidden, classes), "b3": (classes,)}
    return {"W1": (fn, c, size, size), "b1": (fn,), **dense}


def draw_question(
    case: Case, turn: str = "", one_hot: bool = False, margin: Callable[[Question], float] = margin
) -> Question:
    """Draw digits and parameters until no number is nearer to a kink than float32 can tell.

    margin: how far a question keeps from every kink. A case that is drawn in a stratum has numbers on both sides of
    each as well, so that no mistake hides by chance. Raises Fault after 1000 attempts.
    """
    n, c, h, w = case.shapes["x"]
    plain = replace(case, spread=False)  # numbers with a mean would leave every ReLU shut
    for attempt in range(1000):
        rng = plain.rng(f"{turn}{attempt}")
        pictures = [inputs.some_digits(rng, n, h, w) for _ in range(c)]
        x, t = np.concatenate([p for p, _ in pictures], axis=1), pictures[0][1] % case.params["output_size"]
        p = {k: rng.standard_normal(s) / math.sqrt(max(1, math.prod(s[1:] if k == "W1" else s[:1])))
             for k, s in parameters(case).items()}  # fmt: skip
        if attempt >= LONG:
            p["b1"] = -np.abs(p["b1"])
        q = Question(case.op, {"x": x, "t": t, **p}, case.params)
        if margin(q) > CLEAR and (not case.spread or has_both_sides(q)):
            return q.but(t=np.eye(case.params["output_size"], dtype=int)[t]) if one_hot else q
    raise Fault(f"{case.id}: no digits were found that keep clear of every kink")


def make_network(q: Question) -> Program:
    """Make the network and write the parameters into it, in place as a trainer does."""
    make: Program = [["make", "net", q.op.name, [q[k] for k in q.op.make or ()]]]
    return make + [["write", f"net.params.{k}", k, []] for k in PARAMS]


def predict(q: Question) -> tuple[Program, Expect]:
    """Ask for the scores before softmax."""
    return [["call", "out", "net.predict", ["x"]]], {"out": (q, "out")}


def loss(q: Question) -> tuple[Program, Expect]:
    """Ask for the mean loss."""
    return [["call", "loss", "net.loss", ["x", "t"]]], {"loss": (q, "loss")}


def accuracy(q: Question) -> tuple[Program, Expect]:
    """Ask for the share of right answers."""
    return [["call", "accuracy", "net.accuracy", ["x", "t"]]], {"accuracy": (q, "accuracy")}


def gradient(q: Question) -> tuple[Program, Expect]:
    """Ask for the gradient of every parameter."""
    return [["call", "grads", "net.gradient", ["x", "t"]]], {f"grads.{k}": (q, f"d{k}") for k in PARAMS}


def everything(q: Question) -> tuple[Program, Expect]:
    """Ask for the scores, the loss and the gradients, one after the other."""
    steps, expect = zip(*(use(q) for use in (predict, loss, gradient)))
    return [step for some in steps for step in some], {k: v for some in expect for k, v in some.items()}


def one_step(use: Callable[[Question], tuple[Program, Expect]], **how: Any) -> Callable[[Case, str], Plan]:
    """Make a plan of one use. how: one_hot, margin, change (of the question), kind, scale (of images), times, eps."""

    def plan(case: Case, part: str) -> Plan:
        q = draw_question(case, one_hot=how.get("one_hot", False), margin=how.get("margin", margin))
        q = q.cast(how["kind"]) if "kind" in how else q.but(x=how["scale"] * q["x"]) if "scale" in how else q
        q = how["change"](q) if "change" in how else q
        steps, expect = use(q)
        return Plan(make_network(q) + steps * how.get("times", 1), q.arrays, expect, eps=how.get("eps", EPS32))

    return plan


def parameters_stay(case: Case, part: str) -> Plan:
    """Read the parameters after gradient: it returns the gradients, the caller updates."""
    q = draw_question(case)
    reads = [["get", f"after.{k}", f"net.params.{k}", []] for k in PARAMS]
    return Plan([*make_network(q), *gradient(q)[0], *reads], q.arrays, {f"after.{k}": (q, k) for k in PARAMS})


def changed_between(case: Case, part: str) -> Plan:
    """Write other parameters in place after the first use; they count in the second, on another batch."""
    old, new = draw_question(case), draw_question(case, "new")
    arrays = {**old.arrays, **{f"{k}_new": a for k, a in new.arrays.items()}}
    writes = [["write", f"net.params.{k}", f"{k}_new", []] for k in PARAMS]
    again = ["call", "again", "net.gradient", ["x_new", "t_new"]]
    program = [*make_network(old), *gradient(old)[0], *writes, again]
    return Plan(program, arrays, {f"again.{k}": (new, f"d{k}") for k in PARAMS})


def used_in_turn(case: Case, part: str) -> Plan:
    """Use one network as a training run does: predict, gradient, an update, predict, loss, accuracy, gradient again.

    The same images come before and after the update, and again in the same array in another order; the accuracy is
    that of a smaller batch. The update is a writing in place. What predict gave is kept.
    """
    old = draw_question(case)
    new = draw_question(case, "new", margin=lambda q: min(margin(q), score_margin(q)))
    few = new.but(x=new["x"][: len(new["x"]) // 2], t=new["t"][: len(new["x"]) // 2])
    turned = new.but(x=new["x"][::-1].copy())
    arrays = {**old.arrays, **{f"{k}_2": a for k, a in new.arrays.items()}}
    arrays |= {"x_few": few["x"], "t_few": few["t"], "x_turned": turned["x"]}
    steps, expect = make_network(old), Expect()

    def use(result: str, q: Question, method: str, ending: str) -> None:
        given = [name + ending for name in (("x",) if method == "predict" else ("x", "t"))]
        steps.append(["call", result, f"net.{method}", given])
        answers = {result: (q, "out" if method == "predict" else method)}
        expect.update({f"{result}.{k}": (q, f"d{k}") for k in PARAMS} if method == "gradient" else answers)

    use("out", old, "predict", "")
    use("grads", old, "gradient", "")
    use("out_2", old.but(x=new["x"], t=new["t"]), "predict", "_2")
    steps += [["write", f"net.params.{k}", f"{k}_2", []] for k in PARAMS]
    use("out_3", new, "predict", "_2")
    use("loss", new, "loss", "_2")
    use("accuracy", few, "accuracy", "_few")
    use("grads_2", new, "gradient", "_2")
    steps.append(["write", "x_2", "x_turned", []])
    for result, method in (("grads_3", "gradient"), ("accuracy_2", "accuracy"), ("loss_2", "loss")):
        use(result, turned, method, "_2")
    return Plan(steps, arrays, expect, keep=("out", "out_2", "out_3"))


def many_classes(q: Question) -> Question:
    """Make every label larger than a byte holds: the best classes of the images are put last.

    Every third label is wrong, and equal to the right one in its last byte.
    """
    best = references.ask(q)["out"].argmax(axis=1)
    last = np.unique(best)
    order = [*np.setdiff1d(np.arange(q["output_size"]), last), *last]
    t = np.searchsorted(last, best) + len(order) - len(last)
    t[::3] -= 256
    return q.but(t=t, W3=q["W3"][:, order], b3=q["b3"][order])


def gradients_stay(case: Case, part: str) -> Plan:
    """Keep the gradients of one batch while those of another are asked for: both are used where they are added up."""
    first, second = draw_question(case), draw_question(case, "2")
    arrays = {**first.arrays, "x_2": second["x"], "t_2": second["t"]}
    steps, expect = gradient(first)
    again = ["call", "again", "net.gradient", ["x_2", "t_2"]]
    return Plan([*make_network(first), *steps, again], arrays, expect, keep=tuple(expect))


def made_twice(case: Case, part: str) -> Plan:
    """Make two networks with the same arguments, and two with the defaults; the second one is used."""
    q = draw_question(case)
    (make, *writes), (steps, expect) = make_network(q), gradient(q)
    spare: Program = [["make", name, q.op.name, []] for name in ("spare", "another")]
    return Plan([*spare, ["make", "first", *make[2:]], make, *writes, *steps], q.arrays, expect)


def defaults_after_others(case: Case, part: str) -> Plan:
    """Make a network with the defaults after one with other arguments, and again after one with yet others."""
    program: Program = []
    for name, filters in (("first", 1), ("second", 2)):
        arguments = {**case.params, "conv_param": {**case.params["conv_param"], "filter_num": filters}}
        program += [["make", name, case.op.name, [arguments[k] for k in case.op.make or ()]],
                    ["make", f"after_{name}", case.op.name, []],
                    *(["get", f"{name}.{k}", f"after_{name}.params.{k}", []] for k in DEFAULTS)]  # fmt: skip
    return Plan(program, {}, {})


def defaults_stay(book: Case) -> Callable[[Plan, Trace], Problem | None]:
    """Make the rule that both networks of defaults have the same shapes: what these are, the scenario init asks."""

    def rule(plan: Plan, trace: Trace) -> Problem | None:
        for name in DEFAULTS:
            both = [trace.results[f"{which}.{name}"] for which in ("second", "first")]
            right = parameters(book)[name]
            if lost := [a for a in both if not np.issubdtype(a.dtype, np.number)]:
                return Problem("type", f"params[{name!r}]", lost[0])
            if both[0].shape != both[1].shape:
                got = next(a for a in both if a.shape != right)
                return Problem("shape", f"params[{name!r}]", got, np.zeros(right), code="net.defaults-changed")
        return None

    return rule


def beside_another(partner: Case) -> Callable[[Case, str], Plan]:
    """Make the plan of two networks of different sizes that are made and used at the same time."""

    def plan(case: Case, part: str) -> Plan:
        return side_by_side(*(one_step(everything)(c, part) for c in (case, partner)))

    return plan


def two_new_networks(case: Case, part: str) -> Plan:
    """Read W1 of two new networks that are made alike."""
    arguments = [case.params[k] for k in case.op.make or ()]
    program: Program = []
    for name in ("net", "other"):
        program += [["make", name, case.op.name, arguments], ["get", f"{name}.W1", f"{name}.params.W1", []]]
    return Plan(program, {}, {})


def check_new_weights(plan: Plan, trace: Trace) -> Problem | None:
    """Check that two new networks do not start with the same weights."""
    first, second = (trace.results[f"{name}.W1"] for name in ("net", "other"))
    if not np.array_equal(first, second):
        return None
    return Problem("alike", "W1", note=_("two new networks start with the same weights"), code="net.seeded")


def lock_step(steps: int) -> Callable[[Case, str], Plan]:
    """Make a plan of gradient descent by the caller; every parameter is compared after every step."""

    def plan(case: Case, part: str) -> Plan:
        batches = [draw_question(case, f"step {k}") for k in range(steps)]
        stacked = {k: np.stack([q[k] for q in batches]) for k in ("x", "t")}
        q = Question(case.op, {**batches[0].arrays, **stacked}, {**case.params, "rate": RATE})
        arrays = {k: q[k] for k in PARAMS} | {f"{k}{i}": b[k] for i, b in enumerate(batches) for k in ("x", "t")}
        program, expect = make_network(q), {}
        for i in range(steps):
            program.append(["call", f"grads{i}", "net.gradient", [f"x{i}", f"t{i}"]])
            for k in PARAMS:
                program += [["descend", f"net.params.{k}", f"grads{i}.{k}", [RATE]]]
                program += [["get", f"{k}_{i + 1}", f"net.params.{k}", []]]
                expect[f"{k}_{i + 1}"] = (q, f"{k}_{i + 1}")
        return Plan(program, arrays, expect)

    return plan


def new_network(std: float, default: bool) -> Callable[[Case, str], Plan]:
    """Make a plan that reads the parameters of a new network. default: its arguments are left out."""

    def plan(case: Case, part: str) -> Plan:
        arguments = [] if default else [*(case.params[k] for k in (case.op.make or ())[:-1]), std]
        reads = [["get", f"first.{k}", f"net.params.{k}", []] for k in PARAMS]
        return Plan([["make", "net", case.op.name, arguments], *reads], {}, {})

    return plan


def starts_well(case: Case, std: float) -> Callable[[Plan, Trace], Problem | None]:
    """Make the rule of initial parameters: the book's shapes, weights normal around 0 with this deviation, biases 0."""

    def rule(plan: Plan, trace: Trace) -> Problem | None:
        for name, shape in parameters(case).items():
            got = trace.results[f"first.{name}"]
            if got.shape != shape:
                return Problem("shape", f"params[{name!r}]", got, np.zeros(shape), code="net.init-shape")
            problem = bias_problem(name, got) if name[0] == "b" else weight_problem(name, got, std)
            if problem:
                return problem
        return None

    return rule


def bias_problem(name: str, got: np.ndarray) -> Problem | None:
    """Report an initial bias that is not 0."""
    if not got.any():
        return None
    return Problem("values", f"params[{name!r}]", got, np.zeros(got.shape), 0.0, code="net.init-bias")


def weight_problem(name: str, got: np.ndarray, std: float) -> Problem | None:
    """Report weights that repeat themselves along an axis, or whose mean or standard deviation is not that of n
    normal numbers, within FALSE_ALARM deviations."""
    n = got.size
    for axis in range(got.ndim):
        first = np.broadcast_to(np.take(got, [0], axis), got.shape)
        if got.shape[axis] > 1 and got.any() and np.array_equal(first, got):
            return Problem(
                "alike", f"params[{name!r}]", got, note=_("rows or columns are equal"), code="net.init-repeated"
            )
    for what, value, want, deviation, code in (
        (N_("mean of {name}"), got.mean(), 0.0, max(std, got.std()) / math.sqrt(n), "net.init-mean"),
        (N_("standard deviation of {name}"), got.std(), std, std / math.sqrt(2 * n), "net.init-std"),
    ):
        if not abs(value - want) <= FALSE_ALARM * deviation:
            said = _(what).format(name=f"params[{name!r}]")
            return Problem("values", said, np.array(value), np.array(want), FALSE_ALARM * deviation, code=code)
    return None


TWO_NEW = Scenario("two-new", "two new networks differ: no seed is set", two_new_networks, "advice",
                   rule=check_new_weights, parts=("result",))  # fmt: skip


def after_others(book: Case) -> Scenario:
    """Make the scenario of networks with the defaults, which are the book's, after some of other settings."""
    title = "networks of the defaults, each after one of other settings"
    return Scenario("defaults-after-others", title, defaults_after_others, "edge", rule=defaults_stay(book),
                    parts=("result",))  # fmt: skip


def initial_parameters(case: Case, std: float, default: bool = False) -> Scenario:
    """Make the scenario of a new network's parameters."""
    title = "its parameters at first" if default else "its parameters at first, with weight_init_std"
    level = "edge" if default else "core"  # what is given counts; a default is a convention
    return Scenario("init", title, new_network(std, default), level, rule=starts_well(case, std), parts=("result",))


def scenario(
    name: str, title: str, plan: Callable[[Case, str], Plan], level: str = "core", **more: Any
) -> tuple[str, Scenario]:
    """Make a scenario without parts, with its name before it."""
    return name, Scenario(name, title, plan, level=level, parts=("result",), **more)


# fmt: off
SCENARIOS = dict(
    (
        scenario("predict", "predict gives the scores before softmax", one_step(predict)),
        scenario("predict-pixels", "the scores of images of 0 to 255",
                 one_step(predict, scale=PIXELS, margin=lambda q: margin(q.but(x=PIXELS * q["x"])))),
        scenario(
            "gradient-pixels",
            "all six gradients for images of 0 to 255",
            one_step(gradient, scale=PIXELS, margin=lambda q: margin(q.but(x=PIXELS * q["x"]))),
        ),
        scenario(
            "images-far-apart",
            "the scores, the loss and all six gradients for one far brighter image",
            one_step(everything, change=inputs.put_far_apart, margin=lambda q: margin_of_each(inputs.put_far_apart(q))),
            "edge",
        ),
        scenario("flat-images", "all six gradients for images of one brightness",
                 one_step(gradient, change=inputs.flatten_images,
                          margin=lambda q: margin(inputs.flatten_images(q), ties=False)), "edge"),
        scenario("loss", "the mean loss for labels", one_step(loss)),
        scenario("loss-one-hot", "the mean loss for one-hot t", one_step(loss, one_hot=True)),
        scenario("accuracy", "the share of right answers", one_step(accuracy, margin=score_margin)),
        scenario("accuracy-one-hot", "the share of right answers for one-hot t",
                 one_step(accuracy, one_hot=True, margin=score_margin)),
        scenario("gradient", "all six gradients", one_step(gradient)),
        scenario("gradient-one-hot", "all six gradients for one-hot t", one_step(gradient, one_hot=True)),
        scenario(
            "one-hot-floats",
            "the scores, the loss and all six gradients for one-hot t in float64, which stays as it is",
            one_step(everything, one_hot=True, change=lambda q: q.but(t=q["t"].astype("f8"))),
            "edge",
        ),
        scenario("float32", "float32 in", one_step(gradient, kind="float32")),
        scenario("gradient-twice", "gradient twice gives the same", one_step(gradient, times=2)),
        scenario("everything", "the scores, the loss and all six gradients", one_step(everything)),
        scenario("parameters-stay", "gradient does not change the parameters", parameters_stay),
        scenario("parameters-changed", "parameters written in place count", changed_between),
        scenario(
            "used-in-turn",
            "predict, gradient, an update, predict, loss, accuracy and gradient again",
            used_in_turn,
            mistakes=HISTORY,
        ),
        scenario(
            "accuracy-many-classes",
            "the share of right answers for labels above 255",
            one_step(accuracy, margin=score_margin, change=many_classes),
            "edge",
        ),
        scenario("loss-many-classes", "the mean loss for labels above 255",
                 one_step(loss, change=many_classes), "edge"),
        scenario("made-twice", "a second network made with the same arguments", made_twice),
        scenario("training", "three steps of gradient descent, every parameter after each", lock_step(3)),
        scenario("gradients-stay", "the gradients of one batch stay as they are", gradients_stay, "advice"),
        scenario("float64-kept", "float64 in, float64 precision out", one_step(gradient, eps=EPS64), "advice"),
    )
)
# fmt: on
