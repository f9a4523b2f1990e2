"""The Trainer's state and checkpoints, to the bit; damaged files; early stopping; history files."""

import copy
import csv
import json

import numpy as np
import pytest

from impl.data.augmentation import Augmentation
from impl.networks import Network
from impl.networks.blocks import Activation, BatchNorm, Conv, Dense, Dropout
from impl.networks.graph import Graph
from impl.training import OPTIMIZERS, SGD, Adam, CheckpointError, Trainer, checkpoint, save_history, schedules

RNG = np.random.default_rng(5)
X, T = RNG.random((24, 1, 6, 6), dtype=np.float32), RNG.integers(0, 3, 24)
GRAPH = Graph("small", (1, 6, 6)).extend(
    [("conv", Conv(2, 3)), ("bn", BatchNorm()), ("relu", Activation()), ("drop", Dropout()), ("fc", Dense(3))]
)


def trainer(path, optimizer="adam", weights=0, rng=1, **settings):
    """Everything that remembers: batch normalization, dropout, the optimizer, the schedule, the augmentation."""
    settings = {"epochs": 3, "batch": 10, "augment": Augmentation(shift=1), "schedule": schedules.linear()} | settings
    network = Network(GRAPH, rng=weights)
    return Trainer(network, OPTIMIZERS[optimizer](0.01), (X, T), (X[:9], T[:9]), rng=rng, checkpoint=path, **settings)


def interrupted(path, at=(3, 2), **settings):
    """Trained until Ctrl-C in that step of that epoch."""
    run = trainer(path, **settings)

    def stop(now):
        if (now.epoch, now.step) == at and now.accuracy is None:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        run.train(stop)
    return run


def same(one, other):
    mine, theirs = ({k: a.tobytes() for k, a in run.network.state_dict().items()} for run in (one, other))
    assert mine == theirs
    assert one.losses == other.losses
    assert [done.accuracy for done in one.history] == [done.accuracy for done in other.history]


@pytest.mark.parametrize("optimizer", OPTIMIZERS)
def test_resumed_run_equals_an_uninterrupted_one_to_the_bit(optimizer, tmp_path):
    whole = trainer(None, optimizer)
    whole.train()
    interrupted(tmp_path / "c", optimizer=optimizer)
    resumed = trainer(tmp_path / "c", optimizer, weights=7)  # other weights, and other masks of dropout
    assert resumed.resume() == "" and len(resumed.history) == 2 and len(resumed.losses) == 6
    resumed.train()
    same(resumed, whole)


def test_resume_of_a_finished_run_takes_no_step(tmp_path):
    whole = trainer(tmp_path / "c")
    whole.train()
    again = trainer(tmp_path / "c", weights=7)
    again.resume()
    again.train(lambda now: pytest.fail("a step was taken"))
    same(again, whole)


def test_state_dict_loaded_is_independent_and_continues_to_the_bit():
    """Within a process: the first run goes on, and the second does not notice."""
    first, second = trainer(None, epochs=2), trainer(None, weights=7)
    first.train()
    state = copy.deepcopy(first.state_dict())
    second.load_state_dict(first.state_dict())
    first.epochs = 3
    first.train()
    np.testing.assert_equal(second.state_dict(), state)
    second.train()
    assert first.losses[:6] == second.losses[:6] and len(second.losses) == 9


@pytest.mark.parametrize("name", ["W", "conv/W", "50%", "é"])
def test_checkpoint_of_any_parameter_name_comes_back(name, tmp_path):
    state = {"model": {name: np.arange(3.0), "other/W": np.ones(2)}, "best": {}, "numbers": {"lr": 0.1}, "list": [1]}
    checkpoint.write(state, tmp_path / "c")
    np.testing.assert_equal(checkpoint.read(tmp_path / "c"), state)


def flip_bit(content, at):
    return content[:at] + bytes([content[at] ^ 4]) + content[at + 1 :]


DAMAGES = {
    "cut": lambda content: content[:-100],
    "empty": lambda content: b"",
    "longer": lambda content: content + b"\0",
    "one bit, first third": lambda content: flip_bit(content, len(content) // 3),
    "one bit, last": lambda content: flip_bit(content, len(content) - 1),
    "checksum": lambda content: content.replace(content[30:40], b"0123456789", 1),
    "something else": lambda content: b"PK\x03\x04" + content,
}


def damage(path, how):
    path.write_bytes(DAMAGES[how](path.read_bytes()))


@pytest.mark.parametrize("how", DAMAGES)
def test_damaged_checkpoint_is_refused_and_the_previous_one_used(how, tmp_path):
    newest, before = tmp_path / "c", tmp_path / "c.earlier"
    interrupted(newest)
    damage(newest, how)
    kept = before.read_bytes()
    with pytest.raises(CheckpointError, match=rf"^{newest} is (damaged|not a checkpoint)"):
        checkpoint.read(newest)
    resumed = trainer(newest, weights=7)
    assert resumed.resume().startswith(f"{newest} is ") and len(resumed.history) == 1

    checkpoint.write(resumed.state_dict(), newest)
    assert before.read_bytes() == kept, "the damaged one has not taken its place"
    assert checkpoint.read(newest)["history"][-1]["epoch"] == 1
    whole = trainer(None)
    whole.train()
    resumed.train()
    same(resumed, whole)


def test_resume_without_a_whole_checkpoint_is_refused_without_change(tmp_path):
    newest = tmp_path / "c"
    fresh = trainer(newest)
    start = {k: a.copy() for k, a in fresh.network.state_dict().items()}
    with pytest.raises(CheckpointError, match=f"^there is no checkpoint {newest}$"):
        fresh.resume()
    interrupted(newest)
    damage(newest, "cut")
    damage(tmp_path / "c.earlier", "cut")
    with pytest.raises(CheckpointError, match=rf"^{newest} is damaged.*; {newest}\.earlier is damaged"):
        fresh.resume()
    assert all((start[k] == a).all() for k, a in fresh.network.state_dict().items()) and fresh.losses == []
    with pytest.raises(ValueError, match="checkpoint=None"):
        trainer(None).resume()


def test_interrupt_while_writing_leaves_the_previous_checkpoint(tmp_path, monkeypatch):
    run = interrupted(tmp_path / "c")

    def stopped(path, content):
        raise KeyboardInterrupt

    monkeypatch.setattr(checkpoint, "write_atomically", stopped)
    with pytest.raises(KeyboardInterrupt):
        checkpoint.write(run.state_dict(), tmp_path / "c")
    assert not (tmp_path / "c").exists()
    resumed = trainer(tmp_path / "c", weights=7)
    assert resumed.resume() == "" and len(resumed.history) == 2


@pytest.mark.parametrize(
    "settings, named",
    [
        ({"batch": 9}, "its batch is 10, now it is 9"),
        ({"rng": 2}, "its seed is "),
        ({"optimizer": "sgd"}, r'its optimizer is \["Adam", '),
        ({"schedule": schedules.cosine()}, r"its schedule is \["),
        ({"augment": None}, r'its augment is "Augmentation\(shift=1'),
        ({"label_smoothing": 0.1}, r"its label_smoothing is 0\.0, now it is 0\.1"),
    ],
)
def test_checkpoint_of_other_settings_is_refused(settings, named, tmp_path):
    interrupted(tmp_path / "c")
    with pytest.raises(CheckpointError, match=f"c is of another run: {named}"):
        trainer(tmp_path / "c", **settings).resume()


def test_checkpoint_of_other_data_or_network_is_refused(tmp_path):
    interrupted(tmp_path / "c")
    fresh = trainer(tmp_path / "c")
    wider = Network(Graph("wider", (1, 6, 6)).extend([("fc", Dense(3))]), rng=0)
    for network, x, named in ((fresh.network, X[::-1], "data"), (wider, X, "network")):
        data = (x, T), (X[:9], T[:9])
        other = Trainer(network, Adam(0.01), *data, batch=10, rng=1, checkpoint=tmp_path / "c")
        with pytest.raises(CheckpointError, match=f"its {named} is"):
            other.resume()


class Scripted:
    """A network whose accuracies are given, epoch by epoch; its one parameter counts the steps."""

    def __init__(self, *accuracies):
        self.params, self.accuracies = {"W": np.zeros(1)}, iter(accuracies)

    def predict(self, x):
        return np.zeros((len(x), 3))

    def accuracy(self, x, t):
        return next(self.accuracies)

    def loss(self, x, t):
        return 1.0

    def gradient(self, x, t):
        return {"W": -np.ones(1)}


def test_patience_stops_and_restores_the_best_epoch(tmp_path):
    def run(*accuracies, patience=2):
        settings = {"epochs": 6, "batch": 12, "patience": patience, "checkpoint": tmp_path / "c"}
        return Trainer(Scripted(*accuracies), SGD(1.0), (X, T), (X, T), **settings)

    stopped = run(0.1, 0.5, 0.3, 0.5, 0.9)
    stopped.train()
    assert [done.accuracy for done in stopped.history] == [0.1, 0.5, 0.3, 0.5], "as good is not better"
    assert stopped.best_epoch == 2 and stopped.network.params["W"] == 4, "two steps an epoch"
    again = run()
    again.resume()
    again.train()
    assert again.network.params["W"] == 4, "the best parameters are in the checkpoint"

    to_the_end = run(0.1, 0.2, 0.3, 0.4, 0.5, 0.4)
    to_the_end.train()
    assert len(to_the_end.history) == 6 and to_the_end.network.params["W"] == 10
    never = run(0.1, 0.5, 0.3, 0.2, 0.1, 0.0, patience=None)
    never.train()
    assert len(never.history) == 6 and never.network.params["W"] == 12


def test_save_history_writes_csv_and_json(tmp_path):
    run = trainer(None)
    run.train()
    for name in ("h.csv", "h.json"):
        save_history(run, tmp_path / name)
    with open(tmp_path / "h.csv", newline="") as file:
        rows = list(csv.DictReader(file))
    saved = json.loads((tmp_path / "h.json").read_text())
    assert saved["losses"] == run.losses and len(saved["epochs"]) == len(rows) == 3
    for row, entry, done in zip(rows, saved["epochs"], run.history):
        for name, value in entry.items():
            assert float(row[name]) == value == getattr(done, name)
    with pytest.raises(ValueError, match=r"h\.txt.*\.csv or \.json"):
        save_history(run, tmp_path / "h.txt")
