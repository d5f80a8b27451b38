"""Networks with any `forward` side by side: `torch.func.vmap` calls it once for all of them."""

import copy
import warnings

import torch
from torch.func import functional_call, stack_module_state, vmap

from course_utils.sweep.first_step import first_steps
from course_utils.sweep.networks import RAISED, CannotStack, Networks, correct, losses

_CLOSE = 1e-5  # how far, relatively, the first step may be from that of a network alone
_NOISE = 1e-6  # of the greatest gradient: what rounding leaves where a gradient is 0


class MappedNetwork(Networks):
    """Networks of any class whose `forward` computes the same for all of them, whatever their parameters.

    One call of `forward` serves all networks, so what a call leaves behind, or reads from outside, would be wrong for
    all but one. Therefore each network first makes a step alone, see `first_step`, and the stack has to agree with it.
    """

    def __init__(self, models, X, y, device):
        """Take over the parameters and buffers of `models`, which are alike, and make sure that they can be mapped.

        Args:
            models: modules, which are moved to `device`.
            X, y: a batch to try them on, on `device`.

        Raises:
            CannotStack: one of them can't be mapped, or not with the same result.
        """
        self._model, self._dims = models[0].to(device), X.dim()
        try:
            with torch.backends.cudnn.flags(enabled=True, allow_tf32=False):  # which rounds to three digits
                *alone, self.activations = first_steps([model.to(device) for model in models], X, y)
                self.shape = alone[-1].shape[2:]
                trained, self._fixed = stack_module_state(models)
                self._fixed |= {name: trained.pop(name) for name in list(trained) if not trained[name].requires_grad}
                self._names = _names(models[0])
                self._shapes = {name: parameter.shape[1:] for name, parameter in trained.items()}
                self.values = torch.cat([part.detach().reshape(len(models), -1) for part in trained.values()], 1)
                self.nbytes = sum(tensor[0].nbytes for tensor in (self.values, *self._fixed.values()))
                self._compare(X, y, *alone)
        except CannotStack:
            raise
        except RAISED as error:  # if the class does so alone too, the run will show it
            told = str(error).split("\n")[0].split(". ")[0]
            raise CannotStack(f"their step together fails with {type(error).__name__}: {told}") from error

    def only(self, rows):
        some = copy.copy(self)
        some.values, some._fixed = self.values[rows], {name: tensor[rows] for name, tensor in self._fixed.items()}
        return some

    def train_step(self, X, y):
        values = self.values.detach().requires_grad_()
        outputs, y = self._forward(X, y, values)
        loss, _ = losses(outputs, y)
        (self.gradients,) = torch.autograd.grad(loss.sum(), values)  # no network has a part in another's loss
        return loss.detach(), correct(outputs.detach(), y)

    def evaluate(self, X, y, batch_size):
        self._model.eval()
        try:
            return super().evaluate(X, y, batch_size)
        finally:
            self._model.train()

    def _forward(self, X, y, values=None):
        if X.dim() == self._dims:
            X, y = (tensor.expand(len(self), *tensor.shape) for tensor in (X, y))
        tensors = self._parts(self.values if values is None else values) | self._fixed
        outputs = vmap(self._outputs)({name: tensors[first] for name, first in self._names}, X)
        return outputs.movedim(1, -1), y.movedim(1, -1)

    def _outputs(self, tensors, X):
        return functional_call(self._model, tensors, X, tie_weights=False)  # tied, it leaves them in a shared module

    def _parts(self, matrix):
        """Cut [K, P] into the parameters: {name: a view [K, *shape]}."""
        parts = matrix.split([shape.numel() for shape in self._shapes.values()], 1)
        shapes = self._shapes.items()
        return {name: part.view(len(matrix), *shape) for (name, shape), part in zip(shapes, parts, strict=True)}

    def _compare(self, X, y, losses, gradients, outputs):
        """Raise unless a step of all networks together, and evaluation, give what each network gives alone."""
        with warnings.catch_warnings():
            warnings.simplefilter("error", UserWarning)  # where vmap has no rule, it computes one by one and warns
            loss, _ = self.train_step(X, y)
        _agree("loss", loss, losses)
        noise = _NOISE * torch.stack([_greatest(own) for own in gradients.values()]).amax(0)
        for name, mine in self._parts(self.gradients).items():
            _agree("gradients", mine, gradients[name], noise)
        self._model.eval()
        with torch.no_grad():
            _agree("outputs", self._forward(X, y)[0].movedim(-1, 1), outputs)
        self._model.train()


def _agree(what, together, alone, noise=0):
    if not (_greatest(together - alone) <= _CLOSE * _greatest(alone) + noise).all():  # nor where one is NaN
        raise CannotStack(f"their step together gives other {what} than a step alone")


def _greatest(tensor):
    """Return the greatest absolute value of each row, [K]."""
    return tensor.abs().reshape(len(tensor), -1).amax(1)


def _names(model):
    """List (name, first name) of each parameter and buffer; the two differ where modules share one."""
    first = {id(tensor): name for name, tensor in (*model.named_parameters(), *model.named_buffers())}
    return [
        (f"{path}.{name}".lstrip("."), first[id(tensor)])
        for path, module in model.named_modules()
        for held in (module.named_parameters, module.named_buffers)
        for name, tensor in held(recurse=False, remove_duplicate=False)
    ]
