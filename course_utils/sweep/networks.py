"""Many networks of one architecture, their parameters side by side: what all ways to compute them share."""

import math

import torch
from torch import nn
from torch.nn import functional as F

RAISED = (Exception, SystemExit)  # what a learner's model may raise: it costs its own experiment alone


class CannotStack(Exception):  # noqa: N818 (not an error: the answer is to train one by one)
    """These networks can't be computed together; the text says why, as a clause such as "they have hooks"."""


def refuse_hooks(model):
    """Raise `CannotStack` if `model` has hooks: they are to be called for each network on its own."""
    names = ("_forward_hooks", "_forward_pre_hooks", "_backward_hooks", "_backward_pre_hooks")
    on_tensors = ("_backward_hooks", "_post_accumulate_grad_hooks")
    on_all = [held for name, held in vars(nn.modules.module).items() if name.startswith("_global_")]
    held = [getattr(module, name) for module in model.modules() for name in names]
    held += [getattr(parameter, name, None) for parameter in model.parameters() for name in on_tensors]
    if any(held) or any(isinstance(hooks, dict) and hooks for hooks in on_all):
        raise CannotStack("their networks have hooks")


class Networks:
    """K networks of one architecture.

    Attributes:
        values: all trained parameters, [K, P]; each network is one row.
        gradients: of the mean loss of each, [K, P].
        nbytes: of all parameters and buffers of one network.
        shape: of the output for one example.
        activations: how many numbers one network keeps for one example on the way forward.
    """

    def __len__(self):
        return len(self.values)

    def only(self, rows):
        """The networks in `rows` (a list of indices), with a copy of their parameters."""
        raise NotImplementedError

    def train_step(self, X, y):
        """Return loss and number of right predictions of each network on its batch, and fill `gradients`.

        Args:
            X: inputs [B, *shape] that all networks see, or [K, B, *shape].
            y: targets [B, ...] or [K, B, ...]: class indices or numbers.

        Returns:
            (loss, correct): two tensors [K]; `correct` is NaN where targets are numbers.
        """
        raise NotImplementedError

    @torch.no_grad()
    def evaluate(self, X, y, batch_size):
        """Return mean loss and accuracy of each network over X [N, *shape] and y [N, ...]: two lists of K floats."""
        loss = right = 0
        for start in range(0, len(X), batch_size):
            part = slice(start, start + batch_size)
            outputs, targets = self._forward(X[part], y[part])
            loss += losses(outputs, targets)[0].cpu().double() * outputs.shape[-1]  # Apple's GPUs have no doubles
            right += correct(outputs, targets).cpu().double()
        return (loss / len(X)).tolist(), (right / len(X)).tolist()

    def _forward(self, X, y):
        """Outputs [K, *shape, B] and targets [K, B] or [K, *shape, B], given what `train_step` is given."""
        raise NotImplementedError


def losses(outputs, y):
    """Return the mean loss of each network [K], as in `training`, and what its gradient is made of.

    That is the error where targets are numbers, and the logarithms of the probabilities where they are classes.
    """
    if y.is_floating_point():
        error = outputs - y
        return error.square().flatten(1).mean(1), error
    log_p = F.log_softmax(outputs, 1)
    return -log_p.gather(1, y.unsqueeze(1)).mean((1, 2)), log_p


def correct(outputs, y):
    """Return how many predictions of each network are right [K]; NaN where targets are numbers."""
    if y.is_floating_point():
        return outputs.new_full((len(outputs),), math.nan)
    return (outputs.transpose(1, 2).contiguous().argmax(2) == y).sum(1)  # argmax is slow across rows
