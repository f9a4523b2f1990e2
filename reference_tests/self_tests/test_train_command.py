"""`convcheck train` and `convcheck data fetch`, as a user runs them, on a handful of digits."""

import hashlib
import os
import signal
import subprocess
import sys

import numpy as np
import pytest
import typer
from typer.testing import CliRunner

from impl.data import load_mnist
from impl.data.idx import write_idx
from impl.data.mnist import EMBEDDED, FILES
from impl.networks import SimpleConvNet
from reference_tests.train_command import fetch_data, train

app = typer.Typer()
app.command()(train)
app.command("fetch")(fetch_data)
run = CliRunner().invoke


@pytest.fixture(scope="module")
def digits(tmp_path_factory):
    """A folder with 200 training and 50 test digits."""
    folder = tmp_path_factory.mktemp("digits")
    for (x, t), (images, labels), n in zip(load_mnist(normalize=False, flatten=False), FILES.values(), (200, 50)):
        (folder / images).write_bytes(write_idx(x[:n, 0]))
        (folder / labels).write_bytes(write_idx(t[:n]))
    return folder


def test_a_small_training_from_start_to_files(digits, tmp_path):
    out = tmp_path / "new" / "out"
    result = run(app, ["train", "--data", str(digits), "--epochs", "2", "--batch", "50", "--out", str(out)])
    assert result.exit_code == 0, result.output
    first, *epochs, last = result.stdout.splitlines()
    assert first == (
        f"SimpleConvNet on 200 training and 50 test images ({digits}); recipe best, adam, lr 0.002, batch 50, seed 0"
    )
    assert len(epochs) == 2
    for number, line in enumerate(epochs, 1):
        epoch, loss, accuracy = line.split("  ")
        assert epoch == f"epoch {number}/2" and loss.startswith("loss ")
        assert accuracy.startswith("test accuracy ") and accuracy.endswith(" %")
    assert last == f"saved {out / 'parameters.safetensors'} and {out / 'loss_curve.png'}"
    assert sorted(file.name for file in out.iterdir()) == ["loss_curve.png", "parameters.safetensors"]
    assert (out / "loss_curve.png").read_bytes().startswith(b"\x89PNG")

    net = SimpleConvNet(dtype=np.float32)
    net.load_params(out / "parameters.safetensors")
    (_, (x, t)) = load_mnist(flatten=False, data_dir=digits)
    assert epochs[-1].endswith(f"test accuracy {100 * net.accuracy(x, t):.2f} %"), "the file is the network told of"


def test_the_seed_decides_everything(digits, tmp_path):
    def parameters(name, *options):
        common = ["train", "--data", str(digits), "--epochs", "1", "--out", str(tmp_path / name)]
        assert run(app, [*common, *options]).exit_code == 0
        return (tmp_path / name / "parameters.safetensors").read_bytes()

    assert parameters("a", "--seed", "3") == parameters("b", "--seed", "3")
    assert parameters("c", "--seed", "4") != parameters("d", "--seed", "3")


@pytest.mark.parametrize(
    "options, told",
    [
        (["--recipe", "book"], "recipe book, adam, lr 0.001, batch 100, seed 0"),
        (["--optimizer", "momentum"], "recipe best, momentum, lr 0.02"),
        (["--optimizer", "sgd", "--lr", "0.3"], "sgd, lr 0.3"),
        (["--optimizer", "adagrad", "--recipe", "book"], "adagrad, lr 0.02"),
    ],
)
def test_recipes_and_optimizers(digits, tmp_path, options, told):
    result = run(app, ["train", "--data", str(digits), "--epochs", "1", "--out", str(tmp_path), *options])
    assert result.exit_code == 0 and told in result.output


@pytest.mark.parametrize(
    "options, sentence",
    [
        (["--data", "/nowhere"], "/nowhere is not a folder"),
        (["--lr", "0"], "--lr 0.0: allowed is a number above 0"),
        (["--lr", "nan"], "--lr nan: allowed is a number above 0"),
        (["--out", "/dev/null/out"], "--out /dev/null/out: Not a directory"),
    ],
)
def test_wrong_use_is_one_sentence_and_status_2(digits, options, sentence):
    result = run(app, ["train", "--data", str(digits), *options])
    assert (result.exit_code, result.stderr.strip()) == (2, sentence)


@pytest.mark.parametrize("option", ["--epochs=0", "--batch=-1", "--optimizer=adamw", "--recipe=mine", "--seed=-1"])
def test_values_outside_the_list_are_status_2(option):
    assert run(app, ["train", option]).exit_code == 2


def test_a_cut_data_file_and_images_that_are_too_small(digits, tmp_path):
    for file in digits.iterdir():
        (tmp_path / file.name).write_bytes(file.read_bytes())
    images = tmp_path / FILES["test"][0]
    images.write_bytes(images.read_bytes()[:-100])
    result = run(app, ["train", "--data", str(tmp_path)])
    assert (result.exit_code, result.stderr) == (
        2,
        f"{images} is cut: 39100 bytes of data, its header says 50x28x28\n",
    )
    for (images, labels), n in zip(FILES.values(), (4, 2)):
        (tmp_path / images).write_bytes(write_idx(np.zeros((n, 4, 4), np.uint8)))
        (tmp_path / labels).write_bytes(write_idx(np.zeros(n, np.uint8)))
    result = run(app, ["train", "--data", str(tmp_path)])
    assert result.exit_code == 2 and "larger than the padded input" in result.stderr


def test_a_step_size_that_blows_up_is_told(digits, tmp_path):
    options = ["--optimizer", "sgd", "--lr", "1e9", "--epochs", "9", "--batch", "10", "--out", str(tmp_path)]
    result = run(app, ["train", "--data", str(digits), *options])
    assert result.exit_code == 1 and "a smaller lr may do" in result.stderr and "Traceback" not in result.output
    assert list(tmp_path.iterdir()) == []


@pytest.mark.skipif(os.name == "nt", reason="SIGINT cannot be sent to one process there")
def test_ctrl_c_saves_what_is_there(digits, tmp_path):
    code = "import typer, reference_tests.train_command as c; typer.run(c.train)"
    command = [sys.executable, "-c", code, "--data", digits, "--out", tmp_path, "--epochs", "100000", "--batch", "20"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        lines = [process.stdout.readline() for _ in range(3)]
        process.send_signal(signal.SIGINT)
        rest, errors = process.communicate(timeout=30)
    assert lines[2].startswith("epoch 2/100000") and process.returncode == 130
    assert errors.startswith("interrupted after") and len(errors.splitlines()) == 1
    assert rest.splitlines()[-1].startswith("saved")
    SimpleConvNet().load_params(tmp_path / "parameters.safetensors")


def test_full_needs_a_fetch_first_and_fetch_says_where(tmp_path, monkeypatch):
    monkeypatch.setenv("CONVCHECK_DATA_DIR", str(tmp_path / "cache"))
    result = run(app, ["train", "--data", "full"])
    assert (result.exit_code, result.stderr.strip()) == (
        2,
        "--data full: not there yet; `convcheck data fetch` fetches it",
    )
    monkeypatch.setattr("impl.data.mnist.MIRRORS", ("http://127.0.0.1:1/",))
    result = run(app, ["fetch"])
    assert result.exit_code == 1
    assert result.stderr == ("train-images-idx3-ubyte.gz could not be fetched: http://127.0.0.1:1/ cannot be reached\n")
    (tmp_path / "cache").mkdir(exist_ok=True)
    checksums = {}
    for file in EMBEDDED.iterdir():  # as if fetched before
        (tmp_path / "cache" / file.name).write_bytes(file.read_bytes())
        checksums[file.name] = hashlib.sha256(file.read_bytes()).hexdigest()
    monkeypatch.setattr("impl.data.mnist.SHA256", checksums)
    result = run(app, ["fetch"])
    assert result.exit_code == 0
    assert result.stdout.splitlines() == [
        f"MNIST is in {tmp_path / 'cache'}",
        "train on it with: convcheck train --data full",
    ]
