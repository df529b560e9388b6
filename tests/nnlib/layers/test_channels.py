import numpy as np
import pytest

from nnlib.layers import LocalResponseNorm, Sequential, ZeroChannels
from nnlib.response_normalization import local_response_norm_forward
from nnlib.saving import load_model, save_model


def test_channels_of_zeros_stand_behind_the_others(rng):
    layer, x = ZeroChannels(2), rng.standard_normal((2, 3, 4, 5)).astype(np.float32)
    out, cache, _ = layer.forward(x, {}, {}, train=True)
    assert out.shape[1:] == layer.output_shape((3, 4, 5)) == (5, 4, 5)
    assert out.dtype == np.float32
    np.testing.assert_array_equal(out[:, :3], x)
    assert not out[:, 3:].any()
    dout = rng.standard_normal(out.shape)
    dx, grads = layer.backward(dout, cache)
    np.testing.assert_array_equal(dx, dout[:, :3])
    assert grads == {}


def test_a_dout_of_another_shape_is_refused():
    _, cache, _ = ZeroChannels(2).forward(np.ones((2, 3, 4, 5)), {}, {}, train=True)
    with pytest.raises(
        ValueError, match=r"dout must have shape .* with N = 2, C = 5, H = 4, W = 5, got \(2, 3, 4, 5\)"
    ):
        ZeroChannels(2).backward(np.ones((2, 3, 4, 5)), cache)


def test_no_channel_of_zeros_is_the_identity(rng):
    x = rng.standard_normal((2, 3, 4, 5))
    out, cache, _ = ZeroChannels(0).forward(x, {}, {}, train=True)
    np.testing.assert_array_equal(out, x)
    assert ZeroChannels(0).backward(out, cache)[0].shape == x.shape


def test_response_normalization_passes_its_settings_on(rng):
    layer, x = LocalResponseNorm(3, k=1.5, alpha=0.2, beta=0.6), rng.standard_normal((2, 4, 3, 3))
    assert layer.output_shape((4, 3, 3)) == (4, 3, 3)
    out, _, _ = layer.forward(x, {}, {}, train=True)
    np.testing.assert_array_equal(out, local_response_norm_forward(x, 3, 1.5, 0.2, 0.6)[0])


@pytest.mark.parametrize("layer", [LocalResponseNorm(), ZeroChannels(2)], ids=repr)
def test_rows_are_refused(layer):
    with pytest.raises(ValueError, match=r"takes images of shape \(C, H, W\),.* got \(7,\)"):
        layer.output_shape((7,))


def test_they_are_saved_with_their_model(tmp_path):
    model = Sequential(LocalResponseNorm(7, beta=0.5), ZeroChannels(3))
    save_model(tmp_path / "model.npz", model, [{}, {}], [{}, {}])
    assert load_model(tmp_path / "model.npz")[0] == model
