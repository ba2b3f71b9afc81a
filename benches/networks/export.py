"""Writes the networks of tests/networks/models.rs as ONNX files, for a fixed batch each.

The networks are the PyTorch modules of tests/fixtures/networks.py, with the parameters of the benchmark. The nodes are what
their layers are: zeros around an input are the padding of the convolution, nothing is folded beforehand.
"""

import os, sys

import numpy as np
import onnx
import torch
from onnx import TensorProto, helper, numpy_helper
from torch import nn

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "tests", "fixtures"))
from networks import NETWORKS, Residual, Sides

# Of a network: how to make it, and the shape of a sample.
NETWORKS = {make.__name__: (make, shape) for make, (shape, _) in NETWORKS.items()}


def network(folder, name):
    """The module, with its parameters from FOLDER/NAME.parameters."""
    module = NETWORKS[name][0]()
    numbers = torch.from_numpy(np.fromfile(os.path.join(folder, f"{name}.parameters"), "<f4"))
    nn.utils.vector_to_parameters(numbers, module.parameters())
    assert numbers.numel() == sum(p.numel() for p in module.parameters()), name
    return module


def batch(folder, name, size):
    """The first samples of FOLDER/NAME.x."""
    x = np.fromfile(os.path.join(folder, f"{name}.x"), "<f4")
    return x.reshape(32, *NETWORKS[name][1])[:size]


class Graph:
    def __init__(self):
        self.nodes, self.parameters, self.pads = [], [], None

    def add(self, operation, inputs, **attributes):
        y = f"t{len(self.nodes)}"
        self.nodes.append(helper.make_node(operation, inputs, [y], **attributes))
        return y

    def parameter(self, values):
        name = f"p{len(self.parameters)}"
        self.parameters.append(numpy_helper.from_array(values.detach().numpy(), name))
        return name

    def weights(self, layer):
        return [self.parameter(layer.weight), self.parameter(layer.bias)]

    def layer(self, layer, x):
        """Adds a layer; returns its output."""
        if isinstance(layer, nn.Sequential):
            for inner in layer:
                x = self.layer(inner, x)
            return x
        if isinstance(layer, Residual):
            return self.add("Add", [self.layer(layer.shortcut, x), self.layer(layer.body, x)])
        if isinstance(layer, Sides):  # of the convolution after it
            left, right, top, bottom = layer.sides
            self.pads = [top, left, bottom, right]
            return x
        if isinstance(layer, nn.Identity):
            return x
        if isinstance(layer, (nn.Conv1d, nn.Conv2d)):
            pads, self.pads = self.pads or 2 * list(layer.padding), None
            return self.add("Conv", [x, *self.weights(layer)], kernel_shape=layer.kernel_size, strides=layer.stride, pads=pads, group=layer.groups)
        if isinstance(layer, nn.Linear):
            return self.add("Gemm", [x, *self.weights(layer)], transB=1)
        if isinstance(layer, nn.ReLU):
            return self.add("Relu", [x])
        if isinstance(layer, nn.Flatten):
            return self.add("Flatten", [x])
        if isinstance(layer, (nn.MaxPool2d, nn.AvgPool2d)):
            kernel = layer.kernel_size if isinstance(layer.kernel_size, tuple) else 2 * (layer.kernel_size,)
            operation = "MaxPool" if isinstance(layer, nn.MaxPool2d) else "AveragePool"
            return self.add(operation, [x], kernel_shape=kernel, strides=kernel)
        raise TypeError(layer)


def save(path, module, x_shape, y_shape):
    graph = Graph()
    y = graph.layer(module, "x")
    if y == "x":
        y = graph.add("Identity", ["x"])
    value = lambda name, shape: helper.make_tensor_value_info(name, TensorProto.FLOAT, shape)
    model = helper.make_graph(graph.nodes, "network", [value("x", x_shape)], [value(y, y_shape)], graph.parameters)
    model = helper.make_model(model, opset_imports=[helper.make_opsetid("", 17)], ir_version=9)
    onnx.checker.check_model(model)
    onnx.save(model, path)


@torch.no_grad()
def export(folder, name):
    """Writes FOLDER/NAME_1.onnx and FOLDER/NAME_32.onnx."""
    module = network(folder, name)
    for size in 1, 32:
        x = torch.from_numpy(batch(folder, name, size))
        save(os.path.join(folder, f"{name}_{size}.onnx"), module, x.shape, module(x).shape)


def export_nothing(folder):
    """Writes FOLDER/nothing_1.onnx, a network that hands on its input, and the input."""
    save(os.path.join(folder, "nothing_1.onnx"), nn.Sequential(), [1, 1], [1, 1])
    np.ones(1, "<f4").tofile(os.path.join(folder, "nothing.x"))
