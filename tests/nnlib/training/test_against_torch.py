"""Whole trainings beside PyTorch's, from the same weights over the same batches, in float64."""

import numpy as np
import pytest
from threadpoolctl import threadpool_limits

from nnlib.batches import minibatches
from nnlib.layers import BatchNorm, Conv2d, Dense, Flatten, MaxPool2d, ReLU, Sequential
from nnlib.nested import items
from nnlib.optimizers import Adam, Momentum
from nnlib.regularization import l2_penalty

torch = pytest.importorskip("torch", reason="PyTorch is not installed, so there is nothing to compare with")
F = torch.nn.functional

LENET = Sequential(
    Conv2d(6, 5, padding=2), ReLU(), MaxPool2d(2), Conv2d(16, 5), ReLU(), MaxPool2d(2),
    Flatten(), Dense(120), ReLU(), Dense(84), ReLU(), Dense(10),
)  # fmt: skip
NORMED = Sequential(
    Conv2d(4, 3, padding=1),
    BatchNorm(),
    ReLU(),
    MaxPool2d(2),
    Flatten(),
    Dense(16),
    BatchNorm(),
    ReLU(),
    Dense(10),
)
OPTIMIZERS = {
    "Adam": (Adam(1e-3), lambda w: torch.optim.Adam(w, lr=1e-3)),
    "Momentum": (Momentum(0.01), lambda w: torch.optim.SGD(w, lr=0.01, momentum=0.9)),
}
every_optimizer = pytest.mark.parametrize(("ours", "theirs"), OPTIMIZERS.values(), ids=OPTIMIZERS)


@pytest.fixture(autouse=True, scope="module")
def one_thread():
    """PyTorch's threads and NumPy's, and those of tests beside these, would wait for each other."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    with threadpool_limits(1, "blas"):
        yield
    torch.set_num_threads(before)


@pytest.fixture
def images(rng):
    """Ten blurred shapes, each with noise: 80 images, which ten epochs of batches of 16 learn."""
    labels = rng.integers(0, 10, 80)
    return rng.standard_normal((10, 1, 28, 28))[labels] + rng.standard_normal((80, 1, 28, 28)), labels


def forward(model, w, x):
    """The model in PyTorch's functions, in training; w holds its tensors by path."""
    for i, layer in enumerate(model.layers):
        if isinstance(layer, Conv2d):
            x = F.conv2d(x, w[f"{i}.w"], w[f"{i}.b"], padding=layer.padding)
        elif isinstance(layer, Dense):
            x = x @ w[f"{i}.w"] + w[f"{i}.b"]
        elif isinstance(layer, BatchNorm):
            x = F.batch_norm(x, None, None, w[f"{i}.gamma"], w[f"{i}.beta"], training=True, eps=layer.eps)
        else:
            x = {ReLU: F.relu, Flatten: torch.flatten, MaxPool2d: lambda x: F.max_pool2d(x, 2)}[type(layer)](
                x, *([1] if isinstance(layer, Flatten) else [])
            )
    return x


def losses_of_torch(model, params, data, optimizer, *, epochs, lam=0.0):
    w = {path: torch.tensor(array, requires_grad=True) for path, array in items(params)}
    stepper, rng, losses = optimizer(list(w.values())), np.random.default_rng(1), []
    for _ in range(epochs):
        for x, y in minibatches(*data, 16, rng=rng):
            penalty = lam * sum((tensor**2).sum() for path, tensor in w.items() if path.endswith("w"))
            loss = F.cross_entropy(forward(model, w, torch.tensor(x)), torch.tensor(y)) + penalty
            stepper.zero_grad()
            loss.backward()
            stepper.step()
            losses.append(loss.item())
    return losses, {path: tensor.detach().numpy() for path, tensor in w.items()}


@every_optimizer
def test_lenet_takes_the_same_fifty_steps(train, images, ours, theirs):
    params, state = LENET.initialize((1, 28, 28), rng=np.random.default_rng(0), dtype=np.float64)
    expected, weights = losses_of_torch(LENET, params, images, theirs, epochs=10)
    fitted = train(model=LENET, data=images, optimizer=ours, epochs=10, params=params, state=state)
    assert len(fitted.history.step_losses) == 50
    np.testing.assert_allclose(fitted.history.step_losses, expected, rtol=1e-12)
    for path, array in items(fitted.params):
        np.testing.assert_allclose(array, weights[path], rtol=1e-9, atol=1e-12, err_msg=path)


@every_optimizer
def test_with_batch_norm_and_a_weight_penalty_too(train, images, ours, theirs):
    params, state = NORMED.initialize((1, 28, 28), rng=np.random.default_rng(0), dtype=np.float64)
    expected, _ = losses_of_torch(NORMED, params, images, theirs, epochs=10, lam=0.01)
    fitted = train(
        model=NORMED, data=images, optimizer=ours, epochs=10, params=params, state=state,
        penalty=lambda weights: l2_penalty(weights, 0.01),
    )  # fmt: skip
    np.testing.assert_allclose(fitted.history.step_losses, expected, rtol=1e-12)
