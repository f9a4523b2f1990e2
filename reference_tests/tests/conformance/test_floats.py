"""Rounding to the types of floats in which a subject may be asked."""

import numpy as np
import pytest
import torch

from reference_tests.conformance.floats import EPS, round_to


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
