"""Batch normalization: the known mistakes of the running statistics."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np

from ...subject.protocol import Answer, Question
from ..types import Mistake
from .changes import Ask, WrongAnswer, ask_with

Move = Callable[[np.ndarray, np.ndarray, float, int], np.ndarray]  # (old, the batch's, momentum, n) -> new statistics

FIXED = (0.1, 0.9, 0.01, 0.99, 0.5)  # momentum, where it is not the one that was given
OWN_EPS = (1e-5, 1e-7, 1e-8, 1e-6)  # where it cannot be chosen

Parts = tuple[np.ndarray, np.ndarray, np.ndarray]  # x, mean, variance, each to be broadcast


def axes(q: Question) -> tuple[int, ...]:
    """Return all axes of x but the channels'."""
    return (0, *range(2, q["x"].ndim))


def broadcast(q: Question, name: str) -> np.ndarray:
    """Return a channel's numbers (C,) in a shape that broadcasts over x."""
    return np.asarray(q[name]).reshape(-1, *[1] * (q["x"].ndim - 2))


def average_over(*which: int) -> Callable[[Question], Parts]:
    """Take mean and variance over these axes; a batch of rows has only the first two."""

    def parts(q: Question) -> Parts:
        chosen = which if q["x"].ndim == 4 else tuple(a for a in which if a < 2)
        return q["x"], q["x"].mean(chosen, keepdims=True), q["x"].var(chosen, keepdims=True)

    return parts


def right_parts(q: Question) -> Parts:
    """Return the right mean and variance: the batch's in training, else the running ones."""
    if q["train_flg"]:
        return average_over(*axes(q))(q)
    return q["x"], broadcast(q, "running_mean"), broadcast(q, "running_var")


def in_own_scale(m: Mistake, own: float) -> Mistake:
    """Return a mistake of a layer whose eps is fixed, and which is given x scaled so that eps is the one asked for."""

    def answer(ask: Ask, q: Question) -> Answer | None:
        t = float(np.sqrt(own / q["eps"]))
        moved = {"running_mean": t * q["running_mean"], "running_var": t * t * q["running_var"]}
        found = m.answer(ask, q.but(x=t * q["x"], eps=own, **moved))
        back = {"dx": t, "running_mean": 1 / t, "running_var": 1 / (t * t)}
        return None if found is None else {k: a * back.get(k, 1) for k, a in found.items()}

    return Mistake(m.code, m.text, answer, m.repair)


def count_numbers(q: Question) -> int:
    """Return n, the numbers of a channel in the batch."""
    return int(q["x"].size // q["x"].shape[1])


def unbiased_variance(q: Question) -> np.ndarray:
    """Return each channel's sum of squares over n - 1, (C,)."""
    n = count_numbers(q)
    return np.asarray(q["x"].var(axes(q)) * n / (n - 1))


def move_at_inference(*names: str) -> WrongAnswer:
    """Move these running statistics at inference, too."""

    def answer(ask: Ask, q: Question) -> Answer:
        moved = ask(q.but(train_flg=True, dout=None))
        return {**ask(q), **{k: moved[k] for k in names}}

    return answer


def move_over_n_at_inference(ask: Ask, q: Question) -> Answer | None:
    """Move the running statistics at inference, too, with the variance over n."""
    if q["train_flg"]:
        return ask(q)
    turned = move_statistics(mix, over_n(mix))(ask, q.but(train_flg=True, dout=None)) or {}
    return {**ask(q), **{k: turned[k] for k in ("running_mean", "running_var")}}


def move_statistics(mean: Move | None = None, var: Move | None = None) -> WrongAnswer:
    """Move the running mean, the running variance, or both, in another way."""

    def answer(ask: Ask, q: Question) -> Answer | None:
        if not q["train_flg"]:
            return None
        found, x = ask(q), q["x"]
        batch = {"running_mean": x.mean(axes(q)), "running_var": unbiased_variance(q)}
        for name, move in (("running_mean", mean), ("running_var", var)):
            if move:
                found[name] = move(q[name], batch[name], q["momentum"], count_numbers(q))
        return found

    return answer


def mix(old: np.ndarray, new: np.ndarray, m: float, n: int) -> np.ndarray:
    """Return (1 - m) * old + m * new, as is right."""
    return (1 - m) * old + m * new


def corrected_by(count: Callable[[np.ndarray], int]) -> WrongAnswer:
    """Take another count of x for n where the running variance is corrected."""

    def answer(ask: Ask, q: Question) -> Answer | None:
        own = count(q["x"])
        if own < 2:
            return None
        more = own / (own - 1)
        return move_statistics(var=lambda old, new, m, n: mix(old, new * (n - 1) / n * more, m, n))(ask, q)

    return answer


def replace_by_batch(old: np.ndarray, new: np.ndarray, m: float, n: int) -> np.ndarray:
    """Take the batch's own."""
    return new


def over_n(move: Move) -> Move:
    """Take the variance over n, not n - 1, and move with it as `move` does."""
    return lambda old, new, m, n: move(old, new * (n - 1) / n, m, n)


def take_root(move: Move) -> Move:
    """Take the standard deviation, and move with it as `move` does."""
    return lambda old, new, m, n: move(old, np.sqrt(new), m, n)


def mix_turned(old: np.ndarray, new: np.ndarray, m: float, n: int) -> np.ndarray:
    """Take momentum for the share of the old."""
    return mix(new, old, m, n)


def through_adapter(move: Move) -> Move:
    """Move the variance over n as `move` does, in a layer whose adapter makes a right one that over n - 1.

    The adapter multiplies what has come to the share of the old by n / (n - 1), whatever that is.
    """

    def moved(old: np.ndarray, new: np.ndarray, m: float, n: int) -> np.ndarray:
        kept = (1 - m) * old
        return np.asarray(kept + (move(old, new * (n - 1) / n, m, n) - kept) * n / (n - 1))

    return moved


def correct_twice(old: np.ndarray, new: np.ndarray, m: float, n: int) -> np.ndarray:
    """Multiply by n / (n - 1) twice."""
    return mix(old, new * n / (n - 1), m, n)


def add_to_whole(old: np.ndarray, new: np.ndarray, m: float, n: int) -> np.ndarray:
    """Leave the old as large as it was."""
    return old + m * new


def keep_old(old: np.ndarray, new: np.ndarray, m: float, n: int) -> np.ndarray:
    """Leave the old as it is."""
    return old


def average_two(old: np.ndarray, new: np.ndarray, m: float, n: int) -> np.ndarray:
    """Average with as much weight as the batch before had: what a second batch does to a mean of all."""
    return np.asarray((old + new) / 2)


def mix_fixed(share: float) -> Move:
    """Take this share of the new, whatever momentum is."""
    return lambda old, new, m, n: mix(old, new, share, n)


def fix_momentum(share: float) -> WrongAnswer:
    """Take this momentum, whatever was given."""
    return ask_with(momentum=lambda q: share)


def from_last_batch(*names: str) -> Callable[[Ask, Question, Question], Answer | None]:
    """Take statistics of the batch before, which was trained on, for the running ones at inference."""

    def answer(ask: Ask, old: Question, new: Question) -> Answer | None:
        batch = {"running_mean": old["x"].mean(axes(old)), "running_var": old["x"].var(axes(old))}
        return None if new["train_flg"] else ask(new.but(**{name: batch[name] for name in names}))

    return answer


def one_array(own: float | None, biased: bool) -> Callable[[Ask, Question, Question], Answer | None]:
    """Infer with the running variance for the running mean: both are one array, and the variance is written last.

    own: a fixed eps, where x is given scaled so that eps is the one that is asked for; None: none.
    """

    def answer(ask: Ask, old: Question, new: Question) -> Answer | None:
        n, scale = count_numbers(old), 1.0 if own is None else float(np.sqrt(own / new["eps"]))
        if new["train_flg"] or n < 2:
            return None
        return ask(new.but(running_mean=scale * new["running_var"] * ((n - 1) / n if biased else 1)))

    return answer


def as_at_first_inference(*names: str) -> Callable[[Ask, Question, Question], Answer | None]:
    """Infer by what an earlier inference had of these parameters and statistics."""

    def answer(ask: Ask, old: Question, new: Question) -> Answer | None:
        return None if old["train_flg"] or new["train_flg"] else ask(new.but(**{k: old[k] for k in names}))

    return answer


TORCH = "running = (1 - momentum) * running + momentum * batch"
FIXED_MOMENTUM = "bn.momentum-fixed"
ZERO_FOR_NONE = "bn.momentum-zero-for-none"
SHARES = "running = (1 - share) * running + share * batch; share is momentum, or 1 - momentum if that is the old's"
# fmt: off
RUNNING = (
    Mistake("bn.momentum-turned", "momentum and 1 - momentum change places in the running statistics",
            ask_with(momentum=lambda q: 1 - q["momentum"]), SHARES),
    Mistake("bn.momentum-turned-for-mean", "momentum and 1 - momentum change places, for the running mean alone",
            move_statistics(mean=mix_turned), SHARES),
    Mistake("bn.momentum-turned-for-variance",
            "momentum and 1 - momentum change places, for the running variance alone",
            move_statistics(var=mix_turned), SHARES),
    Mistake("bn.running-as-in-book",
            "the running statistics are the book's: momentum is the share of the old ones, and the variance is over n",
            move_statistics(mix_turned, over_n(mix_turned)), f"{TORCH}, with the variance over n - 1"),
    *(Mistake(FIXED_MOMENTUM, "momentum is a fixed number, whatever was given",
              answer, "use the momentum that was given")
      for share in FIXED for answer in (fix_momentum(share),
                                        move_statistics(mix_fixed(share), over_n(mix_fixed(share))))),
    *(Mistake(ZERO_FOR_NONE, "a momentum of 0 is taken for none, and the default stands in its place",
              lambda ask, q, share=share: None if q["momentum"] else ask(q.but(momentum=share)),
              "`momentum or 0.1` gives 0.1 where momentum is 0: compare with None, `if momentum is None`")
      for share in FIXED),
    *(Mistake("bn.moved-at-inference", f"the running {what} at inference, too", move_at_inference(*names),
              "move them where train_flg is true only")
      for what, names in (("statistics move", ("running_mean", "running_var")), ("mean moves", ("running_mean",)),
                          ("variance moves", ("running_var",)))),
    Mistake("bn.running-var-biased", "the running variance is that over n, not n - 1",
            move_statistics(var=over_n(mix)),
            "multiply the batch's variance by n / (n - 1) before it goes into the running one"),
    Mistake("bn.running-var-over-images", "the running variance is multiplied by N / (N - 1), N the number of images",
            corrected_by(len), "n is the number of a channel's numbers, N * H * W"),
    Mistake("bn.running-var-by-columns", "the n of the running variance is that of a column, x.size // x.shape[-1]",
            corrected_by(lambda x: x.size // x.shape[-1]), "n is the number of a channel's numbers, N * H * W"),
    *(Mistake("bn.running-var-std", "the running variance is fed with the standard deviation, not its square",
              move_statistics(var=move), "put the variance into it: what inference takes the root of")
      for move in (take_root(mix), over_n(take_root(mix)), over_n(take_root(mix_turned)))),
    Mistake("bn.running-var-corrected-twice", "the running variance is multiplied by n / (n - 1) twice",
            move_statistics(var=correct_twice), "divide the sum of squares by n - 1 once"),
    *(Mistake("bn.running-replaced", "the running statistics are those of the last batch",
              move_statistics(replace_by_batch, var), SHARES) for var in (replace_by_batch, over_n(replace_by_batch))),
    Mistake("bn.running-not-moved", "the running statistics stay as they were", ask_with(momentum=lambda q: 0.0),
            SHARES),
    *(Mistake("bn.running-mean-not-moved", "the running mean stays as it was; the running variance is moved",
              move_statistics(keep_old, var), SHARES) for var in (None, over_n(mix))),
    Mistake("bn.running-var-not-moved", "the running variance stays as it was; the running mean is moved",
            move_statistics(var=keep_old), SHARES),
    *(Mistake("bn.running-old-not-shrunk", "the old statistics are not multiplied by their share",
              move_statistics(mean, var), SHARES)
      for mean, var in ((add_to_whole, add_to_whole), (add_to_whole, None), (None, add_to_whole))),
)
LATER = (  # mistakes that the second batch shows: what the first does, what the second does to what the first left
    *((Mistake("bn.running-first-replaces",
               "the first training batch replaces the running statistics; only later ones are mixed in",
               move_statistics(replace_by_batch, first), f"from the first batch on, {SHARES}"),
       move_statistics(mix, second))
      for first, second in ((replace_by_batch, mix), (over_n(replace_by_batch), over_n(mix)))),
    *((Mistake("bn.running-mean-of-all", "the running statistics are the mean over all batches; momentum is not used",
               move_statistics(replace_by_batch, first), SHARES),
       move_statistics(average_two, second))
      for first, second in ((replace_by_batch, average_two),
                            (over_n(replace_by_batch), over_n(average_two)))),
)
HISTORY = (  # what inference takes from the training before it: (ask, the question before, this question)
    *(Mistake("bn.last-batch-at-inference", f"inference {does} of the last training batch, not the running {which}",
              from_last_batch(*names), f"take self.{' and self.'.join(names)} at inference; "
              "what training has worked out is for its backward")
      for does, which, names in (("subtracts the mean", "one", ("running_mean",)),
                                 ("divides by the standard deviation", "one", ("running_var",)),
                                 ("takes mean and variance", "ones", ("running_mean", "running_var")))),
    *(Mistake("bn.statistics-one-array", "the running mean and the running variance are one array: the variance stands "
              "in it when inference takes the mean", one_array(own, biased),
              "self.running_mean, self.running_var = np.zeros(C), np.ones(C): an array for each")
      for own in (None, *OWN_EPS) for biased in (False, True)),
)
KEPT_AT_INFERENCE = (
    Mistake("bn.kept-at-inference",
            "inference works with the scale and shift of an earlier one: they are made once, and kept though training "
            "has moved the running statistics since, or gamma and beta have changed",
            as_at_first_inference("gamma", "beta", "running_mean", "running_var"),
            "work the scale and the shift out anew in every inference"),
    *(Mistake("bn.statistics-kept-at-inference",
              f"inference {does} of an earlier one: what is kept for it is not renewed when training moves the running "
              "statistics", as_at_first_inference(*names),
              "work it out anew in every inference, or drop it in every training forward")
      for does, names in (("divides by the standard deviation", ("running_var",)),
                          ("subtracts the mean", ("running_mean",)),
                          ("has the mean and the standard deviation", ("running_mean", "running_var")))),
)
BY_CODE = {m.code: m for m in RUNNING}
ADAPTED = tuple(  # the same where the layer's variance is over n, which an adapter makes that over n - 1
    replace(BY_CODE[code], answer=move_statistics(mean, through_adapter(var)))
    for code, mean, var in (
        ("bn.momentum-turned", mix_turned, mix_turned),
        ("bn.momentum-turned-for-variance", None, mix_turned),
        ("bn.running-replaced", replace_by_batch, replace_by_batch),
        ("bn.running-not-moved", keep_old, keep_old),
        ("bn.running-var-not-moved", None, keep_old),
        ("bn.running-old-not-shrunk", add_to_whole, add_to_whole),
        ("bn.running-old-not-shrunk", None, add_to_whole),
        *((FIXED_MOMENTUM, fixed, fixed) for fixed in map(mix_fixed, FIXED)),
    )
)
ADAPTED += (replace(BY_CODE["bn.moved-at-inference"], answer=move_over_n_at_inference),)
ADAPTED += tuple(in_own_scale(m, own) for m in RUNNING if m.code == "bn.running-var-std" for own in OWN_EPS)
# fmt: on
