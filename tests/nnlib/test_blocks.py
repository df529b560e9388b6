"""Residual block, inception module, depthwise convolution and LeNet-5 as functions: PyTorch's values and gradients."""

import numpy as np
import pytest

from nnlib.convolution import conv2d_forward
from nnlib.depthwise import depthwise_conv2d_backward, depthwise_conv2d_forward
from nnlib.inception import inception_backward, inception_forward
from nnlib.lenet import lenet_backward, lenet_forward, lenet_start
from nnlib.models import lenet
from nnlib.residual import residual_backward, residual_forward

BRANCHES = (((3, 1),), ((2, 1), (4, 3)), ((1, 1), (5, 3), (2, 5)))  # (filters, kernel) of each convolution


def normal(rng, *shape):
    return rng.standard_normal(shape)


def block(rng, c=3, f=3, projection=False):
    shapes = [(2, c, 5, 6), (f, c, 3, 3), (f,), (f, f, 3, 3), (f,)]
    shapes += [(f, c, 1, 1), (f,)] if projection else []
    return [normal(rng, *shape) for shape in shapes]


def branches_of(rng, channels, plan=BRANCHES):
    made = []
    for branch in plan:
        inputs = [channels, *(filters for filters, _ in branch)]
        made.append([(normal(rng, f, c, k, k), normal(rng, f)) for c, (f, k) in zip(inputs, branch, strict=False)])
    return made


def test_with_a_body_of_zeros_the_block_is_the_relu_of_its_input(rng):
    x, *rest = block(rng)
    out, cache = residual_forward(x, *(0 * value for value in rest))
    np.testing.assert_array_equal(out, np.maximum(x, 0))
    dx, *_ = residual_backward(np.ones_like(out), cache)
    np.testing.assert_array_equal(dx, x > 0)


def test_body_and_shortcut_must_have_one_shape(rng):
    with pytest.raises(
        ValueError, match=r"body gives \(2, 4, 5, 6\) and the shortcut \(2, 3, 5, 6\).*a projection"
    ):
        residual_forward(*block(rng, 3, 4))


@pytest.mark.parametrize("given", [(True, False), (False, True)])
def test_half_a_projection_is_refused(rng, given):
    *body, ws, bs = block(rng, 3, 4, projection=True)
    with pytest.raises(ValueError, match="ws and bs belong together: give both for a projection"):
        residual_forward(*body, *(value if there else None for value, there in zip((ws, bs), given, strict=True)))


def test_an_identity_has_no_gradients_of_a_projection(rng):
    out, cache = residual_forward(*block(rng))
    assert residual_backward(np.ones_like(out), cache)[-2:] == (None, None)


def test_branches_stand_one_behind_the_other_along_the_channels(rng):
    x, branches = normal(rng, 2, 3, 4, 5), branches_of(rng, 3)
    out, _ = inception_forward(x, branches)
    assert out.shape == (2, 3 + 4 + 2, 4, 5)
    start = 0
    for branch in branches:
        alone, _ = inception_forward(x, [branch])
        np.testing.assert_array_equal(out[:, start : start + alone.shape[1]], alone)
        start += alone.shape[1]


@pytest.mark.parametrize("branches", [[], [[]]])
def test_a_module_needs_a_convolution_in_each_branch(rng, branches):
    with pytest.raises(ValueError, match="one branch or more, each of one convolution or more"):
        inception_forward(normal(rng, 1, 2, 3, 3), branches)


@pytest.mark.parametrize("kernel", [(2, 2), (3, 1)])
def test_a_kernel_that_changes_the_size_is_refused(rng, kernel):
    with pytest.raises(ValueError, match="K odd, so that H and W stay, got"):
        inception_forward(normal(rng, 1, 2, 5, 5), [[(normal(rng, 1, 2, *kernel), np.zeros(1))]])


def test_the_gradient_of_a_module_has_the_channels_of_its_output(rng):
    _, cache = inception_forward(normal(rng, 2, 3, 4, 5), branches_of(rng, 3))
    with pytest.raises(ValueError, match=r"dout must have 9 channels, those of out, got shape \(2, 8, 4, 5\)"):
        inception_backward(np.ones((2, 8, 4, 5)), cache)


def test_float32_and_the_inputs_of_blocks_stay(rng):
    x = normal(rng, 1, 2, 4, 4).astype(np.float32)
    branches = [[(w.astype(np.float32), b.astype(np.float32)) for w, b in br] for br in branches_of(rng, 2)]
    before = [a.copy() for branch in branches for pair in branch for a in pair]
    out, cache = inception_forward(x, branches)
    dx, dbranches = inception_backward(np.ones_like(out), cache)
    gradients = [a for branch in dbranches for pair in branch for a in pair]
    assert {a.dtype.name for a in (out, dx, *gradients)} == {"float32"}
    assert [a.shape for a in gradients] == [a.shape for a in before]
    after = [a for branch in branches for pair in branch for a in pair]
    assert all(np.array_equal(one, other) for one, other in zip(before, after, strict=True))


def test_a_depthwise_convolution_has_one_kernel_a_channel(rng):
    x, w, b = normal(rng, 2, 3, 6, 5), normal(rng, 3, 3, 2), normal(rng, 3)
    out, _ = depthwise_conv2d_forward(x, w, b, 2, (1, 0))
    for c in range(3):
        alone, _ = conv2d_forward(x[:, [c]], w[c][None, None], b[[c]], 2, (1, 0))
        np.testing.assert_allclose(out[:, [c]], alone)
    with pytest.raises(ValueError, match="one kernel for each channel of x"):
        depthwise_conv2d_forward(x, w[:2], b[:2])


def test_lenet_as_functions_is_lenet_as_a_model(rng):
    parameters = lenet_start(7, rng=rng, dtype=np.float64)
    x, dlogits = normal(rng, 3, 1, 28, 28), normal(rng, 3, 7)
    logits, cache = lenet_forward(x, parameters)
    model, weighted = lenet(7), iter(parameters)
    params = [{n: next(weighted) for n in shapes} for shapes in model.parameter_shapes((1, 28, 28))]
    expected, kept, _ = model.forward(x, params, [{} for _ in params], train=False)
    np.testing.assert_allclose(logits, expected, rtol=1e-12)
    _, grads = model.backward(dlogits, kept)
    flat = [grad[name] for grad in grads for name in grad]
    for ours, theirs in zip(lenet_backward(dlogits, cache), flat, strict=True):
        np.testing.assert_allclose(ours, theirs, rtol=1e-10, atol=1e-12)


def test_lenet_begins_with_the_published_number_of_parameters_and_he_weights(rng):
    parameters = lenet_start(rng=rng)
    assert sum(p.size for p in parameters) == 61_706
    assert {p.dtype.name for p in parameters} == {"float32"}
    assert not any(b.any() for b in parameters[1::2])
    for w, fan_in in zip(parameters[::2], (25, 150, 400, 120, 84), strict=True):
        assert w.std() == pytest.approx(np.sqrt(2 / fan_in), rel=0.25)


torch = pytest.importorskip("torch", reason="PyTorch is not installed, so there is nothing to compare with")
F = torch.nn.functional


def tensors(*arrays):
    return [torch.tensor(array, requires_grad=True) for array in arrays]


def assert_gradients(ours, theirs):
    for actual, tensor in zip(ours, theirs, strict=True):
        np.testing.assert_allclose(actual, tensor.grad.numpy(), rtol=1e-10, atol=1e-10)


@pytest.mark.parametrize(("c", "f", "projection", "stride"), [(3, 3, False, 1), (3, 4, True, 1), (3, 4, True, 2)])
def test_residual_blocks_agree_with_pytorch(rng, c, f, projection, stride):
    arrays = block(rng, c, f, projection)
    given = arrays if projection else [*arrays, None, None]
    out, cache = residual_forward(*given, stride)
    x, w1, b1, w2, b2, *more = tensors(*arrays)
    body = F.conv2d(F.relu(F.conv2d(x, w1, b1, stride, 1)), w2, b2, 1, 1)
    expected = F.relu(body + (F.conv2d(x, *more, stride) if more else x))
    dout = normal(rng, *out.shape)
    expected.backward(torch.tensor(dout))
    np.testing.assert_allclose(out, expected.detach().numpy(), rtol=1e-10, atol=1e-10)
    assert_gradients(residual_backward(dout, cache)[: len(arrays)], (x, w1, b1, w2, b2, *more))


def test_inception_modules_agree_with_pytorch(rng):
    x, branches = normal(rng, 2, 3, 5, 6), branches_of(rng, 3)
    out, cache = inception_forward(x, branches)
    (tx,), twins, outs = tensors(x), [[tensors(*pair) for pair in branch] for branch in branches], []
    for branch in twins:
        a = tx
        for w, b in branch:
            a = F.relu(F.conv2d(a, w, b, 1, w.shape[2] // 2))
        outs.append(a)
    dout = normal(rng, *out.shape)
    expected = torch.cat(outs, dim=1)
    expected.backward(torch.tensor(dout))
    np.testing.assert_allclose(out, expected.detach().numpy(), rtol=1e-10, atol=1e-10)
    dx, dbranches = inception_backward(dout, cache)
    flat = [a for branch in dbranches for pair in branch for a in pair]
    assert_gradients([dx, *flat], [tx, *(t for branch in twins for pair in branch for t in pair)])


@pytest.mark.parametrize(("stride", "padding"), [(1, 0), (1, 1), (2, 1), ((2, 1), (0, 2))])
def test_depthwise_convolutions_agree_with_pytorch(rng, stride, padding):
    x, w, b = normal(rng, 2, 4, 7, 6), normal(rng, 4, 3, 2), normal(rng, 4)
    out, cache = depthwise_conv2d_forward(x, w, b, stride, padding)
    tx, tw, tb = tensors(x, w, b)
    expected = F.conv2d(tx, tw[:, None], tb, stride, padding, groups=4)
    dout = normal(rng, *out.shape)
    expected.backward(torch.tensor(dout))
    np.testing.assert_allclose(out, expected.detach().numpy(), rtol=1e-10, atol=1e-10)
    assert_gradients(depthwise_conv2d_backward(dout, cache), (tx, tw, tb))
