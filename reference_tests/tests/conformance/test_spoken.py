"""The target's own words: shapes, places and calls in its layout, whatever that is."""

import numpy as np
import pytest

from reference_tests.conformance import messages, spoken
from reference_tests.conformance.contract import layer
from reference_tests.conformance.types import Case
from reference_tests.subject.conventions.attempts import ENDS, HANGS, NO_TIME, SLOW, TOO_OFTEN
from reference_tests.subject.conventions.layouts import Layout
from reference_tests.subject.protocol import Interface, Spoken, Unread

SIZES = {"N": 2, "C": 3, "H": 7, "W": 6, "F": 4, "I": 3, "J": 2, "Y": 5, "X": 5}
CASE = Case(
    layer("convolution").OP, "a case", {"x": (2, 3, 7, 6), "W": (4, 3, 3, 2), "b": (4,)}, {"stride": 1, "pad": 0}
)


def interface(what: str, axes: str, text: str, **more) -> Interface:
    return Interface("", spoken=Spoken(layouts={what: f"{axes} {text}"}, **more))


@pytest.mark.parametrize(
    "axes, text", [("NFYX", "N Y X F"), ("NFYX", "Y X F N"), ("NCHW", "N CHW"), ("FCIJ", "I J C F"), ("FCIJ", "CIJ F")]
)
def test_place_holds_the_number_of_the_contracts_place(axes, text):
    numbers = np.arange(np.prod([SIZES[a] for a in axes])).reshape([SIZES[a] for a in axes])
    layout, at = Layout(text, axes), (1, 2, 1, 0)
    there = eval(layout.there("a"), {"a": numbers, **{name: SIZES[k] for k, name in LENGTHS.items()}})
    place = spoken.own_place(interface("dx", axes, text), "dx", at, numbers.shape)
    assert eval(place, {"dx": there}) == numbers[at]


LENGTHS = {"N": "N", "C": "C", "H": "IH", "W": "IW", "F": "FN", "I": "FH", "J": "FW", "Y": "OH", "X": "OW"}


def test_one_image_is_named_by_its_number():
    one = interface("out", "NFYX", "Y X F", names={"out": "Z"})
    assert spoken.own_place(one, "out", (1, 2, 3, 4), (2, 4, 5, 5)) == "Z[3, 4, 2] of image 1"


def test_a_slice_keeps_its_whole_axes():
    last = interface("out", "NFYX", "N Y X F")
    assert spoken.own_place(last, "out", (1, 2, ":", ":"), (2, 4, 5, 5)) == "out[1, :, :, 2]"


def test_images_that_a_layer_flattens_itself_keep_their_places():
    rows = interface("dx", "ND", "N D")
    assert spoken.own_place(rows, "dx", (1, 2, 3, 4), (2, 3, 4, 5)) == "dx[1, 2, 3, 4]"


def test_bias_has_the_axes_that_its_author_gave_it():
    assert spoken.own_place(interface("db", "F", "1 1 1 F"), "db", (2,), (4,)) == "db[0, 0, 0, 2]"


def test_bias_for_each_pixel_has_no_single_place():
    assert spoken.own_place(interface("db", "F", "F Y X"), "db", (2,), (4,)) == ""


def test_contracts_words_stand_where_nothing_was_read():
    assert spoken.own_place(None, "out", (1, 2, 3, 4), (2, 4, 5, 5)) == ""
    assert spoken.own_shapes(None, "out", (2, 4, 5, 5)) == [(2, 4, 5, 5)]
    assert spoken.own_step(None, "layer.forward") == "layer.forward"


def test_call_of_an_object_has_its_sizes_and_its_parameters():
    said = Spoken(
        "Conv(cin, cout, k)", make="Conv(C, FN, (FH, FW), strides=stride, padding='valid')", forward="layer.call(x_)",
        names={"W": ".kernel", "b": ".bias"},
        layouts={"x": "NCHW N H W C", "W": "FCIJ I J C F", "b": "F F"},
    )  # fmt: skip
    made = "Conv(3, 4, (3, 2), strides=1, padding='valid').call(x (2, 7, 6, 3)), kernel (3, 2, 3, 4), bias (4,)"
    assert spoken.call(CASE, Interface("", spoken=said)) == made
    assert spoken.own_step(Interface("", spoken=said), "layer.forward") == "Conv.call"


def test_call_of_a_function_has_its_own_arguments():
    said = Spoken(
        "conv(A_prev, weights, config)", forward="conv(x_, W_, {'stride': stride, 'W_': pad})",
        layouts={"x": "NCHW N C H W", "W": "FCIJ F C I J"},
    )  # fmt: skip
    made = "conv(A_prev (2, 3, 7, 6), weights (4, 3, 3, 2), {'stride': 1, 'W_': 0}), b (4,)"
    assert spoken.call(CASE, Interface("", spoken=said)) in (made, made.removesuffix(", b (4,)"))


def test_shape_has_the_authors_order():
    assert spoken.own_shapes(interface("out", "NFYX", "N Y X F"), "out", (2, 4, 5, 6)) == [(2, 5, 6, 4)]
    assert spoken.own_shapes(interface("out", "NFYX", "N FYX"), "out", (2, 4, 5, 6)) == [(2, 4, 5, 6)]


def test_shape_is_of_one_image_where_the_target_takes_one():
    grey, last = interface("out", "NFYX", "Y X"), interface("out", "NFYX", "Y X F")
    assert spoken.own_shapes(grey, "out", (5, 1, 4, 3), (5, 1, 4, 5)) == [(4, 3), (4, 5)]
    assert spoken.own_shapes(last, "out", (5, 2, 4, 3), (5, 2, 4, 5)) == [(4, 3, 2), (4, 5, 2)]
    assert spoken.own_shapes(last, "out", (4, 3), (5, 2, 4, 5)) == [(4, 3), (4, 5, 2)]


def test_shapes_that_differ_in_the_number_of_images_stay_as_they_are():
    grey = interface("out", "NFYX", "Y X")
    assert spoken.own_shapes(grey, "out", (5, 1, 4, 3), (2, 1, 4, 3)) == [(5, 1, 4, 3), (2, 1, 4, 3)]


def test_call_of_an_autograd_function_is_its_apply():
    said = Spoken(
        "Conv(ctx, input, weight)", forward="Conv_on_arrays(x_, W_)", backward="Conv_on_arrays_backward(dout_, cache)",
        layouts={"x": "NCHW N C H W", "W": "FCIJ F C I J"},
    )  # fmt: skip
    own = Interface("", spoken=said)
    assert spoken.call(CASE, own).startswith("Conv.apply(input (2, 3, 7, 6), weight (4, 3, 3, 2))")
    assert spoken.own_step(own, "layer.backward") == "Conv.backward"


@pytest.mark.parametrize(
    ("code", "said"),
    [
        ("Conv(kernel_size=FH, stride=stride).forward(x_)", "Conv(kernel_size=3, stride=2).forward(x (1, 2))"),
        ("conv(x=x_, pad=pad == 1)", "conv(x=x (1, 2), pad=0 == 1)"),
        ("f({'stride': stride})", "f({'stride': 2})"),
        ("f(('same' if pad else 'valid'))", "f('valid')"),
        ("f(('same' if stride else 'valid'))", "f('same')"),
    ],
)
def test_values_stand_for_names_but_not_for_keywords(code, said):
    values = {"FH": "3", "stride": "2", "pad": "0", "x": "x (1, 2)", "x_": "x (1, 2)"}
    assert spoken.fill(code, values) == said


LOSS = Case(layer("softmax_with_loss").OP, "a case", {"x": (5, 7), "t": (5,)}, {})


@pytest.mark.parametrize(
    "make, forward, said, step",
    [
        ("", "(lambda p: (loss(p, t), p))(softmax(x_))", "loss(softmax(x (5, 7)), t (5,))", "loss"),
        ("(Soft(), Loss('mean'))", "(lambda p: (layer[1].forward(p, t), p))(layer[0].forward(x_))",
         "Loss('mean').forward(Soft().forward(x (5, 7)), t (5,))", "Loss.forward"),
        ("(Soft(), Loss())", "(lambda p: (np.mean(layer[1](p, t)), p))((layer[0].forward(x_), layer[0].output)[1])",
         "np.mean(Loss()(Soft().forward(x (5, 7)), t (5,)))", None),
        ("(None, Loss())", "(lambda p: (layer[1].loss(t, p) / len(x), p))(softmax(x_))",
         "Loss().loss(t (5,), softmax(x (5, 7))) / len(x (5, 7))", "Loss.loss"),
    ],
)  # fmt: skip
def test_a_loss_of_a_softmax_is_said_as_two_calls(make, forward, said, step):
    one = Interface("", spoken=Spoken("Loss()", make=make, forward=forward, layouts={"x": "NM N M"}))
    assert spoken.call(LOSS, one) == said
    assert step is None or spoken.own_step(one, "layer.forward") == step


@pytest.mark.parametrize(
    "code, word", [("(lambda a: a)", "identity"), ("Plain()", "identity"), ("Descent()", "optimizer")]
)
def test_arguments_that_a_trial_invents_are_named_in_words(code, word):
    one = Interface(
        "", spoken=Spoken(forward=f"conv(x_, W_, b_, {code}, 'valid')", signature="conv(x, w, b, g, padding)")
    )
    assert spoken.call(CASE, one).startswith("conv(x (2, 3, 7, 6), w (4, 3, 3, 2), b (4,), " + word)
    assert ("is the identity" in spoken.read_as(one)) == (word == "identity")


@pytest.mark.parametrize(
    "why, status",
    [
        (ENDS.format(how="line 7: os._exit(3) (status 3)"), "ends"),
        (ENDS.format(how="line 7: ctypes.string_at(0) (SIGSEGV)"), "crashes"),
        (HANGS.format(how="5 s"), "hangs"),
        (SLOW.format(how="line 3: x"), "slow"),
        ("it takes too long", "slow"),
        (TOO_OFTEN, "untried"),
        (NO_TIME, "untried"),
        ("", "unread"),
        ("its output has another shape", "unread"),
    ],
)
def test_table_says_what_an_unread_layer_does(why, status):
    assert spoken.unread_status(Unread("Affine", "Linear(weight, bias)", why)) == status
    assert messages.status(status) and status in messages.TOTAL
