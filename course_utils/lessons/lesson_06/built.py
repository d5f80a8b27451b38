"""What lesson 06 writes and its deeper notebooks use, line for line."""

import copy

import torch
from torch import nn
from torch.nn import functional as F
from torch.utils.data import DataLoader, TensorDataset

from course_utils.training import evaluate, fit, train_epoch


class MLP(nn.Module):
    def __init__(self):
        super().__init__()
        self.hidden = nn.Linear(784, 256)
        self.out = nn.Linear(256, 10)

    def forward(self, X):
        X = F.relu(self.hidden(X.flatten(1)))  # [B, 784] -> [B, 256]
        return self.out(X)  # logits [B, 10]


def sequential_net():
    return nn.Sequential(
        nn.Flatten(),
        nn.Linear(784, 256),
        nn.ReLU(),
        nn.Linear(256, 10),
    )


def parts_of(train):
    """Up to 6,400 images to train on, and the last 1,000, held out."""
    n_held = min(1000, len(train) // 4)
    n = min(6400, len(train) - n_held)
    return TensorDataset(*train[:n]), TensorDataset(*train[-n_held:])


def train_some(model, data, steps=100, batch_size=64, lr=0.001):
    """The losses of so many steps of Adam."""
    optimizer = torch.optim.Adam(model.parameters(), lr=lr)
    epochs = -(-steps * batch_size // len(data))  # rounded up
    history = fit(model, data, optimizer, epochs, batch_size, shuffle=False)
    return history.step_loss[:steps]


class Residual(nn.Module):
    def __init__(self, channels, skip=True):
        super().__init__()
        self.conv1 = nn.Conv2d(channels, channels, 3, padding=1)
        self.conv2 = nn.Conv2d(channels, channels, 3, padding=1)
        self.skip = skip

    def forward(self, X):
        out = self.conv2(F.relu(self.conv1(X)))  # [B, C, H, W], as X
        if self.skip:
            out = out + X
        return F.relu(out)


def deep(depth=20, skip=True):
    return nn.Sequential(
        nn.Conv2d(1, 8, 3, stride=2, padding=1),  # [B, 8, 14, 14]
        nn.ReLU(),
        nn.MaxPool2d(2),  # -> [B, 8, 7, 7]
        *(Residual(8, skip) for _ in range(depth)),
        nn.Flatten(),  # -> [B, 392]
        nn.Linear(392, 10),
    )


def gradient_sizes(model, X, y):
    """Length of the gradient of each block's first convolution."""
    model.zero_grad()
    F.cross_entropy(model(X), y).backward()
    blocks = [part for part in model if hasattr(part, "conv1")]
    return [block.conv1.weight.grad.norm().item() for block in blocks]


def he(model):
    """Give each convolution He's start."""
    for part in model.modules():
        if isinstance(part, nn.Conv2d):
            nn.init.kaiming_normal_(part.weight, nonlinearity="relu")


class Copied(nn.Module):
    def __init__(self, mended=False):
        super().__init__()
        self.conv = nn.Conv2d(1, 32, 3)
        self.rnn = nn.RNN(5408, 128, batch_first=True)
        self.out = nn.Linear(128, 10)
        self.mended = mended

    def forward(self, X):  # [B, 1, 28, 28]
        X = F.max_pool2d(F.relu(self.conv(X)), 2)  # [B, 32, 13, 13]
        X = X.view(X.size(0), -1)  # [B, 5408]: as heard online
        if self.mended:
            X = X.unsqueeze(1)  # [B, 1, 5408]: B sequences of one step
        states, _ = self.rnn(X)
        return self.out(states.flatten(0, -2))  # [B, 10] either way


def who_changes(model, X, replaced):
    """How much each image's logits change when one image turns black."""
    other = X.clone()
    other[replaced] = 0.0
    with torch.no_grad():
        gaps = model(X) - model(other)  # [B, 10]
    return gaps.norm(dim=1).tolist()


def drift(model, X, passes, training):
    """How far the answers have moved after each pass; no step is made."""
    model = copy.deepcopy(model).requires_grad_(False)
    first = model.eval()(X)
    moved = [0.0]
    for _ in range(passes):
        model.train(training)
        model(X)
        change = model.eval()(X) - first
        moved.append((change.norm() / first.norm()).item())
    return moved


def train_for(model, optimizer, data, epochs):
    losses = []
    for epoch in range(epochs):
        for X, y in DataLoader(data, batch_size=64, shuffle=True):
            loss = F.cross_entropy(model(X), y)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            losses.append(loss.item())
    return losses


def new():
    model = MLP()
    return model, torch.optim.Adam(model.parameters(), lr=0.003)


def run(data, epochs):
    torch.manual_seed(0)
    model, optimizer = new()
    return model, optimizer, train_for(model, optimizer, data, epochs)


def save(file, model, optimizer, epoch):
    checkpoint = {
        "model": model.state_dict(),
        "optimizer": optimizer.state_dict(),
        "epoch": epoch,
        "random": torch.get_rng_state(),
    }
    torch.save(checkpoint, file)


def resume(file, data, epochs=4, forget="nothing"):
    """Go on from the file as a new process would."""
    saved = torch.load(file, weights_only=True)
    torch.manual_seed(99)  # a new process has other random numbers
    model, optimizer = new()
    model.load_state_dict(saved["model"])
    if forget != "optimizer":
        optimizer.load_state_dict(saved["optimizer"])
    if forget != "random numbers":
        torch.set_rng_state(saved["random"])
    return model, train_for(model, optimizer, data, epochs - saved["epoch"])


class TableNet(nn.Module):
    def __init__(self, features=10, hidden=64):
        super().__init__()
        self.layers = nn.Sequential(
            nn.Linear(features, hidden),  # [B, 10] -> [B, 64]
            nn.ReLU(),
            nn.Linear(hidden, hidden),
            nn.ReLU(),
            nn.Linear(hidden, 1),  # -> [B, 1]
        )

    def forward(self, X):
        return self.layers(X)


def standardised(values, fitted_to):
    """`values` with mean 0 and deviation 1 in the rows `fitted_to`."""
    mean, std = values[fitted_to].mean(0), values[fitted_to].std(0)
    return (values - mean) / std


def train_table(train_set, valid_set, epochs=20):
    torch.manual_seed(0)
    model, loss_fn = TableNet(), nn.MSELoss()
    optimizer = torch.optim.Adam(model.parameters(), lr=0.001)
    loader = DataLoader(train_set, batch_size=32, shuffle=True)
    losses = {"train": [], "valid": []}
    for epoch in range(epochs):
        loss, _ = train_epoch(model, loader, optimizer, loss_fn)
        losses["train"].append(loss)  # a mean while training
        loss, _ = evaluate(model, valid_set, loss_fn=loss_fn)
        losses["valid"].append(loss)  # after the epoch
    return model, losses


def r2(model, part):
    X, y = part.tensors
    with torch.no_grad():
        error = (y - model(X)).square().sum()
    return (1 - error / (y - y.mean()).square().sum()).item()
