"""Models are layers like any others: they start, learn, are saved, and say what they cannot do."""

import numpy as np
import pytest

from nnlib.layers import AvgPool2d, BatchNorm, Conv2d, Dense, Dropout, LocalResponseNorm, Tanh, summary
from nnlib.losses import softmax_cross_entropy
from nnlib.models import alexnet, cifar_resnet, googlenet, lenet, mlp, mobilenet, resnet, vgg
from nnlib.nested import items, mapped
from nnlib.saving import load_model, save_model

SMALL = {
    "mlp": (mlp((20, 10), 3), (1, 8, 8)),
    "mlp, dropout": (mlp((20, 10), 3, p_drop=0.3), (1, 8, 8)),
    "lenet": (lenet(3), (1, 28, 28)),
    "lenet of 1998": (lenet(3, activation=Tanh, pool=AvgPool2d), (1, 28, 28)),
    "cifar_resnet": (cifar_resnet(8, 3), (1, 28, 28)),
    "mobilenet": (mobilenet(3, width=0.1), (3, 32, 32)),
}
every_small_model = pytest.mark.parametrize(("model", "shape"), SMALL.values(), ids=SMALL)

FAMILIES = {
    "mlp": (mlp, (3, 32, 32)),
    "lenet": (lenet, (1, 28, 28)),
    "alexnet": (alexnet, (3, 63, 63)),
    "vgg": (vgg, (3, 32, 32)),
    "googlenet": (googlenet, (1, 28, 28)),
    "resnet": (resnet, (1, 28, 28)),
    "cifar_resnet": (cifar_resnet, (1, 28, 28)),
    "mobilenet": (mobilenet, (1, 28, 28)),
}


@pytest.mark.parametrize("name", FAMILIES)
def test_small_images_and_few_classes_are_welcome(name):
    family, shape = FAMILIES[name]
    assert family(classes=7).output_shape(shape) == (7,)


@pytest.mark.parametrize(("name", "size"), [("alexnet", 62), ("vgg", 31)])
def test_an_image_too_small_is_refused_by_the_layer_that_has_nothing_left(name, size):
    with pytest.raises(ValueError, match=r"MaxPool2d\(.*does not fit"):
        FAMILIES[name][0]().output_shape((3, size, size))


@every_small_model
def test_a_gradient_reaches_every_parameter(rng, model, shape):
    params, state = model.initialize(shape, rng=rng)
    images, labels = rng.standard_normal((6, *shape)).astype(np.float32), np.array([0, 1, 2, 0, 1, 2])
    logits, cache, _ = model.forward(images, params, state, train=True, rng=rng)
    _, dlogits = softmax_cross_entropy(logits, labels)
    _, grads = model.backward(dlogits, cache, needs_dx=False)
    assert logits.dtype == np.float32
    assert [(name, grad.shape, grad.dtype) for name, grad in items(grads)] == [
        (name, param.shape, np.float32) for name, param in items(params)
    ]
    assert [name for name, grad in items(grads) if not (np.isfinite(grad).all() and grad.any())] == []


@every_small_model
def test_a_small_step_against_the_gradient_lowers_the_loss_as_much_as_it_promises(rng, model, shape):
    params, state = model.initialize(shape, rng=rng, dtype=np.float64)
    images, labels = rng.standard_normal((6, *shape)), np.array([0, 1, 2, 0, 1, 2])

    def loss_at(params):
        logits, cache, _ = model.forward(images, params, state, train=True, rng=np.random.default_rng(3))
        return *softmax_cross_entropy(logits, labels), cache

    loss, dlogits, cache = loss_at(params)
    _, grads = model.backward(dlogits, cache, needs_dx=False)
    step = 1e-7 / sum(np.square(grad).sum() for _, grad in items(grads))
    lower, *_ = loss_at(mapped(lambda param, grad: param - step * grad, params, grads))
    assert loss - lower == pytest.approx(1e-7, rel=1e-3)


def test_a_saved_model_comes_back(rng, tmp_path):
    model = cifar_resnet(8)
    params, state = model.initialize((3, 32, 32), rng=rng)
    images = rng.standard_normal((2, 3, 32, 32)).astype(np.float32)
    out, _, state = model.forward(images, params, state, train=True)
    save_model(tmp_path / "model.npz", model, params, state)
    again, its_params, its_state = load_model(tmp_path / "model.npz")
    assert again == model
    expected, actual = (
        model.forward(images, params, state, False),
        again.forward(images, its_params, its_state, False),
    )
    np.testing.assert_array_equal(actual[0], expected[0])


def kinds(model, shape=(3, 224, 224)):
    return [row.name.partition("(")[0] for row in summary(model, shape).rows]


def test_settings_choose_the_normalization():
    norms = BatchNorm.__name__, LocalResponseNorm.__name__
    models = [
        vgg(11),
        vgg(11, batchnorm=True),
        googlenet(),
        googlenet(batchnorm=True),
        alexnet(),
        alexnet(columns=2),
    ]
    counts = [tuple(kinds(model).count(norm) for norm in norms) for model in models]
    assert counts == [(0, 0), (8, 0), (0, 2), (57, 0), (0, 0), (0, 2)]


def test_no_dropout_is_no_layer():
    assert Dropout.__name__ not in kinds(mlp())
    assert kinds(mlp(p_drop=0.5)).count(Dropout.__name__) == 2


def test_an_mlp_takes_other_activations_with_the_weights_that_suit_them():
    model = mlp((4,), 2, activation=Tanh, init="xavier")
    assert model.layers == (Dense(4, "xavier"), Tanh(), Dense(2, "xavier"))


def test_widths_are_whole_and_never_none():
    layers = mobilenet(width=0.001).layers
    assert {layer.filters for layer in layers if isinstance(layer, Conv2d)} == {1}


WRONG = {
    "another column": (lambda: alexnet(columns=3), r"columns must be 1 \(2014\) or 2 \(2012\), got 3"),
    "a VGG of another depth": (lambda: vgg(12), "depth must be one of 11, 13, 16, 19, got 12"),
    "a ResNet of another depth": (
        lambda: resnet(20),
        r"depth must be one of 18, 34, 50, 101, 152, got 20: depths of 6n \+ 2 are cifar_resnet's",
    ),
    "a small ResNet of another depth": (lambda: cifar_resnet(18), r"depth must be 6n \+ 2, .* got 18"),
    "a small ResNet without blocks": (lambda: cifar_resnet(2), r"depth must be 6n \+ 2, .* got 2"),
    "no width": (lambda: mobilenet(width=0), "width must be positive, got 0"),
}


@pytest.mark.parametrize(("make", "message"), WRONG.values(), ids=WRONG)
def test_what_was_never_published_is_refused(make, message):
    with pytest.raises(ValueError, match=f"^{message}$"):
        make()
