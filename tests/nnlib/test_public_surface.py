"""The public names of nnlib are a decision: this list. Each of them is documented."""

import inspect
from importlib import import_module

import pytest

import nnlib

SURFACE = {
    "activations": {"relu_backward", "relu_forward"},
    "arrays": {"Array", "as_float", "as_gradient", "check_same_shape", "check_shape"},
    "convolution": {
        "ConvCache",
        "col2im",
        "conv2d_backward",
        "conv2d_forward",
        "conv2d_forward_fast",
        "conv_output_size",
        "correlate2d",
        "im2col",
    },
    "data": {"load_digits", "load_mnist"},
    "dense": {"DenseCache", "dense_backward", "dense_forward"},
    "gradients": {"check_gradient", "numerical_gradient", "relative_error"},
    "losses": {"softmax", "softmax_cross_entropy"},
    "pooling": {
        "PoolCache",
        "avg_pool2d_backward",
        "avg_pool2d_forward",
        "global_avg_pool_backward",
        "global_avg_pool_forward",
        "max_pool2d_backward",
        "max_pool2d_forward",
    },
    "windows": {
        "IntPair",
        "Pair",
        "as_images",
        "conv_output_size",
        "output_shape",
        "pad",
        "pair",
        "shifted",
        "windows",
    },
}
every_module = pytest.mark.parametrize("name", nnlib.__all__)


def test_the_package_holds_these_modules():
    assert set(nnlib.__all__) == {*SURFACE, "plots"}


@pytest.mark.parametrize("name", SURFACE)
def test_a_module_exports_these_names(name):
    assert set(import_module(f"nnlib.{name}").__all__) == SURFACE[name]


@every_module
def test_modules_functions_and_classes_are_documented(name):
    module = import_module(f"nnlib.{name}")
    public = [getattr(module, symbol) for symbol in module.__all__]
    documented = [module, *(thing for thing in public if inspect.isfunction(thing) or inspect.isclass(thing))]
    assert [thing for thing in documented if not inspect.getdoc(thing)] == []


@every_module
def test_public_functions_fit_on_a_screen(name):
    module = import_module(f"nnlib.{name}")
    functions = [function for _, function in inspect.getmembers(module, inspect.isfunction)]
    assert [f.__name__ for f in functions if len(inspect.getsourcelines(f)[0]) > 50] == []
