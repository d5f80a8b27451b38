"""One epoch of training in several ways: prints tables in Markdown.

    COURSE_DATA=… python -m benchmarks.training [rounds]

The ways take turns, five rounds unless told otherwise, each with a fresh network from the same seed and with the same
batches in the same order, so that all must come to the same accuracy; the tables have medians. Timed is training alone;
the accuracy is that on the test data afterwards. Worthless while anything else runs.
"""

import contextlib
import logging
import statistics
import subprocess
import sys
import time
import warnings

import torch
from torch import nn
from torch.nn import functional as F
from torch.utils.data import DataLoader, Subset, TensorDataset

from course_utils import data, models, runtime
from course_utils.training import evaluate, fit

R1 = "mlp", (128, 256), "sigmoid"
R2 = "cnn", (64,), "relu"
R2_EXAMPLES = 6400  # of 60,000: a whole epoch of the CNN says no more and takes ten times as long


class Setting:
    """A network and what it is trained on.

    Attributes:
        name, batch_size, lr: of the table and the training.
        images: a Dataset of torchvision, as tutorials use it; train, test: the same as a `Data`, on the CPU.
    """

    def __init__(self, name, batch_size, lr, sets, network, device="cpu"):
        """`sets` are (images, train, test), `network` is (kind, hidden, activation), `device` where it is trained."""
        self.name, self._network, self._device = name, network, device
        self.batch_size, self.lr = batch_size, lr
        self.images, self.train, self.test = sets

    def loader(self, examples):
        """A DataLoader that shuffles as `fit` does."""
        return DataLoader(examples, self.batch_size, shuffle=True, generator=torch.Generator().manual_seed(0))

    def order(self):
        """The numbers of all examples in the order in which `fit` takes them, int64 [N]."""
        n = len(self.train)
        return next(iter(data.batches(TensorDataset(torch.arange(n)), n, shuffle=True)))[0]

    def model(self):
        torch.manual_seed(0)
        kind, hidden, activation = self._network
        return models.build(kind, (1, 28, 28), 10, hidden, activation).to(self._device)

    def optimizer(self, model):
        return torch.optim.SGD(model.parameters(), lr=self.lr)


def mnist(examples):
    """The first `examples` of MNIST's training images and all its test images, as `Setting` takes them."""
    from torchvision import datasets, transforms

    train, test = data.load("mnist")
    images = datasets.MNIST(runtime.data_dir(), train=True, transform=transforms.ToTensor())
    part = data.Data(train.X[:examples], train.y[:examples], train.source, train.classes)
    return Subset(images, range(examples)), part, test


def by_fit(setting, model):
    fit(model, setting.train, setting.optimizer(model), epochs=1, batch_size=setting.batch_size)


def tutorial_loop(setting, model):
    hand_written(model, setting.loader(setting.images), setting.optimizer(model))


def tensor_dataset(setting, model):
    hand_written(model, setting.loader(TensorDataset(*setting.train.tensors)), setting.optimizer(model))


def hand_written(model, loader, optimizer):
    """The loop of most tutorials, which sums up the loss and counts what was right."""
    device = next(model.parameters()).device
    total = right = 0
    for X, y in loader:
        X, y = X.to(device), y.to(device)
        logits = model(X)
        loss = F.cross_entropy(logits, y)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        total += loss.item()
        right += (logits.argmax(1) == y).sum().item()


def counting_loop(setting, model):
    """Tensors sliced, and loss and accuracy counted as `fit` does."""
    X, y = setting.train.tensors
    batches = ((X[chosen], y[chosen]) for chosen in setting.order().split(setting.batch_size))
    hand_written(model, batches, setting.optimizer(model))


def bare_loop(setting, model):
    """Tensors sliced, and nothing counted: the least that trains."""
    X, y = setting.train.tensors
    optimizer = setting.optimizer(model)
    for chosen in setting.order().split(setting.batch_size):
        loss = F.cross_entropy(model(X[chosen]), y[chosen])
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()


def lightning(setting, model):
    import lightning as L

    class Wrapped(L.LightningModule):
        def __init__(self):
            super().__init__()
            self.model = model

        def training_step(self, batch, index):
            X, y = batch
            return F.cross_entropy(self.model(X), y)

        def configure_optimizers(self):
            return setting.optimizer(self.model)

    logging.getLogger("lightning.pytorch").setLevel(logging.ERROR)
    silent = dict.fromkeys(("logger", "enable_checkpointing", "enable_progress_bar", "enable_model_summary"), False)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # advice on workers, which cost time for data in memory
        trainer = L.Trainer(max_epochs=1, accelerator="cpu", **silent)
        trainer.fit(Wrapped(), setting.loader(TensorDataset(*setting.train.tensors)))


def skorch(setting, model):
    from skorch import NeuralNetClassifier

    net = NeuralNetClassifier(
        model, criterion=nn.CrossEntropyLoss, optimizer=torch.optim.SGD, lr=setting.lr, max_epochs=1,
        batch_size=setting.batch_size, train_split=None, verbose=0,
        iterator_train__shuffle=True, iterator_train__generator=torch.Generator().manual_seed(0),
    )  # fmt: skip
    net.fit(*setting.train.tensors)
    model.load_state_dict(net.module_.state_dict())  # skorch trains a copy


def products(setting, model):
    """The matrix products and convolutions of the epoch, forward and backward, and nothing else."""
    X = setting.train.X
    layers = [layer for layer in model.modules() if isinstance(layer, nn.Linear | nn.Conv2d)]
    inputs = []  # what each layer is given: recorded once, for its shape
    hooks = [layer.register_forward_hook(lambda _, given, out: inputs.append((given[0], out))) for layer in layers]
    with torch.no_grad():
        model(X[: setting.batch_size])
        for hook in hooks:
            hook.remove()
        for _ in range(len(X) // setting.batch_size):
            for place, (layer, (given, out)) in enumerate(zip(layers, inputs, strict=True)):
                first = place == 0  # nobody asks for the gradient of the images
                if isinstance(layer, nn.Linear):
                    given @ layer.weight.T
                    out.T @ given
                    first or out @ layer.weight
                else:
                    F.conv2d(given, layer.weight)
                    torch.ops.aten.convolution_backward(
                        out, given, layer.weight, None, [1, 1], [0, 0], [1, 1], False, [0, 0], 1,
                        [not first, True, False],
                    )  # fmt: skip


WAYS = {
    "`fit` of this course": by_fit,
    "tutorial loop: DataLoader over torchvision's dataset": tutorial_loop,
    "DataLoader over a TensorDataset": tensor_dataset,
    "Lightning": lightning,
    "skorch": skorch,
    "slices of tensors in a loop that counts loss and accuracy": counting_loop,
    "slices of tensors in a bare loop": bare_loop,
    "matrix products and convolutions alone (the floor)": products,
}


def seconds(way, setting, threads):
    """(seconds, test accuracy) of one epoch; the accuracy is None where nothing is learned."""
    model = setting.model()
    with runtime.use_threads(threads):
        start = time.perf_counter()
        way(setting, model)
        gone = time.perf_counter() - start
    return gone, None if way is products else evaluate(model, setting.test)[1]


def compare(setting, rounds, counts):
    """Print a table: each way at each number of threads."""
    found = {(name, threads): [] for name in WAYS for threads in counts}
    for turn in range(rounds + 1):
        for (name, threads), results in found.items():
            result = seconds(WAYS[name], setting, threads)
            if turn:  # the first round warms up
                results.append(result)
    medians = {key: statistics.median(gone for gone, _ in results) for key, results in found.items()}
    columns = [f"{threads} thread{'s' * (threads > 1)}, s | `fit` is … times as fast" for threads in counts]
    print(f"\n### {setting.name}\n\n| way | {' | '.join(columns)} | test accuracy |\n|{'---|' * (2 * len(counts) + 2)}")
    for name in WAYS:
        cells = []
        for threads in counts:
            own = medians["`fit` of this course", threads]
            cells += [f"{medians[name, threads]:.2f}", f"{medians[name, threads] / own:.2f}"]
        accuracies = [right for threads in counts for _, right in found[name, threads] if right is not None]
        told = f"{min(accuracies):.1%} to {max(accuracies):.1%}" if accuracies else "–"
        print(f"| {name} | {' | '.join(cells)} | {told} |")


@contextlib.contextmanager
def busy_process():
    process = subprocess.Popen([sys.executable, "-c", "while True: pass"])
    try:
        yield
    finally:
        process.kill()
        process.wait()


def neighbour(settings, rounds):
    """Print a table: an epoch alone, and beside one busy process, from the second epoch on."""
    head = "| `fit` | threads | alone, s | beside, s | times as long |\n|---|---|---|---|---|"
    print(f"\n### One busy process beside it\n\n{head}")
    for name, setting in settings.items():
        for threads in sorted({1, torch.get_num_threads()}):
            model = setting.model()
            alone, beside = [], []
            for _ in range(rounds):
                alone.append(second_epoch(setting, model, threads))
                with busy_process():
                    beside.append(second_epoch(setting, model, threads))
            quiet, crowded = statistics.median(alone), statistics.median(beside)
            print(f"| {name} | {threads} | {quiet:.2f} | {crowded:.2f} | {crowded / quiet:.1f} |", flush=True)


def second_epoch(setting, model, threads):
    """Seconds of the second of two epochs."""
    with runtime.use_threads(threads):
        optimizer = setting.optimizer(model)
        return fit(model, setting.train, optimizer, epochs=2, batch_size=setting.batch_size).seconds[1]


def main():
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else 5
    counts = sorted({1, torch.get_num_threads()})
    print(f"Medians of {rounds} rounds in which the ways took turns.")
    r1 = Setting("R1: 784-128-256-10, sigmoid, SGD, batch 64, one epoch of MNIST", 64, 1.0, mnist(60_000), R1)
    r2 = Setting(f"R2: the CNN of lesson 04, SGD, batch 32, {R2_EXAMPLES:,} images", 32, 0.1, mnist(R2_EXAMPLES), R2)
    for setting in (r1, r2):
        compare(setting, rounds, counts)
    neighbour({"R1": r1, "R2": r2}, rounds)


if __name__ == "__main__":
    main()
