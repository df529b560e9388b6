"""Mistakes that nobody listed get no full marks.

Mutants are the authored solutions with one piece of text replaced, as students slip.
"""

from __future__ import annotations

import functools
import re
from pathlib import Path

import numpy as np
import pytest

import autograder
from autograder import checking
from nnlib import convolution, pooling
from nnlib.arrays import as_float

SOLUTIONS = Path(__file__).parents[2] / "solutions" / "05_convolution.py"
PAD_X = "np.pad(x, ((0, 0), (0, 0), (ph, ph), (pw, pw)))"
LOOPS = "    for i in range(oh):\n        for j in range(ow):\n"
WINDOW = "i * sh : i * sh + kh, j * sw : j * sw + kw"
TURNED = "j * sw : j * sw + kw, i * sh : i * sh + kh"
SHAPES = [(LOOPS, LOOPS.replace("range(oh)", "range(oh - 1)")), (LOOPS, LOOPS.replace("range(ow)", "range(1, ow)")),
          (LOOPS, LOOPS.replace("range(ow)", "range(oh)")), (LOOPS, LOOPS.replace("range(oh)", "range(0, oh, sh)"))]  # fmt: skip
PLACES = [(WINDOW, TURNED), (WINDOW, WINDOW.replace("i * sh :", "i * sw :").replace("i * sh +", "i * sw +")),
          (WINDOW, WINDOW.replace("j * sw :", "j * sh :").replace("j * sw +", "j * sh +")),
          (WINDOW, WINDOW.replace("i * sh", "i + sh").replace("j * sw", "j + sw")),
          (WINDOW, WINDOW.replace("+ kh", "+ kh - 1")), (WINDOW, WINDOW.replace("+ kw", "+ kh"))]  # fmt: skip
POOL = [("size if stride is None else stride", "stride or 2"), ("size if stride is None else stride", "size"),
        ("cache = (x, size, stride)", "cache = (x, stride, size)"), ("cache = (x, size, stride)", "cache = [x, size]"),
        ("return out, cache", "return cache, out"), ("return out, cache", "return out, cache, None"),
        ("return out, cache", "return [out.tolist(), cache]"), ("return out, cache", "return out.T, cache"),
        ("return out, cache", "return out.squeeze(), cache"), ("return out, cache", "return out.astype(np.float32), cache"),
        ("np.zeros((n, c, oh, ow), x.dtype)", "np.zeros((n, c, oh, ow))"), ("x.dtype)", "int)"),
        ("np.zeros((n, c, oh, ow), x.dtype)", "np.zeros((n, c, oh, oh), x.dtype)"),
        ("out[:, :, i, j] = ", "out[:, :, j, i] = "), ("out[:, :, i, j] = ", "out[0, :, i, j] = "),
        ("out[:, :, i, j] = ", "out[:, 0, i, j] = "), ("axis=(2, 3)", "axis=(1, 2)"), ("axis=(2, 3)", "axis=2"),
        ("axis=(2, 3)", ""), ("height, kh, sh)", "height, kh, sh) + 1"), ("x = as_float(x)", "x -= x.min()"),
        ("width, kw, sw)", "width, kw, sh)"), ("i * sh + kh", "min(i * sh + kh, width)"),
        ("x = as_float(x)", "x = np.round(as_float(x), 3)"), ("x = as_float(x)", "x.sort()"), *SHAPES, *PLACES]  # fmt: skip
POOL_BACK = [("return dx", "return dx, None"), ("return dx", "return [dx]"), ("return dx", "return dx / len(dx)"),
             ("return dx", "return dx.astype(np.float32)"), ("return dx", "return dx.tolist()"), ("+=", "="),
             ("return dx", "return dx + 1e-6"), ("return dx", "return dx[:, :, : oh * sh, : ow * sw]"),
             ("return dx", "return -dx"), ("return dx", "return dx.transpose(0, 1, 3, 2)"),
             ("x, size, stride = cache", "x, stride, size = cache"), ("zeros_like(x)", "ones_like(x)"),
             ("zeros_like(x)", "zeros_like(cache[0])"), ("x, dout = as_float(x), as_float(dout)", "dout *= 1.5"),
             ("zeros_like(x)", "zeros(x.shape)"), ("size if stride is None else stride", "size"), *SHAPES]  # fmt: skip
MUTANTS = {
    "conv_output_size": [
        ("padding < 0", "padding > size"), ("stride < 1", "stride == 0"), ("kernel < 1", "kernel < 0"),
        ("size < 1", "size < 0"), ("size < 1", "size < 2"), ("kernel > size + 2", "kernel >= size + 2"), ("kernel > size + 2 * padding", "kernel > size"),
        ("2 * padding - kernel", "padding - kernel"), (") // stride + 1", ") // stride"), ("- kernel", "- kernel + 1"),
        (") // stride + 1", " + stride) // stride * 1.0"), (") // stride + 1", " + stride - 1) // stride + 1"),
        ("return (", "return -("), ("return (", "print("), ("return (size", "return str((size").__class__((") // stride + 1", ") // (stride + 1)")),
        ("ValueError(f", "TypeError(f"), ("raise ValueError(f", "return (f"), ("- kernel) // stride + 1", "- kernel) // max(stride, 2) + 1"),
        ("or stride < 1", "or stride > kernel"), ("2 * padding - kernel", "2 * padding - kernel - kernel % 2 + 1"),
    ],
    "correlate2d": [
        ("window * kernel", "window * kernel[::-1]"), ("window * kernel", "window * kernel.T"), ("np.sum(", "np.mean("),
        ("np.sum(window * kernel)", "(window @ kernel).sum()"), ("np.sum(", "np.abs("), ("kernel)\n    return", "kernel)\n        return"),
        ("((ph, ph), (pw, pw))", "ph"), ("((ph, ph), (pw, pw))", "((pw, pw), (ph, ph))"), ("((ph, ph), (pw, pw))", "((ph, 0), (pw, 0))"),
        ("(pw, pw)))", "(pw, pw)), mode='edge')"), ("(pw, pw)))", "(pw, pw)), constant_values=1)"), ("image.shape[1]", "image.shape[0]"),
        ("kh, kw = kernel.shape", "kh, kw = 3, 3"), ("kh, kw = kernel.shape", "kw, kh = kernel.shape"), ("out[i, j] =", "out[j, i] ="),
        ("np.result_type(image, kernel)", "float"), ("return out", "return out.T"), ("return out", "return out, None"),
        ("return out", "return out.tolist()"), ("return out", "return np.maximum(out, 0)"), ("out[i, j] =", "kernel[0, 0] = out[i, j] ="),
        ("image, kernel = as_float(image), as_float(kernel)", "image /= 1.0"), ("kw, sw, pw)", "kw, sw, ph)"), *SHAPES, *PLACES,
    ],
    "conv2d_forward": [
        (" + b[f]", ""), ("b[f]", "b[0]"), ("b[f]", "b.sum()"), ("b[f]", "b"), ("axis=(1, 2, 3)", "axis=(0, 2, 3)"), ("axis=(1, 2, 3)", ""),
        ("axis=(1, 2, 3)) + b[f]", "axis=(2, 3))[:, 0] + b[f]"), ("np.sum(window", "np.mean(window"), ("w[f]", "w[f][:, ::-1, ::-1]"),
        ("w[f]", "w[f, :1]"), ("w[f]", "w[0]"), ("range(filters)", "range(filters - 1)"), ("range(filters)", "range(len(x))"),
        ("out[:, f, i, j] =", "out[0, f, i, j] ="), ("out[:, f, i, j] =", "out[:, f, j, i] ="), ("n, filters, oh, ow", "n, filters, oh, oh"),
        ("np.result_type(x, w, b)", "np.float64"), ("np.result_type(x, w, b)", "cache[0].dtype"), ("return out, cache", "return out"),
        ("return out, cache", "return out, (padded, w, b, stride, padding)"), ("cache = (x, w, b,", "cache = (x, w.copy() * 1.0, b * 2,"),
        ("return out, cache", "return cache, out"), ("return out, cache", "return out, {'x': x}"), (", stride, padding)\n", ", padding, stride)\n"),
        ("return out, cache", "return out.transpose(0, 2, 3, 1), cache"), ("return out, cache", "return np.maximum(out, 0), cache"),
        ("_, kh, kw = w.shape", "_, kh, kw = 0, 0, 3, 3"), (PAD_X, "np.pad(x, ph)"), (PAD_X, PAD_X.replace("ph", "pw")),
        (PAD_X, PAD_X.replace("(0, 0), (0, 0), (ph, ph), (pw, pw)", "(0, 0), (ph, ph), (pw, pw), (0, 0)")), (PAD_X, "x"),
        (PAD_X, PAD_X.replace("(pw, pw)))", "(pw, pw)), mode='reflect')")), ("width, kw, sw, pw", "height, kh, sh, ph"),
        ("x, w, b = as_float(x), as_float(w), as_float(b)", "x -= x.mean()"), ("as_float(b)\n", "as_float(b)\n    b += 0.5\n"),
        ("conv_output_size(height, kh, sh, ph)", "(height + 2 * ph - kh) // sh + 1"), *SHAPES, *PLACES,
    ],
    "im2col": [
        ("window.reshape(n, -1)", "window.transpose(0, 2, 3, 1).reshape(n, -1)"), ("window.reshape(n, -1)", "window.swapaxes(2, 3).reshape(n, -1)"),
        ("return rows.reshape", "return rows.swapaxes(1, 2).reshape"), ("return rows.reshape", "return rows.transpose(1, 2, 0, 3).reshape"),
        ("rows.reshape(n * oh * ow, c * kh * kw)", "rows.reshape(c * kh * kw, -1)"), ("rows.reshape(n * oh * ow, c * kh * kw)", "rows"),
        ("rows.reshape(n * oh * ow, c * kh * kw)", "rows.reshape(-1, c * kh * kw).T"), ("rows[:, i, j] =", "rows[0, i, j] ="),
        ("rows[:, i, j] =", "rows[:, j, i] ="), (", x.dtype)", ")"), ("x = as_float(x)", ""), (PAD_X, "x"), (PAD_X, PAD_X.replace("ph, ph", "pw, pw")),
        ("kw, sw, pw)", "kw, sw, ph)"), ("(pw, pw)))", "(pw, pw)), mode='wrap')"), ("x = as_float(x)", "x = as_float(x)\n    x *= 2"),
        ("c * kh * kw)\n    ###", "c * kh * kw)[::-1]\n    ###"), ("return rows", "return rows.astype('f')"), *SHAPES, *PLACES,
    ],
    "conv2d_backward": [
        ("+= g * w[f]", "= g * w[f]"), ("dw[f] +=", "dw[f] ="), ("g * w[f]", "g * w[f][:, ::-1, ::-1]"), ("axis=(0, 2, 3))", "axis=0)"), ("axis=(0, 2, 3)", "axis=(0, 1, 2)"),
        ("axis=(0, 2, 3))", "axis=(0, 2, 3), keepdims=True)"), ("dout.sum(", "dout.mean("), ("np.sum(g *", "np.mean(g *"), ("return dx, dw, db", "return dx, db, dw"),
        ("return dx, dw, db", "return dw, dx, db"), ("return dx, dw, db", "return dx, dw"), ("return dx, dw, db", "return dx, dw, db, None"),
        ("return dx, dw, db", "return dx, dw, db.tolist()"), ("return dx, dw, db", "return {'dx': dx, 'dw': dw, 'db': db}"), ("return dx, dw, db", "return dx, dw.T, db"),
        ("return dx, dw, db", "return dx_padded, dw, db"), ("return dx, dw, db", "return dx / len(x), dw / len(x), db / len(x)"), (".astype(b.dtype)", ".astype('f')"),
        ("[:, :, ph : ph + height, pw : pw + width]", "[:, :, ph:-ph, pw:-pw]"), ("[:, :, ph : ph + height, pw : pw + width]", "[:, :, ph : ph + height, ph : ph + height]"),
        ("[:, :, ph : ph + height, pw : pw + width]", "[:, :, :height, :width]"), ("zeros_like(padded)", "ones_like(padded)"), ("zeros_like(w)", "zeros(w.shape)"),
        ("zeros_like(padded)", "zeros(padded.shape)"), ("dx_padded[:, :, rows, columns]", "dx_padded[:1, :, rows, columns]"), ("range(filters)", "range(1, filters)"),
        ("slice(j * sw, j * sw + kw)", "slice(j * sh, j * sh + kw)"), ("slice(j * sw, j * sw + kw)", "slice(j * sw, j * sw + kh)"), ("rows, columns = slice", "columns, rows = slice"),
        (PAD_X, PAD_X.replace("pad(x, (", "pad(x + 1, (")), (PAD_X, PAD_X.replace("ph, ph", "pw, pw")), ("g = dout", "dout *= 0.999\n                g = dout"),
        ("x, w, b, stride, padding = cache", "x, w, b, padding, stride = cache"), ("x, w, b, stride, padding = cache", "x, w, b, stride, padding = cache\n    w *= 1.1"),
        ("zeros_like(w)", "zeros_like(cache[1])"), ("+= g * w[f]", "+= g * w[0]"), ("dout[:, f, i, j]", "dout[:, f, j, i]"), ("dout[:, f, i, j]", "dout[:, -f, i, j]"), *SHAPES,
    ],
    "col2im": [
        ("+= windows", "= windows"), ("reshape(n, oh, ow, c, kh, kw)", "reshape(n, ow, oh, c, kh, kw).swapaxes(1, 2)"), ("windows[:, i, j]", "windows[:, j, i]"),
        ("reshape(n, oh, ow, c, kh, kw)", "reshape(oh, ow, n, c, kh, kw).transpose(2, 0, 1, 3, 4, 5)"), ("windows[:, i, j]", "windows[:, i, j] / (kh * kw)"),
        ("[:, :, ph : ph + height, pw : pw + width]", "[:, :, ph : ph + height, ph : ph + width]"), ("[:, :, ph : ph + height, pw : pw + width]", ""),
        ("[:, :, ph : ph + height, pw : pw + width]", "[:, :, ph : -ph or None, pw : -ph or None]"), (", columns.dtype)", ")"), ("columns = as_float(columns)", ""),
        ("columns = as_float(columns)", "columns *= 2"), ("width + 2 * pw", "height + 2 * ph"), ("width + 2 * pw", "width + pw"), ("np.zeros(", "np.ones("), ("c, kh, kw)", "c, kw, kh).swapaxes(4, 5)"),
        ("return padded", "return padded[:, ::-1]"), ("return padded", "return 0.5 * padded"), ("padded[:, :, i", "padded[:1, :, i"), *SHAPES, *PLACES,
    ],
    "max_pool2d_forward": [*POOL, (".max(", ".min("), (".max(", ".mean("), ("window.max(", "abs(window).max("), ("window.max(", "window.clip(0).max("), ("window.max(", "window[..., :2, :2].max("), ("window.max(", "window[..., 0].max(axis=2) + 0 * window.max(")],
    "max_pool2d_backward": [
        *POOL_BACK, ("argmax", "argmin"), ("window.reshape", "abs(window).reshape"), ("(kh, kw))", "(kw, kh))"), ("kh * kw).argmax(axis=2)", "kh * kw)[..., ::-1].argmax(axis=2)"),
        ("i * sh + row, j * sw + column", "i * sh + column, j * sw + row"), ("i * sh + row, j * sw + column", "i * kh + row, j * kw + column"), ("dout[:, :, i, j]", "dout[:, :, i, j] * window.max((2, 3))"),
        ("dout[:, :, i, j]", "dout[:, :, j, i]"), ("dx[n_index, c_index,", "dx[:, c_index,"), ("dx[n_index, c_index,", "dx[n_index, 0,"), ("reshape(n, c, kh * kw).argmax(axis=2)", "reshape(n, -1).argmax(axis=1)[:, None] % (kh * kw)"), *PLACES[:4],
    ],
    "avg_pool2d_forward": [*POOL, (".mean(", ".sum("), (".mean(", ".max("), ("window.mean(axis=(2, 3))", "window.sum(axis=(2, 3)) / kh**2"), ("window.mean(axis=(2, 3))", "window.sum(axis=(2, 3)) // (kh * kw)"), ("window.mean(axis=(2, 3))", "window.sum(axis=(2, 3)) / 4"), ("window.mean(axis=(2, 3))", "np.median(window, axis=(2, 3))"), ("window.mean(axis=(2, 3))", "window.sum(axis=(2, 3)) / (sh * sw)")],
    "avg_pool2d_backward": [*POOL_BACK, ("/ (kh * kw)", ""), ("/ (kh * kw)", "/ kh * kw"), ("/ (kh * kw)", "/ kh**2"), ("/ (kh * kw)", "/ 4"), ("/ (kh * kw)", "/ (sh * sw)"), ("/ (kh * kw)", "// (kh * kw)"), ("/ (kh * kw)", "/ (oh * ow)"), ("share = dout[:, :, i, j]", "share = dout[:, :, j, i]"), ("+= share", "+= share * (x[:, :, " + WINDOW + "] != 0)"), *PLACES],
    "global_avg_pool_forward": [(".mean(", ".sum("), (".mean(", ".max("), ("axis=(2, 3)", "axis=(1, 2)"), ("axis=(2, 3)", ""), ("axis=(2, 3)", "axis=2"), ("axis=(2, 3)", "axis=(2, 3), keepdims=True"), ("x.shape", "x"), ("x.shape", "x.size"), ("x.shape", "x.shape[::-1]"), ("x.mean(axis=(2, 3))", "x.sum(axis=(2, 3)) / x.shape[2] ** 2"), ("x.mean(axis=(2, 3))", "x[0].mean(axis=(1, 2))"), ("x.mean(axis=(2, 3))", "x.mean(axis=(2, 3)).T"), ("x.mean(axis=(2, 3))", "np.median(x, axis=(2, 3))"), ("x.mean(axis=(2, 3))", "x.mean(axis=(2, 3)).astype(float)"), ("x = as_float(x)", "x -= x.mean(axis=(2, 3), keepdims=True).astype(x.dtype)")],
    "global_avg_pool_backward": [("height * width", "height**2"), ("height * width", "n * height * width"), ("height * width", "1"), ("height * width", "c"), (", dout.dtype)", ")"), ("dout = as_float(dout)", ""), ("dout = as_float(dout)", "dout *= 1.0 + 1e-3"), ("dout[:, :, None, None]", "dout[0][:, None, None]"), ("dout[:, :, None, None]", "dout[:, :1, None, None]"), ("dout[:, :, None, None]", "dout.mean()"), ("return dx", "return dx, None"), ("return dx", "return dx[0]"), ("return dx", "return dx.mean(axis=(2, 3))"), ("return dx", "return dx.astype('f')"), ("n, c, height, width = cache", "c, n, height, width = cache"), ("n, c, height, width = cache", "n, c, width, height = cache")],
}  # fmt: skip


@pytest.fixture(autouse=True)
def no_lineup(monkeypatch):
    """Only points matter here, so nobody asks what a mistake looks like."""
    monkeypatch.setattr(checking, "recognise", lambda *args: ())


@functools.cache
def solution(name):
    """The text of a solution."""
    text = SOLUTIONS.read_text(encoding="utf-8")
    (cell,) = re.findall(rf'(?ms)^# %% id="write_{name}".*?\n(.*?)(?=^# %%)', text)
    return re.sub(r'(?s)    """.*?"""\n', "", cell, count=1)


def helpers():
    text = SOLUTIONS.read_text(encoding="utf-8")
    (cell,) = re.findall(r'(?ms)^# %% id="helpers".*?\n(.*?)(?=^# %%)', text)
    space = {"np": np}
    exec(cell + solution("conv_output_size"), space)
    return space


def made(name, source):
    space = helpers()
    exec(compile(source, f"{name}.py", "exec"), space)
    return space[name]


def grade(name, function, seed=11):
    return autograder.grade(name, function, rng=np.random.default_rng(seed))


@pytest.mark.parametrize("name", MUTANTS)
def test_no_mutant_of_a_solution_gets_full_marks(name):
    text = solution(name)
    assert grade(name, made(name, text)).passed
    for old, new in MUTANTS[name]:
        assert old in text, f"{old!r} is not in the solution of {name}"
        report = grade(name, made(name, text.replace(old, new)))
        assert report.points <= 0.97 * report.max_points, f"{name}: {old!r} -> {new!r}\n{report.text}"


# mistakes that are more than a slip of the pen -------------------------------------------------------------

MEMORY: dict[str, np.ndarray] = {}


def remembers_the_first_result(x, w, b, stride=1, padding=0):
    key = f"{x.shape}{w.shape}{stride}{padding}"
    return MEMORY.setdefault(key, convolution.conv2d_forward(x, w, b, stride, padding)[0]), (
        x,
        w,
        b,
        stride,
        padding,
    )


def adds_to_what_is_there(x, kernel, stride=1, padding=0):
    found = convolution.im2col(x, kernel, stride, padding)
    MEMORY["count"] = MEMORY.get("count", 0) + 1
    return found * (1 + 1e-4 * (MEMORY["count"] > 3))


def adds_noise(image, kernel, stride=1, padding=0):
    out = convolution.correlate2d(image, kernel, stride, padding)
    return (out + np.random.default_rng().normal(scale=1e-3, size=out.shape)).astype(out.dtype)


class AddsUp:
    """Gradients that are not set back between calls."""

    def __init__(self):
        self.db = 0.0

    def __call__(self, dout, cache):
        dx, dw, db = convolution.conv2d_backward(dout, cache)
        self.db = self.db + db.sum()
        return dx, dw, (db * 0 + self.db).astype(db.dtype)


def cache_for_later(x, size, stride=None):
    MEMORY["x"] = x
    out, _ = pooling.max_pool2d_forward(x, size, stride)
    return out, (MEMORY["x"].shape, size, stride)


def normalises(x, size, stride=None):
    x -= x.mean(axis=(2, 3), keepdims=True).astype(x.dtype)
    return pooling.avg_pool2d_forward(x, size, stride)


def one_image(dout, cache):
    x, size, stride = cache
    dx = pooling.avg_pool2d_backward(dout, cache)
    dx[1:] = dx[:1]
    return dx


def one_channel(dout, cache):
    dx = pooling.max_pool2d_backward(dout, cache)
    return np.repeat(dx[:, :1], dx.shape[1], axis=1)


def last_batch(x, w, b, stride=1, padding=0):
    out, cache = convolution.conv2d_forward(x, w, b, stride, padding)
    if len(x) > 8:
        out[8:] = 0  # works in chunks of 8 and forgets the rest
    return out, cache


def swallows_errors(image, kernel, stride=1, padding=0):
    try:
        return convolution.correlate2d(image, kernel, stride, padding)
    except ValueError:
        return None


def prints_errors(size, kernel, stride=1, padding=0):
    if size < 1 or kernel < 1 or stride < 1 or padding < 0 or kernel > size + 2 * padding:
        return 0
    return (size + 2 * padding - kernel) // stride + 1


def low_precision(dout, cache):
    return tuple(g.astype(np.float16).astype(g.dtype) for g in convolution.conv2d_backward(dout, cache))


def numerical(dout, cache, h=1e-2):
    """A difference quotient where a derivative is asked for, at a maximum's kink."""
    x, size, stride = cache
    x, dx = as_float("x", x), np.zeros(x.shape, as_float("x", x).dtype)
    for place in np.ndindex(x.shape[1:]):
        moved = x.copy()
        moved[(slice(None), *place)] += h
        change = (
            pooling.max_pool2d_forward(moved, size, stride)[0] - pooling.max_pool2d_forward(x, size, stride)[0]
        )
        dx[(slice(None), *place)] = (dout * change).sum(axis=(1, 2, 3)) / h
    return dx


def ints_as_floats(columns, x_shape, kernel, stride=1, padding=0):
    return convolution.col2im(columns.astype("f"), x_shape, kernel, stride, padding)


def gives_dout(dout, cache):
    dout[...] = 0
    return pooling.global_avg_pool_backward(dout, cache)


def masked(x):
    return np.ma.masked_less(as_float("x", x), 0).mean(axis=(2, 3)).filled(0), x.shape


WRONG = [
    ("conv2d_forward", remembers_the_first_result), ("im2col", adds_to_what_is_there), ("correlate2d", adds_noise),
    ("conv2d_backward", AddsUp()), ("max_pool2d_forward", cache_for_later), ("avg_pool2d_forward", normalises),
    ("avg_pool2d_backward", one_image), ("max_pool2d_backward", one_channel), ("conv2d_forward", last_batch),
    ("correlate2d", swallows_errors), ("conv_output_size", prints_errors), ("conv2d_backward", low_precision),
    ("max_pool2d_backward", numerical), ("col2im", ints_as_floats), ("global_avg_pool_backward", gives_dout),
    ("global_avg_pool_forward", masked), ("hunt_pool_bug", lambda: (np.ones((1, 1, 2, 2)), 2, None)),
    ("hunt_conv_bug", lambda: (np.zeros((2, 2, 8, 7)), np.zeros((3, 2, 3, 2)), np.zeros(3), (2, 1), (0, 1))),
]  # fmt: skip


@pytest.mark.parametrize(("name", "function"), WRONG)
def test_what_is_wrong_gets_no_full_marks(name, function):
    report = grade(name, function)
    assert report.points <= 0.92 * report.max_points, report.text
