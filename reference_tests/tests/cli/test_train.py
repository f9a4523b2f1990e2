"""`convcheck train` and `convcheck data fetch`, as a user runs them, on a handful of digits."""

import hashlib
import os
import re
import signal
import subprocess
import sys

import numpy as np
import pytest

from impl.data import load_mnist
from impl.data.idx import write_idx
from impl.data.mnist import EMBEDDED, FILES
from impl.networks import SimpleConvNet
from impl.training import Trainer
from reference_tests import cli

pytestmark = pytest.mark.slow  # each trains


@pytest.fixture
def run(capsys):
    """Runs convcheck with the arguments: (exit status, what it printed, what it said on stderr)."""

    def run(*arguments):
        status = cli.run([str(argument) for argument in arguments])
        printed = capsys.readouterr()
        return status, printed.out, printed.err

    return run


@pytest.fixture(scope="module")
def digits(tmp_path_factory):
    """A folder with 200 training and 50 test digits."""
    folder = tmp_path_factory.mktemp("digits")
    for (x, t), (images, labels), n in zip(load_mnist(normalize=False, flatten=False), FILES.values(), (200, 50)):
        (folder / images).write_bytes(write_idx(x[:n, 0]))
        (folder / labels).write_bytes(write_idx(t[:n]))
    return folder


def test_training_writes_its_files(run, digits, tmp_path):
    out = tmp_path / "new" / "out"
    status, printed, _ = run("train", "--data", digits, "--epochs", 2, "--batch", 50, "--out", out)
    assert status == 0
    first, *epochs, last = printed.splitlines()
    recipe = "recipe best, adam, lr 0.002, batch 50, seed 0"
    assert first == f"SimpleConvNet on 200 training and 50 test images ({digits}); {recipe}"
    assert len(epochs) == 2
    for number, line in enumerate(epochs, 1):
        assert re.fullmatch(rf"epoch {number}/2  loss \d\.\d{{4}}  test accuracy \d+\.\d\d %", line), line
    assert last == f"saved {out / 'parameters.safetensors'}, loss_curve.png, history.csv and history.json"
    written = ["checkpoint", "checkpoint.earlier", "history.csv", "history.json"]
    assert sorted(file.name for file in out.iterdir()) == [*written, "loss_curve.png", "parameters.safetensors"]
    assert (out / "loss_curve.png").read_bytes().startswith(b"\x89PNG")

    net = SimpleConvNet(dtype=np.float32)
    net.load_params(out / "parameters.safetensors")
    _, (x, t) = load_mnist(flatten=False, data_dir=digits)
    assert epochs[-1].endswith(f"test accuracy {100 * net.accuracy(x, t):.2f} %"), "the file is the network told of"


def test_an_earlier_training_is_not_overwritten_unasked(run, digits, tmp_path):
    options = "--data", digits, "--epochs", 1, "--batch", 100, "--out", tmp_path
    assert run("train", *options)[0] == 0
    kept = (tmp_path / "parameters.safetensors").read_bytes()
    status, _, said = run("train", *options, "--seed", 5)
    assert (status, kept) == (2, (tmp_path / "parameters.safetensors").read_bytes())
    assert "--resume goes on with it, --overwrite begins anew" in said
    assert run("train", *options, "--seed", 5, "--overwrite")[0] == 0
    assert kept != (tmp_path / "parameters.safetensors").read_bytes()


def test_same_seed_gives_the_same_parameters(run, digits, tmp_path):
    def parameters(name, seed):
        assert run("train", "--data", digits, "--epochs", 1, "--seed", seed, "--out", tmp_path / name)[0] == 0
        return (tmp_path / name / "parameters.safetensors").read_bytes()

    assert parameters("a", 3) == parameters("b", 3) != parameters("c", 4)


@pytest.mark.parametrize(
    "options, told",
    [
        (["--recipe", "book"], "recipe book, adam, lr 0.001, batch 100, seed 0"),
        (["--optimizer", "momentum"], "recipe best, momentum, lr 0.02"),
        (["--optimizer", "sgd", "--lr", "0.3"], "sgd, lr 0.3"),
        (["--optimizer", "adagrad", "--recipe", "book"], "adagrad, lr 0.02"),
    ],
)
def test_recipe_and_optimizer_are_used(run, digits, tmp_path, options, told):
    status, printed, _ = run("train", "--data", digits, "--epochs", 1, "--out", tmp_path, *options)
    assert status == 0 and told in printed


@pytest.mark.parametrize(
    "options, sentence",
    [
        ("--data /nowhere", "/nowhere is not a folder"),
        ("--lr 0", "--lr 0.0: allowed is a number above 0"),
        ("--lr nan", "--lr nan: allowed is a number above 0"),
        ("--out /dev/null/out", "--out /dev/null/out: Not a directory"),
        ("--network lenett", "no network is called 'lenett': did you mean lenet?"),
        ("--augment turn=3", "--augment turn=3: allowed is none, or some of shift="),
        ("--augment scale=2", "as shift=2,rotate=10 (scale=2.0: allowed is 0 or more, below 1)"),
        ("--width 0", "--width 0.0: allowed is a number above 0"),
        ("--network alexnet", "alexnet for (1, 28, 28): "),
    ],
)
def test_wrong_use_is_refused_in_one_sentence(run, digits, options, sentence):
    status, printed, said = run("train", "--data", digits, *options.split())
    assert (status, printed) == (2, "") and sentence in said and said.count("\n") == 1


@pytest.mark.parametrize("option", ["--epochs=0", "--batch=-1", "--optimizer=adamw", "--recipe=mine", "--seed=-1"])
def test_unknown_choice_exits_2(run, option):
    status, _, said = run("train", option)
    assert status == 2 and option.partition("=")[0] in said


def test_digits_too_small_for_the_network_are_refused(run, tmp_path):
    for (images, labels), n in zip(FILES.values(), (4, 2)):
        (tmp_path / images).write_bytes(write_idx(np.zeros((n, 4, 4), np.uint8)))
        (tmp_path / labels).write_bytes(write_idx(np.zeros(n, np.uint8)))
    status, _, said = run("train", "--data", tmp_path)
    assert status == 2 and "larger than the padded input" in said


def test_diverging_training_is_reported(run, digits, tmp_path):
    options = "--optimizer", "sgd", "--lr", "1e9", "--epochs", 9, "--batch", 10, "--out", tmp_path
    status, _, said = run("train", "--data", digits, *options)
    assert status == 1 and re.fullmatch(r"convcheck: the loss is \w+ at step \d+ with lr 1e\+09: a smaller .*\n", said)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.skipif(os.name == "nt", reason="SIGINT cannot be sent to one process there")
def test_ctrl_c_saves_parameters_and_history(digits, tmp_path):
    command = [sys.executable, "-c", "from reference_tests.cli import main; main()", "train"]
    options = ["--data", digits, "--out", tmp_path, "--epochs", "100000", "--batch", "20"]
    with subprocess.Popen(command + options, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        lines = [process.stdout.readline() for _ in range(3)]
        process.send_signal(signal.SIGINT)
        rest, said = process.communicate(timeout=30)
    assert lines[2].startswith("epoch 2/100000") and process.returncode == 130
    assert re.fullmatch(r"convcheck: interrupted after \d+ steps; --resume goes on after epoch \d+\n", said)
    assert rest.splitlines()[-1].startswith("saved")
    SimpleConvNet().load_params(tmp_path / "parameters.safetensors")


def test_full_data_needs_a_fetch_first(run, tmp_path, monkeypatch):
    cache = tmp_path / "cache"
    monkeypatch.setenv("CONVCHECK_DATA_DIR", str(cache))
    status, _, said = run("train", "--data", "full")
    assert (status, said) == (2, "convcheck: --data full: not there yet; `convcheck data fetch` fetches it\n")
    monkeypatch.setattr("impl.data.mnist.MIRRORS", ("http://127.0.0.1:1/",))
    status, _, said = run("data", "fetch")
    assert status == 1 and "could not be fetched: http://127.0.0.1:1/ cannot be reached" in said
    cache.mkdir(exist_ok=True)
    for file in EMBEDDED.iterdir():  # as if fetched before
        (cache / file.name).write_bytes(file.read_bytes())
    checksums = {file.name: hashlib.sha256(file.read_bytes()).hexdigest() for file in EMBEDDED.iterdir()}
    monkeypatch.setattr("impl.data.mnist.SHA256", checksums)
    want = f"MNIST is in {cache}\ntrain on it with: convcheck train --data full\n"
    assert run("data", "fetch") == (0, want, "")


def test_resumed_training_equals_an_uninterrupted_one(run, digits, tmp_path, monkeypatch):
    def train(name, *options):
        return run("train", "--data", digits, "--epochs", 3, "--out", tmp_path / name, *options)

    assert train("whole")[0] == 0
    step, taken = Trainer._step, []

    def interrupted(self, x, t):
        taken.append(1)
        if len(taken) == 6:
            raise KeyboardInterrupt
        return step(self, x, t)

    with monkeypatch.context() as patch:
        patch.setattr(Trainer, "_step", interrupted)
        status, _, said = train("part")
    assert (status, said) == (130, "convcheck: interrupted after 5 steps; --resume goes on after epoch 2\n")
    newest = tmp_path / "part" / "checkpoint"
    newest.write_bytes(newest.read_bytes()[:-1])
    status, printed, said = train("part", "--resume")
    complaint = f"{newest} is damaged: its bytes do not give its checksum; going on from the one before it"
    assert (status, said) == (0, f"convcheck: {complaint}\n") and "going on after epoch 1\n" in printed
    whole, part = (tmp_path / name / "parameters.safetensors" for name in ("whole", "part"))
    assert whole.read_bytes() == part.read_bytes()

    status, _, said = train("part", "--resume", "--batch", 50)
    assert status == 2 and said == f"convcheck: --resume: {newest} is of another run: its batch is 100, now it is 50\n"
    status, _, said = train("none", "--resume")
    assert status == 2 and said == f"convcheck: --resume: there is no checkpoint {tmp_path / 'none' / 'checkpoint'}\n"


def test_augmented_network_stops_early(run, digits, tmp_path):
    options = "--network", "mlp", "--width", 0.2, "--augment", "shift=1,rotate=5,scale=0.1", "--patience", 1
    status, printed, _ = run("train", "--data", digits, "--out", tmp_path, "--epochs", 40, "--lr", 0.03, *options)
    lines = printed.splitlines()
    assert status == 0 and lines[0].startswith("mlp on 167 training and 50 test images")
    assert "held-out accuracy" in lines[1] and len(lines) < 40 and lines[1].startswith("epoch 1/40")
    last = re.fullmatch(r"epoch (\d+) was best; its parameters: test accuracy (\d+\.\d\d) %", lines[-1])
    assert last and int(last[1]) == len(lines) - 4, "one epoch after the best"
