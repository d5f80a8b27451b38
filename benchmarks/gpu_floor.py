"""The least that an epoch on a GPU takes: one CUDA graph, replayed for each step."""

import torch
from torch.nn import functional as F

WARM_UP = 3  # steps before the capture, as PyTorch's recipe has it: libraries set themselves up in the first


class GraphOfSteps:
    """Training by hand, of which the CPU does no more than to start one graph a step; calling it trains an epoch.

    All that a step reads and writes stays in its place on the GPU: the images, the order of the batches, and the
    number of the next step, by which the graph finds its batch. The batches are those of `fit`. On the CPU the same
    steps are made without a graph.
    """

    def __init__(self, setting, model):
        """Prepare, on CUDA capture, one epoch of `model`, whose parameters are as before afterwards.

        Args:
            setting: a `training.Setting` whose batch size divides the number of its examples: a graph has one shape.
            model: on the device to train on.
        """
        device = next(model.parameters()).device
        self._model, self._optimizer = model, setting.optimizer(model)
        self._X, self._y = (tensor.to(device) for tensor in setting.train.tensors)
        self._batches = setting.order().view(-1, setting.batch_size).to(device)  # int64 [steps, batch size]
        self._next = torch.zeros(1, dtype=torch.int64, device=device)
        self._advance = self._captured() if device.type == "cuda" else self._step

    def __call__(self):
        for _ in range(len(self._batches)):
            self._advance()

    def _step(self):
        chosen = self._batches.index_select(0, self._next).squeeze(0)  # [batch size]
        logits = self._model(self._X.index_select(0, chosen))
        loss = F.cross_entropy(logits, self._y.index_select(0, chosen))
        self._optimizer.zero_grad()
        loss.backward()
        self._optimizer.step()
        self._next.add_(1)

    def _captured(self):
        parameters = list(self._model.parameters())
        before = [parameter.detach().clone() for parameter in parameters]
        side = torch.cuda.Stream()
        side.wait_stream(torch.cuda.current_stream())
        with torch.cuda.stream(side):
            for _ in range(WARM_UP):
                self._step()
        torch.cuda.current_stream().wait_stream(side)
        self._optimizer.zero_grad()  # sets gradients to None, so that those of the graph lie in memory of its own
        graph = torch.cuda.CUDAGraph()
        with torch.cuda.graph(graph):
            self._step()
        with torch.no_grad():
            for parameter, value in zip(parameters, before, strict=True):
                parameter.copy_(value)
        self._next.zero_()
        return graph.replay
