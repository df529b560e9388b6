"""The public names of nnlib are a decision: this list. Each of them is documented."""

import inspect
from importlib import import_module

import pytest

import nnlib

SURFACE = {
    "activations": {
        "LeakyCache",
        "leaky_relu_backward",
        "leaky_relu_forward",
        "relu_backward",
        "relu_forward",
        "sigmoid_backward",
        "sigmoid_forward",
        "softmax",
        "swish_backward",
        "swish_forward",
        "tanh_backward",
        "tanh_forward",
    },
    "arrays": {
        "Array",
        "as_float",
        "as_gradient",
        "as_images",
        "channel_blocks",
        "check_same_shape",
        "check_shape",
    },
    "augmentation": {
        "SYNONYMS",
        "add_noise",
        "back_translation",
        "color_jitter",
        "compose",
        "flip_horizontal",
        "phase_vocoder",
        "pitch_shift",
        "random_crop",
        "random_deletion",
        "random_insertion",
        "resample",
        "rotate",
        "scale",
        "synonym_replacement",
        "time_stretch",
        "to_english",
        "to_german",
        "translate",
    },
    "autodiff": {
        "Operation",
        "Variable",
        "add",
        "avg_pool2d",
        "batchnorm",
        "batchnorm2d",
        "conv2d",
        "dense",
        "divide",
        "dropout",
        "exp",
        "global_avg_pool",
        "gradients",
        "layernorm",
        "leaky_relu",
        "log",
        "matmul",
        "max_pool2d",
        "maximum",
        "mean",
        "mse",
        "multiply",
        "negative",
        "power",
        "relu",
        "reshape",
        "sigmoid",
        "sigmoid_cross_entropy",
        "softmax_cross_entropy",
        "subtract",
        "sum",
        "swish",
        "tanh",
        "transpose",
    },
    "batches": {"minibatches"},
    "checkpointing": {"Checkpointed"},
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
    "data": {
        "CIFAR10_CLASSES",
        "FASHION_MNIST_CLASSES",
        "load_cifar10",
        "load_digits",
        "load_fashion_mnist",
        "load_mnist",
        "train_test_split",
    },
    "dense": {"DenseCache", "dense_backward", "dense_forward"},
    "early_stopping": {"early_stopping"},
    "gradients": {"check_gradient", "numerical_gradient", "relative_error"},
    "layers": {
        "AvgPool2d",
        "BatchNorm",
        "Checkpointed",
        "Composite",
        "Conv2d",
        "Dense",
        "DepthwiseConv2d",
        "Dropout",
        "Flatten",
        "GlobalAvgPool",
        "Layer",
        "LayerNorm",
        "LeakyReLU",
        "LocalResponseNorm",
        "MaxPool2d",
        "Parallel",
        "ReLU",
        "Residual",
        "Row",
        "Sequential",
        "Shape",
        "Sigmoid",
        "Summary",
        "Swish",
        "Tanh",
        "ZeroChannels",
        "ZeroPad2d",
        "summary",
    },
    "linear": {"collapse_linear", "count_parameters"},
    "losses": {"mse_loss", "sigmoid_cross_entropy", "softmax_cross_entropy"},
    "metrics": {"accuracy", "confusion_matrix"},
    "models": {"alexnet", "cifar_resnet", "googlenet", "lenet", "mlp", "mobilenet", "resnet", "vgg"},
    "mlp": {"MlpCache", "checkpointed_gradients", "mlp_backward", "mlp_forward", "two_layer_gradients"},
    "nested": {"Nested", "count", "items", "leaves", "mapped"},
    "pooling": {
        "PoolCache",
        "avg_pool2d_backward",
        "avg_pool2d_forward",
        "global_avg_pool_backward",
        "global_avg_pool_forward",
        "max_pool2d_backward",
        "max_pool2d_forward",
    },
    "dropout": {
        "DropoutCache",
        "dropout_backward",
        "dropout_forward",
        "scaled_dropout_backward",
        "scaled_dropout_forward",
    },
    "initialization": {"he_normal", "small_normal", "xavier_normal"},
    "normalization": {
        "BatchNormCache",
        "LayerNormCache",
        "State",
        "batchnorm2d_backward",
        "batchnorm2d_forward",
        "batchnorm_backward",
        "batchnorm_forward",
        "layernorm_backward",
        "layernorm_forward",
    },
    "optimizers": {
        "SGD",
        "Adam",
        "AdamW",
        "Momentum",
        "Nesterov",
        "Optimizer",
        "RMSProp",
        "State",
        "adam_update",
        "adamw_update",
        "clip_by_global_norm",
        "clip_by_value",
        "momentum_update",
        "nesterov_update",
        "rmsprop_update",
        "sgd_update",
    },
    "regularization": {"l1_penalty", "l2_penalty"},
    "response_normalization": {
        "ResponseNormCache",
        "local_response_norm_backward",
        "local_response_norm_forward",
    },
    "saving": {"load_data", "load_model", "save_data", "save_model"},
    "schedules": {"cosine_annealing", "exponential_decay", "step_decay", "warmup_cosine"},
    "training": {"DivergedError", "Fitted", "History", "Run", "evaluate", "fit", "predict"},
    "windows": {
        "IntPair",
        "Pair",
        "batch_first",
        "batch_last",
        "conv_output_size",
        "cut",
        "frame",
        "output_shape",
        "pad",
        "pair",
        "shifted",
        "spread",
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
