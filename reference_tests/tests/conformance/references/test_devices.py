"""The references on another device: everything stays there, and asking for what is not there is refused."""

import numpy as np
import pytest
import torch
from torch.overrides import TorchFunctionMode

from reference_tests.conformance import contract, references
from reference_tests.conformance.floats import EPS, round_to
from reference_tests.conformance.references import torch_ref
from reference_tests.conformance.scenarios import uses

CREATE = (torch.tensor, torch.zeros, torch.ones, torch.eye, torch.arange)


class OneDevice(TorchFunctionMode):
    """Refuses any call whose tensors are not all on the device: what a GPU would refuse, without one."""

    def __init__(self, device: str):
        super().__init__()
        self.device, self.calls = device, 0

    def __torch_function__(self, func, types, args=(), kwargs=None):
        self.calls += 1
        found = [a for a in torch.utils._pytree.tree_leaves((args, kwargs)) if isinstance(a, torch.Tensor)]
        elsewhere = [a.device.type for a in found if a.device.type != self.device]
        if elsewhere and func not in CREATE:
            raise AssertionError(f"{func.__name__} with a tensor on {elsewhere[0]}, asked for {self.device}")
        return func(*args, **(kwargs or {}))


def questions():
    """Every component's first case that torch answers, with its upstream gradient. (A size is on no device.)"""
    for component in contract.COMPONENTS:
        layer = contract.layer(component)
        if not any(component in table for name, table in references._tables().items() if name.startswith("torch")):
            continue
        case = layer.CASES[0] if layer.CASES else layer.SCENARIOS[2][0]
        if not case.shapes:
            continue
        yield pytest.param(component, case, id=component)


@pytest.mark.parametrize("component, case", [*questions()])
def test_a_reference_stays_on_the_device_it_is_asked_for(component, case, monkeypatch):
    shapes = {}
    if contract.layer(component).CASES:
        q = uses.draw_question(case).exact()
    else:
        q = contract.layer(component).SCENARIOS[2][1].plan(case, "result").expect["out"][0]
    right = references.ask_all(q, ("cpu",))

    def shape_only(a):
        shapes[len(shapes)] = tuple(a.shape)
        return np.empty(a.shape)

    monkeypatch.setattr(torch_ref, "numbers", shape_only)
    table = next(t for name, t in references._tables().items() if name.startswith("torch") and component in t)
    with OneDevice("meta") as mode:
        answer = table[component](q, "meta")
    assert mode.calls > 0
    by_torch = next(a for name, a in right.items() if name.startswith("torch"))
    assert {k: a.shape for k, a in answer.items()} == {k: a.shape for k, a in by_torch.items()}


def test_the_mode_refuses_a_tensor_of_another_device():
    with pytest.raises(AssertionError, match="conv2d with a tensor on cpu"), OneDevice("meta"):
        torch.nn.functional.conv2d(torch.zeros(1, 1, 3, 3, device="meta"), torch.zeros(1, 1, 2, 2))


@pytest.mark.parametrize("asked", ["cuda", "all"])
def test_a_device_that_is_not_there_is_refused(asked, monkeypatch):
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    with pytest.raises(ValueError, match=f"--device {asked}: torch .* sees no CUDA device"):
        torch_ref.devices(asked)


def test_auto_takes_the_gpu_if_there_is_one(monkeypatch):
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    devices = {"auto": ("cpu", "cuda"), "cpu": ("cpu",), "cuda": ("cuda",), "all": ("cpu", "cuda")}
    assert {asked: torch_ref.devices(asked) for asked in devices} == devices


@pytest.mark.parametrize("floats", EPS)
def test_numbers_are_rounded_as_torch_rounds_them(floats):
    a = np.random.default_rng(3).standard_normal(5000) * 10.0 ** np.arange(-4, 1).repeat(1000)
    a = np.append(a, [0.0, -0.0, 1.00390625, 1.01171875, np.inf, -np.inf])  # two that lie between two bfloat16
    want = torch.from_numpy(a).float().to(getattr(torch, floats)).double().numpy()
    assert np.array_equal(round_to(a, floats), want)


@pytest.mark.parametrize("floats", EPS)
def test_the_eps_is_torchs(floats):
    assert EPS[floats] == torch.finfo(getattr(torch, floats)).eps


def test_whole_numbers_and_single_ones_stay():
    assert round_to(np.array([257]), "bfloat16").dtype.kind == "i"
    assert round_to(np.array(1.0), "bfloat16").shape == ()
