"""Parameters and multiply-adds are those that were published. No array is made: counts follow from shapes."""

import dataclasses

import pytest

from nnlib.layers import AvgPool2d, Conv2d, Sequential, Tanh, ZeroPad2d, summary
from nnlib.models import alexnet, cifar_resnet, googlenet, lenet, mlp, mobilenet, resnet, vgg

DIGIT, CIFAR, IMAGENET = (1, 28, 28), (3, 32, 32), (3, 224, 224)
LECUN = "LeCun et al. 1998"
TORCHVISION = "torchvision's table of weights (num_params, GFLOPS)"
SZE = "Sze, Chen, Yang and Emer, Efficient processing of deep neural networks (Proceedings of the IEEE, 2017), table II"
ZOO = "OpenVINO's Open Model Zoo (MParams), alexnet and googlenet-v1, from Caffe"
HE = "He et al. 2016, table 6"
LI = "Li et al., Pruning filters for efficient ConvNets (ICLR 2017), table 1"
HOWARD = "Howard et al. 2017, tables 6 and 7"

# model, its images, parameters, multiply-adds, where both were published
COUNTS = {
    "300-100": (mlp(), DIGIT, "266610", None, "235,500 + 30,100 + 1,010, the layers of " + LECUN),
    "LeNet-5": (lenet(), DIGIT, "61706", None, "156 + 2,416 + 48,120 + 10,164 + 850, the layers of " + LECUN),
    "LeNet-5, 32×32": (lenet(padding=0), (1, 32, 32), "61706", None, "the same"),
    "LeNet-5, as in 1998": (lenet(activation=Tanh, pool=AvgPool2d), DIGIT, "61706", None, "the same"),
    "AlexNet, one column": (alexnet(), IMAGENET, "61100840", "0.71 G", TORCHVISION),
    "AlexNet, two columns": (alexnet(columns=2), IMAGENET, "60.965 M", "724 M", ZOO + "; " + SZE),
    "VGG-11": (vgg(11), IMAGENET, "132863336", "7.61 G", TORCHVISION),
    "VGG-13": (vgg(13), IMAGENET, "133047848", "11.31 G", TORCHVISION),
    "VGG-16": (vgg(16), IMAGENET, "138357544", "15.47 G", TORCHVISION),
    "VGG-19": (vgg(19), IMAGENET, "143667240", "19.63 G", TORCHVISION),
    "VGG-11, batch norm": (vgg(11, batchnorm=True), IMAGENET, "132868840", "7.61 G", TORCHVISION),
    "VGG-13, batch norm": (vgg(13, batchnorm=True), IMAGENET, "133053736", "11.31 G", TORCHVISION),
    "VGG-16, batch norm": (vgg(16, batchnorm=True), IMAGENET, "138365992", "15.47 G", TORCHVISION),
    "VGG-19, batch norm": (vgg(19, batchnorm=True), IMAGENET, "143678248", "19.63 G", TORCHVISION),
    "VGG-16, CIFAR": (vgg(16, 10, batchnorm=True, hidden=(512,)), CIFAR, "1.5e7", "3.13e8", LI),
    "GoogLeNet": (googlenet(), IMAGENET, "6.999 M", None, ZOO),
    "GoogLeNet, torchvision": (googlenet(batchnorm=True, widest=3), IMAGENET, "6624904", "1.50 G", TORCHVISION),
    "ResNet-18": (resnet(18), IMAGENET, "11689512", "1.81 G", TORCHVISION),
    "ResNet-34": (resnet(34), IMAGENET, "21797672", "3.66 G", TORCHVISION),
    "ResNet-50": (resnet(50), IMAGENET, "25557032", "4.09 G", TORCHVISION),
    "ResNet-101": (resnet(101), IMAGENET, "44549160", "7.80 G", TORCHVISION),
    "ResNet-152": (resnet(152), IMAGENET, "60192808", "11.51 G", TORCHVISION),
    "ResNet-20, CIFAR": (cifar_resnet(20), CIFAR, "0.27 M", None, HE),
    "ResNet-32, CIFAR": (cifar_resnet(32), CIFAR, "0.46 M", None, HE),
    "ResNet-44, CIFAR": (cifar_resnet(44), CIFAR, "0.66 M", None, HE),
    "ResNet-56, CIFAR": (cifar_resnet(56), CIFAR, "0.85 M", "1.25e8", HE + "; " + LI),
    "ResNet-110, CIFAR": (cifar_resnet(110), CIFAR, "1.7 M", "2.53e8", HE + "; " + LI),
    "ResNet-1202, CIFAR": (cifar_resnet(1202), CIFAR, "19.4 M", None, HE),
    "MobileNet": (mobilenet(), IMAGENET, "4.2 M", "569 M", HOWARD),
    "MobileNet, 3/4 wide": (mobilenet(width=0.75), IMAGENET, "2.6 M", "325 M", HOWARD),
    "MobileNet, 1/2 wide": (mobilenet(width=0.5), IMAGENET, "1.3 M", "149 M", HOWARD),
    "MobileNet, 1/4 wide": (mobilenet(width=0.25), IMAGENET, "0.5 M", "41 M", HOWARD),
    "MobileNet, 192×192": (mobilenet(), (3, 192, 192), "4.2 M", "418 M", HOWARD),
    "MobileNet, 128×128": (mobilenet(), (3, 128, 128), "4.2 M", "186 M", HOWARD),
}

# the exact counts that docstrings give where only rounded ones were published
EXACT = {
    "300-100": (266_610, 266_200),
    "LeNet-5": (61_706, 416_520),
    "AlexNet, two columns": (60_965_224, 724_406_816),
    "GoogLeNet": (6_998_552, 1_582_671_872),
    "ResNet-20, CIFAR": (269_722, 40_551_040),
    "ResNet-32, CIFAR": (464_154, 68_862_592),
    "ResNet-44, CIFAR": (658_586, 97_174_144),
    "ResNet-56, CIFAR": (853_018, 125_485_696),
    "ResNet-110, CIFAR": (1_727_962, 252_887_680),
    "MobileNet": (4_231_976, 568_740_352),
    "MobileNet, 3/4 wide": (2_585_560, 325_400_448),
    "MobileNet, 1/2 wide": (1_331_592, 149_497_088),
    "MobileNet, 1/4 wide": (470_072, 41_030_272),
}

# H of the maps from which the next stage is smaller, as the papers' figures and tables give them
SIZES = {
    "LeNet-5": [28, 14, 10, 5, 1],
    "AlexNet, one column": [55, 27, 13, 6],
    "AlexNet, two columns": [55, 27, 13, 6],
    "VGG-16": [224, 112, 56, 28, 14, 7],
    "GoogLeNet": [112, 56, 28, 14, 7],
    "ResNet-18": [112, 56, 28, 14, 7],
    "ResNet-50": [112, 56, 28, 14, 7],
    "ResNet-20, CIFAR": [32, 16, 8],
    "MobileNet": [112, 56, 28, 14, 7],
}


def as_published(count, figure):
    """`count` rounded as the figure is: "61706", "0.71 G", "1.25e8"."""
    if "e" in figure:
        digits = len(figure.split("e")[0].replace(".", "")) - 1
        return f"{count:.{digits}e}".replace("e+0", "e")
    number, _, unit = figure.partition(" ")
    decimals = len(number.partition(".")[2])
    return f"{count / {'': 1, 'M': 10**6, 'G': 10**9}[unit]:.{decimals}f} {unit}".strip()


@pytest.mark.parametrize("name", COUNTS)
def test_a_model_has_the_published_counts(name):
    model, image, parameters, multiply_adds, source = COUNTS[name]
    found = summary(model, image)
    assert as_published(found.parameters, parameters) == parameters, source
    if multiply_adds is not None:
        assert as_published(found.multiply_adds, multiply_adds) == multiply_adds, source


@pytest.mark.parametrize("name", EXACT)
def test_a_docstring_says_the_exact_counts(name):
    model, image, *_ = COUNTS[name]
    found = summary(model, image)
    assert (found.parameters, found.multiply_adds) == EXACT[name]


@pytest.mark.parametrize("name", SIZES)
def test_images_shrink_as_published(name):
    model, image, *_ = COUNTS[name]
    outer = [row for row in summary(model, image).rows if row.depth == 1 and len(row.output) == 3]
    sizes = [row.output[1] for row in outer if not row.name.startswith(ZeroPad2d.__name__)]
    assert [size for size, before in zip(sizes, [None, *sizes], strict=False) if size != before] == SIZES[name]


def test_the_two_columns_as_one_have_the_other_count_that_is_often_met():
    layers = alexnet(columns=2).layers
    joined = [dataclasses.replace(layer, groups=1) if isinstance(layer, Conv2d) else layer for layer in layers]
    assert summary(Sequential(*joined), IMAGENET).parameters == 62_378_344


def test_vgg_without_hidden_dense_layers_is_a_tenth():
    assert summary(vgg(16, 10, hidden=()), CIFAR).parameters == 14_719_818


def test_most_of_vggs_parameters_are_in_one_dense_layer():
    rows = summary(vgg(16), IMAGENET).rows
    assert max(row.parameters for row in rows if row.name == "Dense(units=4096)") == 102_764_544
