# ---
# jupyter:
#   jupytext:
#     text_representation:
#       extension: .py
#       format_name: percent
#   kernelspec:
#     display_name: Python 3
#     language: python
#     name: python3
# ---

# %% [markdown] id="title"
# # Unit 3 · SGD and optimizers
#
# **The question of this unit:** *a network can compute its gradients. How does it learn with them, quickly and without falling over?*
#
# You take one step downhill, then many. You will see the same network, on the same data, learn in seconds, crawl, or explode, and each time you will know why. On the way you write every part of a training loop: mini-batches, five optimizers up to Adam, four learning rate schedules, two ways to draw the first weights, gradient clipping. At the end you put them together into `train`, and your own loop learns to read handwritten digits.
#
# **What you should know:** dense layers, ReLU, the softmax loss, and that backpropagation gives the gradient of the loss (units 1 and 2). Every other symbol is introduced before it is used.

# %% [markdown] id="how_to_work"
# ## How to work with this notebook
#
# - Run the cells in order, each with Shift+Enter.
# - **Read, predict, write, see.** A *prediction* takes ten seconds and makes the rest stick. It is never graded.
# - An **exercise** has a text with one tiny example worked out by hand, a function for you to fill in, and a check. The check says what was expected, what came, and often which mistake it looks like. Run it as often as you like.
# - Lines that start with a triangle ▸ open on a click: hints, proofs, and things for the curious. You can finish the unit without the proofs.
# - A cell that stops with an error, in red, changes nothing: the check below it then still tries your last version that worked.
# - Pictures below an exercise are drawn with *your* function. If one stops with `NotImplementedError`, an exercise above it is still open (and the cells after it may then miss a name). Write that exercise first, then come back.
#
# Come back to this table when a letter puzzles you:
#
# | letter | meaning | letter | meaning |
# |---|---|---|---|
# | $w$ | weights (any shape), in code `w` | $N$ | examples in the data |
# | $L(w)$ | the loss, one number | $m$ | examples in a mini-batch, `batch_size` |
# | $g = \partial L/\partial w$ | the gradient, `dw`, of the shape of $w$ | $t$ | the number of the step |
# | $\eta$ (eta) | the learning rate, `lr` | $D, M$ | features in and out of a layer |
# | $\beta$ (beta) | how much of the past is kept, from 0 to 1 | $\epsilon$ (epsilon) | a small number, `eps` |

# %% id="imports"
import numpy as np

from autograder import check, predict, reveal
from nnlib import plots
from nnlib.activations import relu_backward, relu_forward
from nnlib.data import load_digits
from nnlib.dense import dense_backward, dense_forward
from nnlib.losses import softmax_cross_entropy

np.set_printoptions(precision=4, suppress=True)

# %% [markdown] id="digits_text"
# Our data are 1,797 small pictures of handwritten digits, 8×8 pixels each. A picture becomes a row of 64 numbers, from 0 (paper) to 1 (ink). 1,200 of them are for learning, and the others for a test.

# %% id="digits"
images, labels = load_digits()  # (1797, 8, 8), and what each picture shows
order = np.random.default_rng(3).permutation(len(images))  # mix them once, then split
rows = images[order].reshape(len(images), 64).astype(float)
x_train, y_train = rows[:1200], labels[order[:1200]]
x_test, y_test = rows[1200:], labels[order[1200:]]

# %% [markdown] id="experiments_text"
# The next two cells hold a small network, dense, ReLU, dense, and a way to try things out with it. The loop of the experiments is in the library; in section 8 you write one of your own. **You need not read these cells now.** Run them and go on.


# %% id="network"
def loss_and_gradients(parameters, x, labels):
    """The loss of the network on a batch, and the gradient of each parameter."""
    w1, b1, w2, b2 = parameters
    z, cache1 = dense_forward(x, w1, b1)
    a, cache2 = relu_forward(z)
    logits, cache3 = dense_forward(a, w2, b2)
    loss, dlogits = softmax_cross_entropy(logits, labels)
    da, dw2, db2 = dense_backward(dlogits, cache3)
    _, dw1, db1 = dense_backward(relu_backward(da, cache2), cache1)
    return loss, [dw1, db1, dw2, db2]


def accuracy(parameters, x, labels):
    """Per cent of the pictures that the network reads rightly."""
    w1, b1, w2, b2 = parameters
    logits = np.maximum(x @ w1 + b1, 0) @ w2 + b2
    return 100 * np.mean(logits.argmax(axis=1) == labels)


def first_weights(rng, hidden=32):
    """Where all experiments begin (section 6 says why the weights are drawn like this)."""
    w1 = rng.normal(0, np.sqrt(2 / 64), (64, hidden))
    w2 = rng.normal(0, np.sqrt(2 / hidden), (hidden, 10))
    return [w1, np.zeros(hidden), w2, np.zeros(10)]


# %% id="experiments" show=true
from nnlib.descent import descend


def experiment(update, rates, batches, epochs=5, batch_size=32, start=first_weights):
    """Train the network. rates: the learning rate, or a function of the step.

    Returns the loss of each step and the parameters at the end. Numbers may overflow.
    """
    rng = np.random.default_rng(0)
    network = start(rng)
    several = (batch for _ in range(epochs) for batch in batches(x_train, y_train, batch_size, rng=rng))
    with np.errstate(all="ignore"):
        return descend(loss_and_gradients, network, several, update, rates)


# %% [markdown] id="opening_question"
# Here are three training runs. The network is the same, the digits are the same, the first weights are the same, and so is the order of the examples. **One number differs.** The loss of pure guessing is $\ln 10 \approx 2.3$: the network gives each digit one tenth. (The unit of a loss with the natural logarithm is called *nat*.)

# %% id="opening_picture" show=true
from nnlib.batches import minibatches as ready_batches  # yours follow in section 2
from nnlib.optimizers import sgd_update as ready_step  # and yours in section 1


def smooth(values, width=12):
    """The mean of the last few values: single batches are noisy."""
    return [np.mean(values[max(0, i - width) : i + 1]) for i in range(len(values))]


opening = {}
for name, number in {"run A": 0.003, "run B": 0.3, "run C": 3.0}.items():
    losses, _ = experiment(ready_step, number, ready_batches)
    opening[name] = (range(len(losses)), smooth(losses))
plots.curves(
    opening,
    xlabel="step (number of updates)",
    ylabel="training loss (nats)",
    ylim=(0, 4),
    level=(np.log(10), "guessing"),
    alt="Three curves of the training loss over 190 steps. Run A falls hardly at all "
    "from 2.2. Run B falls quickly to about 0.15. Run C jumps up at once, and then "
    "stays at about 2.3, the loss of guessing.",
)

# %% id="predict_opening" predict=true
predict(
    "opening",
    "Which number differs between run A, run B and run C?",
    ["the number of weights", "how large each step is", "how many digits they see"],
    choice=None,  # write choice="a", "b" or "c"
)

# %% id="reveal_opening" show=true
reveal("opening", "the learning rate: 0.003, 0.3 and 3", answer="b")

# %% [markdown] id="opening_text"
# One number decides whether a network learns. It is worth an hour to understand it, and everything that was invented to make its choice easier.

# %% [markdown] id="one_step_text" teaches=["sgd"]
# ## 1 · One step downhill
#
# The loss $L(w)$ says how wrong the network is with the weights $w$. We look for weights with a small loss. We are like a hiker in fog: we cannot see the valley, but we feel the slope under our feet. That slope is the gradient $g$.
#
# **Where is down?** Move the weights by a small $d$. For a short step the loss changes almost linearly:
#
# $$L(w + d) \;\approx\; L(w) + g \cdot d$$
#
# Here $g \cdot d$ multiplies element by element and adds up. It can be written with lengths and the angle $\theta$ between $g$ and $d$:
#
# $$g \cdot d = \|g\|\;\|d\|\;\cos\theta$$
#
# The length $\|g\|$ is fixed at our place, and we choose a length for $d$. What is left is $\cos\theta$. It is smallest, $-1$, when $d$ points exactly **against** $g$. So take $d = -\eta g$ with some small $\eta > 0$:
#
# $$L(w - \eta g) \;\approx\; L(w) - \eta\, g \cdot g \;=\; L(w) - \eta \|g\|^2$$
#
# A square is never negative, so the loss goes down (as long as the step is short enough for $\approx$ to hold). This is **gradient descent**:
#
# $$\boxed{\;w \;\leftarrow\; w - \eta\, g\;}$$
#
# The arrow says: the new $w$ is what stands on the right. $\eta$ is the **learning rate**.
#
# **By hand.** $L(w) = w_1^2 + 2 w_2^2$ has the gradient $g = (2 w_1,\; 4 w_2)$. We stand at $w = (3, 1)$, where $L = 11$. There $g = (6, 4)$. With $\eta = 0.1$:
#
# $$w \leftarrow (3, 1) - 0.1 \cdot (6, 4) = (2.4,\; 0.6)$$
# $$L = 2.4^2 + 2 \cdot 0.6^2 = 6.48$$
#
# One step, and the loss fell from 11 to 6.48.

# %% [markdown] id="update_contract"
# ### How every optimizer of this unit is called
#
# Later rules remember something from step to step. So they all have the same form:
#
# `w, state = NAME_update(w, dw, state, lr, …)`
#
# - `w` is one array of parameters, of any shape. `dw` is its gradient, of the same shape.
# - `state` is a dict with what this rule remembers **of this array**. It is `{}` before the first step. What you put into it is up to you.
# - The function returns the new weights and the new state. It changes nothing that came in: not `w`, not `dw`, not `state`.
# - A float dtype stays: float32 weights stay float32. Integers become float64. The helper below does that.
#
# Each array of the network has a state of its own, so the function is called once for each of them.


# %% id="helpers"
def as_float(values):
    """The array in a float dtype: a float dtype stays, integers become float64."""
    array = np.asarray(values)
    return array if array.dtype.kind == "f" else array.astype(np.float64)


# %% [markdown] id="exercise_sgd_update"
# ### Exercise 1: `sgd_update` (1 point)
#
# Write the boxed rule. SGD remembers nothing, so the state that comes in goes out again.
#
# **Tiny example.** `sgd_update(np.array([3.0, 1.0]), np.array([6.0, 4.0]), {}, 0.1)` gives `(array([2.4, 0.6]), {})`.
#
# <details><summary><b>Hint</b></summary>
#
# One line. Make a *new* array; `w -= …` would change the caller's. A function returns two things with `return a, b`.
#
# </details>


# %% id="write_sgd_update" solution=true
def sgd_update(w, dw, state, lr):
    """One step of gradient descent.

    w, dw: arrays of one shape. state: a dict, {} at first. lr: the learning rate.
    Returns (new w, state). Changes nothing in place.
    Float dtype: float32 stays float32, integers become float64.
    """
    w, dw = as_float(w), as_float(dw)
    ### BEGIN SOLUTION
    return w - lr * dw, state
    ### END SOLUTION


# %% id="check_sgd_update" test=true points=1 teaches=["sgd"]
check("sgd_update", sgd_update)

# %% [markdown] id="parabola_text" teaches=["sgd"]
# ### How large may the step be?
#
# Take the simplest valley, a parabola $L(w) = \tfrac12 a w^2$. The number $a > 0$ says how strongly it curves. The gradient is $g = a w$, and the minimum is at $w = 0$. One step gives
#
# $$w_{t+1} = w_t - \eta\, a\, w_t = (1 - \eta a)\, w_t .$$
#
# Each step multiplies by the same factor. So after $t$ steps
#
# $$w_t = (1 - \eta a)^t\; w_0 .$$
#
# This goes to 0 exactly if the factor lies between $-1$ and $1$. And $-1 < 1 - \eta a < 1$ means $0 < \eta a < 2$:
#
# $$\boxed{\;\text{gradient descent converges for } 0 < \eta < \frac{2}{a}\;}$$
#
# | $\eta a$ | factor $1 - \eta a$ | what happens |
# |---|---|---|
# | 0.05 | 0.95 | it creeps: each step takes off 5 % |
# | 1 | 0 | it is there in one step |
# | 1.9 | −0.9 | it jumps from side to side, and slowly settles |
# | 2.1 | −1.1 | each jump is larger than the one before: it **diverges** |
#
# The steeper the valley curves, the smaller the step must be.

# %% id="predict_parabola" predict=true
predict(
    "parabola",
    "A parabola with a = 2. Which learning rate is the largest that still converges?",
    ["just below 0.5", "just below 1", "just below 2"],
    choice=None,
)


# %% id="see_parabola" show=true teaches=["sgd"]
def walk(gradient, start, update, lr, steps, **settings):
    """The places of an optimizer on its way, as rows."""
    w, state = np.array(start, float), {}
    places = [w]
    for _ in range(steps):
        w, state = update(w, gradient(w), state, lr, **settings)
        places.append(w)
    return np.array(places)


parabola = {}
for rate in (0.05, 0.5, 0.95, 1.05):
    places = walk(lambda w: 2 * w, [1.0], sgd_update, rate, 20)
    parabola[f"η = {rate}"] = (range(21), places[:, 0])
plots.curves(
    parabola,
    xlabel="step (number of updates)",
    ylabel="weight w (no unit)",
    level=(0, "minimum"),
    alt="The weight over 20 steps on a parabola with a = 2, from 1. With a learning "
    "rate of 0.05 it creeps towards 0. With 0.5 it is there after one step. With 0.95 "
    "it jumps from side to side and slowly comes to 0. With 1.05 it jumps from side to "
    "side, further each time.",
)

# %% id="promise_parabola" show=true promise=true
for rate in (0.5, 0.95, 1.05):
    print(f"η = {rate:<4}  w after 20 steps: {walk(lambda w: 2 * w, [1.0], sgd_update, rate, 20)[-1, 0]:.4f}")

# %% id="reveal_parabola" show=true
reveal("parabola", "2/a = 1: with 0.95 it converges, with 1.05 it does not", answer="b")

# %% [markdown] id="parabola_many" teaches=["learning_rate"]
# A network has thousands of weights, and its loss curves differently in every direction. One learning rate has to serve them all: small enough for the steepest direction, and then too small for the flat ones. Keep this in mind. Sections 4 and 5 are two answers to it.

# %% [markdown] id="batches_text" teaches=["batch_kinds", "epochs", "noise"]
# ## 2 · How many examples for one step?
#
# The loss is a mean over all $N$ examples, $L = \frac1N \sum_n \ell_n$, where $\ell_n$ is the loss of example $n$. So the gradient is a mean, too:
#
# $$g = \frac1N \sum_{n=1}^{N} g_n$$
#
# To compute it, all $N$ examples go through the network, for **one** step. Is that wise? If you want to know what people in a country earn on average, you do not ask all of them. You ask a few hundred.
#
# | name | examples for one step | a step is | its direction is |
# |---|---|---|---|
# | **batch** gradient descent | all $N$ | expensive | exact |
# | **stochastic** gradient descent | 1 | very cheap | very noisy |
# | **mini-batch** gradient descent | $m$, often 16 to 256 | cheap | a little noisy |
#
# "SGD" mostly means the third, and so it does here.
#
# ### What does a small batch lose?
#
# Draw the $m$ examples of a batch at random, and take the mean of their gradients, $\hat g$ (say "g hat").
#
# **On average it is right.** Each single draw is example $n$ with probability $1/N$. So on average a draw gives $\sum_n \frac1N g_n = g$. A mean of $m$ such draws has the same average: $\hat g$ is neither too large nor too small, only **noisy**. It is off by some distance, now to this side, now to that.

# %% id="predict_noise" predict=true
predict(
    "noise",
    "A batch four times as large costs four times as much. Its gradient's noise is …",
    ["a quarter", "a half", "the same"],
    choice=None,
)

# %% [markdown] id="noise_formula" teaches=["noise"]
# **How noisy?** The **variance** of a number that is drawn is its mean squared distance from its average. Its root $\sigma$ says how far a draw is off, typically. Let $\sigma^2$ be the variance of one draw. When independent draws are added, their variances add up: $m$ draws have $m \sigma^2$. And dividing a number by $m$ divides its variance by $m^2$:
#
# $$\operatorname{Var}(\hat g) = \frac{1}{m^2} \cdot m\, \sigma^2 = \frac{\sigma^2}{m}$$
#
# The noise is its root:
#
# $$\boxed{\;\text{noise of } \hat g = \frac{\sigma}{\sqrt m}\;}$$
#
# Now measure it: 150 batches of each size, and how far their gradients are from the exact one.

# %% id="measure_noise" show=true teaches=["noise"]
rng = np.random.default_rng(0)
network = first_weights(rng)


def flat_gradient(x, y):
    """All gradients of the network as one long vector."""
    return np.concatenate([g.ravel() for g in loss_and_gradients(network, x, y)[1]])


exact = flat_gradient(x_train, y_train)
sizes, noise = [1, 2, 4, 8, 16, 32, 64, 128, 256], []
for m in sizes:
    draws = (rng.choice(len(x_train), m) for _ in range(150))
    errors = [np.linalg.norm(flat_gradient(x_train[d], y_train[d]) - exact) for d in draws]
    noise.append(np.sqrt(np.mean(np.square(errors))) / np.linalg.norm(exact))
plots.curves(
    {
        "measured": (sizes, noise),
        "σ / √m": (sizes, noise[0] / np.sqrt(sizes)),
    },
    xlabel="batch size m (examples)",
    ylabel="noise / length of the gradient (ratio)",
    logx=True,
    logy=True,
    alt="The noise of the gradient against the batch size, both on logarithmic scales. "
    "The measured points fall on the straight line sigma over root m, from "
    f"{noise[0]:.1f} times the gradient's length for one example to {noise[-1]:.2f} for 256.",
)

# %% id="reveal_noise" show=true
reveal(
    "noise",
    f"{noise[2] / noise[4]:.1f} times less from m = 4 to 16, {noise[4] / noise[6]:.1f} times from 16 to 64",
    answer="b",
)

# %% [markdown] id="noise_text" teaches=["noise"]
# The measured points lie on the line. Look at the left end: with one example, the noise is several times as long as the gradient itself. And at the price: for half the noise you pay four times as much. Beyond some size a larger batch is a bad bargain. It is better to take four small steps than one that is twice as exact.
#
# <details><summary><b>For the curious:</b> we draw without putting back</summary>
#
# In a real epoch no example comes twice. Then the draws are not quite independent, and the variance is smaller by the factor $(N - m)/(N - 1)$. For $m = N$ it is 0, as it must be: the batch is all there is. For $m$ far below $N$ the factor is nearly 1.
#
# </details>
#
# ### Epochs, iterations, ⌈N/m⌉
#
# The loop of the lecture, in words:
#
# > Repeat for a number of **epochs**:
# > - put the examples into a new random order, and cut it into batches of $m$;
# > - for each batch, which is one **iteration**: forward, loss, backward, update.
#
# An **epoch** goes once through all examples. How many iterations is that? $N/m$ if $m$ divides $N$. If not, the last batch holds what is left. It is shorter, and it counts:
#
# $$\boxed{\;\text{iterations per epoch} = \left\lceil \frac{N}{m} \right\rceil\;}$$
#
# The brackets $\lceil\;\rceil$ mean *round up*. Five examples in batches of two: $\lceil 2.5 \rceil = 3$ batches, of 2, 2 and 1.

# %% id="predict_iterations" predict=true
predict(
    "iterations",
    "1,200 digits in batches of 32: how many iterations is an epoch?",
    ["37", "38", "37.5"],
    choice=None,
)

# %% [markdown] id="exercise_minibatches" teaches=["epochs"]
# ### Exercise 2: `minibatches` (3 points)
#
# One epoch: all batches, one after another, each as a pair `(x, y)`.
#
# - `x` is `(N, …)`, such as `(N, 64)` or images `(N, 8, 8)`; `y` is `(N,)`. A batch has the same shapes, with $m$ in place of $N$.
# - Every example comes exactly once. Each `x` keeps its own `y`. The last batch may be short.
# - The order is drawn from `rng`, a NumPy random generator, and from nothing else. It moves on with each draw, so the next epoch has another order; and who begins with the same seed gets the same orders.
# - Do not change `x` or `y`.
#
# **Tiny example.** `x = [10, 11, 12, 13, 14]`, `y = [0, 1, 2, 3, 4]`, `batch_size=2`. Say the order drawn is 3, 0, 4, 1, 2. Then the batches are `([13, 10], [3, 0])`, `([14, 11], [4, 1])` and `([12], [2])`.
#
# <details><summary><b>Hint 1:</b> an order</summary>
#
# `rng.permutation(len(x))` is an array with the numbers from 0 to N − 1 in a random order. `x[order[:2]]` are the two examples with the first two of these numbers.
#
# </details>
# <details><summary><b>Hint 2:</b> one after another</summary>
#
# `for start in range(0, len(x), batch_size)` gives the place where each batch begins. A slice that reaches over the end is simply shorter. `yield a, b` hands one pair out and goes on with the loop when the next is asked for. A list of pairs is just as good.
#
# </details>


# %% id="write_minibatches" solution=true
def minibatches(x, y, batch_size, *, rng):
    """The batches (x, y) of one epoch, in a new random order.

    x: (N, …). y: (N,). batch_size: an int from 1 on. rng: numpy.random.Generator.
    Gives ⌈N / batch_size⌉ pairs: each has batch_size examples, the last what is left.
    Every example comes once. Changes neither x nor y.
    """
    ### BEGIN SOLUTION
    shuffled = rng.permutation(len(x))
    for first in range(0, len(x), batch_size):
        chosen = shuffled[first : first + batch_size]
        yield x[chosen], y[chosen]
    ### END SOLUTION


# %% id="check_minibatches" test=true points=3 teaches=["epochs"]
check("minibatches", minibatches)

# %% id="promise_batches" show=true promise=true teaches=["epochs"]
sizes_of_batches = [len(y) for _, y in minibatches(x_train, y_train, 32, rng=np.random.default_rng(0))]
print(len(sizes_of_batches), "batches; the last two have", sizes_of_batches[-2:], "examples")

# %% id="reveal_iterations" show=true
reveal("iterations", str(len(sizes_of_batches)))

# %% [markdown] id="side_by_side_text" teaches=["batch_kinds"]
# ### Batch, stochastic and mini-batch, side by side
#
# Two weights are enough to see it. We fit a straight line $y = w_1 x + w_2$ to 120 points, with half the squared error as the loss. Each of the three gets the same amount of work: **two epochs**, so every point is looked at twice.

# %% id="predict_sides" predict=true
predict(
    "sides",
    "Two epochs over 120 points each. Which one ends closest to the best line?",
    ["batch, its direction is exact", "stochastic, 240 steps", "mini-batch of 10, 24 steps"],
    choice=None,
)

# %% id="see_sides" show=true teaches=["batch_kinds"]
rng = np.random.default_rng(4)
line_x = rng.uniform(-1, 1, 120)
line_y = 1.5 * line_x + 0.5 + rng.normal(0, 0.4, 120)
columns = np.stack([line_x, np.ones(120)], axis=1)
best_line = np.linalg.lstsq(columns, line_y, rcond=None)[0]


def line_path(batch_size, lr=0.25, epochs=2):
    """Where the weights of the line go, from (−1, −1)."""
    rng = np.random.default_rng(1)
    w, state, places = np.array([-1.0, -1.0]), {}, [np.array([-1.0, -1.0])]
    for _ in range(epochs):
        for rows, targets in minibatches(columns, line_y, batch_size, rng=rng):
            slope = rows.T @ (rows @ w - targets) / len(rows)
            w, state = sgd_update(w, slope, state, lr)
            places.append(w)
    return np.array(places)


w1, w2 = np.linspace(-1.4, 2.6, 90), np.linspace(-1.4, 1.6, 90)
distance = columns @ np.stack(np.meshgrid(w1, w2)).reshape(2, -1) - line_y[:, None]
line_loss = plots.Landscape(w1, w2, 0.5 * np.mean(distance**2, axis=0).reshape(90, 90), tuple(best_line), 0.5)
kinds = {"batch, 2 steps": 120, "mini-batch of 10, 24 steps": 10, "stochastic, 240 steps": 1}
line_paths = {name: line_path(m) for name, m in kinds.items()}
left = {name: np.linalg.norm(path[-1] - best_line) for name, path in line_paths.items()}
plots.descents(
    line_loss,
    {name: {name: path} for name, path in line_paths.items()},
    legend=False,
    alt="Three maps of the same loss, with a star at its minimum. Batch: two straight "
    "steps, still far away. Mini-batch of 10: 24 steps, slightly crooked, that come close to "
    "the star. Stochastic: 240 steps that reach the star's surroundings and then "
    "wander about in them.",
)

# %% id="reveal_sides" show=true
reveal("sides", "; ".join(f"{name}: {far:.2f} away" for name, far in left.items()), answer="b")

# %% [markdown] id="sides_text" teaches=["batch_kinds"]
# - **Batch** goes straight, but two steps are two steps.
# - **Stochastic** comes near very quickly, and then never arrives. Each example pulls towards itself, and the path trembles around the minimum. More epochs would not bring it closer.
# - **Mini-batch** is the compromise: many steps, each fairly exact, and it is still on its way. Its real advantage shows on a computer: the products of a whole batch are one matrix product, which is much faster than $m$ small ones. So in the *time* of the 240 single steps it could go through the data several times more.
#
# The trembling does not stop by itself. We come back to it in the next section.

# %% [markdown] id="rate_text" teaches=["learning_rate"]
# ## 3 · The learning rate
#
# The most important number of all is $\eta$. What happens between "too small" and "too large"? We try 13 learning rates, from 0.003 to 30: that is a factor of 10,000, or four powers of ten (*decades*). Each gets three epochs on the digits.

# %% id="predict_rate" predict=true
predict(
    "rate",
    "0.003 creeps, 0.3 is good, 3 fails. What does the loss do in between, from left to right?",
    [
        "it falls and rises gently: a wide bowl",
        "it falls gently, and then jumps up at once",
        "it falls at once, and then rises gently",
    ],
    choice=None,
)

# %% id="see_rates" show=true teaches=["learning_rate"]
rates = np.logspace(-2.5, 1.5, 13)
ends = []
for rate in rates:
    _, network = experiment(sgd_update, rate, minibatches, epochs=3)
    ends.append(loss_and_gradients(network, x_train, y_train)[0])
plots.curves(
    {"after three epochs": (rates, ends)},
    xlabel="learning rate (no unit, logarithmic)",
    ylabel="training loss (nats, logarithmic)",
    logx=True,
    logy=True,
    level=(np.log(10), "guessing"),
    alt="The training loss after three epochs against the learning rate, from 0.003 to "
    "30, both logarithmic: a valley with a flat left side and a steep right side. "
    f"The loss falls from {ends[0]:.1f} at 0.003 to {min(ends):.2f} at about "
    f"{rates[np.argmin(ends)]:.1f}, then jumps up to guessing and beyond.",
)

# %% id="reveal_rate" show=true
lowest = int(np.argmin(ends))
reveal(
    "rate",
    f"down to {ends[lowest]:.2f} at {rates[lowest]:.2g}, and {max(ends[lowest + 1 : lowest + 3]):.2g} soon after it",
    answer="b",
)

# %% [markdown] id="too_large_text" teaches=["learning_rate"]
# The left side of this valley is gentle: with a rate that is too small, learning is slow, but it goes in the right direction. The right side is a cliff. **Good rates lie close to the edge of the cliff**, and just behind it nothing works. So this is how people choose: try powers of ten, find where it breaks, and go back by a factor of three or so.
#
# Now the three runs of the opening once more, with your functions, and with what they are worth on the test digits.

# %% id="break_rate" show=true teaches=["learning_rate"]
three_rates = {"too small, 0.003": 0.003, "good, 0.3": 0.3, "ten times too large, 3": 3.0}
test_accuracy = {}
for name, rate in three_rates.items():
    _, network = experiment(sgd_update, rate, minibatches)
    test_accuracy[name] = accuracy(network, x_test, y_test)
plots.bars(
    test_accuracy,
    xlabel="accuracy on test digits after five epochs (%)",
    alt="Three bars of the accuracy on test digits: "
    + ", ".join(f"{name} {value:.0f} %" for name, value in test_accuracy.items()),
)

# %% [markdown] id="break_rate_answer" teaches=["learning_rate"]
# Guessing gives 10 %. With a rate ten times too large the network does not learn more slowly: it does not learn at all. The first steps throw the weights so far out that its ReLUs die (unit 1), and dead units have no gradient to come back with.

# %% [markdown] id="explorer_text"
# ### Explore it yourself
#
# A narrow valley: $L = \tfrac12 (w_1^2 + 25\, w_2^2)$. Along $w_2$ it curves with $a = 25$, along $w_1$ with $a = 1$. The box of section 1 says: above $\eta = 2/25 = 0.08$ the direction $w_2$ diverges. In JupyterLab, move the slider. (Where there is no kernel behind the page you see one picture, for $\eta = 0.07$.) Find the rate at which it is fastest, and the one at which it breaks.


# %% id="explorer" show=true teaches=["learning_rate"]
def narrow_gradient(w):
    return np.array([1, 25]) * w


grid1, grid2 = np.linspace(-4.4, 1.4, 90), np.linspace(-1.3, 1.3, 90)
heights = 0.5 * (grid1[None, :] ** 2 + 25 * grid2[:, None] ** 2)
narrow = plots.Landscape(grid1, grid2, heights, (0, 0), 0.5)


def draw_rate(rate):
    """Thirty steps in the narrow valley."""
    places = walk(narrow_gradient, (-4, 1), sgd_update, rate, 30)
    end = 0.5 * float(np.sum(np.array([1, 25]) * places[-1] ** 2))
    return plots.descents(
        narrow,
        {f"learning rate {rate:g}: loss {end:.3g} after 30 steps": {"SGD": places}},
        alt=f"The path of 30 steps with learning rate {rate:g} in a narrow valley. "
        f"It ends with a loss of {end:.3g}.",
    )


slider_rates = (0.002, 0.005, 0.01, 0.02, 0.03, 0.04, 0.05, 0.06, 0.07, 0.075, 0.08, 0.082, 0.085, 0.09)
plots.Explorer(draw_rate, slider_rates, 0.07, "learning rate")

# %% [markdown] id="schedules_text" teaches=["schedules"]
# ### Schedules: large at first, small at the end
#
# Remember the path that trembled around the minimum. Its step is $\eta$ times a noisy gradient, so a smaller $\eta$ trembles less. But a small $\eta$ from the beginning would be slow. The answer: **begin with a large rate, end with a small one.** A rule for this is a **schedule**, a function of the step $t$, which counts from 0. Four are in common use:
#
# | name | formula | in words |
# |---|---|---|
# | step decay | $\eta \cdot f^{\lfloor t / K \rfloor}$ | multiply by $f$ after every $K$ steps |
# | exponential decay | $\eta \cdot e^{-k t}$ | a little less at every step |
# | cosine annealing | $\eta_{\min} + \frac12 (\eta - \eta_{\min})\left(1 + \cos \frac{\pi t}{T}\right)$ | half a cosine down, in $T$ steps |
# | warm-up and cosine | first $\eta \cdot \frac{t + 1}{T_w}$, then the cosine | up a ramp of $T_w$ steps, then down |
#
# $\lfloor\;\rfloor$ rounds down, as `//` does.
#
# **By hand**, with $\eta = 0.8$:
#
# - *step decay*, $K = 10$, $f = 0.5$: at $t = 9$ it is $0.8$, at $t = 10$ it is $0.8 \cdot 0.5 = 0.4$, and at $t = 25$ it is $0.8 \cdot 0.5^2 = 0.2$.
# - *exponential*, $k = 0.1$: at $t = 0$ it is $0.8$, at $t = 10$ it is $0.8 \cdot e^{-1} = 0.2943$.

# %% [markdown] id="exercise_step_decay"
# ### Exercise 3: `step_decay` (1 point)
#
# `lr` is $\eta$, `step` is $t$, `every` is $K$, `factor` is $f$. All four schedules return one number. **Tiny example.** `step_decay(0.8, 25, 10, 0.5)` is `0.2`.


# %% id="write_step_decay" solution=true
def step_decay(lr, step, every, factor=0.1):
    """The learning rate at a step: lr, multiplied by factor after each `every` steps.

    step: an int, from 0 on. every: an int from 1 on. Returns a float.
    """
    ### BEGIN SOLUTION
    drops = step // every
    return lr * factor**drops
    ### END SOLUTION


# %% id="check_step_decay" test=true points=1 teaches=["schedules"]
check("step_decay", step_decay)

# %% [markdown] id="exercise_exponential_decay"
# ### Exercise 4: `exponential_decay` (1 point)
#
# `rate` is $k$. **Tiny example.** `exponential_decay(0.8, 10, 0.1)` is `0.2943…`.


# %% id="write_exponential_decay" solution=true
def exponential_decay(lr, step, rate):
    """The learning rate at a step: lr times e to the power −rate · step.

    step: an int, from 0 on. rate: from 0 on. Returns a float.
    """
    ### BEGIN SOLUTION
    return lr * np.exp(-rate * step)
    ### END SOLUTION


# %% id="check_exponential_decay" test=true points=1 teaches=["schedules"]
check("exponential_decay", exponential_decay)

# %% [markdown] id="exercise_cosine_annealing"
# ### Exercise 5: `cosine_annealing` (1 point)
#
# Where does its formula come from? A cosine goes from $1$ at angle $0$ to $-1$ at angle $\pi$, level at both ends. We want the angle to be $0$ at $t = 0$ and $\pi$ at $t = T$, so the angle is $\pi t / T$. We want values from $\eta$ down to $\eta_{\min}$:
#
# $$
# \begin{aligned}
# \cos\tfrac{\pi t}{T} &\quad\text{goes from } 1 \text{ to } -1\\
# 1 + \cos\tfrac{\pi t}{T} &\quad\text{goes from } 2 \text{ to } 0\\
# \tfrac12\left(1 + \cos\tfrac{\pi t}{T}\right) &\quad\text{goes from } 1 \text{ to } 0
# \end{aligned}
# $$
#
# and with height $\eta - \eta_{\min}$ and bottom $\eta_{\min}$:
#
# $$\boxed{\;\eta_t = \eta_{\min} + \tfrac12\,(\eta - \eta_{\min})\left(1 + \cos\frac{\pi t}{T}\right)\;}$$
#
# up to $t = T$, and $\eta_{\min}$ from there on. `total` is $T$, `least` is $\eta_{\min}$. After the end a cosine would rise again. The schedule must not. **Tiny example.** $\eta = 0.8$, $T = 10$, $\eta_{\min} = 0.2$: at $t = 0$ it is $0.8$; at $t = 5$ the cosine is 0, so it is $0.2 + \frac12 \cdot 0.6 = 0.5$; at $t = 10$, and at $t = 13$, it is $0.2$.
#
# <details><summary><b>Hint</b></summary>
#
# `min(step, total)` never goes past the end.
#
# </details>


# %% id="write_cosine_annealing" solution=true
def cosine_annealing(lr, step, total, least=0.0):
    """The learning rate at a step: half a cosine from lr (step 0) to least (step total).

    After `total` steps it stays at least. Returns a float.
    """
    ### BEGIN SOLUTION
    angle = np.pi * min(step, total) / total
    return least + 0.5 * (lr - least) * (1 + np.cos(angle))
    ### END SOLUTION


# %% id="check_cosine_annealing" test=true points=1 teaches=["schedules"]
check("cosine_annealing", cosine_annealing)

# %% [markdown] id="exercise_warmup_cosine"
# ### Exercise 6: `warmup_cosine` (2 points)
#
# At the very beginning the weights are random and gradients can be large and misleading. A **warm-up** begins with small steps: the rate rises in equal steps and reaches $\eta$ at the last of the $T_w$ warm-up steps. Then the cosine begins, and it ends at step `total`, counted from the very start.
#
# - `warmup` is $T_w$. For `step < warmup` the rate is $\eta \cdot (t + 1)/T_w$.
# - From `step = warmup` on it is the cosine, which has `total - warmup` steps left.
# - `warmup` may be 0. Then there is no ramp.
# - A warm-up that is negative, or does not end before `total`, is a slip of whoever calls: raise a `ValueError` that says what was wrong. (Without it, a wrong schedule trains for hours before anybody notices.)
#
# **Tiny example.** $\eta = 0.8$, $T_w = 4$, `total` $= 12$: the first five rates are $0.2,\, 0.4,\, 0.6,\, 0.8,\, 0.8$. The fifth, $t = 4$, is the cosine's first value. At $t = 8$, half way down, it is $0.4$, and at $t = 12$ it is $0$.
#
# <details><summary><b>Hint</b></summary>
#
# First the error, then the ramp, then your `cosine_annealing`, with steps counted from the end of the warm-up. Python understands `0 <= a < b`.
#
# </details>


# %% id="write_warmup_cosine" solution=true
def warmup_cosine(lr, step, warmup, total, least=0.0):
    """The learning rate at a step: a ramp of `warmup` steps, then a cosine down to least.

    step and total count from the very start. Returns a float.
    Raises ValueError unless 0 <= warmup < total.
    """
    ### BEGIN SOLUTION
    if not 0 <= warmup < total:
        raise ValueError(f"the warm-up must end before step {total}, got {warmup} steps")
    if step < warmup:
        return lr * (step + 1) / warmup
    return cosine_annealing(lr, step - warmup, total - warmup, least)
    ### END SOLUTION


# %% id="check_warmup_cosine" test=true points=2 teaches=["schedules"]
check("warmup_cosine", warmup_cosine)

# %% id="see_schedules" show=true teaches=["schedules"]
steps = range(121)
plots.curves(
    {
        "step decay": (steps, [step_decay(1, t, 30, 0.5) for t in steps]),
        "exponential decay": (steps, [exponential_decay(1, t, 0.03) for t in steps]),
        "cosine annealing": (steps, [cosine_annealing(1, t, 100) for t in steps]),
        "warm-up and cosine": (steps, [warmup_cosine(1, t, 20, 100) for t in steps]),
    },
    xlabel="step (number of updates)",
    ylabel="learning rate (in units of lr)",
    alt="Four schedules over 120 steps. Step decay: level stretches, halved at steps "
    "30, 60, 90 and 120. Exponential decay: a smooth fall, steep at first. Cosine: level, then "
    "steep, then level at 0 from step 100. Warm-up and cosine: a straight rise for 20 "
    "steps, then a cosine down to 0 at step 100.",
)

# %% id="predict_schedule" predict=true
predict(
    "schedule",
    "No schedule yet, batches of 8 digits, ten epochs: which rate ends with the lower test loss?",
    ["0.5, although it trembles", "0.05, which trembles less", "they end alike"],
    choice=None,
)

# %% id="measure_schedule" show=true teaches=["schedules"]
total_steps = 10 * 150
choices = {
    "large, 0.5": 0.5,
    "small, 0.05": 0.05,
    "cosine from 0.5 to 0": lambda t: cosine_annealing(0.5, t, total_steps),
}
final_loss = {}
for name, rate in choices.items():
    _, network = experiment(sgd_update, rate, minibatches, epochs=10, batch_size=8)
    final_loss[name] = loss_and_gradients(network, x_test, y_test)[0]
plots.bars(
    final_loss,
    xlabel="loss on test digits after ten epochs (nats)",
    alt="Three bars of the loss on test digits: "
    + ", ".join(f"{name} {value:.3f}" for name, value in final_loss.items()),
)

# %% id="reveal_schedule" show=true
reveal("schedule", "; ".join(f"{name}: {value:.3f}" for name, value in final_loss.items()), answer="a")

# %% [markdown] id="schedule_answer" teaches=["schedules"]
# The large rate trembles, and still it beats the small one, which is not there yet after ten epochs. The cosine has the best of both: long steps while the way is long, and short ones at the end.

# %% [markdown] id="averages_text" teaches=["momentum"]
# ## 4 · Momentum: remember where you were going
#
# All rules from here on remember earlier gradients. They cannot keep all of them. So first a small tool, without any network: an average that needs to keep just one number.
#
# ### An average that forgets
#
# Noisy numbers $g_1, g_2, \dots$ come in one after another, such as the losses of single mini-batches. Keep one number $v$, which begins with 0, and let each newcomer pull it a little towards itself:
#
# $$\boxed{\;v \;\leftarrow\; \beta v + (1 - \beta)\, g\;}$$
#
# Of the old value the part $\beta$ stays, and the rest comes from the new one. What is in $v$ after $t$ steps? Put the line into itself, again and again:
#
# $$
# \begin{aligned}
# v_1 &= (1 - \beta)\, g_1\\
# v_2 &= \beta (1 - \beta)\, g_1 + (1 - \beta)\, g_2\\
# v_t &= (1 - \beta) \left( g_t + \beta g_{t-1} + \beta^2 g_{t-2} + \dots + \beta^{t-1} g_1 \right)
# \end{aligned}
# $$
#
# Each number counts $\beta$ times as much as the one that came after it. The powers of $\beta$ gave it its name, **exponentially weighted average**.
#
# **How far does it look back?** About $\frac{1}{1 - \beta}$ steps. A number that is so old counts only a fourth to a third of the newest, and older ones soon count nothing:
#
# | $\beta$ | $\frac{1}{1 - \beta}$ steps | weight after so many steps (newest: 1) |
# |---|---|---|
# | 0.5 | 2 | $0.5^{2} = 0.25$ |
# | 0.9 | 10 | $0.9^{10} = 0.35$ |
# | 0.98 | 50 | $0.98^{50} = 0.36$ |
#
# Now to real numbers: the losses of 300 mini-batches of four digits, over one epoch of training. They begin near 2.5.

# %% id="predict_average" predict=true
predict(
    "average",
    "The first loss is 2.5. What is v after this one step, with β = 0.98?",
    ["about 2.5", "about 1.25", "about 0.05"],
    choice=None,
)


# %% id="see_averages" show=true teaches=["momentum"]
def forgetting_average(values, beta):
    """v after each of the values: v ← beta v + (1 − beta) value, from 0."""
    v, found = 0.0, []
    for value in values:
        v = beta * v + (1 - beta) * value
        found.append(v)
    return np.array(found)


noisy, _ = experiment(sgd_update, 0.05, minibatches, epochs=1, batch_size=4)
t = np.arange(1, len(noisy) + 1)
averages = {f"β = {beta}": (t, forgetting_average(noisy, beta)) for beta in (0.5, 0.9, 0.98)}
slow = averages["β = 0.98"][1]
plots.curves(
    {**averages, "0.98, corrected": (t, slow / (1 - 0.98**t)), "losses": (t, noisy)},
    xlabel="step (number of updates)",
    ylabel="loss of a batch (nats)",
    behind=["losses"],
    alt="Noisy losses of 300 mini-batches, which fall from 2.5 to about 0.6, and their averages. β = 0.5 jumps about "
    "nearly as much as the losses. β = 0.9 is smoother and close to them after some 20 steps. β = 0.98 is very smooth. It "
    f"begins at {slow[0]:.2f}, reaches the losses only after about 100 steps, and then lies above them. "
    "Corrected, it begins at the first loss and lies above the losses as they fall.",
)

# %% id="reveal_average" show=true
reveal("average", f"{slow[0]:.2f}, for 0.02 · {noisy[0]:.1f}", answer="c")

# %% [markdown] id="averages_explained" teaches=["momentum"]
# - **The longer it looks back, the smoother it is, and the later.** With $\beta = 0.5$ it trembles nearly like the losses. With $\beta = 0.98$ it is smooth, but while the losses fall, it still remembers how high they were.
# - **At the start it is far too low.** This is its **start-up bias**: $v$ began with 0, and for some $\frac{1}{1 - \beta}$ steps this 0 is a large part of the average.
#
# How large? An average should have weights that add up to 1. Add up those of $v_t$ and multiply out:
#
# $$
# \begin{aligned}
# &(1 - \beta)\,(1 + \beta + \dots + \beta^{t-1})\\
# &\quad= 1 + \beta + \dots + \beta^{t-1} - \beta - \beta^2 - \dots - \beta^{t}\\
# &\quad= 1 - \beta^{t} \qquad\text{all terms in between cancel}
# \end{aligned}
# $$
#
# What is missing to 1, $\beta^t$, is the weight of the 0 at the start. So divide by what the weights add up to. This is the **bias correction**:
#
# $$\boxed{\;\hat v = \frac{v}{1 - \beta^{t}}\;}$$
#
# **By hand.** The number 4 comes three times, and $\beta = 0.5$. Then $v$ is $2$, $3$, $3.5$: too small, although every number was 4. The weights add up to $0.5$, $0.75$, $0.875$, and $\hat v$ is $4$, $4$, $4$.
#
# As $t$ grows, $\beta^t$ goes to 0 and the correction fades away. In the picture the two curves of $\beta = 0.98$ become one. Note that $v$ itself is not changed by it: $\hat v$ is only what we read off. Adam, in section 5, lives on this.

# %% [markdown] id="momentum_text" teaches=["momentum"]
# ### A heavy ball
#
# In the narrow valley of the slider the gradient is large *across* the valley, where we do not want to go, and small *along* it. So the path zigzags. Think of a heavy ball instead of a hiker: it keeps some of its speed. Pushes to the left and to the right cancel, and pushes forward add up.
#
# The **velocity** $v$ is a sum of all gradients that fades:
#
# $$\boxed{\;\begin{aligned} v &\leftarrow \beta v + g\\ w &\leftarrow w - \eta\, v \end{aligned}\;}$$
#
# It begins with $v = 0$. A usual value is $\beta = 0.9$. With $\beta = 0$ it is plain SGD.
#
# **By hand.** Three equal gradients $g = 1$, with $\beta = 0.5$, $\eta = 0.1$, from $w = 0$:
#
# | step | $v$ | $w$ |
# |---|---|---|
# | 1 | $0.5 \cdot 0 + 1 = 1$ | $0 - 0.1 \cdot 1 = -0.1$ |
# | 2 | $0.5 \cdot 1 + 1 = 1.5$ | $-0.1 - 0.1 \cdot 1.5 = -0.25$ |
# | 3 | $0.5 \cdot 1.5 + 1 = 1.75$ | $-0.25 - 0.1 \cdot 1.75 = -0.425$ |

# %% id="predict_momentum" predict=true
predict(
    "momentum",
    "β = 0.9 and always the same gradient: how fast is momentum at last, compared with SGD?",
    ["0.9 times as fast", "1.9 times as fast", "10 times as fast"],
    choice=None,
)

# %% [markdown] id="momentum_sums" teaches=["momentum"]
# ### Two things to know about it
#
# **Pushes in one direction add up.** If the gradient is always $g$, then after many steps
#
# $$v = g + \beta g + \beta^2 g + \dots = g\,(1 + \beta + \beta^2 + \dots).$$
#
# Call the sum in brackets $S$. Then $\beta S = \beta + \beta^2 + \dots = S - 1$, so $S (1 - \beta) = 1$:
#
# $$\boxed{\;v \to \frac{g}{1 - \beta}\;}$$
#
# With $\beta = 0.9$ the ball becomes **ten times** as fast as SGD with the same $\eta$. So with momentum, one takes a smaller learning rate.
#
# **Pushes to and fro cancel.** If the gradient changes its sign at every step, the sum is $g\,(1 - \beta + \beta^2 - \dots) = g/(1 + \beta)$, about half of $g$.
#
# **Sum or average?** The average that forgets was $v \leftarrow \beta v + (1 - \beta)\, g$. The velocity, as this course and PyTorch write it, is $v \leftarrow \beta v + g$: the same without the factor $1 - \beta$. It is a *sum* that forgets, $\frac{1}{1 - \beta}$ times as large. Some books take the average, and then the same steps need an $\eta$ that is $\frac{1}{1 - \beta}$ times as large. So look which one is meant before you copy a learning rate. And nobody corrects the start of this $v$: a ball at rest is meant to be slow at first.

# %% [markdown] id="exercise_momentum_update"
# ### Exercise 7: `momentum_update` (2 points)
#
# Write the two boxed lines. Keep $v$ in the state, as `{"v": v}`.
#
# **Tiny example.** The table above: `momentum_update(w, dw, state, 0.1, 0.5)` three times with `dw = np.array([1.0])`, from `w = np.array([0.0])` and `state = {}`, gives `[-0.1]`, `[-0.25]`, `[-0.425]`.
#
# <details><summary><b>Hint 1:</b> the first step</summary>
#
# `state.get("v", 0)` is what the dict holds under `"v"`, or 0 if it holds nothing yet. (`np.zeros_like(w)` in place of 0 is just as good. `np.zeros(w.shape)` is not: it is float64 also where `w` is float32.)
#
# </details>
# <details><summary><b>Hint 2:</b> nothing in place</summary>
#
# Neither `v *= beta` nor `state["v"] = …`: both change what the caller handed to you. Make a new `v`, and a new dict.
#
# </details>


# %% id="write_momentum_update" solution=true
def momentum_update(w, dw, state, lr, beta=0.9):
    """One step with momentum: v ← beta v + dw, then w ← w − lr v.

    w, dw: arrays of one shape. state: {} before the first step, else what this function
    returned. Returns (new w, new state). Changes nothing in place.
    Float dtype: float32 stays float32, integers become float64.
    """
    w, dw = as_float(w), as_float(dw)
    ### BEGIN SOLUTION
    velocity = beta * state.get("v", 0) + dw
    return w - lr * velocity, {"v": velocity}
    ### END SOLUTION


# %% id="check_momentum_update" test=true points=2 teaches=["momentum"]
check("momentum_update", momentum_update)

# %% id="promise_momentum" show=true promise=true teaches=["momentum"]
places = walk(lambda w: np.ones(1), [0.0], momentum_update, 0.1, 60)
print("the first three steps:", places[1:4, 0])
print(f"the 60th step is {(places[59] - places[60])[0] / 0.1:.2f} times lr times the gradient")

# %% id="reveal_momentum" show=true
reveal("momentum", "10 times, since 1 / (1 − 0.9) = 10", answer="c")

# %% [markdown] id="nesterov_text" teaches=["nesterov"]
# ### Nesterov: look before you leap
#
# A ball that knows it is about to roll up the other side would brake *before*. Nesterov's idea: take the gradient not where we are, but where the velocity is about to carry us. With $\tilde w = w - \eta \beta v$, the place that we look ahead to:
#
# $$v \leftarrow \beta v + g(\tilde w), \qquad w \leftarrow w - \eta v .$$
#
# This needs a gradient at another place than $w$, which does not fit our form. A trick helps: let the weights that we store **be** the place looked ahead to. Call it $u = w - \eta\beta v$. How does $u$ move in one step? Write $v'$ for the new velocity, $v' = \beta v + g$, with $g$ taken at $u$.
#
# $$
# \begin{aligned}
# u' &= w' - \eta\beta v' && \text{where } w' \text{ looks ahead to}\\
#    &= (w - \eta v') - \eta\beta v' && \text{the step of } w\\
#    &= (u + \eta\beta v) - \eta v' - \eta\beta v' && w = u + \eta\beta v\\
#    &= u + \eta (v' - g) - \eta v' - \eta\beta v' && \beta v = v' - g\\
#    &= u - \eta\,(g + \beta v') && \eta v' \text{ cancels}
# \end{aligned}
# $$
#
# So, with $w$ again for what we store:
#
# $$\boxed{\;\begin{aligned} v &\leftarrow \beta v + g\\ w &\leftarrow w - \eta\,(g + \beta v) \end{aligned}\;}$$
#
# The second line uses the **new** $v$. It is momentum with one more push by the newest gradient.
#
# **By hand**, with $g = 1$ twice, $\beta = 0.5$, $\eta = 0.1$, from $w = 0$: first $v = 1$, and $w = -0.1\,(1 + 0.5 \cdot 1) = -0.15$. Then $v = 1.5$, and $w = -0.15 - 0.1\,(1 + 0.5 \cdot 1.5) = -0.325$.

# %% [markdown] id="exercise_nesterov_update"
# ### Exercise 8: `nesterov_update` (2 points)
#
# Write the two boxed lines. **Tiny example.** The two steps above give `[-0.15]` and `[-0.325]`.


# %% id="write_nesterov_update" solution=true
def nesterov_update(w, dw, state, lr, beta=0.9):
    """One step with Nesterov's momentum: v ← beta v + dw, w ← w − lr (dw + beta v).

    w, dw: arrays of one shape. state: {} before the first step, else what this function
    returned. Returns (new w, new state). Changes nothing in place.
    Float dtype: float32 stays float32, integers become float64.
    """
    w, dw = as_float(w), as_float(dw)
    ### BEGIN SOLUTION
    velocity = beta * state.get("v", 0) + dw
    return w - lr * (dw + beta * velocity), {"v": velocity}
    ### END SOLUTION


# %% id="check_nesterov_update" test=true points=2 teaches=["nesterov"]
check("nesterov_update", nesterov_update)

# %% [markdown] id="valley_race_text"
# Now the three in a valley that is narrower still, $L = \tfrac12 (w_1^2 + 100\, w_2^2)$. SGD gets a rate just below its limit $2/100$. The other two get half of that.


# %% id="see_valley_race" show=true teaches=["nesterov"]
def narrower(w):
    return np.array([1, 100]) * w


valley_race = {}
for name, update, rate in (
    ("SGD, lr 0.019", sgd_update, 0.019),
    ("momentum, lr 0.01", momentum_update, 0.01),
    ("Nesterov, lr 0.01", nesterov_update, 0.01),
):
    places = walk(narrower, (-4, 0.5), update, rate, 150)
    valley_race[name] = (range(151), 0.5 * np.sum(np.array([1, 100]) * places**2, axis=1))
plots.curves(
    valley_race,
    xlabel="step (number of updates)",
    ylabel="loss (no unit, logarithmic)",
    logy=True,
    alt="The loss over 150 steps in a narrow valley, on a logarithmic scale. SGD falls on a "
    "slow straight line. Momentum falls much faster, with small fast ripples. Nesterov falls a little faster still, "
    "without ripples, but with a deep notch now and then. After 150 steps: "
    + ", ".join(f"{name}: {y[-1]:.1g}" for name, (_, y) in valley_race.items()),
)

# %% [markdown] id="valley_race_answer"
# Both leave SGD far behind. The fast ripples of momentum are the ball bouncing to and fro across the narrow valley. Nesterov has none: it sees the other wall a little earlier. (The deep notches come from the long direction. Each time the ball rolls over the middle, the loss is nearly 0 for a moment.)

# %% [markdown] id="rmsprop_text" teaches=["rmsprop"]
# ## 5 · A learning rate for each weight
#
# Momentum still has one learning rate for all weights. But some weights have large gradients and others tiny ones. **RMSProp** asks of each weight: how large are your gradients *usually*? And it divides by that.
#
# "Usually" is an average that forgets (section 4), of the squares. The root of it is called *root mean square*, which gave the rule its name:
#
# $$\boxed{\;\begin{aligned} s &\leftarrow \beta s + (1 - \beta)\, g^2\\ w &\leftarrow w - \eta\, \frac{g}{\sqrt{s} + \epsilon} \end{aligned}\;}$$
#
# All of this is done element by element: each weight has its own $s$, which begins with 0. The small $\epsilon$ is **added to the root**. It keeps the divisor away from 0 where a weight has never had a gradient.
#
# **By hand.** $g = (2, 0.02)$, $\beta = 0.75$, $\eta = 0.1$, $\epsilon$ so small that we leave it out: $s = 0.25 \cdot (4,\, 0.0004) = (1,\, 0.0001)$ and $\sqrt s = (1,\, 0.01)$. The step is $0.1 \cdot (2/1,\; 0.02/0.01) = (0.2,\, 0.2)$. **Both weights move equally far**, although one gradient is a hundred times larger.
#
# ### Exercise 9: `rmsprop_update` (2 points)
#
# **Tiny example.** `rmsprop_update(np.array([1.0]), np.array([2.0]), {}, 0.1, beta=0.75, eps=1.0)` gives $1 - 0.1 \cdot 2/(\sqrt 1 + 1) = 0.9$.


# %% id="write_rmsprop_update" solution=true
def rmsprop_update(w, dw, state, lr, beta=0.9, eps=1e-8):
    """One step of RMSProp: s ← beta s + (1 − beta) dw², w ← w − lr dw / (√s + eps).

    w, dw: arrays of one shape. state: {} before the first step, else what this function
    returned. Returns (new w, new state). Changes nothing in place.
    Float dtype: float32 stays float32, integers become float64.
    """
    w, dw = as_float(w), as_float(dw)
    ### BEGIN SOLUTION
    squares = beta * state.get("s", 0) + (1 - beta) * dw**2
    return w - lr * dw / (np.sqrt(squares) + eps), {"s": squares}
    ### END SOLUTION


# %% id="check_rmsprop_update" test=true points=2 teaches=["rmsprop"]
check("rmsprop_update", rmsprop_update)

# %% [markdown] id="adam_text" teaches=["adam"]
# ### Adam: both ideas together
#
# **Adam** takes the direction from an average of the gradients, as momentum does, and the scale from an average of their squares, as RMSProp does:
#
# $$
# \begin{aligned}
# m &\leftarrow \beta_1 m + (1 - \beta_1)\, g\\
# s &\leftarrow \beta_2 s + (1 - \beta_2)\, g^2
# \end{aligned}
# $$
#
# (In this section $m$ is Adam's average, not the batch size. The name is that of the paper.) Usual values are $\beta_1 = 0.9$ and $\beta_2 = 0.999$.
#
# Both are averages that forget (section 4): $m$ looks back some 10 steps, $s$ some 1,000. So both have the start-up bias. They begin with 0, and at first they are **too small**: after $t$ steps the weights in $m$ add up to $1 - \beta_1^t$ only, and those in $s$ to $1 - \beta_2^t$. If the gradients are all about $g$, then
#
# $$m_t \approx (1 - \beta_1^t)\; g, \qquad s_t \approx (1 - \beta_2^t)\; g^2 .$$
#
# So Adam divides each of them by what its weights add up to. This is the **bias correction** once more:
#
# $$\boxed{\;\hat m = \frac{m}{1 - \beta_1^{\,t}}, \qquad \hat s = \frac{s}{1 - \beta_2^{\,t}}, \qquad w \leftarrow w - \eta\, \frac{\hat m}{\sqrt{\hat s} + \epsilon}\;}$$
#
# At the first step $t$ is **1**. As $t$ grows, $\beta^t$ goes to 0 and the correction fades away.
#
# **By hand**, two steps with $g_1 = 2$ and $g_2 = -1$, the usual $\beta$s, $\epsilon$ left out:
#
# | | $t = 1$, $g = 2$ | $t = 2$, $g = -1$ |
# |---|---|---|
# | $m$ | $0.1 \cdot 2 = 0.2$ | $0.9 \cdot 0.2 - 0.1 = 0.08$ |
# | $s$ | $0.001 \cdot 4 = 0.004$ | $0.999 \cdot 0.004 + 0.001 \cdot 1 = 0.004996$ |
# | $\hat m$ | $0.2 / 0.1 = 2$ | $0.08 / (1 - 0.81) = 0.42105$ |
# | $\hat s$ | $0.004 / 0.001 = 4$ | $0.004996 / 0.001999 = 2.49925$ |
# | step$/\eta$ | $2/2 = 1$ | $0.42105 / 1.58090 = 0.26634$ |
#
# The first step is exactly $\eta$ long, whatever the gradient: $\hat m = g$ and $\sqrt{\hat s} = |g|$.

# %% [markdown] id="exercise_adam_update"
# ### Exercise 10: `adam_update` (4 points)
#
# Keep $m$, $s$ and $t$ in the state. Keep $m$ and $s$ **as they are**; the corrected ones are only for the step.
#
# **Tiny example.** From `w = np.array([0.0])` with `lr=1`, the two gradients of the table give `[-1]` and then `[-1.26634]`.
#
# <details><summary><b>Hint 1:</b> the plan</summary>
#
# 1. take `m`, `s` and `t` out of the state, each 0 at first
# 2. new `t`, new `m`, new `s`
# 3. corrected copies of `m` and `s`; `beta1**t` is a power
# 4. the step, and a new dict with `m`, `s`, `t`
#
# </details>
# <details><summary><b>Hint 2:</b> three places to slip</summary>
#
# $t$ must be 1 at the first step, or you divide by $1 - \beta^0 = 0$. $\epsilon$ stands outside of the root. And $t$ has to be in the dict that you return, or it is 1 for ever.
#
# </details>


# %% id="write_adam_update" solution=true
def adam_update(w, dw, state, lr, beta1=0.9, beta2=0.999, eps=1e-8):
    """One step of Adam, with bias correction.

    w, dw: arrays of one shape. state: {} before the first step, else what this function
    returned. Returns (new w, new state). Changes nothing in place.
    Float dtype: float32 stays float32, integers become float64.
    """
    w, dw = as_float(w), as_float(dw)
    ### BEGIN SOLUTION
    t = state.get("t", 0) + 1
    m = beta1 * state.get("m", 0) + (1 - beta1) * dw
    s = beta2 * state.get("s", 0) + (1 - beta2) * dw**2
    m_hat = m / (1 - beta1**t)
    s_hat = s / (1 - beta2**t)
    return w - lr * m_hat / (np.sqrt(s_hat) + eps), {"m": m, "s": s, "t": t}
    ### END SOLUTION


# %% id="check_adam_update" test=true points=4 teaches=["adam"]
check("adam_update", adam_update)

# %% [markdown] id="break_adam_text" teaches=["adam"]
# ### Break it on purpose: Adam without its correction
#
# What if we leave the correction out? Both averages are too small at first. $m$ stands above the fraction line and $s$ below it, so the two mistakes do not simply cancel.

# %% id="predict_correction" predict=true
predict(
    "correction",
    "Adam without bias correction, β₁ = 0.9, β₂ = 0.999: its first steps are …",
    ["too short", "about right", "too long"],
    choice=None,
)


# %% id="break_adam" show=true teaches=["adam"]
def uncorrected_adam(w, dw, state, lr):
    """Adam with its usual settings and no correction: broken on purpose."""
    mean = 0.9 * state.get("mean", 0) + 0.1 * dw
    square = 0.999 * state.get("square", 0) + 0.001 * dw * dw
    return w - lr * mean / (square**0.5 + 1e-8), {"mean": mean, "square": square}


step_lengths = {}
for name, update in (("with correction", adam_update), ("without", uncorrected_adam)):
    places = walk(lambda w: np.ones(1), [0.0], update, 1.0, 200)
    step_lengths[name] = (range(1, 201), -np.diff(places[:, 0]))
longest = max(step_lengths["without"][1])
plots.curves(
    step_lengths,
    xlabel="step (number of updates)",
    ylabel="length of the step (in units of lr)",
    ylim=(0, 8),
    alt="The length of each step for a gradient that is always 1. With correction it is 1 "
    f"all the time. Without, it is 3.2 at the first step, rises to {longest:.1f} "
    "at about the twelfth, and then falls slowly; after 200 steps it is still above 2.",
)

# %% id="break_adam_digits" show=true
after_one_epoch = {}
for name, update in (("with correction", adam_update), ("without", uncorrected_adam)):
    _, network = experiment(update, 0.1, minibatches, epochs=1)
    after_one_epoch[name] = accuracy(network, x_test, y_test)
plots.bars(
    after_one_epoch,
    xlabel="accuracy on test digits after one epoch, lr 0.1 (%)",
    alt="Two bars, the accuracy after one epoch with learning rate 0.1: "
    + ", ".join(f"{name} {value:.0f} %" for name, value in after_one_epoch.items()),
)

# %% id="reveal_correction" show=true
reveal(
    "correction",
    f"up to {longest:.1f} times too long; on the digits {after_one_epoch['without']:.0f} % in place of {after_one_epoch['with correction']:.0f} %",
    answer="c",
)

# %% [markdown] id="break_adam_answer" teaches=["adam"]
# At the first step $m = 0.1\,g$ and $\sqrt s = \sqrt{0.001}\,|g| = 0.0316\,|g|$. The step is $0.1/0.0316 = 3.2$ times $\eta$. The average of the squares is the slower one: it needs a thousand steps to fill up, and until then it is too small, so we divide by too little. With a rate near the cliff, this throws the network over the edge before it has learned anything.

# %% [markdown] id="films_text" teaches=["paths"]
# ### Five optimizers on two landscapes
#
# First a **bent valley**. All start on its left side, and the minimum is the star. Press ▶.


# %% id="film_valley" show=true teaches=["paths"]
def bent(w1, w2):
    return 0.5 * (1 - w1) ** 2 + 4 * (w2 - w1**2) ** 2


def bent_gradient(w):
    along = w[1] - w[0] ** 2
    return np.array([w[0] - 1 - 16 * w[0] * along, 8 * along])


five = {
    "SGD": (sgd_update, 0.02),
    "momentum": (momentum_update, 0.005),
    "Nesterov": (nesterov_update, 0.005),
    "RMSProp": (rmsprop_update, 0.05),
    "Adam": (adam_update, 0.2),
}
w1, w2 = np.linspace(-1.9, 1.5, 110), np.linspace(-0.7, 2.9, 110)
valley = plots.Landscape(w1, w2, bent(*np.meshgrid(w1, w2)), (1, 1))
valley_paths = {name: walk(bent_gradient, (-1.6, 2.4), update, rate, 96) for name, (update, rate) in five.items()}
plots.descent_film(
    valley,
    valley_paths,
    title="a bent valley",
    every=4,
    alt="An animation of five optimizers in a bent valley. All drop to its floor at once. "
    "Then SGD creeps along the floor and is far from the minimum after 96 steps. Momentum "
    "and Nesterov gather speed and come near it, RMSProp comes nearer with equal steps, and Adam "
    "overshoots the bend and is the first at the minimum.",
)

# %% [markdown] id="film_saddle_text" teaches=["paths"]
# Now a **saddle**: a minimum from left to right, a maximum from below to above. In the middle the gradient is 0, and yet it is no minimum. All start almost exactly on the ridge, a hundredth beside it. Who leaves first?

# %% id="predict_saddle" predict=true
predict(
    "saddle",
    "Starting a hundredth beside the ridge of a saddle: who leaves the ridge first?",
    ["SGD", "momentum", "RMSProp and Adam"],
    choice=None,
)


# %% id="film_saddle" show=true teaches=["paths"]
def saddle_gradient(w):
    return np.array([w[0], -w[1] + 0.4 * w[1] ** 3])


w1, w2 = np.linspace(-2.1, 1.2, 110), np.linspace(-1.0, 2.2, 110)
a, b = np.meshgrid(w1, w2)
saddle = plots.Landscape(w1, w2, 0.5 * a**2 - 0.5 * b**2 + 0.1 * b**4, (0, 2.5**0.5), 0.8)
saddle_rates = {"SGD": 0.1, "momentum": 0.03, "Nesterov": 0.03, "RMSProp": 0.05, "Adam": 0.1}
saddle_paths = {
    name: walk(saddle_gradient, (-1.8, 0.01), five[name][0], rate, 60) for name, rate in saddle_rates.items()
}
plots.descent_film(
    saddle,
    saddle_paths,
    title="a saddle",
    every=3,
    alt="An animation of five optimizers on a saddle. RMSProp and Adam leave the ridge at once, "
    "in a slanting direction. SGD, momentum and Nesterov first run along the ridge to the saddle "
    "point, stay there for a while, and only then fall off to the side.",
)

# %% id="reveal_saddle" show=true
off_the_ridge = {name: int(np.argmax(path[:, 1] > 0.5)) for name, path in saddle_paths.items()}
reveal("saddle", "; ".join(f"{name} after {t} steps" for name, t in off_the_ridge.items()), answer="c")

# %% [markdown] id="films_answer" teaches=["paths"]
# To RMSProp and Adam a tiny gradient is as good as a large one: they divide by its usual size. So they leave the ridge at once. For the others the way down begins with a slope of a hundredth, and it takes many steps until it has grown.
#
# Do not conclude that Adam is always best. In these films every optimizer has a learning rate that suits it, and on the digits all five will reach about the same accuracy (section 8). Adam's merit is that its default rate of about 0.001 works for very many networks. SGD with momentum, its rate well chosen, is often just as good, and sometimes better on new data.

# %% [markdown] id="decay_text" teaches=["weight_decay"]
# ### Weight decay and L2: the same for SGD, not for Adam
#
# Often one wants small weights (unit 4 says why). There are two ways to ask for them.
#
# **L2 penalty:** add $\lambda \sum w^2$ to the loss. Its derivative is $2 \lambda w$, so the gradient becomes $g + 2\lambda w$.
#
# **Weight decay:** multiply the weights by a little less than 1 at each step, $w \leftarrow (1 - \eta \delta)\, w$, with a small number $\delta$, the decay.
#
# For SGD these are the same thing:
#
# $$w - \eta\,(g + 2\lambda w) = w - 2\eta\lambda\, w - \eta g = \boxed{(1 - \eta \cdot 2\lambda)\, w - \eta g}$$
#
# which is weight decay with $\delta = 2\lambda$. But Adam *divides* what comes in by its usual size. With the penalty inside the gradient, the pull towards 0 is divided, too: a weight with large gradients is hardly pulled at all, and one with tiny gradients is pulled with full force. **AdamW** keeps the decay out of the division:
#
# $$\boxed{\;\text{AdamW:}\quad w \leftarrow (1 - \eta\delta)\, w - \eta\, \frac{\hat m}{\sqrt{\hat s} + \epsilon}\;}$$
#
# Let us measure it. Weights of 1 get pure noise for a gradient, from tiny to large, for 300 steps. Nothing but the decay should move them on average, so all should keep $(1 - \eta\delta)^{300}$ of their size.

# %% id="measure_decay" show=true teaches=["weight_decay"]
scales = np.logspace(-3, 1, 9)
rate, decay = 0.005, 0.2
rng = np.random.default_rng(0)
with_penalty = with_decay = np.ones((9, 400))
memory_l2, memory_w = {}, {}
for _ in range(300):
    noise_now = scales[:, None] * rng.normal(size=(9, 400))
    with_penalty, memory_l2 = adam_update(with_penalty, noise_now + decay * with_penalty, memory_l2, rate)
    with_decay, memory_w = adam_update((1 - rate * decay) * with_decay, noise_now, memory_w, rate)
plots.curves(
    {
        "Adam with an L2 penalty": (scales, with_penalty.mean(axis=1)),
        "AdamW": (scales, with_decay.mean(axis=1)),
    },
    xlabel="usual size of a weight's gradient (no unit, logarithmic)",
    ylabel="what is left of the weight (ratio)",
    logx=True,
    ylim=(-0.1, 1.1),
    level=((1 - rate * decay) ** 300, "the decay that was meant"),
    alt="What is left of a weight after 300 steps, against the size of its gradients. AdamW: "
    f"level at about {with_decay.mean():.2f}, as it was meant, whatever the gradient. Adam with an L2 penalty: little "
    "is left where gradients are tiny, and nearly everything where they are large.",
)

# %% [markdown] id="decay_answer" teaches=["weight_decay"]
# AdamW shrinks all weights alike, as it was meant. With the penalty inside the gradient it depends on something that has nothing to do with it. So when you want small weights with Adam, take AdamW.

# %% [markdown] id="init_text" teaches=["initialization"]
# ## 6 · Where to begin: initialisation
#
# The first weights decide whether there is any gradient to follow. Let us begin with the two simplest ideas: **all weights 0**, and **all weights equal**, 0.1 say. Nobody is preferred, and training will do the rest. Will it?

# %% id="predict_equal" predict=true
predict(
    "equal",
    "All weights begin with 0.1. After five epochs, how many of the 32 hidden units differ?",
    ["all 32", "about half", "1: they are all the same"],
    choice=None,
)


# %% id="break_init" show=true teaches=["initialization"]
def start_with(value):
    return lambda rng: [np.full((64, 32), value), np.zeros(32), np.full((32, 10), value), np.zeros(10)]


starts = {"all 0": start_with(0.0), "all 0.1": start_with(0.1), "drawn at random": first_weights}
result, different_units = {}, {}
for name, start in starts.items():
    _, network = experiment(sgd_update, 0.3, minibatches, start=start)
    result[name] = accuracy(network, x_test, y_test)
    different_units[name] = len(np.unique(network[0].round(9), axis=1).T)
    print(
        f"{name:>15}: {different_units[name]:2} different hidden units, {result[name]:.0f} % of the test digits right"
    )
plots.bars(
    result,
    xlabel="accuracy on test digits after five epochs (%)",
    alt="Three bars, the accuracy by the first weights: "
    + ", ".join(f"{name} {value:.0f} %" for name, value in result.items()),
)

# %% id="reveal_equal" show=true
reveal("equal", f"{different_units['all 0.1']}", answer="c")

# %% [markdown] id="variance_text" teaches=["initialization"]
# - **All weights 0.** Then all hidden units are 0. The gradient of the first layer goes back through the weights of the second, which are 0. Nothing arrives.
# - **All weights equal.** Then all hidden units see the same and do the same. They get the same gradient, and stay the same. 32 units are as good as one.
#
# So the weights must be **different**, and we draw them at random. How large? Look at one unit of a layer. It adds up $D$ inputs, $z = \sum_i x_i w_i$ (the bias is 0 at first). Let the weights be drawn independently with mean 0 and variance $\sigma_w^2$. How large is $z$, typically? Square it and take the average, which we write $E$:
#
# $$
# \begin{aligned}
# E[z^2] &= E\Big[\sum_i x_i w_i \cdot \sum_k x_k w_k\Big] && \text{a sum times itself}\\
#        &= \sum_i \sum_k E[x_i x_k]\; E[w_i w_k] && \text{weights do not know inputs}\\
#        &= \sum_i E[x_i^2]\; \sigma_w^2 && E[w_i w_k] = 0 \text{ for } i \ne k\\
#        &= D\, \sigma_w^2\, E[x^2] && D \text{ equal terms}
# \end{aligned}
# $$
#
# (In the third line, two different weights are independent, so $E[w_i w_k] = E[w_i]\,E[w_k] = 0 \cdot 0$. Only the terms with $i = k$ are left.)
#
# Each layer multiplies the mean square of the signal by $D \sigma_w^2$. Over ten layers that is $(D\sigma_w^2)^{10}$. **If $D \sigma_w^2$ is not about 1, the signal dies out or explodes.**
#
# - *Forward*, a signal keeps its size if $\sigma_w^2 = 1/D$.
# - *Backward*, $\partial L/\partial x_i = \sum_j \delta_j w_{ij}$ is a sum over the $M$ outputs, and by the same lines it keeps its size if $\sigma_w^2 = 1/M$.
# - Both cannot hold unless $D = M$. **Xavier** (Glorot) takes the mean of $D$ and $M$ as a compromise.
# - **ReLU** sets negative values to 0. Since $z$ is as often negative as positive, half of its mean square is lost: $E[\mathrm{ReLU}(z)^2] = \frac12 E[z^2]$. **He** makes up for it with twice the variance.
#
# $$\boxed{\;\text{Xavier: } \sigma_w^2 = \frac{2}{D + M} \qquad\qquad \text{He: } \sigma_w^2 = \frac{2}{D}\;}$$
#
# $D$ is called `fan_in` and $M$ `fan_out`: how many connections come in and go out.

# %% [markdown] id="exercise_xavier_normal"
# ### Exercise 11: `xavier_normal` (2 points)
#
# Normal numbers with mean 0 and Xavier's variance, as an array `(fan_in, fan_out)`, drawn from `rng`.
#
# **Tiny example.** `fan_in=6, fan_out=2`: the variance is $2/8 = 0.25$, so the standard deviation is $0.5$, and the shape is `(6, 2)`.
#
# How can anybody check random numbers? By their statistics: the mean and the variance of 40,000 of them are very nearly what they should be. The check says which bounds it takes.
#
# <details><summary><b>Hint</b></summary>
#
# `rng.normal(mean, deviation, shape)`. It takes the standard **deviation**, which is the root of the variance.
#
# </details>


# %% id="write_xavier_normal" solution=true
def xavier_normal(fan_in, fan_out, *, rng):
    """First weights for tanh and linear layers: variance 2 / (fan_in + fan_out).

    Returns float64 (fan_in, fan_out), normal numbers of mean 0 drawn from rng.
    """
    ### BEGIN SOLUTION
    variance = 2 / (fan_in + fan_out)
    return rng.normal(0, np.sqrt(variance), (fan_in, fan_out))
    ### END SOLUTION


# %% id="check_xavier_normal" test=true points=2 teaches=["initialization"]
check("xavier_normal", xavier_normal)

# %% [markdown] id="exercise_he_normal"
# ### Exercise 12: `he_normal` (1 point)
#
# The same with He's variance. **Tiny example.** `fan_in=8, fan_out=3`: the variance is $2/8 = 0.25$, the shape is `(8, 3)`.


# %% id="write_he_normal" solution=true
def he_normal(fan_in, fan_out, *, rng):
    """First weights for ReLU layers: variance 2 / fan_in.

    Returns float64 (fan_in, fan_out), normal numbers of mean 0 drawn from rng.
    """
    ### BEGIN SOLUTION
    deviation = np.sqrt(2 / fan_in)
    return rng.normal(0, deviation, (fan_in, fan_out))
    ### END SOLUTION


# %% id="check_he_normal" test=true points=1 teaches=["initialization"]
check("he_normal", he_normal)

# %% [markdown] id="depth_text"
# ### What it does to the first forward pass
#
# First **one layer**. Its inputs have mean square 1. For each way to draw the weights: how large is $E[z^2]$ behind a layer of 64 inputs and 256 outputs, and behind one of 256 inputs and 64 outputs? The formula says $D \sigma_w^2$.


# %% id="measure_first_layer" show=true teaches=["initialization"]
def small_normal(fan_in, fan_out, *, rng):
    return rng.normal(0, 0.01, (fan_in, fan_out))


draws = {"small, 0.01": small_normal, "Xavier": xavier_normal, "He": he_normal}
rng = np.random.default_rng(0)
first_layer = {}
for name, draw in draws.items():
    for fan_in, fan_out in ((64, 256), (256, 64)):
        z = rng.normal(size=(1000, fan_in)) @ draw(fan_in, fan_out, rng=rng)
        first_layer[f"{name}, {fan_in} → {fan_out}"] = np.mean(z**2)
plots.bars(
    first_layer,
    xlabel="mean square behind the first layer (inputs: 1), logarithmic",
    log=True,
    alt="Six bars on a logarithmic scale, the mean square behind the first layer: "
    + ", ".join(f"{name} {value:.2g}" for name, value in first_layer.items()),
)

# %% [markdown] id="depth_predict_text"
# He has 2 behind each first layer, whatever its form: the ReLU that follows takes half of it away. Small normal numbers have nearly nothing. Now **twelve layers** of 200 units, one after another, each with ReLU.

# %% id="predict_depth" predict=true
predict(
    "depth",
    "Weights of deviation 0.01, twelve ReLU layers of 200 units: how large is the signal at the end?",
    ["about a tenth", "about a thousandth", "below a billionth"],
    choice=None,
)

# %% id="measure_depth" show=true teaches=["initialization"]
rng = np.random.default_rng(0)
signals, first_values = {}, rng.normal(size=(400, 200))
for name, draw in draws.items():
    values, layers = first_values, []
    for _ in range(12):
        z = values @ draw(200, 200, rng=rng)
        values = np.maximum(z, 0)
        layers.append(z)
    signals[name] = layers
strength = {
    name: (range(1, 13), [np.sqrt(np.mean(np.maximum(z, 0) ** 2)) for z in layers])
    for name, layers in signals.items()
}
plots.curves(
    strength,
    xlabel="layer (number)",
    ylabel="root mean square after ReLU (logarithmic)",
    logy=True,
    alt="The size of the signal over twelve ReLU layers, on a logarithmic scale. He stays near 1. "
    f"Xavier loses a factor of root 2 at each layer and ends at {strength['Xavier'][1][-1]:.2g}. Small normal numbers lose a "
    f"factor of ten at each layer and end at {strength['small, 0.01'][1][-1]:.1g}.",
)

# %% id="reveal_depth" show=true
reveal("depth", f"{strength['small, 0.01'][1][-1]:.1g}", answer="c")

# %% id="see_histograms" show=true
chosen = (0, 3, 7, 11)
plots.histograms(
    {name: [layers[i] for i in chosen] for name, layers in signals.items()},
    [f"layer {i + 1}" for i in chosen],
    xlabel="value of a unit before ReLU (no unit; each with its own scale)",
    alt="Histograms of the values before ReLU in layers 1, 4, 8 and 12, all bell-shaped. With He the spread stays between 1 and 2 "
    "in all layers. With Xavier it shrinks slowly. With small normal numbers it shrinks by ten at "
    "each layer, to nearly nothing.",
)

# %% [markdown] id="depth_answer" teaches=["initialization"]
# With small weights the last layers hear nothing, and their gradients are as tiny. A deep network that begins like this does not learn, however good the optimizer is. Xavier was made for tanh, which is nearly linear around 0. With ReLU it loses a factor of $\sqrt2$ at each layer. He keeps the signal alive.

# %% [markdown] id="clipping_text" teaches=["clipping"]
# ## 7 · Gradient clipping
#
# Sometimes the loss has a cliff: in most places the slope is gentle, and suddenly it is a hundred times as steep. One step there, and all that was learned is lost. The remedy is blunt: **do not let a gradient be longer than a limit.** There are two ways.
#
# **By value:** cut each number to $[-c, c]$. Simple, but the direction changes. $(3, 4)$ with $c = 1$ becomes $(1, 1)$.
#
# **By global norm:** measure how long the gradient is, all arrays of the network together, and shorten it if it is too long. With arrays $g_1, g_2, \dots$ and the limit $c$:
#
# $$\|g\| = \sqrt{\sum_k \sum_i g_{k,i}^2}, \qquad \boxed{\;g_k \;\leftarrow\; g_k \cdot \min\!\left(1,\; \frac{c}{\|g\|}\right)\;}$$
#
# One norm and **one factor for all arrays**. So the direction stays, only the length changes. $(3, 4)$ has the length $\sqrt{9 + 16} = 5$; with $c = 1$ it becomes $(0.6,\, 0.8)$.

# %% [markdown] id="exercise_clip_by_global_norm"
# ### Exercise 13: `clip_by_global_norm` (2 points)
#
# `grads` is a list of arrays of any shapes. Return a new list, and the norm **before** clipping as a number: it is what one watches during training. If all gradients are 0, so is the norm, and nothing has to be done.
#
# **Tiny example.** `grads = [np.array([3.0, 0.0]), np.array([[4.0]])]`, `max_norm=1`: the norm is 5, and the list is `[[0.6, 0], [[0.8]]]`. With `max_norm=10` nothing changes.
#
# <details><summary><b>Hint</b></summary>
#
# `sum(np.sum(g**2) for g in grads)` adds over all arrays. Make the factor a Python `float(…)`: multiplied with a float32 array, NumPy's own float64 numbers turn it into float64.
#
# </details>


# %% id="write_clip_by_global_norm" solution=true
def clip_by_global_norm(grads, max_norm):
    """Shorten gradients so that all of them together are at most max_norm long.

    grads: a list of arrays. max_norm: a number above 0.
    Returns (clipped, norm): new arrays in the old order, and the norm before clipping.
    Float dtypes stay, integers become float64. Changes nothing in place.
    """
    grads = [as_float(g) for g in grads]
    ### BEGIN SOLUTION
    norm = float(np.sqrt(sum(np.sum(g.astype(float) ** 2) for g in grads)))
    factor = max_norm / norm if norm > max_norm else 1.0
    return [g * factor for g in grads], norm
    ### END SOLUTION


# %% id="check_clip_by_global_norm" test=true points=2 teaches=["clipping"]
check("clip_by_global_norm", clip_by_global_norm)

# %% [markdown] id="exercise_clip_by_value"
# ### Exercise 14: `clip_by_value` (1 point)
#
# Cut every number of every array to $[-\text{limit}, \text{limit}]$. **Tiny example.** `[np.array([-3.0, 0.5, 2.0])]` with `limit=1` gives `[[-1, 0.5, 1]]`. Look at `np.clip`.


# %% id="write_clip_by_value" solution=true
def clip_by_value(grads, limit):
    """Cut every value of the gradients to [−limit, limit].

    grads: a list of arrays. limit: a number above 0. Returns a list of new arrays.
    Float dtypes stay, integers become float64. Changes nothing in place.
    """
    ### BEGIN SOLUTION
    return [np.clip(as_float(g), -limit, limit) for g in grads]
    ### END SOLUTION


# %% id="check_clip_by_value" test=true points=1 teaches=["clipping"]
check("clip_by_value", clip_by_value)

# %% [markdown] id="cliff_text" teaches=["clipping"]
# The walls of the bent valley are such a cliff. We start high up on the left wall, where the gradient is long, with a learning rate that would be fine on the valley's floor.

# %% id="predict_cliff" predict=true
predict(
    "cliff",
    "Starting on the steep wall with lr 0.04: which of the three gets to the valley's floor?",
    ["all three", "both with clipping", "only the one clipped by norm"],
    choice=None,
)


# %% id="see_cliff" show=true teaches=["clipping"]
def cliff_path(clip, steps=60):
    """SGD from the steep wall, with gradients clipped; it stops where it leaves the map."""
    w, state, places = np.array([-1.8, -0.6]), {}, [np.array([-1.8, -0.6])]
    for _ in range(steps):
        (slope,) = clip([bent_gradient(w)])
        w, state = sgd_update(w, slope, state, 0.04)
        places.append(w)
        if np.abs(w).max() > 10:
            break
    return np.array(places)


clips = {
    "not clipped": lambda grads: grads,
    "by global norm, 3": lambda grads: clip_by_global_norm(grads, 3)[0],
    "by value, 3": lambda grads: clip_by_value(grads, 3),
}
cliff_paths = {name: cliff_path(clip) for name, clip in clips.items()}
plots.descents(
    valley,
    {name: {name: path} for name, path in cliff_paths.items()},
    legend=False,
    alt="Three maps of the bent valley, with a start on its steep left wall. Not clipped: the first "
    "step shoots across the whole map and out of it. Clipped by global norm: a path down the wall, at "
    "right angles to the contour lines, and along the floor. Clipped by value: it comes down as well, "
    "but at first in a diagonal, which is not the steepest direction.",
)

# %% id="reveal_cliff" show=true
lost = [name for name, path in cliff_paths.items() if np.abs(path[-1]).max() > 10]
reveal(
    "cliff",
    f"lost: {', '.join(lost)}; its first gradient was {np.linalg.norm(bent_gradient(np.array([-1.8, -0.6]))):.0f} long",
    answer="b",
)

# %% [markdown] id="cliff_answer"
# Without clipping, the very first step jumps over the valley and lands on the other wall, higher up, and the next one leaves the map. Clipped by norm, no step is longer than $0.04 \cdot 3 = 0.12$, and the path goes straight down the wall. Clipped by value, both numbers are cut to 3, so at first it goes along the diagonal, whatever the slope says. It works here, too, but only the norm keeps the direction.

# %% [markdown] id="train_text" teaches=["training_loop"]
# ## 8 · Everything together
#
# You have all the parts. Now write the whole loop, as **you** want it.
#
# ### Exercise 15: `train` (5 points)
#
# `train(x, labels, *, rng)` gets images `x` `(N, D)` with values from about 0 to 1, and their `labels` `(N,)`, whole numbers from 0 on. It trains a network *dense, ReLU, dense* and returns its four parameters `(w1, b1, w2, b2)`, of the shapes `(D, H)`, `(H,)`, `(H, M)`, `(M,)`. How many hidden units $H$, how many epochs, which optimizer, which schedule, whether to clip: all of that is your choice.
#
# - $D$ is `x.shape[1]`. It is not always 64. $M$ is the number of classes, `labels.max() + 1`.
# - All that is random comes from `rng`.
# - `x` and `labels` stay as they are. The examples may come sorted by class.
# - Use your own parts: `he_normal`, `minibatches`, a schedule, an update. `loss_and_gradients` from the top of the notebook gives the loss and the four gradients.
# - It should take a second or two, not minutes. In grading a call may take 10 seconds.
#
# **How it is graded.** Your function gets 1,200 digits, chosen anew. Their pixels are put into another order, the same for all of them, and the classes have other numbers, so nothing can be looked up. Then the network that you return reads all the digits that were held out. Your code never sees those.
#
# | accuracy on held-out digits | of the points for accuracy (2 of 5) |
# |---|---|
# | 95 % or more | all |
# | 90 % | three quarters |
# | 85 % | a half |
# | 80 % | a quarter |
# | 75 % or less | none |
#
# In between it goes up evenly. The other 3 points are for: fewer and smaller images, digits that come sorted, shapes and dtypes, inputs that stay unchanged, and an `rng` that is used.
#
# **Tiny example.** Two classes of points that anybody can tell apart: the cell below the function trains on `x = [[0, 1], [1, 0], …]` with labels `[0, 1, …]`.
#
# <details><summary><b>Hint 1:</b> the plan</summary>
#
# 1. the four parameters: weights with `he_normal`, biases 0
# 2. an empty state `{}` for each of them
# 3. for each epoch, for each batch: gradients, the learning rate of this step, and an update of each parameter *with its own state*
# 4. count the steps, for the schedule
#
# </details>
# <details><summary><b>Hint 2:</b> settings to begin with</summary>
#
# 64 hidden units, batches of 32, 20 epochs, Adam with a rate of about 0.005, or momentum with about 0.1. A cosine down to 0 helps. When it works, play with them.
#
# </details>
# <details><summary><b>Hint 3:</b> it guesses</summary>
#
# Two checks take a second, and people who train large networks do them first. The very first loss must be that of guessing, $\ln 10 \approx 2.3$ for ten classes; if it is far above, the first weights are too large. And a network must be able to learn twenty examples *by heart*; if it cannot, the loop is wrong.
#
# Then print the loss now and then. It stays at 2.3: do the new weights and states go back into the lists? It becomes large or `nan`: the learning rate is too large. It falls, but test digits are read badly: are `x` and `labels` of a batch still pairs?
#
# </details>


# %% id="write_train" solution=true
def train(x, labels, *, rng):
    """Train a network: dense, ReLU, dense.

    x: (N, D). labels: (N,), whole numbers from 0 on. rng: numpy.random.Generator.
    Returns (w1, b1, w2, b2) of shapes (D, H), (H,), (H, M), (M,), M = labels.max() + 1.
    Changes neither x nor labels.
    """
    ### BEGIN SOLUTION
    classes, hidden, epochs, size = int(labels.max()) + 1, 64, 20, 32
    parameters = [
        he_normal(x.shape[1], hidden, rng=rng),
        np.zeros(hidden),
        he_normal(hidden, classes, rng=rng),
        np.zeros(classes),
    ]
    states = [{}, {}, {}, {}]
    total = epochs * int(np.ceil(len(x) / size))
    step = 0
    for _epoch in range(epochs):
        for batch_x, batch_labels in minibatches(x, labels, size, rng=rng):
            _, gradients = loss_and_gradients(parameters, batch_x, batch_labels)
            gradients, _ = clip_by_global_norm(gradients, 5.0)
            lr_now = warmup_cosine(0.005, step, total // 20, total)
            for k in range(4):
                parameters[k], states[k] = adam_update(parameters[k], gradients[k], states[k], lr_now)
            step += 1
    return tuple(parameters)
    ### END SOLUTION


# %% id="try_train" show=true
corners = np.random.default_rng(0).normal([[0, 1], [1, 0]] * 40, 0.1)  # 80 points around two corners
tiny = train(corners, np.array([0, 1] * 40), rng=np.random.default_rng(0))
print("two corners:", [p.shape for p in tiny], f"{accuracy(tiny, corners, np.array([0, 1] * 40)):.0f} % right")
again = np.tile(np.arange(20), 20)  # the same twenty digits, twenty times over
few = train(x_train[again], y_train[again], rng=np.random.default_rng(0))
print(f"twenty digits, by heart: {accuracy(few, x_train[:20], y_train[:20]):.0f} % right")
yours = train(x_train, y_train, rng=np.random.default_rng(0))
print(
    f"digits: {accuracy(yours, x_train, y_train):.1f} % of the training digits, {accuracy(yours, x_test, y_test):.1f} % of the test digits"
)

# %% id="check_train" test=true points=5 teaches=["training_loop"]
check("train", train)

# %% id="see_mistakes" show=true
w1, b1, w2, b2 = yours
answers = (np.maximum(x_test @ w1 + b1, 0) @ w2 + b2).argmax(axis=1)
wrong = np.flatnonzero(answers != y_test)[:8]
plots.gallery(
    {f"no. {i}: {y_test[i]}, read as {answers[i]}": x_test[i].reshape(8, 8) for i in wrong}
    or {"none is wrong": x_test[0].reshape(8, 8)},
    columns=4,
    size=1.6,
    alt="Test digits that your network reads wrongly. Most of them are hard to read for people, too.",
)

# %% [markdown] id="train_answer" teaches=["training_loop"]
# These are the test digits that your network gets wrong, at most eight of them. Everything between the first random weights and this picture was your code, but for the gradients, which were yours in unit 2.
#
# How much does the optimizer matter here? All five in the same loop, with rates that suit them:

# %% id="compare_optimizers" show=true
compared = {"SGD": 0.3, "momentum": 0.05, "Nesterov": 0.05, "RMSProp": 0.006, "Adam": 0.008}
learning, reached = {}, {}
for name, rate in compared.items():
    losses, network = experiment(five[name][0], rate, minibatches, epochs=4)
    learning[name] = (range(len(losses)), smooth(losses))
    reached[name] = accuracy(network, x_test, y_test)
plots.curves(
    learning,
    xlabel="step (number of updates)",
    ylabel="training loss (nats, logarithmic)",
    logy=True,
    alt="The training loss of five optimizers over 152 steps, on a logarithmic scale. All fall from 2.2 and end close "
    "together. Accuracy on test digits after four epochs: "
    + ", ".join(f"{name} {value:.0f} %" for name, value in reached.items()),
)

# %% [markdown] id="mnist_text"
# ### Larger digits, if you have them
#
# MNIST is the classic collection of digits, 28×28 pixels each. If the environment variable `NNLIB_DATA` names a folder with its files, the next cell trains **your** function on 5,000 of its pictures and reads 5,000 others. The cell says which data it used.

# %% id="mnist" show=true
import os

from nnlib.data import load_mnist

try:
    if "NNLIB_DATA" not in os.environ:
        raise FileNotFoundError("NNLIB_DATA is not set")
    big, big_labels = load_mnist("test")  # 10,000 pictures
    big = big.reshape(len(big), -1).astype(float)
    on_mnist = train(big[::2], big_labels[::2], rng=np.random.default_rng(0))
    print(f"MNIST: {accuracy(on_mnist, big[1::2], big_labels[1::2]):.1f} % of 5,000 new digits are read rightly")
except FileNotFoundError as missing:
    print("No MNIST here: all numbers above are from the small digits.")
    print("Why:", str(missing).split(":")[0])

# %% [markdown] id="hunts_text"
# ## 9 · Bug hunts
#
# Reading code is one skill. *Exposing* a bug is another: you must imagine an input on which the code shows that it is wrong. Tests that only try friendly inputs accept most of the faulty code that people really write.
#
# ### Bug hunt 1: `hunt_adam_bug` (3 points)
#
# Someone wrote this Adam. They tried one step with the default settings, and the result agrees with the right one to eight digits:
#
# ```python
# def suspicious_adam_update(
#     w, dw, state, lr, beta1=0.9, beta2=0.999, eps=1e-8
# ):
#     t = state.get("t", 1)
#     m = beta1 * state.get("m", 0) + (1 - beta1) * dw
#     s = beta2 * state.get("s", 0) + (1 - beta2) * dw**2
#     m_hat, s_hat = m / (1 - beta1**t), s / (1 - beta2**t)
#     new_w = w - lr * m_hat / np.sqrt(s_hat + eps)
#     return new_w, {"m": m, "s": s, "t": t}
# ```
#
# Return an input on which wrong versions of Adam give other weights than the right one. **One** input can catch many mistakes at once. Yours is tried on several wrong versions, this one's mistakes and others of its kind, and each that it exposes earns points.
#
# - Return `(w, gradients, lr, beta1, beta2, eps)`. `w` is an array, and `gradients` has one more axis in front: `gradients[0]` is `dw` of the first step, `gradients[1]` of the second, up to 50 steps.
#
# **Tiny example** of what you may return, and a poor one: `np.array([1.0]), np.array([[2.0]]), 0.1, 0.9, 0.999, 1e-8`. It is one step with the default settings, where nearly all versions agree.
#
# <details><summary><b>Hint 1</b></summary>
#
# There are two mistakes in the code above. One shows only from the second step on. The other shows only if `eps` is not tiny.
#
# </details>
# <details><summary><b>Hint 2:</b> on which inputs do two rules agree?</summary>
#
# If all gradients are the same, every average of them is the same, however it is weighed. If both betas are equal, nobody can exchange them. If a setting has its default value, nobody sees that it was ignored.
#
# </details>


# %% id="write_hunt_adam_bug" solution=true
def hunt_adam_bug():
    """An input that exposes wrong versions of adam_update.

    Returns (w, gradients, lr, beta1, beta2, eps): w an array, gradients (steps, *w.shape).
    """
    ### BEGIN SOLUTION
    rng = np.random.default_rng(0)
    # several steps with changing gradients; unequal, unusual betas; eps as large as a gradient
    return np.ones(3), rng.normal(size=(6, 3)), 0.5, 0.7, 0.9, 0.05
    ### END SOLUTION


# %% id="check_hunt_adam_bug" test=true points=3 teaches=["adam"]
check("hunt_adam_bug", hunt_adam_bug)

# %% [markdown] id="hunt_batch_text"
# ### Bug hunt 2: `hunt_batch_bug` (2 points)
#
# And these mini-batches look fine on 100 examples in batches of 10:
#
# ```python
# def suspicious_minibatches(x, y, batch_size, *, rng):
#     x = x.reshape(len(x), -1)
#     order = rng.permutation(len(x))
#     for k in range(len(x) // batch_size):
#         chosen = order[k * batch_size : (k + 1) * batch_size]
#         yield x[chosen], y[chosen]
# ```
#
# Return `(x, y, batch_size)` that exposes it, and others of its kind. Six epochs are drawn, and compared with what right mini-batches have in common: sizes, shapes, dtypes, pairs, a new order each time.
#
# - `x` is `(N, …)` and `y` is `(N,)`, with at most 500 examples. Some wrong versions lose the dtype, so think about that of `x`, too.
#
# **Tiny example**, again a poor one: `np.ones((4, 2)), np.zeros(4), 2`. All examples are alike, and 2 divides 4.
#
# <details><summary><b>Hint:</b> what does a lazy programmer take for granted?</summary>
#
# That the batch size divides $N$. That examples are rows of numbers. That everything is float64. That nobody looks which label belongs to which example. Do not grant any of it. And let the last batch be *much* shorter than the others.
#
# </details>


# %% id="write_hunt_batch_bug" solution=true
def hunt_batch_bug():
    """An input that exposes wrong versions of minibatches.

    Returns (x, y, batch_size): x (N, …), y (N,), batch_size an int.
    """
    ### BEGIN SOLUTION
    # no two examples alike; small images of float32; a last batch of one
    x = np.arange(21 * 4, dtype=np.float32).reshape(21, 2, 2)
    return x, np.arange(21), 4
    ### END SOLUTION


# %% id="check_hunt_batch_bug" test=true points=2 teaches=["epochs"]
check("hunt_batch_bug", hunt_batch_bug)

# %% [markdown] id="questions_text"
# ## 10 · Three questions
#
# Answer in your own words, in a few sentences each. A person reads your answers. Each gives up to 3 points.

# %% [markdown] id="question_batches" question=true points=3 teaches=["epochs"]
# **Question 1.** You train on 50,000 images in batches of 128. (a) How many iterations is an epoch, and how many images has the last batch? (b) You make the batches four times as large. What happens to the noise of the gradient, to the number of steps per epoch, and to the cost of one step? (c) Why does nearly everybody use batches between these extremes, one image and all images? Use a measurement from this unit.
#
# === BEGIN MARK SCHEME ===
#
# - 1 point: (a) ⌈50,000/128⌉ = 391 iterations, last batch 50,000 − 390·128 = 80 images. (Half a point if only one is right.)
# - 1 point: (b) noise is halved (1/√4), a quarter of the steps (98), each about four times as expensive.
# - 1 point: (c) a reason for each side: one image is very noisy (several times the gradient's length) and wastes fast matrix products; all images make one expensive step where many cheap ones lead further. Supported by the noise curve or by the three paths after two epochs.
#
# === END MARK SCHEME ===
#
# ### BEGIN SOLUTION
# (a) 50,000 / 128 = 390.625, so an epoch has 391 iterations. 390 of them have 128 images, which is 49,920, and the last batch has 80.
#
# (b) The noise goes with 1/√m, so it is halved. There are ⌈50,000/512⌉ = 98 steps, a quarter as many. Each costs about four times as much.
#
# (c) With one image the noise was several times as long as the gradient itself, and the path never settled. With all images two epochs are only two steps, and in the picture of the three paths they were still far from the minimum. A batch in between makes many steps that are exact enough, and its products are one fast matrix product.
# ### END SOLUTION

# %% [markdown] id="question_adam" question=true points=3 teaches=["adam"]
# **Question 2.** (a) Explain without formulas why Adam's two averages are too small at first. (b) Compute the first step of Adam **without** bias correction for a gradient of $g = 5$, with $\beta_1 = 0.9$, $\beta_2 = 0.999$, in units of the learning rate. Would it be another number for $g = 0.05$? (c) Somebody says: "The correction only matters for ten steps, since $0.9^{10}$ is small." What do they overlook?
#
# === BEGIN MARK SCHEME ===
#
# - 1 point: (a) the averages start from 0, which counts as if all earlier gradients had been 0; the weights of the real gradients do not yet add up to 1.
# - 1 point: (b) m = 0.5, √s = √(0.001·25) = 0.158, step 3.16 times the learning rate; the same for any g except for the sign (g cancels, eps aside).
# - 1 point: (c) the slower average, β₂ = 0.999, needs about a thousand steps; until then the divisor is too small and the steps are too long (measured: still more than twice too long after 200 steps).
#
# === END MARK SCHEME ===
#
# ### BEGIN SOLUTION
# (a) Both begin with 0, as if all gradients before the first one had been 0. These zeros are part of the average until enough real gradients have come.
#
# (b) m = 0.1·5 = 0.5 and s = 0.001·25 = 0.025, so √s = 0.158. The step is 0.5/0.158 = 3.16 times the learning rate. For g = 0.05 both m and √s are a hundred times smaller, so it is the same number.
#
# (c) β₁ is forgotten after some ten steps, but β₂ = 0.999 is not: 0.999¹⁰ is still 0.99. The average of the squares stays too small for about a thousand steps, and we divide by its root, so the steps are too long. In the experiment they were up to 6.6 times too long, and more than twice after 200 steps.
# ### END SOLUTION

# %% [markdown] id="question_doctor" question=true points=3 teaches=["learning_rate"]
# **Question 3.** You are the doctor. Three friends train a network on the ten digits. For each: name a likely cause, say what you would look at to be sure, and what you would change. (a) The loss stays at 2.303 from the first step to the last. (b) The loss is 2.4, then 310, then `nan`. (c) The loss falls quickly at first, and then jumps up and down around 0.1 without becoming smaller.
#
# === BEGIN MARK SCHEME ===
#
# - 1 point: (a) ln 10 is guessing: weights that are all 0 (or far too small in a deep network), new weights that are not stored, or a far too small rate. Look at the gradients' norms or at whether the weights change; draw the weights with He's variance, or repair the loop. (A rate of 3, whose units are all dead, is accepted too.)
# - 1 point: (b) a learning rate that is too large (or weights that begin too large, or a cliff): look at the gradient's norm; divide the rate by ten, clip, use a warm-up.
# - 1 point: (c) noise of the mini-batches at a constant rate: the rate must fall (a schedule), or larger batches at the end. Each part must say what to look at, or quote a measurement, for its point.
#
# === END MARK SCHEME ===
#
# ### BEGIN SOLUTION
# (a) 2.303 is ln 10, the loss of guessing. Either nothing is learned because all weights began with 0, or the updated weights are not put back. I would print the norm of the gradient and compare the weights before and after a step. If the first layer's gradient is exactly 0, it is the initialisation: draw with He's variance.
#
# (b) The learning rate is beyond the cliff, so every step overshoots further than the one before, as on the parabola with ηa > 2. I would look at the norm of the gradient, divide the rate by ten, and perhaps clip by the global norm and begin with a warm-up.
#
# (c) The path trembles around the minimum, because the noise of the batches is multiplied by a rate that stays the same. I would compare the loss on all training digits with that of single batches, and let the rate fall, along a cosine for example. In our measurement this gave the lowest test loss of the three.
# ### END SOLUTION

# %% [markdown] id="common_mistakes"
# ## Common mistakes
#
# | mistake | what happens | better |
# |---|---|---|
# | learning rate ten times too large | the loss stays at guessing, or is `nan` | try powers of ten, stay a factor of 3 below the cliff |
# | the short last batch dropped, or counted as a whole one | some examples never come; means are wrong | ⌈N/m⌉ batches, the last one short |
# | `x` and `y` shuffled apart | the network guesses | one order for both |
# | one state for all parameters | they disturb each other | an own `{}` for each |
# | $t$ not increased, or 0 at the first step | a wrong correction; a division by 0 | `t = state.get("t", 0) + 1`, and return it |
# | corrected averages stored | corrected twice | store them as they are |
# | $\epsilon$ under the root | counts like its root, ten thousand times as much | add it to the root |
# | `w -= …`, `state["v"] = …` | the caller's arrays change | make new ones |
# | `np.zeros(w.shape)` for float32 weights | everything becomes float64 | `np.zeros_like(w)`, or start from 0 |
# | variance given to `rng.normal` | weights far too small | it takes the standard deviation |
# | all weights equal, or 0 | all hidden units are one | draw them |
# | each array clipped by its own norm | the direction turns | one norm and one factor for all |
# | an L2 penalty with Adam | it shrinks some weights and not others | AdamW |

# %% [markdown] id="summary"
# ## Summary
#
# - **Gradient descent** goes against the gradient. On a parabola of curvature $a$ it converges for $0 < \eta < 2/a$.
# - A **mini-batch** gives the right gradient on average, with noise $\sigma/\sqrt m$. An epoch has $\lceil N/m \rceil$ iterations.
# - The **learning rate** matters most. Good ones lie just below a cliff. **Schedules** begin large and end small.
# - An **average that forgets**, $v \leftarrow \beta v + (1 - \beta) g$, looks back some $1/(1 - \beta)$ steps. It begins too small; dividing by $1 - \beta^t$ corrects that.
#
# | rule | remembers | step |
# |---|---|---|
# | SGD | nothing | $\eta\, g$ |
# | momentum | $v \leftarrow \beta v + g$ | $\eta\, v$ |
# | Nesterov | $v \leftarrow \beta v + g$ | $\eta\,(g + \beta v)$ |
# | RMSProp | $s \leftarrow \beta s + (1 - \beta) g^2$ | $\eta\, g / (\sqrt s + \epsilon)$ |
# | Adam | $m$, $s$, $t$ | $\eta\, \hat m / (\sqrt{\hat s} + \epsilon)$, with $\hat m = m/(1 - \beta_1^t)$, $\hat s = s/(1 - \beta_2^t)$ |
#
# - Weight decay and an L2 penalty are the same for SGD. For Adam they are not: **AdamW**.
# - First weights are drawn at random, with **Xavier's** variance $2/(D + M)$, or **He's** $2/D$ for ReLU. Then a signal keeps its size through many layers.
# - **Clipping** by the global norm limits a step and keeps its direction.
# - Your own loop, of your own parts, reads handwritten digits.
#
# **Next:** unit 4 asks why a network that is perfect on its training data can still be bad on new data, and what helps.

# %% [markdown] id="further_reading"
# ## Further reading
#
# - I. Goodfellow, Y. Bengio, A. Courville: *Deep Learning*, chapter 8, "Optimization for Training Deep Models". MIT Press, 2016.
# - L. Bottou, F. E. Curtis, J. Nocedal: *Optimization methods for large-scale machine learning*. SIAM Review 60(2), 2018. Why noisy steps are a good bargain.
# - B. T. Polyak: *Some methods of speeding up the convergence of iteration methods*. USSR Computational Mathematics and Mathematical Physics 4(5), 1964. Momentum.
# - I. Sutskever, J. Martens, G. Dahl, G. Hinton: *On the importance of initialization and momentum in deep learning*. ICML 2013. Nesterov's momentum for networks.
# - D. P. Kingma, J. Ba: *Adam: A method for stochastic optimization*. ICLR 2015, arXiv:1412.6980.
# - I. Loshchilov, F. Hutter: *Decoupled weight decay regularization*. ICLR 2019, arXiv:1711.05101. AdamW.
# - I. Loshchilov, F. Hutter: *SGDR: Stochastic gradient descent with warm restarts*. ICLR 2017, arXiv:1608.03983. The cosine.
# - X. Glorot, Y. Bengio: *Understanding the difficulty of training deep feedforward neural networks*. AISTATS 2010.
# - K. He, X. Zhang, S. Ren, J. Sun: *Delving deep into rectifiers*. ICCV 2015, arXiv:1502.01852.
# - R. Pascanu, T. Mikolov, Y. Bengio: *On the difficulty of training recurrent neural networks*. ICML 2013. Clipping by norm.
# - A. C. Wilson, R. Roelofs, M. Stern, N. Srebro, B. Recht: *The marginal value of adaptive gradient methods in machine learning*. NeurIPS 2017. When SGD does better than Adam.
