"""Suggestions for unknown names."""

from reference_tests.subject.names import find_close_name, find_likely_names
from reference_tests.suggest import did_you_mean, similar_names

KNOWN = ("convolution", "pooling", "relu")


def test_did_you_mean_suggests_the_most_similar_name():
    assert did_you_mean("convolutoin", KNOWN) == "did you mean convolution?"


def test_did_you_mean_lists_all_names_if_none_is_similar():
    assert did_you_mean("xyz", KNOWN, ", or all") == "there are convolution, pooling, relu, or all"


def test_similar_names_come_most_similar_first():
    assert similar_names("pool", ["pooling", "relu", "pool2"], 2) == ["pool2", "pooling"]
    assert similar_names("xyz", KNOWN) == []


def test_find_close_name_ignores_capitals_and_underscores():
    assert find_close_name("lastLayer", ["layers", "last_layer"]) == "last_layer"
    assert find_close_name("dW", ["W", "db"]) == ""
    assert find_close_name("__init", ["__init__"]) == ""


def test_find_likely_names_uses_each_name_once():
    likely = {"Convolution": "Conv2D", "Pooling": "MaxPool"}
    assert find_likely_names(["Conv2D", "MaxPool"], ["Convolution", "Pooling"]) == likely
    assert find_likely_names(["Conv"], ["Convolution", "SimpleConvNet"]) == {"Convolution": "Conv"}
