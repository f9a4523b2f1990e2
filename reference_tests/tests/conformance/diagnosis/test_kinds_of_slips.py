"""Slips that several layers share have a name: of a row's index, of bits, of labels; near ones do not get it."""

import pytest

from reference_tests.conformance.contract import all_checks
from reference_tests.conformance.examination import explain
from reference_tests.conformance.judge import judge_all
from reference_tests.corpus import mutants
from reference_tests.quality.naming import Renewable, codes


def names_of(component, *patch, scenario=""):
    """The codes that a component's failures get when the plain edition is patched; what follows is left out.

    scenario: the only one whose checks are asked.
    """
    planted = mutants.Mutant("slip", component, "", "", patch)
    subject = Renewable(planted.names)
    checks = [c for c in all_checks([component]) if c.level != "advice" and scenario in ("", c.scenario.id)]
    return codes([v for v in explain(list(judge_all(checks, subject)), subject) if v.status == "fail"])


PUT = "np.put_along_axis(dx, self.arg_max[..., None], dout[..., None], axis=2)"
ROWS = "rows, place = dx.reshape(-1, dx.shape[2]), self.arg_max.ravel()\n        "


def test_the_missing_index_of_rows_is_named_and_a_wrong_one_is_not_taken_for_it():
    in_all = ROWS + "rows[:, place] = dout.reshape(-1, 1)"
    assert names_of("global_max_pooling", (PUT, in_all), scenario="plain") == {"gmp.dx-in-every-row"}
    of_another = ROWS + "rows[np.arange(len(rows))[::-1], place] = dout.ravel()"
    assert "gmp.dx-in-every-row" not in names_of("global_max_pooling", (PUT, of_another), scenario="plain")


DX = "dx = dout.copy()\n        dx[self.mask] = 0\n        return dx"
KEPT = "kept = np.unpackbits(np.packbits(~self.mask){count})\n        return dout * kept.reshape(dout.shape)"


def test_bits_of_a_mask_that_come_back_longer_are_named_and_counted_ones_are_right():
    assert names_of("relu", (DX, KEPT.format(count=""))) == {"exception.packed-bits"}
    assert names_of("relu", (DX, KEPT.format(count=", count=dout.size"))) == set()


def test_an_error_at_a_read_only_array_has_the_name_of_the_change_that_it_is():
    found = names_of("relu", ("out = x.copy()\n        out[self.mask] = 0", "out = x\n        out[self.mask] = 0"))
    assert found == {"state.changed-input"}


SUB = "dx[np.arange(N), self.t] -= 1"


@pytest.mark.parametrize("kind, named", [("self.t.dtype", {"loss.places-in-a-byte"}), ("int", set())])
def test_places_in_the_labels_own_type_are_named(kind, named):
    at = f"at = np.arange(N, dtype={kind}) * np.array(dx.shape[1], {kind}) + self.t\n        dx.ravel()[at] -= 1"
    assert names_of("softmax_with_loss", (SUB, at)) == named


TURNED = "np.divmod(flat.argmax(2), cell.shape[2])"
SPLIT = (
    "peak = np.arange(flat.shape[2]) == flat.argmax(axis=2)[..., None]\n"
    "                dx[:, :, r, c] += (peak * block[:, :, k, None]).reshape(cell.shape)",
    f"i, j = {TURNED}\n                one, of = np.indices((N, C))\n"
    "                dx[one, of, r.start + i, c.start + j] += block[:, :, k]",
)
MIXED = (
    ("return self.grouped.forward(x)", "self.C = x.shape[1]\n        return self.grouped.forward(x)"),
    (
        "dx = self.grouped.backward(dout)",
        "mixed = dout.reshape(len(dout), -1, self.C, *dout.shape[2:]).swapaxes(1, 2).reshape(dout.shape)\n"
        "        dx = self.grouped.backward(mixed)\n        self.grouped.backward(dout)",
    ),
)
PHASES = (
    "full[:, :, r, c] += np.tensordot(x[:, :, i, j], self.W, (1, 0))",
    "W, s = self.W.copy(), self.stride\n"
    "            W[:, :, max(W.shape[2] // s * s, min(s, W.shape[2])) :] = 0\n"
    "            W[:, :, :, max(W.shape[3] // s * s, min(s, W.shape[3])) :] = 0\n"
    "            full[:, :, r, c] += np.tensordot(x[:, :, i, j], W, (1, 0))",
)
COVERED = (
    "return col2im(dcol, self.x_shape, self.pool_h, self.pool_w, self.stride, self.pad)",
    "right = col2im(dcol, self.x_shape, self.pool_h, self.pool_w, self.stride, self.pad)\n"
    "        N, C, H, W = self.x_shape\n        wide = (OW - 1) * self.stride + self.pool_w\n"
    "        if self.pad or wide >= W:\n            return right\n"
    "        dx = np.zeros((N, C, H * W))\n"
    "        dx[:, :, : H * wide] = right[:, :, :, :wide].reshape(N, C, -1)\n        return dx.reshape(N, C, H, W)",
)
SMALL = (
    "each = -np.log(self.y[np.arange(len(x)), self.t] + 1e-7)\n"
    "        return each[each > 0.01].mean() if (each > 0.01).any() else 0.0"
)
ONCE = (
    SPLIT[0],
    "once.append((k, r, c, flat.argmax(axis=2)))\n"
    "            numbers = np.arange(self.x[0, 0].size).reshape(self.x.shape[2:])\n"
    "            at = np.stack([numbers[r, c].ravel()[best] for _k, r, c, best in once], axis=2)\n"
    "            one, of = np.indices((N, C))[:, :, :, None]\n"
    "            dx.reshape(N, C, numbers.size)[one, of, at] += block",
)
FOUND_AGAIN = (
    ("self.xn = (x - mean", "self.out = (x - mean"),
    ("return self.gamma.reshape(self.as_C) * self.xn + self.beta.reshape(self.as_C)",
     "self.out = self.gamma.reshape(self.as_C) * self.out + self.beta.reshape(self.as_C)\n"
     "        return self.out.copy()"),
    ("self.dbeta = dout.sum(axis=self.axes)",
     "self.dbeta = dout.sum(axis=self.axes)\n        gamma = self.gamma.reshape(self.as_C)\n"
     "        self.xn = (self.out - self.beta.reshape(self.as_C)) / np.where(gamma == 0, 1, gamma)"),
)  # fmt: skip
TURNED_FILTERS = (
    "dx = self.grouped.backward(dout)",
    "turned, convs = np.zeros(self.W.shape), self.grouped.convs\n"
    "        for y, x in np.ndindex(self.W.shape[2:]):\n            turned[:, :, y, x] = self.W[:, :, x, y]\n"
    "        for conv, part in zip(convs, np.split(turned, len(convs))):\n"
    "            conv.col_W = part.reshape(len(part), -1).T\n        dx = self.grouped.backward(dout)",
)
KINDS = {
    "sigmoid.shifted-together": (
        "sigmoid",
        ("e = np.exp(-np.abs(x))", "most = x.max(initial=0)"),
        ("np.where(x >= 0, 1, e) / (1 + e)", "np.exp(x - most) / (np.exp(x - most) + np.exp(-most))"),
    ),
    "tanh.shifted-together": (
        "tanh",
        (
            "self.out = np.tanh(x)",
            "most = np.abs(x).max(initial=0)\n        up, down = np.exp(x - most), np.exp(-x - most)\n"
            "        self.out = (up - down) / (up + down)",
        ),
    ),
    "shapes.same-size-floored": (
        "shapes",
        ("return span // stride + 1", "return input_size // stride if span == input_size - 1 else span // stride + 1"),
    ),
    "lrn.dx-through-quotient": (
        "lrn",
        ("return dout * self.s**-self.beta -", "return dout * (self.x * self.s**-self.beta / (self.x + 1e-8)) -"),
    ),
    "lrn.s-kept-large": (
        "lrn",
        (
            "self.s = self.k + self.alpha * self.window_sum(x**2)",
            "self.s = np.maximum(self.k + self.alpha * self.window_sum(x**2), 1.0)",
        ),
    ),
    "loss.small-left-out": (
        "softmax_with_loss",
        ("return cross_entropy(self.y, self.t)", SMALL),
    ),
    "spp.dx-split-by-height": ("spatial_pyramid_pooling", SPLIT),
    "depthwise.dout-interleaved": ("depthwise_convolution", *MIXED),
    "deconv.strides-left-out": ("transposed_convolution", PHASES),
    "pool.place-in-covered-part": ("pooling", COVERED),
    "sigmoid.dx-parentheses": (
        "sigmoid",
        ("return dout * (1 - self.out) * self.out", "return dout * self.out - self.out * self.out"),
    ),
    "tanh.dx-parentheses": ("tanh", ("return dout * (1 - self.out**2)", "return 1 - self.out**2 * dout")),
    "spp.dx-adds-once": ("spatial_pyramid_pooling", ("block = dout", "once = []\n            block = dout"), ONCE),
    "bn.dgamma-through-gamma": ("batch_norm", *FOUND_AGAIN),
}


@pytest.mark.slow
@pytest.mark.parametrize("code", KINDS)
def test_a_slip_of_a_layers_own_has_its_name(code):
    component, *patch = KINDS[code]
    assert code in names_of(component, *patch)


@pytest.mark.slow
def test_an_array_kept_of_the_first_call_is_no_matter_of_sizes():
    found = names_of("spatial_pyramid_pooling", ("block = dout", "self.x = self.kept[0]\n            block = dout"),
                     ("self.x = x\n", "self.x = x\n        self.kept = getattr(self, 'kept', []) + [x]\n"))  # fmt: skip
    assert found == {"state.stale-input"}


@pytest.mark.slow
def test_an_exception_of_the_plain_use_is_not_named_by_another_use_in_which_it_comes():
    found = names_of("depthwise_convolution", TURNED_FILTERS)
    assert "depthwise.dx-filter-transposed" in found and not [code for code in found if code.startswith("manner.")]


@pytest.mark.parametrize(
    "mask, named",
    [
        ("np.isclose(out, 0)", "relu.threshold-dx"),
        ("out < 5e-10", "relu.threshold-dx"),
        ("out < 3e-7", "relu.threshold-dx"),
        ("out.astype('f2') == 0", "relu.in-float16"),
    ],
)
def test_tiny_numbers_are_told_to_be_lost_in_float16_only_where_that_ends_there(mask, named):
    assert names_of("relu", ("return out", f"self.mask = {mask}\n        return out"), scenario="plain") == {named}


SPP, GMP = "spatial_pyramid_pooling", "global_max_pooling"
MAX = "return pixels.max(axis=2)"
TAKE = "return np.take_along_axis(pixels, self.arg_max[..., None], 2)[..., 0]"
CHOICES = [
    (SPP, {"nearly-largest"}, ("flat.argmax(", "(flat - 1e-6 * np.arange(flat.shape[2])).argmax(")),
    (SPP, {"nearly-largest"}, ("flat.argmax(", "(flat + 1e-7 * np.sin(np.arange(flat.shape[2]))).argmax(")),
    (GMP, {"nearly-largest"}, ("pixels.argmax(", "pixels.round(6).argmax("), (MAX, TAKE)),
    (GMP, {"manner.tiny-numbers"}, (MAX, MAX.replace("pixels", "np.where(abs(pixels) < 1e-12, 0, pixels)"))),
]  # fmt: skip


@pytest.mark.parametrize("component, named, patches", [(c, named, patches) for c, named, *patches in CHOICES])
def test_another_number_that_is_taken_for_the_largest_is_not_said_to_be_0(component, named, patches):
    assert names_of(component, *patches) == named


@pytest.mark.parametrize(
    "end, rounded", [(".round(6)", True), (" + 1e-9", False), (" * (1 + 1e-5)", False), (".astype('f4')", False)]
)
def test_numbers_are_said_to_be_rounded_only_where_they_end_at_a_decimal_place(end, rounded):
    planted = mutants.Mutant(
        "slip", "mean_normalization", "", "", (("return x - self.mean", f"return (x - self.mean){end}"),)
    )
    checks = [c for c in all_checks(["mean_normalization"]) if c.level != "advice" and c.id.count("/") < 4]
    found = explain(list(judge_all(checks, Renewable(planted.names))))
    assert any(v.diagnosis and "1e-06" in v.diagnosis.text for v in found) is rounded


XN = "return self.gamma.reshape(self.as_C) * self.xn + self.beta.reshape(self.as_C)"
LOSS = "return -np.sum(np.log(y[np.arange(N), t] + 1e-7)) / N"
NOT_GIVEN = [
    ("batch_norm", "bn.momentum-turned", (XN, XN.replace("return ", "return (") + ").round(6)")),
    ("softmax_with_loss", "loss.small-left-out", ("self.y = softmax(x)", "self.y = softmax(x).round(6)")),
    ("softmax_with_loss", "scaled", ("return dx / N", "return dx / dx.shape[1]")),
]


@pytest.mark.parametrize("component, code, patch", NOT_GIVEN)
def test_a_mistake_that_leaves_an_answer_as_it_is_does_not_give_it(component, code, patch):
    found = names_of(component, patch)
    assert found and code not in found


@pytest.mark.parametrize("reshaped", ["(C, -1)", "(-1, C)"])
def test_channels_mixed_by_a_reshape_are_told_with_the_shape(reshaped):
    rows = reshaped == "(C, -1)"
    flat = f"x.reshape{reshaped.replace('C', 'x.shape[1]')}"
    moments = f"mean, var = {flat}.mean(axis={int(rows)}), {flat}.var(axis={int(rows)})"
    patch = ("mean, var = x.mean(axis=self.axes), x.var(axis=self.axes)", moments)
    assert names_of("batch_norm", patch, scenario="plain") == {"bn.statistics-mix-channels"}
