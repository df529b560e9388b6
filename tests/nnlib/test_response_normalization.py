import numpy as np
import pytest

from nnlib.response_normalization import local_response_norm_backward, local_response_norm_forward


def test_each_value_is_divided_by_the_size_of_its_neighbours():
    x = np.array([1.0, 2.0, 3.0, 4.0]).reshape(1, 4, 1, 1)
    out, _ = local_response_norm_forward(x, size=3, k=1.0, alpha=0.5, beta=2.0)
    squares = np.array([1 + 4, 1 + 4 + 9, 4 + 9 + 16, 9 + 16])
    np.testing.assert_allclose(out.ravel(), x.ravel() / (1 + 0.5 * squares) ** 2, rtol=1e-14)


def test_other_places_of_the_image_do_not_count(rng):
    x = rng.standard_normal((2, 5, 3, 4))
    whole, _ = local_response_norm_forward(x, alpha=0.3)
    alone, _ = local_response_norm_forward(x[1:, :, 2:, 3:], alpha=0.3)
    np.testing.assert_array_equal(whole[1:, :, 2:, 3:], alone)


def test_the_defaults_are_alexnets():
    x = np.full((1, 1, 1, 1), 3.0)
    out, cache = local_response_norm_forward(x)
    assert cache[1:] == (5, 2.0, 1e-4, 0.75)
    assert out.item() == pytest.approx(3 / (2 + 1e-4 * 9) ** 0.75)


@pytest.mark.parametrize("size", [0, 2, 4, -1])
def test_a_size_without_a_middle_is_refused(size):
    with pytest.raises(ValueError, match=f"size must be odd, .* got {size}"):
        local_response_norm_forward(np.ones((1, 3, 2, 2)), size)


@pytest.mark.parametrize("size", [1, 3, 5, 11, 13])
def test_it_agrees_with_pytorch_whose_alpha_is_a_mean(rng, size):
    torch = pytest.importorskip("torch", reason="PyTorch is not installed, so there is nothing to compare with")
    x = 5 * rng.standard_normal((2, 6, 3, 4))
    out, cache = local_response_norm_forward(x, size, 1.5, 0.2, 0.6)
    dout = rng.standard_normal(out.shape)
    tensor = torch.tensor(x, requires_grad=True)
    expected = torch.nn.functional.local_response_norm(tensor, size, alpha=0.2 * size, beta=0.6, k=1.5)
    expected.backward(torch.tensor(dout))
    np.testing.assert_allclose(out, expected.detach().numpy(), rtol=1e-10, atol=1e-10)
    dx = local_response_norm_backward(dout, cache)
    np.testing.assert_allclose(dx, tensor.grad.numpy(), rtol=1e-10, atol=1e-10)
