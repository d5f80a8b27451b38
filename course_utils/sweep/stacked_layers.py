"""Many networks of one architecture as one: layers that work on all of them at once, forward and backward.

Numbers run feature by feature, not example by example: what one layer hands to the next is [K, *shape, B], for K
networks and B examples. Batched products of small matrices, and softmax over ten classes, are several times quicker
that way. The backward passes are written out, since autograd's bookkeeping costs more than the arithmetic here.
"""

import copy
import itertools
import math

import torch
from torch import nn
from torch.nn import functional as F

aten = torch.ops.aten


class _Layer:
    """What all layers share.

    Attributes:
        shapes: of its parameters in one network, in the order of `module.parameters()`.
        shape: of what it gives for one example.
        cells: numbers it makes on the way for one example, in one network.
    """

    shapes = ()

    def bind(self, values, gradients):
        """Take as parameters the tensors [K, *shape] in `values`; write their gradients into `gradients`."""

    def forward(self, x):
        """[K, *shape, B] or, as long as all networks see the same, [1, *shape, B], to the layer's output."""
        raise NotImplementedError

    def backward(self, d, down=True):
        """The gradient of the layer's input, given that of its output; the parameters' own are written down.

        `down` tells whether the input's gradient is asked for at all; the first layer with parameters is spared it.
        """
        raise NotImplementedError


class _Affine(_Layer):
    """A product with a matrix of one's own in each network, plus a bias: what Linear and Conv2d have in common."""

    def __init__(self, module):
        weight = (module.weight.shape[0], module.weight[0].numel())
        self.shapes = (weight, weight[:1]) if module.bias is not None else (weight,)

    def bind(self, values, gradients):
        self._weight, self._bias = values if len(values) == 2 else (*values, None)
        self._weight_gradient, self._bias_gradient = gradients if len(gradients) == 2 else (*gradients, None)

    def _product(self, x):
        self._x = x.expand(len(self._weight), -1, -1)
        if self._bias is None:
            return torch.bmm(self._weight, self._x)
        return torch.baddbmm(self._bias.unsqueeze(2), self._weight, self._x)

    def _product_backward(self, d, down):
        torch.bmm(d, self._x.transpose(1, 2), out=self._weight_gradient)
        if self._bias is not None:
            torch.sum(d, 2, out=self._bias_gradient)
        return torch.bmm(self._weight.transpose(1, 2), d) if down else None


class _Linear(_Affine):
    def __init__(self, module, shape):
        super().__init__(module)
        if shape != (module.in_features,):
            raise _CannotStack
        self.shape = (module.out_features,)
        self.cells = module.out_features

    def forward(self, x):
        return self._product(x)

    def backward(self, d, down=True):
        return self._product_backward(d, down)


class _Conv2d(_Affine):
    """A convolution as a product: each patch under the kernel becomes a column."""

    def __init__(self, module, shape):
        super().__init__(module)
        plain = module.groups == 1 and module.padding_mode == "zeros" and not isinstance(module.padding, str)
        if not plain or len(shape) != 3 or shape[0] != module.in_channels:
            raise _CannotStack
        kernel, self._padding = module.kernel_size, module.padding
        self._padded = tuple(side + 2 * more for side, more in zip(shape[1:], self._padding, strict=True))
        reach = [dilation * (size - 1) for dilation, size in zip(module.dilation, kernel, strict=True)]
        sides = [
            (side - far - 1) // stride + 1 for side, far, stride in zip(self._padded, reach, module.stride, strict=True)
        ]
        if min(sides) < 1:
            raise _CannotStack
        # Where each cell of the kernel looks: one slice of rows and one of columns.
        cuts = [
            [slice(at * d, at * d + (side - 1) * stride + 1, stride) for at in range(size)]
            for size, d, side, stride in zip(kernel, module.dilation, sides, module.stride, strict=True)
        ]
        self._cuts = list(itertools.product(*cuts))
        self.shape = (module.out_channels, *sides)
        self.cells = (shape[0] * len(self._cuts) + module.out_channels) * sides[0] * sides[1]

    def forward(self, x):
        high, wide = self._padding
        x = F.pad(x, (0, 0, wide, wide, high, high)) if high or wide else x.contiguous()
        patches = x.new_empty(*x.shape[:2], len(self._cuts), *self.shape[1:], x.shape[-1])
        for cell, (rows, columns) in enumerate(self._cuts):
            patches[:, :, cell] = x[:, :, rows, columns]
        self._patches = patches.shape
        return self._product(patches.flatten(3).flatten(1, 2)).unflatten(2, patches.shape[3:])

    def backward(self, d, down=True):
        d = self._product_backward(d.flatten(2), down)
        if not down:
            return None
        d = d.view(len(d), *self._patches[1:])
        x = d.new_zeros(*d.shape[:2], *self._padded, d.shape[-1])
        for cell, (rows, columns) in enumerate(self._cuts):
            x[:, :, rows, columns] += d[:, :, cell]
        high, wide = self._padding
        return x[:, :, high : self._padded[0] - high, wide : self._padded[1] - wide]


class _MaxPool2d(_Layer):
    def __init__(self, module, shape):
        size, stride, padding, dilation = (
            given if isinstance(given, tuple) else (given, given)
            for given in (module.kernel_size, module.stride, module.padding, module.dilation)
        )
        plain = stride == size and padding == (0, 0) and dilation == (1, 1) and not module.ceil_mode
        if not plain or module.return_indices or len(shape) != 3:
            raise _CannotStack
        sides = [side // step for side, step in zip(shape[1:], size, strict=True)]
        if min(sides) < 1:
            raise _CannotStack
        self.shape = (shape[0], *sides)
        self.cells = shape[0] * sides[0] * sides[1]
        cuts = [[slice(at, side * step, step) for at in range(step)] for side, step in zip(sides, size, strict=True)]
        self._cuts = list(itertools.product(*cuts))

    def forward(self, x):
        first, *others = (x[:, :, rows, columns] for rows, columns in self._cuts)
        best = first.clone()
        for other in others:
            torch.maximum(best, other, out=best)
        self._x, self._best = x, best
        return best

    def backward(self, d, down=True):
        x = torch.zeros_like(self._x)
        free = torch.ones_like(self._best, dtype=torch.bool)
        for rows, columns in self._cuts:  # of equal ones the first gets the gradient, as in nn.MaxPool2d
            won = (self._x[:, :, rows, columns] == self._best) & free
            x[:, :, rows, columns] = d * won
            free &= ~won
        return x


class _Flatten(_Layer):
    cells = 0

    def __init__(self, module, shape):
        if (module.start_dim, module.end_dim) != (1, -1):
            raise _CannotStack
        self.shape = (torch.Size(shape).numel(),)

    def forward(self, x):
        self._shape = x.shape[1:-1]
        return x.flatten(1, -2)

    def backward(self, d, down=True):
        return d.unflatten(1, self._shape)


class _Activation(_Layer):
    def __init__(self, module, shape):
        self._module, self._slope = module, _SLOPES[type(module)]
        self.shape = shape
        self.cells = torch.Size(shape).numel()

    def forward(self, x):
        self._x, self._y = x, self._module.forward(x)
        return self._y

    def backward(self, d, down=True):
        return self._slope(self._module, d, self._x, self._y)


# The gradient of the input x, given that of the output y; the same kernels that autograd calls.
_SLOPES = {
    nn.Sigmoid: lambda module, d, x, y: aten.sigmoid_backward(d, y),
    nn.Tanh: lambda module, d, x, y: aten.tanh_backward(d, y),
    nn.ReLU: lambda module, d, x, y: aten.threshold_backward(d, y, 0),
    nn.LeakyReLU: lambda module, d, x, y: aten.leaky_relu_backward(d, x, module.negative_slope, False),
    nn.GELU: lambda module, d, x, y: aten.gelu_backward(d, x, approximate=module.approximate),
    nn.Identity: lambda module, d, x, y: d,
}
_LAYERS = {nn.Linear: _Linear, nn.Conv2d: _Conv2d, nn.MaxPool2d: _MaxPool2d, nn.Flatten: _Flatten}
_LAYERS |= dict.fromkeys(_SLOPES, _Activation)


class _CannotStack(Exception):  # noqa: N818 (not an error: the answer is to train one by one)
    """This module has no stacked counterpart."""


def stackable(model, shape):
    """Can `StackedNetwork` hold networks like `model`, for examples of `shape`?

    It can if the model is an `nn.Sequential` (of such Sequentials) of Linear, Conv2d, MaxPool2d, Flatten and the
    activations of `models.ACTIVATIONS`, without hooks, and with every parameter trained and used once.
    """
    try:
        _layers(model, tuple(shape))
    except _CannotStack:
        return False
    return True


def _modules(model):
    """The leaves of nested Sequentials, in the order they are applied."""
    if model._forward_hooks or model._forward_pre_hooks or model._backward_hooks or model._backward_pre_hooks:
        raise _CannotStack
    if type(model) is not nn.Sequential:
        return [model]
    return [leaf for module in model for leaf in _modules(module)]


def _layers(model, shape):
    parameters = list(model.parameters())
    layers = []
    for module in _modules(model):
        if type(module) not in _LAYERS:  # a subclass may compute something else
            raise _CannotStack
        layers.append(_LAYERS[type(module)](module, shape))
        shape = layers[-1].shape
    held = sum(len(layer.shapes) for layer in layers)  # fewer, if two layers share one
    if not parameters or held != len(parameters) or not all(p.requires_grad for p in parameters):
        raise _CannotStack
    return layers


class StackedNetwork:
    """K networks of one architecture, their parameters side by side.

    Attributes:
        values: all parameters, [K, P]; each network is one row.
        gradients: of the mean loss of each, [K, P].
    """

    def __init__(self, models, shape, device):
        """Take over the parameters of `models`, which are `stackable` and alike, for examples of `shape`."""
        self._input = tuple(shape)
        self._layers = _layers(models[0], self._input)
        self._bind(torch.stack([nn.utils.parameters_to_vector(m.parameters()).detach() for m in models]).to(device))

    def __len__(self):
        return len(self.values)

    @property
    def shape(self):
        """Of the output for one example."""
        return self._layers[-1].shape

    @property
    def cells(self):
        """Numbers that one network makes on the way, for one example."""
        return sum(layer.cells for layer in self._layers)

    def only(self, rows):
        """The networks in `rows` (a list of indices), with a copy of their parameters."""
        some = copy.copy(self)
        some._layers = [copy.copy(layer) for layer in self._layers]
        some._bind(self.values[rows])
        return some

    def _bind(self, values):
        self.values, self.gradients = values, torch.empty_like(values)
        at = 0
        for layer in self._layers:
            views = []
            for shape in layer.shapes:
                size = torch.Size(shape).numel()
                views.append([whole[:, at : at + size].unflatten(1, shape) for whole in (values, self.gradients)])
                at += size
            if views:
                layer.bind(*zip(*views, strict=True))

    @torch.no_grad()
    def train_step(self, X, y):
        """Loss and number of right predictions of each network on its batch; fills `gradients`.

        Args:
            X: inputs [B, *shape] that all networks see, or [K, B, *shape].
            y: targets [B, ...] or [K, B, ...]: class indices or numbers.

        Returns:
            (loss, correct): two tensors [K]; `correct` is NaN where targets are numbers.
        """
        outputs, y = self._forward(X, y)
        correct = _correct(outputs, y)
        loss, rest = _loss(outputs, y)
        d = _slope(rest, y)
        first = next(i for i, layer in enumerate(self._layers) if layer.shapes)
        for i in range(len(self._layers) - 1, first - 1, -1):
            d = self._layers[i].backward(d, down=i > first)
        return loss, correct

    @torch.no_grad()
    def evaluate(self, X, y, batch_size):
        """Mean loss and accuracy of each network over X [N, *shape] and y [N, ...]: two lists of K floats."""
        loss = correct = 0
        for start in range(0, len(X), batch_size):
            part = slice(start, start + batch_size)
            outputs, targets = self._forward(X[part], y[part])
            size = outputs.shape[-1]
            loss += _loss(outputs, targets)[0].double() * size
            correct += _correct(outputs, targets).double()
        return (loss / len(X)).tolist(), (correct / len(X)).tolist()

    def _forward(self, X, y):
        """Outputs [K, *shape, B] and targets [K, B] or [K, *shape, B]."""
        if X.dim() == len(self._input) + 1:
            X, y = X.unsqueeze(0), y.unsqueeze(0)
        x, y = X.movedim(1, -1), y.movedim(1, -1)
        for layer in self._layers:
            x = layer.forward(x)
        return x, y.expand(len(self), *y.shape[1:])


def _loss(outputs, y):
    """Mean loss of each network [K], as in `training`, and what `_slope` needs to go on."""
    if y.is_floating_point():
        error = outputs - y
        return error.square().flatten(1).mean(1), error
    log_p = F.log_softmax(outputs, 1)
    return -log_p.gather(1, y.unsqueeze(1)).mean((1, 2)), log_p


def _slope(rest, y):
    """The gradient of the outputs: 2·error for squared error, softmax minus one-hot for cross-entropy."""
    if y.is_floating_point():
        return rest * (2 / rest[0].numel())
    d = rest.exp_()
    d.scatter_add_(1, y.unsqueeze(1), d.new_full((), -1).expand(len(d), 1, d.shape[2]))
    return d.div_(d.shape[2])


def _correct(outputs, y):
    """How many predictions of each network are right [K]; NaN where targets are numbers."""
    if y.is_floating_point():
        return outputs.new_full((len(outputs),), math.nan)
    return (outputs.transpose(1, 2).contiguous().argmax(2) == y).sum(1)  # argmax is slow across rows
