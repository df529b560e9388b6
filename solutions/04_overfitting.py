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
# # Unit 4 · Overfitting
#
# **The question of this unit:** *a network is perfect on the examples it has learned from. Why may it still be bad on new ones, and what helps?*
#
# You let a network learn a small data set by heart, its mistakes included, and watch the two curves part that tell you so. Then you write the remedies, one after another: early stopping, penalties on large weights, dropout, batch normalization, and new examples made out of old ones. Each is taken apart on its own. At the end all of them compete in one table, alone and together, and you see what each is worth.
#
# **What you should know:** dense layers, ReLU, the softmax loss, backpropagation, and a training loop with mini-batches (units 1 to 3). Every other symbol is introduced before it is used.

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
# | $N$ | examples in a batch | $p$ | the probability of dropping a value, `p_drop` |
# | $D$ | features in | $\mu, v$ | mean and variance of a feature over the batch |
# | $w$ | weights, in code `w` | $s$ | $\sqrt{v + \epsilon}$, in code `std` |
# | $\lambda$ (lambda) | strength of a penalty, `lam` | $\hat x$ | a normalized value, `x_hat` |
# | $\eta$ (eta) | the learning rate, `lr` | $\gamma, \beta$ (gamma, beta) | the scale and shift that batch norm learns |
# | $E[\dots]$ | the mean over all draws | $\langle\dots\rangle$ | the mean over the batch |
# | $m$ | a mask: 1 keeps a value, 0 drops it | $\alpha$ (alpha) | how much of the running statistics is kept, `momentum` |

# %% id="imports"
from itertools import pairwise

import numpy as np

from autograder import check, predict, reveal
from nnlib import plots
from nnlib.activations import relu_backward, relu_forward
from nnlib.batches import minibatches
from nnlib.data import load_digits
from nnlib.dense import dense_backward, dense_forward
from nnlib.gradients import numerical_gradient, relative_error
from nnlib.losses import softmax_cross_entropy

np.set_printoptions(precision=4, suppress=True)

# %% [markdown] id="opening_question" teaches=["overfitting"]
# Ten points were measured. A curve is fitted to them: a straight line, a curve of degree 3, a curve of degree 9.

# %% id="opening_picture" show=true teaches=["overfitting"]
rng = np.random.default_rng(43)
seen_x, new_x, smooth_x = np.linspace(-0.95, 0.95, 10), np.linspace(-0.85, 0.85, 12), np.linspace(-0.97, 0.97, 300)


def measured(x):
    """What is measured at x: a smooth curve, and some noise."""
    return np.sin(3 * x) + rng.normal(0, 0.25, x.shape)


seen_y, new_y = measured(seen_x), measured(new_x)
fitted = {degree: np.polyfit(seen_x, seen_y, degree) for degree in (1, 3, 9)}
drawn = {f"degree {degree}": (smooth_x, np.polyval(curve, smooth_x)) for degree, curve in fitted.items()}
look = {"xlabel": "x (no unit)", "ylabel": "y (no unit)", "ylim": (-2.2, 2.2)}
plots.fits(
    drawn,
    (seen_x, seen_y),
    **look,
    alt="Three panels with the same ten points and a fitted curve. Degree 1: a straight line that misses "
    "most points. Degree 3: a smooth wave near all points. Degree 9: a curve through each of the ten "
    "points, which swings far away between the outermost ones.",
)

# %% id="predict_opening" predict=true
predict(
    "opening",
    "Later the same thing is measured at twelve other places. Which curve is closest to these new points?",
    ["degree 1", "degree 3", "degree 9"],
    choice=None,  # write choice="a", "b" or "c"
)

# %% id="measure_opening" show=true teaches=["overfitting"]
for degree, curve in fitted.items():
    on_seen = np.mean((np.polyval(curve, seen_x) - seen_y) ** 2)
    on_new = np.mean((np.polyval(curve, new_x) - new_y) ** 2)
    print(f"degree {degree}: mean squared error {on_seen:.3f} on the points it knows, {on_new:.3f} on new ones")
plots.fits(
    drawn,
    (seen_x, seen_y),
    (new_x, new_y),
    **look,
    alt="The same three panels with twelve new points, as squares. The wave of degree 3 is near all of them. The straight "
    "line misses many of them, and so does the curve of degree 9 where it swings.",
)

# %% id="reveal_opening" show=true
reveal("opening", "degree 3, though degree 9 makes no error on the ten points that it knows", answer="b")

# %% [markdown] id="opening_text" teaches=["overfitting"]
# The straight line is too stiff. It is bad on all points, old and new: it **underfits**. The curve of degree 9 has ten coefficients for ten points, so it can go through every single one, and it does. It has learned the *noise*. On new points it is worse than the curve of degree 3, though it makes no error on the old ones: it **overfits**.
#
# The aim of learning is the middle panel. We never need answers for the examples that we have. We need them for the ones that come tomorrow. How well a model does on those is called **generalization**.

# %% [markdown] id="memory_text" teaches=["memorised", "overfitting"]
# ## 1 · Learned by heart
#
# A network has far more than ten weights. Let us make it easy for it to overfit, on purpose:
#
# - It gets only **120 digits** to learn from, of 8×8 pixels each.
# - Somebody labelled them in a hurry: **24 of the 120 labels are wrong.** That happens in real data, too.
#
# We set two more sets of digits aside, and keep them apart strictly:
#
# | set | digits | what it is for |
# |---|---|---|
# | **training** | 120 | the network learns from it |
# | **validation** | 300 | *we* look at it while we choose: when to stop, how strong a remedy is |
# | **test** | 1,297 | *no choice* depends on it; it gives the number that we believe |
#
# Why two? Whoever tries twenty settings and keeps the one that does best on some set has fitted the choice to that set. Its number there is a little too good.
#
# (Three experiments need more digits, and borrow some of the test digits to learn from. Their networks are thrown away, and nothing is chosen by them.)

# %% id="digits"
images, labels = load_digits()  # (1797, 8, 8) from 0 (paper) to 1 (ink), and what each picture shows
order = np.random.default_rng(4).permutation(len(images))  # mix them once, then split
rows = images[order].reshape(len(images), 64).astype(float)
names = labels[order]
x_train, right_names = rows[:120], names[:120]
x_val, y_val = rows[200:500], names[200:500]
x_test, y_test = rows[500:], names[500:]

hurry = np.random.default_rng(1)
mislabelled = hurry.permutation(120)[:24]
y_train = right_names.copy()
y_train[mislabelled] = (right_names[mislabelled] + hurry.integers(1, 10, 24)) % 10  # another digit, for certain

# %% id="see_labels" show=true
shown = [*mislabelled[:3], *np.setdiff1d(range(120), mislabelled)[:3]]
plots.image_rows(
    {"": x_train[shown].reshape(-1, 1, 8, 8)},
    [f"is a {right_names[i]},\nlabel {y_train[i]}" for i in shown],
    changed={"": range(3)},
    alt="Six handwritten digits: what each is, and its label. The first three, in frames, are labelled as another digit: "
    + ", ".join(f"a {right_names[i]} as {y_train[i]}" for i in shown[:3])
    + ".",
)

# %% [markdown] id="experiments_text"
# The next cell holds our network and its training loop, from units 1 to 3, with a place for each remedy: you fill these places later. **You need not read it now.** Run it and go on.


# %% id="experiments"
def he(rng, fan_in, fan_out):
    """First weights, by He (unit 3)."""
    return rng.normal(0, np.sqrt(2 / fan_in), (fan_in, fan_out))


def new_network(rng, sizes, norm=None, dropout=None, start=he):
    """Dense layers with ReLU between them. norm and dropout are what train gets."""
    pairs = list(pairwise(sizes))
    hidden = sizes[1:-1] if norm else ()
    return {
        "w": [start(rng, *pair) for pair in pairs],
        "b": [np.zeros(m) for _, m in pairs],
        "gamma": [np.ones(m) for m in hidden],
        "beta": [np.zeros(m) for m in hidden],
        "state": [{}] * len(hidden),
        "norm": norm,
        "dropout": dropout,
    }


def run_forward(network, x, train=False, rng=None):
    """The logits, the running statistics afterwards, and a list of what was done, for the way back."""
    done, states = [], list(network["state"])
    *hidden, last = enumerate(zip(network["w"], network["b"], strict=True))
    for k, (w, b) in hidden:
        x, cache = dense_forward(x, w, b)
        done.append(("dense", k, cache))
        if network["norm"]:
            forward, _ = network["norm"]
            x, cache, states[k] = forward(x, network["gamma"][k], network["beta"][k], states[k], train)
            done.append(("norm", k, cache))
        x, cache = relu_forward(x)
        done.append(("relu", k, cache))
        if network["dropout"]:
            forward, _, p_drop = network["dropout"]
            x, cache = forward(x, p_drop, train, rng=rng)
            done.append(("dropout", k, cache))
    k, (w, b) = last
    logits, cache = dense_forward(x, w, b)
    return logits, states, [*done, ("dense", k, cache)]


def run_backward(network, dout, done):
    """The gradient of each parameter."""
    grads = {name: [None] * len(network[name]) for name in ("w", "b", "gamma", "beta")}
    for kind, k, cache in reversed(done):
        if kind == "dense":
            dout, grads["w"][k], grads["b"][k] = dense_backward(dout, cache)
        elif kind == "norm":
            dout, grads["gamma"][k], grads["beta"][k] = network["norm"][1](dout, cache)
        elif kind == "relu":
            dout = relu_backward(dout, cache)
        else:
            dout = network["dropout"][1](dout, cache)
    return grads


def measure(network, x, y):
    """Loss (nats) and accuracy (%), in evaluation."""
    logits, _, _ = run_forward(network, x, rng=np.random.default_rng(0))
    return softmax_cross_entropy(logits, y)[0], 100 * np.mean(logits.argmax(axis=1) == y)


def train(
    x, y, *, seed=0, sizes=(64, 64, 10), epochs=80, batch=30, lr=0.06, memory=0.9, start=he,
    penalty=None, shrink=None, dropout=None, norm=None, augment=None,
):  # fmt: skip
    """SGD with momentum. What each remedy is called with:

    penalty(weights) -> (value, gradients). shrink(w, lr) -> w, after each step.
    dropout: (forward, backward, p_drop). norm: (forward, backward). augment(x, rng=rng) -> x.
    Returns a dict of lists, one entry an epoch: both losses, both accuracies, and the network.
    """
    rng = np.random.default_rng(seed)
    network = new_network(rng, sizes, norm, dropout, start)
    kinds = ("w", "b", "gamma", "beta")
    speed = {kind: [np.zeros_like(p) for p in network[kind]] for kind in kinds}
    run = {"train loss": [], "train accuracy": [], "val loss": [], "val accuracy": [], "network": []}
    for _ in range(epochs):
        for some_x, some_y in minibatches(x, y, batch, rng=rng):
            seen = augment(some_x, rng=rng) if augment else some_x
            logits, network["state"], done = run_forward(network, seen, True, rng)
            grads = run_backward(network, softmax_cross_entropy(logits, some_y)[1], done)
            if penalty:
                grads["w"] = [g + more for g, more in zip(grads["w"], penalty(network["w"])[1], strict=True)]
            for kind in kinds:
                for k, g in enumerate(grads[kind]):
                    speed[kind][k] = memory * speed[kind][k] + g
                    network[kind][k] = network[kind][k] - lr * speed[kind][k]
            if shrink:
                network["w"] = [shrink(w, lr) for w in network["w"]]
        for name, pair in (("train", (x, y)), ("val", (x_val, y_val))):
            loss, accuracy = measure(network, *pair)
            run[f"{name} loss"].append(loss)
            run[f"{name} accuracy"].append(accuracy)
        run["network"].append({name: list(v) if isinstance(v, list) else v for name, v in network.items()})
    return run


# %% id="predict_memory" predict=true
predict(
    "memory",
    "24 of 120 labels are wrong. Which accuracy can the network reach on these 120 labels?",
    ["about 80 %: it cannot learn the wrong ones", "about 90 %", "100 %: it learns the wrong ones, too"],
    choice=None,
)

# %% id="see_memory" show=true teaches=["memorised", "overfitting"]
plain = train(x_train, y_train)
epochs = range(1, 81)
plots.curves(
    {"training": (epochs, plain["train loss"]), "validation": (epochs, plain["val loss"])},
    xlabel="epoch (number)",
    ylabel="loss (nats)",
    level=(np.log(10), "guessing"),
    alt="Two curves over 80 epochs. The training loss falls all the time, from "
    f"{plain['train loss'][0]:.1f} to {plain['train loss'][-1]:.2f}. The validation loss falls with it for about ten "
    f"epochs, stays near its smallest value of {min(plain['val loss']):.2f} for as long again, and then rises to "
    f"{plain['val loss'][-1]:.2f}.",
)

# %% id="reveal_memory" show=true
kept = np.mean(run_forward(plain["network"][-1], x_train)[0].argmax(axis=1)[mislabelled] == y_train[mislabelled])
reveal(
    "memory",
    f"{plain['train accuracy'][-1]:.0f} %; of the 24 wrong labels it repeats {24 * kept:.0f}. On validation digits its "
    f"accuracy was {max(plain['val accuracy']):.0f} % at best, and is {plain['val accuracy'][-1]:.0f} % in the end.",
    answer="c",
)

# %% [markdown] id="curves_part" teaches=["overfitting"]
# **Remember this picture.** It is how overfitting shows. At first both curves fall together: what the network learns is true of all digits. Then they part. The training loss goes on falling, while the validation loss rises. From there on the network learns things that are true of these 120 pictures only: their noise, and their wrong labels.
#
# The distance between the curves is called the **generalization gap**. It is what we fight in this unit.

# %% [markdown] id="random_labels_text" teaches=["memorised"]
# How can it learn 24 wrong labels? It has $64 \cdot 64 + 64 + 64 \cdot 10 + 10 = 4{,}810$ parameters, and only 120 labels to fit. It has room to store every one of them.
#
# How much room? Let us go all the way: **give every picture a random label.** There is nothing to understand now. What can the network do?

# %% id="predict_random" predict=true
predict(
    "random",
    "All 120 labels are drawn at random. What happens after 150 epochs?",
    ["10 % in training, 10 % in validation", "100 % in training, 10 % in validation", "50 % in both"],
    choice=None,
)

# %% id="see_random" show=true teaches=["memorised"]
nonsense = train(x_train, np.random.default_rng(0).integers(0, 10, 120), epochs=150)
plots.curves(
    {
        name: (range(1, 151), nonsense[f"{key} accuracy"])
        for name, key in (("training", "train"), ("validation", "val"))
    },
    xlabel="epoch (number)",
    ylabel="accuracy (%)",
    ylim=(0, 104),
    level=(10, "guessing"),
    alt="Accuracy with random labels over 150 epochs: training rises to "
    f"{nonsense['train accuracy'][-1]:.0f} %, while validation stays near 10 %, which is guessing.",
)

# %% id="reveal_random" show=true
reveal(
    "random",
    f"{nonsense['train accuracy'][-1]:.0f} % in training, {nonsense['val accuracy'][-1]:.0f} % in validation",
    answer="b",
)

# %% [markdown] id="remedies_text" teaches=["overfitting"]
# The network has learned a list by heart, and nothing else. So a perfect training accuracy proves nothing. (This experiment is famous: large networks learn nearly all random labels even of ImageNet, which has over a million pictures.)
#
# ### What helps against it?
#
# | idea | remedy | section |
# |---|---|---|
# | stop before it learns the noise | **early stopping** | 2 |
# | make large weights expensive | **L2 and L1 penalties** | 3 |
# | do not let units rely on each other | **dropout** | 4 |
# | keep the values inside the network in order | **batch normalization** | 5 |
# | give it more examples, made from old ones | **augmentation** of images, text and sound | 6 to 8 |
#
# The best remedy is missing: **more data**. Let us see what it would be worth. Here every fifth label is wrong for any number of digits, and each network makes about as many steps.

# %% id="see_more_data" show=true teaches=["overfitting"]
more_x, more_right = np.concatenate([x_train, rows[500:1300]]), np.concatenate([right_names, names[500:1300]])
other = (more_right + np.random.default_rng(2).integers(1, 10, 920)) % 10
more_y = np.where(np.arange(920) % 5 == 4, other, more_right)
amounts = [60, 120, 230, 460, 920]
ends = [train(more_x[:n], more_y[:n], epochs=80 * 120 // n) for n in amounts]  # fewer epochs of more digits
plots.curves(
    {
        "training": (amounts, [run["train accuracy"][-1] for run in ends]),
        "validation": (amounts, [run["val accuracy"][-1] for run in ends]),
    },
    xlabel="training digits, one in five mislabelled (number, logarithmic)",
    ylabel="accuracy (%)",
    logx=True,
    ylim=(40, 104),
    alt="Accuracy against the number of training digits, from 60 to 920. The training accuracy is 100 % "
    f"for few digits and {ends[-1]['train accuracy'][-1]:.0f} % for 920. The validation accuracy rises from "
    f"{ends[0]['val accuracy'][-1]:.0f} to {ends[-1]['val accuracy'][-1]:.0f} %. The curves cross.",
)

# %% [markdown] id="more_data_text" teaches=["overfitting"]
# With more examples it becomes harder to learn them by heart, and easier to learn what they have in common. On the right it repeats fewer than 80 % of its training labels, and that is just as it should be: a fifth of them are wrong. The validation labels are right, and of these it knows far more.
#
# When you can get more data, get more data. The rest of this unit is for when you cannot.

# %% [markdown] id="stopping_text" teaches=["early_stopping"]
# ## 2 · Early stopping
#
# The simplest remedy: look at the validation loss after each epoch, and **stop when it rises**. But look at the validation loss in section 1: it is not smooth. Now and then it rises a little and falls again later. Stopping at the first rise may be too early. So we have **patience**: we wait for some epochs whether a new best comes.
#
# > Keep the smallest validation loss so far, and its epoch. When the best epoch is `patience` epochs ago, stop. Return the weights **of the best epoch**, not the last ones.
#
# Here `best_epoch` is the epoch with the smallest loss so far, and `stop_epoch` is the last epoch that is run:
#
# $$\boxed{\;\text{stop after the first epoch with}\quad \text{epoch} - \text{best epoch} \;\ge\; \text{patience}\;}$$
#
# **By hand**, with a patience of 2. Epochs are counted from 0:
#
# | epoch | 0 | 1 | 2 | 3 | 4 | 5 | 6 |
# |---|---|---|---|---|---|---|---|
# | validation loss | 0.9 | 0.6 | 0.7 | 0.5 | 0.55 | 0.52 | *0.3* |
# | best epoch so far | 0 | 1 | 1 | 3 | 3 | 3 | |
# | epochs waited | 0 | 0 | 1 | 0 | 1 | **2** | |
#
# After epoch 5 we have waited for two epochs, and stop. Epoch 6 is never run, so nobody learns that it would have been better. The result is `(5, 3)`.
#
# Three details:
#
# - Only a **smaller** loss is a new best. An equal one is not.
# - If patience never runs out, the last epoch is the stop.
# - A loss may be `nan`, when training went wrong. It is never a new best. (In Python every comparison with `nan` is false.)

# %% id="predict_stopping" predict=true
predict(
    "stopping",
    "Losses 5, 3, 4, 3, 4, 2 and patience 3. Where does it stop?",
    ["after epoch 3", "after epoch 4", "after epoch 5, the last one"],
    choice=None,
)

# %% [markdown] id="exercise_early_stopping"
# ### Exercise 1: `early_stopping` (3 points)
#
# The losses of a whole run are given as a list. Go through it as if you did not know what comes later. **Tiny example.** The table above: `early_stopping([0.9, 0.6, 0.7, 0.5, 0.55, 0.52, 0.3], 2)` gives `(5, 3)`.
#
# <details><summary><b>Hint 1:</b> what to remember</summary>
#
# Two things: the best epoch so far, and its loss. At first the loss can be `np.inf`, which is larger than everything.
#
# </details>
# <details><summary><b>Hint 2:</b> the order in the loop</summary>
#
# For each epoch: first ask if its loss is a new best. Then ask if it is time to stop. `return` may stand inside the loop, and once more behind it.
#
# </details>


# %% id="write_early_stopping" solution=true
def early_stopping(val_losses, patience):
    """When training stops, and which epoch was the best.

    val_losses: a list of at least one validation loss, epoch by epoch, from epoch 0 on.
    patience: an int from 1 on. Stops after the first epoch at which the best one so far
    is patience epochs ago, else after the last one.
    Returns (stop_epoch, best_epoch), two ints. Changes nothing in place.
    """
    ### BEGIN SOLUTION
    best_epoch, smallest = 0, np.inf
    for epoch, loss in enumerate(val_losses):
        if loss < smallest:
            best_epoch, smallest = epoch, loss
        if epoch - best_epoch >= patience:
            return epoch, best_epoch
    return len(val_losses) - 1, best_epoch
    ### END SOLUTION


# %% id="check_early_stopping" test=true points=3 teaches=["early_stopping"]
check("early_stopping", early_stopping)

# %% id="promise_stopping" show=true promise=true
print(early_stopping([5, 3, 4, 3, 4, 2], 3))

# %% id="reveal_stopping" show=true
reveal("stopping", "best at epoch 1, and 4 − 1 = 3; the tie at epoch 3 is no new best", answer="b")

# %% id="see_stopping" show=true teaches=["early_stopping"]
stop, best = early_stopping(plain["val loss"], 10)
for name, epoch in (
    ("the last epoch", 79),
    (f"stopped after epoch {stop}", stop),
    (f"the best one, epoch {best}", best),
):
    loss, accuracy = measure(plain["network"][epoch], x_test, y_test)
    print(f"{name:>25}: test loss {loss:.2f}, test accuracy {accuracy:.1f} %")
plots.curves(
    {
        "training": (range(80), plain["train loss"]),
        "validation": (range(80), plain["val loss"]),
        f"best, epoch {best}": ([best, best], [0, 2.2]),
        f"stop, epoch {stop}": ([stop, stop], [0, 2.2]),
    },
    xlabel="epoch (number, from 0)",
    ylabel="loss (nats)",
    alt="The two loss curves from above with two vertical lines: the best epoch at the validation curve's lowest point, "
    f"epoch {best}, and the stop ten epochs later, after epoch {stop}.",
)

# %% [markdown] id="stopping_answer" teaches=["early_stopping"]
# The network of the best epoch is the one to keep. On the test digits, which had no part in the choice, it is better than the last by a few per cent. This costs nothing; it even saves time. That is why nearly everybody uses it.
#
# <details><summary><b>For the curious:</b> why does stopping early help?</summary>
#
# Weights begin small, and each step moves them a little. After few steps they cannot be far from where they began. So to stop early keeps the weights small, as the penalty of the next section does. For a parabola one can show that both do nearly the same thing.
#
# </details>

# %% [markdown] id="penalties_text" teaches=["l2"]
# ## 3 · Penalties on large weights
#
# Look once more at the curve of degree 9 in the first picture. To swing so wildly it needs large coefficients that nearly cancel. The sizes of the largest coefficients are:

# %% id="see_coefficients" show=true
for degree, curve in fitted.items():
    print(f"degree {degree}: largest coefficient {np.abs(curve).max():.1f}")

# %% [markdown] id="l2_text" teaches=["l2"]
# So here is an idea: **let large weights cost something.** We add to the loss the sum of the squares of all weights, times a number $\lambda \ge 0$ that says how strongly:
#
# $$\boxed{\;L_{\text{total}} = L + \lambda \sum_i w_i^2, \qquad \frac{\partial}{\partial w_i}\,\lambda \sum_k w_k^2 = 2 \lambda\, w_i\;}$$
#
# The second part is the gradient of the penalty: only the term with $k = i$ has $w_i$ in it, and the derivative of $w_i^2$ is $2 w_i$. This is **L2 regularization**. (Some books write $\frac{\lambda}{2} \sum w^2$, so that the 2 goes away. This course does not.) It is added to the gradient that backpropagation gives.
#
# The biases are usually left out: a large bias does not make a function wild, it only shifts it.
#
# **By hand.** Weights $(2, -1, 0)$ and $\lambda = 0.1$: the penalty is $0.1 \cdot (4 + 1 + 0) = 0.5$, and its gradient is $0.2 \cdot (2, -1, 0) = (0.4, -0.2, 0)$. A step goes *against* the gradient: the 2 becomes smaller, the −1 comes up towards 0. Each weight shrinks in proportion to its size.

# %% id="predict_lambda" predict=true
predict(
    "lambda",
    "A curve of degree 9 with a huge λ, 1,000 say. What does it look like?",
    ["as wild as before", "like the curve of degree 3", "a flat line near 0"],
    choice=None,
)


# %% id="explore_lambda" show=true teaches=["l2"]
powers = np.vander(seen_x, 10)  # columns x⁹, x⁸, …, 1


def draw_lambda(lam):
    """The curve of degree 9 with the smallest squared error plus penalty."""
    w = np.linalg.solve(powers.T @ powers + lam * np.eye(10), powers.T @ seen_y)
    error = np.mean((np.polyval(w, new_x) - new_y) ** 2)
    return plots.fits(
        {f"degree 9, λ = {lam:g}: error {error:.2f} on new points": (smooth_x, np.polyval(w, smooth_x))},
        (seen_x, seen_y),
        (new_x, new_y),
        **look,
        alt=f"The ten points, twelve new ones, and the curve of degree 9 with lambda {lam:g}. "
        f"Its mean squared error on the new points is {error:.2f}.",
    )


plots.Explorer(draw_lambda, (0, 1e-6, 1e-5, 1e-4, 1e-3, 0.01, 0.1, 1, 10, 100, 1000), 0.01, "λ")

# %% id="reveal_lambda" show=true
reveal("lambda", "a flat line: a penalty that is too strong leaves nothing else to be learned", answer="c")

# %% [markdown] id="lambda_text" teaches=["l2"]
# In JupyterLab, move the slider. (Where there is no kernel behind the page you see one picture.) It is still the curve of degree 9, with ten coefficients, but a small penalty takes its wildness away. A large one makes everything flat: it underfits.

# %% [markdown] id="l1_text" teaches=["l1"]
# ### L1: absolute values instead of squares
#
# $$\boxed{\;L_{\text{total}} = L + \lambda \sum_i |w_i|, \qquad \frac{\partial}{\partial w_i}\,\lambda \sum_k |w_k| = \lambda\, \operatorname{sign}(w_i)\;}$$
#
# $|w|$ is $w$ for positive $w$, with slope $1$, and $-w$ for negative $w$, with slope $-1$. That is the sign of $w$. At $w = 0$ there is a corner without a slope, and we take 0 there, as `np.sign` does. (Any number from −1 to 1 may stand for the slope at the corner; such a number is called a **subgradient**.)
#
# **By hand**, the same weights $(2, -1, 0)$ and $\lambda = 0.1$: the penalty is $0.1 \cdot (2 + 1 + 0) = 0.3$, and its gradient is $(0.1, -0.1, 0)$. The pull is **equally strong on small weights and on large ones**. Keep that in mind.


# %% id="helpers"
def as_float(values):
    """The array in a float dtype: a float dtype stays, integers become float64."""
    array = np.asarray(values)
    return array if array.dtype.kind == "f" else array.astype(np.float64)


# %% [markdown] id="exercise_penalties"
# ### Exercises 2 and 3: `l2_penalty` and `l1_penalty` (2 points each)
#
# `weights` is a list of arrays, one for each layer, of any shapes. Return the penalty of all of them together, as **one number**, and a **list** with the gradient of each array.
#
# **Tiny example.** `l2_penalty([np.array([[2.0, -1.0]]), np.array([[0.0]])], 0.1)` gives `(0.5, [[[0.4, -0.2]], [[0.0]]])`, and `l1_penalty` gives `(0.3, [[[0.1, -0.1]], [[0.0]]])`.
#
# <details><summary><b>Hint</b></summary>
#
# `np.sum(w**2)` adds over all axes of one array. A list of new arrays: `[… for w in weights]`. A Python float times a float32 array stays float32.
#
# </details>


# %% id="write_l2_penalty" solution=true
def l2_penalty(weights, lam):
    """lam times the sum of all squared weights, and its gradients.

    weights: a list of arrays of any shapes. lam: a number, 0 or more.
    Returns (penalty, grads): a number, and a list of arrays of the shapes of weights.
    Float dtype: float32 stays float32, integers become float64. Changes nothing in place.
    """
    weights = [as_float(w) for w in weights]
    ### BEGIN SOLUTION
    penalty = lam * sum(np.sum(w**2) for w in weights)
    return penalty, [2 * lam * w for w in weights]
    ### END SOLUTION


# %% id="check_l2_penalty" test=true points=2 teaches=["l2"]
check("l2_penalty", l2_penalty)


# %% id="write_l1_penalty" solution=true
def l1_penalty(weights, lam):
    """lam times the sum of all absolute weights, and its gradients (0 where w is 0).

    weights: a list of arrays of any shapes. lam: a number, 0 or more.
    Returns (penalty, grads): a number, and a list of arrays of the shapes of weights.
    Float dtype: float32 stays float32, integers become float64. Changes nothing in place.
    """
    weights = [as_float(w) for w in weights]
    ### BEGIN SOLUTION
    penalty = lam * sum(np.sum(np.abs(w)) for w in weights)
    return penalty, [lam * np.sign(w) for w in weights]
    ### END SOLUTION


# %% id="check_l1_penalty" test=true points=2 teaches=["l1"]
check("l1_penalty", l1_penalty)

# %% [markdown] id="strength_text" teaches=["l2"]
# How strong should the penalty be? We try. For each $\lambda$ the network is trained anew, and the **validation** accuracy decides, since the test set is for the end.

# %% id="see_strength" show=true teaches=["l2"]
strengths = [0.0003, 0.001, 0.003, 0.01, 0.03, 0.1]
by_strength = [train(x_train, y_train, penalty=lambda w, lam=lam: l2_penalty(w, lam)) for lam in strengths]
plots.curves(
    {
        "training": (strengths, [run["train accuracy"][-1] for run in by_strength]),
        "validation": (strengths, [run["val accuracy"][-1] for run in by_strength]),
    },
    xlabel="λ of the L2 penalty (no unit, logarithmic)",
    ylabel="accuracy after 80 epochs (%)",
    logx=True,
    ylim=(0, 104),
    alt="Accuracy against lambda from 0.0003 to 0.1. Training falls from 100 % for a small lambda. Validation first rises, "
    f"to {max(run['val accuracy'][-1] for run in by_strength):.0f} % at 0.01, where training has fallen already. "
    "For a larger lambda both fall together, down to guessing.",
)

# %% [markdown] id="strength_answer" teaches=["l2"]
# On the left is overfitting: 100 % in training, and a wide gap. On the right is underfitting: no gap, and both are bad. The best $\lambda$ lies between. Every remedy of this unit has such a strength, and this is how one finds it.

# %% [markdown] id="zeros_text" teaches=["l1"]
# ### L1 makes exact zeros. Why, and how?
#
# It is often said that L1 makes many weights **exactly 0**, so that one can leave them out. Let us see why, with one weight. Without a penalty the best value would be $a$, and the loss around it is a parabola:
#
# $$L(w) = \tfrac12 (w - a)^2 + \text{penalty}$$
#
# **With L2** the slope is $(w - a) + 2\lambda w$. It is 0 at
#
# $$w = \frac{a}{1 + 2\lambda}$$
#
# The weight is smaller than $a$, but **never 0**, unless $a$ is. The smaller the weight, the weaker the pull.
#
# **With L1** look at the positive side first, $w > 0$. The slope is $(w - a) + \lambda$, which is 0 at $w = a - \lambda$. That lies on the positive side only if $a > \lambda$. On the negative side it is $w = a + \lambda$ by the same lines, if $a < -\lambda$. And if $|a| \le \lambda$, then neither side has a place with slope 0. For $w > 0$ the slope is positive, for $w < 0$ it is negative: the loss rises on both sides of the corner. **So the minimum is the corner itself**, $w = 0$, exactly. In one formula:
#
# $$\boxed{\;w = \operatorname{soft}(a, \lambda) = \operatorname{sign}(a)\, \max(|a| - \lambda,\; 0)\;}$$
#
# It is called **soft thresholding**: all numbers move towards 0 by $\lambda$, and those that are nearer than that become 0.
#
# **By hand**, $\lambda = 0.5$: soft thresholding makes of $2,\; -0.7,\; 0.3$ the numbers $1.5,\; -0.2,\; 0$. L2 makes $1,\; -0.35,\; 0.15$ of them.
#
# So the minimum of L1 has exact zeros. **But does gradient descent find them?** The gradient is $\lambda \operatorname{sign}(w)$, however small $w$ is.

# %% id="predict_zeros" predict=true
predict(
    "zeros",
    "a = 0.3, λ = 0.5, so the minimum is exactly 0. Where does gradient descent end?",
    ["exactly at 0", "it jumps to and fro around 0", "at 0.3"],
    choice=None,
)


# %% id="see_zeros" show=true teaches=["l1"]
def soft(w, amount):
    """Soft thresholding: towards 0 by amount, and not beyond."""
    return np.sign(w) * np.maximum(np.abs(w) - amount, 0)


subgradient, proximal = [1.0], [1.0]
for _ in range(40):
    w = subgradient[-1]
    subgradient.append(w - 0.15 * ((w - 0.3) + 0.5 * np.sign(w)))
    w = proximal[-1]
    proximal.append(soft(w - 0.15 * (w - 0.3), 0.15 * 0.5))
plots.curves(
    {"gradient steps": (range(41), subgradient), "step, then soft threshold": (range(41), proximal)},
    xlabel="step (number of updates)",
    ylabel="weight w (no unit; the minimum is at 0)",
    alt="A weight over 40 steps, from 1. With gradient steps it falls to about 0, and then jumps between a small "
    "positive and a small negative number for ever. With a soft threshold after each step it falls to exactly 0 and "
    "stays there.",
)

# %% id="promise_zeros" show=true promise=true
print("the last four, by gradient steps:      ", np.array(subgradient[-4:]))
print("the last four, with the soft threshold:", np.array(proximal[-4:]))

# %% id="reveal_zeros" show=true
reveal("zeros", "it jumps around 0 and never hits it", answer="b")

# %% [markdown] id="proximal_text" teaches=["l1"]
# Gradient steps do **not** give exact zeros. Close to 0 the slope does not become smaller. It flips its sign, so each step jumps over the corner.
#
# The remedy: do not take a *gradient* step for the penalty. Take a gradient step for the loss alone, and then move by soft thresholding, with the amount $\eta\lambda$ of one step:
#
# $$\boxed{\;u = w - \eta\, \frac{\partial L}{\partial w}, \qquad w \leftarrow \operatorname{soft}(u,\; \eta\lambda)\;}$$
#
# This is a **proximal step**. A step that would cross 0 stops there. Why is the amount $\eta\lambda$? The step for the penalty looks for the $w$ that is close to $u$ and has a small penalty:
#
# $$\frac{1}{2\eta}(w - u)^2 + \lambda |w| \;\to\; \text{as small as possible}$$
#
# Multiply by $\eta$, which moves no minimum: $\tfrac12 (w - u)^2 + \eta\lambda\, |w|$. That is our parabola from above, with $u$ for $a$ and $\eta\lambda$ for $\lambda$. So the minimum is $\operatorname{soft}(u, \eta\lambda)$.
#
# Now the network: 64·64 + 64·10 = 4,736 weights, trained without a penalty, with L2, and with L1 in both ways. (Plain SGD without momentum, so that the amount of one step is just $\eta\lambda$.)

# %% id="predict_count" predict=true
predict(
    "count",
    "Of the 4,736 weights, how many are exactly 0 after training with L1 and soft thresholding?",
    ["a few dozen", "about one in ten", "more than half"],
    choice=None,
)

# %% id="see_weights" show=true teaches=["l1", "l2"]
slow = {"lr": 0.3, "memory": 0.0}
penalized = {
    "no penalty": train(x_train, y_train, **slow),
    "L2": train(x_train, y_train, penalty=lambda w: l2_penalty(w, 0.007), **slow),
    "L1, gradient steps": train(x_train, y_train, penalty=lambda w: l1_penalty(w, 0.004), **slow),
    "L1, soft threshold": train(x_train, y_train, shrink=lambda w, lr: soft(w, lr * 0.004), **slow),
}
zeros = {}
print(f"{'of 4,736 weights':>20}{'exactly 0':>12}{'below 0.01':>12}{'validation (%)':>16}")
for name, run in penalized.items():
    flat = np.concatenate([w.ravel() for w in run["network"][-1]["w"]])
    zeros[name] = int(np.sum(flat == 0))
    print(f"{name:>20}{zeros[name]:>12}{np.sum(np.abs(flat) < 0.01):>12}{run['val accuracy'][-1]:>16.0f}")
plots.histograms(
    {name: run["network"][-1]["w"] for name, run in penalized.items()},
    ["first layer", "second layer"],
    xlabel="weight (no unit; each histogram has its own scale)",
    alt="Histograms of the weights of both layers. Without a penalty: wide bells. L2: narrower bells. L1, both ways: "
    "one bar around 0 that towers over thin tails. The picture does not show the difference between them, the counts do. "
    f"Exact zeros: {', '.join(f'{name} {count}' for name, count in zeros.items())}.",
)

# %% id="reveal_count" show=true
sparse = zeros["L1, soft threshold"]
reveal(
    "count",
    f"{sparse} of 4,736; by gradient steps {zeros['L1, gradient steps']}",
    answer="c" if sparse > 2368 else None,
)

# %% [markdown] id="weights_answer" teaches=["l1", "l2"]
# - **L2** makes all weights smaller, and none of them 0.
# - **L1 by gradient steps** brings most weights very close to 0, where they tremble.
# - **L1 by proximal steps** makes thousands of them exactly 0. They can be left out: the network is *sparse*. It has even found out which pixels do not matter: those at the left and right edge, where hardly any digit has ink.
#
# Which one helps more depends on the data. L1 fits when few inputs matter, L2 when all of them matter a little.

# %% id="see_pixels" show=true teaches=["l1"]
strength_of_pixels = {
    name: np.abs(penalized[name]["network"][-1]["w"][0]).sum(axis=1).reshape(8, 8)
    for name in ("no penalty", "L2", "L1, soft threshold")
}
plots.gallery(
    strength_of_pixels,
    alt="Three maps of 8 by 8 pixels: how large the weights of each pixel are together, white the largest. Without a penalty "
    "nearly all pixels are grey, those in the outermost columns too. With L2 the outermost columns are darker. With L1 and "
    "soft threshold they are black, or nearly so.",
)

# %% [markdown] id="dropout_text" teaches=["dropout"]
# ## 4 · Dropout
#
# In a team where everybody relies on one expert, nothing works when the expert is ill. In a team where anybody may be missing on any day, everybody learns to be useful. **Dropout** does this to a layer: in training, each value is set to 0 with probability $p$, anew for each example and each step. The next layer cannot rely on any single one.
#
# One can also see it like this: each step trains another, thinner network. In the end all of them vote together.
#
# At evaluation nothing is dropped. But then the next layer gets **more** than it is used to. How much more? Let $m$ be the **mask** of one value: 1 if it is kept, with probability $1 - p$, and 0 if it is dropped, with probability $p$. On average over all masks, written $E$:
#
# $$
# \begin{aligned}
# E[m] &= (1 - p) \cdot 1 + p \cdot 0 = 1 - p\\
# E[m\, x] &= E[m]\; x = (1 - p)\, x && x \text{ is no random number here}
# \end{aligned}
# $$
#
# So in training the next layer sees, on average, $(1 - p)\,x$, and in evaluation $x$. There are two ways to make up for this.
#
# | | in training | on average | in evaluation |
# |---|---|---|---|
# | no correction (broken) | $m\,x$ | $(1 - p)\,x$ | $x$ |
# | **the lecture's form** | $m\,x$ | $(1 - p)\,x$ | $(1 - p)\,x$ |
# | **inverted dropout** | $\dfrac{m\,x}{1 - p}$ | $x$ | $x$ |
#
# In the last two rows the last two columns are **equal**. That is all that matters: *evaluation uses what training has seen on average.* The lecture multiplies at test time. Inverted dropout divides in training instead, so that evaluation has nothing to do. Nearly all libraries do it like this:
#
# $$\boxed{\;\text{inverted dropout:}\quad \text{out} = \begin{cases} \dfrac{m\, x}{1 - p} & \text{in training}\\[1ex] x & \text{in evaluation} \end{cases}\;}$$
#
# **The factor $1 - p$ at test time belongs to the lecture's form alone.** To divide in training *and* multiply at test time is to correct twice.
#
# **By hand**, inverted, $p = 0.25$, $x = (4, 8, -2, 6)$, and the mask drawn is $(1, 0, 1, 1)$: out is $(4, 0, -2, 6) / 0.75 = (5.33,\; 0,\; -2.67,\; 8)$. In evaluation it is $(4, 8, -2, 6)$.

# %% id="predict_dropout" predict=true
predict(
    "dropout",
    "Inverted dropout with p = 0.8. A value that is kept is multiplied by …",
    ["0.8", "1.25", "5"],
    choice=None,
)

# %% [markdown] id="exercise_dropout_forward"
# ### Exercise 4: `dropout_forward` (3 points)
#
# Write the boxed formula. `p_drop` is the probability of **dropping** a value (in some old code it is the probability of keeping it).
#
# - `x` may have any shape. Each value is dropped or kept **for itself**.
# - Draw from `rng`, a NumPy generator, and from nothing else. (What is random is checked by shares and means, with so much room for chance that a right function fails once in a million times.)
# - The cache is what `x` was multiplied by, as an array of `x`'s shape and float dtype: $0$ or $1/(1-p)$ in training, and $1$ everywhere in evaluation.
#
# **Tiny example.** The one above: with that mask out is `[5.33, 0, -2.67, 8]`, and the cache is `[1.33, 0, 1.33, 1.33]`.
#
# <details><summary><b>Hint 1:</b> a mask</summary>
#
# `rng.random(x.shape)` draws a number from 0 to 1 for each value. With which probability is such a number below `p_drop`?
#
# </details>
# <details><summary><b>Hint 2:</b> the dtype</summary>
#
# `rng.random` gives float64, and so does `mask / (1 - p_drop)` of a mask of True and False. Make `x`'s dtype of the factor before you multiply: `factor.astype(x.dtype)`.
#
# </details>


# %% id="write_dropout_forward" solution=true
def dropout_forward(x, p_drop, train, *, rng):
    """Inverted dropout.

    x: an array of any shape. p_drop: the probability of dropping a value, 0 <= p_drop < 1.
    train: True in training, False in evaluation. rng: numpy.random.Generator.
    Returns (out, cache): out of x's shape; cache, what x was multiplied by, of x's shape.
    Float dtype: float32 stays float32, integers become float64. Changes nothing in place.
    """
    x = as_float(x)
    ### BEGIN SOLUTION
    factor = np.ones_like(x)
    if train:
        kept = rng.random(x.shape) >= p_drop
        factor = (kept / (1 - p_drop)).astype(x.dtype)
    return x * factor, factor
    ### END SOLUTION


# %% id="check_dropout_forward" test=true points=3 teaches=["dropout"]
check("dropout_forward", dropout_forward)

# %% id="reveal_dropout" show=true
kept_values = dropout_forward(np.ones(1000), 0.8, True, rng=np.random.default_rng(0))[0]
reveal("dropout", f"{kept_values.max():.4g}, which is 1 / (1 − 0.8)", answer="c")

# %% id="see_masks" show=true teaches=["dropout"]
rng = np.random.default_rng(5)
digit = x_train[40:41]
draws = [dropout_forward(digit, 0.3, True, rng=rng)[0] for _ in range(2000)]
plots.image_rows(
    {"p = 0.3": np.reshape([digit, *draws[:3], np.mean(draws, axis=0)], (5, 1, 8, 8))},
    ["the digit", "draw 1", "draw 2", "draw 3", "mean of\n2,000"],
    alt="A handwritten digit; the same with three different sets of pixels dropped and the others darker; and the mean of 2,000 "
    "such pictures, which looks like the digit itself.",
)

# %% [markdown] id="masks_answer" teaches=["dropout"]
# Each draw is a damaged digit, with too much ink where something is left. But the mean over many draws is the digit itself: $E[\text{out}] = x$.

# %% [markdown] id="exercise_dropout_backward" teaches=["dropout"]
# ### The gradient of dropout, and exercise 5: `dropout_backward` (1 point)
#
# For a mask that is drawn, dropout multiplies each value by a constant $c$, which is $0$ or $1/(1 - p)$. The derivative of $c\,x$ with respect to $x$ is $c$. So
#
# $$\boxed{\;\frac{\partial L}{\partial x} = c \cdot \text{dout}\;}$$
#
# element by element, with **the same $c$ as on the way forward**. That is why it is in the cache. A dropped value had no influence on the loss, and gets no gradient.
#
# **Tiny example.** `dout = [1, 1, 1, 10]` with the cache above gives `[1.33, 0, 1.33, 13.33]`.


# %% id="write_dropout_backward" solution=true
def dropout_backward(dout, cache):
    """The gradient with respect to x.

    dout: ∂L/∂out, of x's shape. cache: as dropout_forward returned it.
    Returns dx of x's shape and float dtype. Changes nothing in place.
    """
    dout = as_float(dout)
    ### BEGIN SOLUTION
    return dout * cache
    ### END SOLUTION


# %% id="check_dropout_backward" test=true points=1 teaches=["dropout"]
check("dropout_backward", dropout_backward, forward=dropout_forward)

# %% [markdown] id="exercise_scaled_dropout" teaches=["scaled_dropout"]
# ### Exercise 6: `scaled_dropout_forward` (2 points)
#
# Now the lecture's form, as in the table: nothing is scaled in training, and everything is multiplied by $1 - p$ in evaluation.
#
# The cache is again what `x` was multiplied by, so your `dropout_backward` serves for both. **Tiny example**, with the mask from above: $(4, 0, -2, 6)$ in training, and $(3, 6, -1.5, 4.5)$ in evaluation.


# %% id="write_scaled_dropout_forward" solution=true
def scaled_dropout_forward(x, p_drop, train, *, rng):
    """Dropout as the lecture has it: scaled in evaluation.

    Arguments and results as in dropout_forward.
    """
    x = as_float(x)
    ### BEGIN SOLUTION
    factor = np.full_like(x, 1 - p_drop)
    if train:
        factor = (rng.random(x.shape) >= p_drop).astype(x.dtype)
    return x * factor, factor
    ### END SOLUTION


# %% id="check_scaled_dropout_forward" test=true points=2 teaches=["scaled_dropout"]
check("scaled_dropout_forward", scaled_dropout_forward)

# %% [markdown] id="break_dropout_text" teaches=["scaled_dropout", "dropout"]
# ### Break it on purpose: what if nobody corrects, or both do?
#
# We train two networks with two hidden layers and $p = 0.5$, one with each form, and evaluate each of them rightly and wrongly. (Values that are kept are twice as large in the inverted form, and its gradients are larger. So it gets a smaller learning rate.) We compare the input of the next layer in evaluation with its mean in training. The ratio should be 1.

# %% id="predict_correct" predict=true
predict(
    "correct",
    "Corrected twice, in training and in evaluation, with p = 0.5. In evaluation the next layer gets …",
    ["half of what it is used to", "just what it is used to", "twice what it is used to"],
    choice=None,
)


# %% id="break_dropout" show=true teaches=["scaled_dropout", "dropout"]
def nothing_done(x, *_settings, **_rng):
    """Evaluation without any factor."""
    return x, np.ones_like(x)


def trained_with(form, lr):
    """A network that was trained with this form of dropout."""
    run = train(x_train, y_train, sizes=(64, 64, 64, 10), lr=lr, dropout=(form, dropout_backward, 0.5))
    return run["network"][-1]


inverted, lecture = trained_with(dropout_forward, 0.02), trained_with(scaled_dropout_forward, 0.06)
ways = {  # the network, what it did in training, what it does in evaluation
    "inverted": (inverted, dropout_forward, dropout_forward),
    "the lecture's": (lecture, scaled_dropout_forward, scaled_dropout_forward),
    "never corrected": (lecture, scaled_dropout_forward, nothing_done),
    "corrected twice": (inverted, dropout_forward, scaled_dropout_forward),
}
ratios = {}
for name, (network, in_training, in_evaluation) in ways.items():
    hidden = np.maximum(x_val @ network["w"][0] + network["b"][0], 0)
    rng = np.random.default_rng(0)
    usual = np.mean([in_training(hidden, 0.5, True, rng=rng)[0] for _ in range(20)])
    ratios[name] = in_evaluation(hidden, 0.5, False, rng=rng)[0].mean() / usual
    loss, right = measure({**network, "dropout": (in_evaluation, None, 0.5)}, x_val, y_val)
    print(f"{name:>16}: validation loss {loss:.2f}, accuracy {right:.0f} %")
plots.bars(
    ratios,
    xlabel="input of the next layer in evaluation / in training, on average (ratio)",
    marked=["never corrected", "corrected twice"],
    alt="Four bars, the input of the next layer in evaluation divided by its mean in training: "
    + ", ".join(f"{name} {value:.2f}" for name, value in ratios.items()),
)

# %% id="reveal_correct" show=true
reveal("correct", f"{ratios['corrected twice']:.2f} of what it is used to", answer="a")

# %% [markdown] id="break_dropout_answer" teaches=["scaled_dropout", "dropout"]
# Both right forms are at 1, and equally good. With two hidden layers a mistake counts twice: the logits become about four times as large, or a quarter. **The loss shows both mistakes**: never corrected, the network is much too sure of itself, and corrected twice, too unsure. The accuracy shows only one. When all logits grow together, the largest stays the largest. When they shrink to a quarter, the biases, which nobody scales, get too much weight.
#
# Now what dropout is for. The same network with and without it, on the hurried labels:

# %% id="see_dropout" show=true teaches=["dropout"]
with_dropout = train(x_train, y_train, dropout=(dropout_forward, dropout_backward, 0.5))
plots.curves(
    {
        "training": (epochs, plain["train loss"]),
        "validation": (epochs, plain["val loss"]),
        "training, dropout": (epochs, with_dropout["train loss"]),
        "validation, dropout": (epochs, with_dropout["val loss"]),
    },
    xlabel="epoch (number)",
    ylabel="loss (nats)",
    ylim=(0, 2.4),
    alt="Loss over 80 epochs without and with dropout. Without: training falls to nearly 0 and validation rises to "
    f"{plain['val loss'][-1]:.1f}. With dropout: training falls more slowly, to {with_dropout['train loss'][-1]:.2f}, and "
    f"validation stays at {with_dropout['val loss'][-1]:.2f}.",
)

# %% [markdown] id="dropout_answer" teaches=["dropout"]
# With dropout the curves part later and less. (All losses here are measured in evaluation, with nothing dropped.) The network finds it hard to store single examples in units that are there only half of the time.
#
# <details><summary><b>For the curious:</b> is the agreement exact?</summary>
#
# $E[\text{out}] = x$ is exact for the values themselves and for everything linear behind them. Behind a ReLU or a softmax it is an approximation: the mean of a bent function is not the bent function of the mean. In practice it is good enough. Who wants it better leaves dropout on in evaluation and averages over many draws, which is called *Monte Carlo dropout*, and gets an idea of how sure the network is on top.
#
# </details>

# %% [markdown] id="norm_text" teaches=["batch_norm"]
# ## 5 · Batch normalization
#
# In a deep network the input of each layer is the output of the layer before. While the lower layers learn, the upper ones see inputs that move about and grow or shrink. In unit 3 you saw how a signal can die out or explode over twelve layers, if the first weights are a little too small or too large.
#
# **Batch normalization** puts things in order, in the middle of the network: take a feature, which is a column of `x (N, D)`, and shift and scale it so that over the batch its mean is 0 and its variance is 1. With $N$ examples, for each feature:
#
# $$
# \begin{aligned}
# \mu &= \frac1N \sum_n x_n && \text{the mean}\\
# v &= \frac1N \sum_n (x_n - \mu)^2 && \text{the variance: the mean of the squares}\\
# \hat x_n &= \frac{x_n - \mu}{\sqrt{v + \epsilon}} && \text{the normalized value}\\
# \text{out}_n &= \gamma\, \hat x_n + \beta && \text{scaled and shifted again}
# \end{aligned}
# $$
#
# - The small $\epsilon$ stands **under the root**. It keeps the divisor away from 0 where a feature is constant.
# - $\gamma$ and $\beta$ are learned, one pair for each feature, and begin with 1 and 0. Why undo what was just done? Because mean 0 and variance 1 may not be best for the next layer. With $\gamma$ and $\beta$ the network can choose *any* mean and any spread, and it chooses them directly, by two numbers, not by way of all the weights below.
#
# It usually stands between the dense layer and the ReLU.
#
# **By hand.** One feature, four examples: $x = (1, 3, 5, 7)$. The mean is $4$. The squares of the distances are $9, 1, 1, 9$, so $v = 5$. With $\epsilon = 0$ for a moment, $\sqrt5 = 2.236$ and $\hat x = (-1.342,\, -0.447,\, 0.447,\, 1.342)$. With $\gamma = 2$ and $\beta = 1$, out is $(-1.683,\, 0.106,\, 1.894,\, 3.683)$.
#
# ### Two modes
#
# In **evaluation** we may want the answer for one single example. Its batch has no spread. And even in a larger batch an example's answer should not depend on its neighbours. So in evaluation other statistics are used, ones that were collected during training: the **running** mean $\bar\mu$ and the running variance $\bar v$. Each training step moves them a little towards those of its batch. How much of the old ones is kept, from 0 to 1, is called `momentum`, here $\alpha$ (alpha):
#
# $$\boxed{\;
# \begin{aligned}
# \text{training:}\quad & \text{normalize with } \mu \text{ and } v \text{ of the batch, and}\\
# & \bar\mu \leftarrow \alpha\, \bar\mu + (1 - \alpha)\, \mu\\
# & \bar v \leftarrow \alpha\, \bar v + (1 - \alpha)\, v\\
# \text{evaluation:}\quad & \text{normalize with } \bar\mu \text{ and } \bar v \text{, change nothing}
# \end{aligned}\;}$$
#
# They begin with mean 0 and variance 1. (This momentum has nothing to do with that of unit 3, but for the idea of an average that fades. In PyTorch `momentum` is the other part, $1 - \alpha$.)
#
# **By hand**, from the beginning, with $\alpha = 0.9$, the batch above: $\bar\mu = 0.9 \cdot 0 + 0.1 \cdot 4 = 0.4$ and $\bar v = 0.9 \cdot 1 + 0.1 \cdot 5 = 1.4$.

# %% id="predict_norm" predict=true
predict(
    "norm",
    "In evaluation, right after that first step, x = 4 comes. What is x̂, about?",
    ["0", "3", "4"],
    choice=None,
)

# %% [markdown] id="exercise_batchnorm_forward" teaches=["batch_norm"]
# ### Exercise 7: `batchnorm_forward` (5 points)
#
# Write the four lines and the box.
#
# - `x (N, D)`, `gamma (D,)`, `beta (D,)`. All statistics are `(D,)`: over the batch, which is axis 0.
# - `state` is a dict `{"mean": (D,), "var": (D,)}` with the running statistics. `{}` stands for mean 0 and variance 1.
# - Return `(out, cache, state)`. In training the state is a **new** dict with new arrays. In evaluation it is the one that came in.
# - Nothing that came in is changed: not `x`, not `state`, not the arrays in it. (Early stopping goes back to an old state.)
# - The cache is `(x, gamma, mean, std, train)`, with the mean and `std` $= \sqrt{v + \epsilon}$ that were used, both `(D,)`.
#
# **Tiny example.** `batchnorm_forward(np.array([[1.0], [3], [5], [7]]), np.array([2.0]), np.array([1.0]), {}, True)` gives out as above (to three digits), and the state `{"mean": [0.4], "var": [1.4]}`.
#
# <details><summary><b>Hint 1:</b> the plan</summary>
#
# 1. take the running mean and variance out of the state; `state.get("mean", np.zeros(D, x.dtype))` gives zeros where it holds none
# 2. in training: the batch's mean and variance, and a new state; then use the batch's
# 3. the last three lines are the same in both modes
#
# </details>
# <details><summary><b>Hint 2:</b> the variance</summary>
#
# `x.var(axis=0)` is the mean of the squared distances. The formula $E[x^2] - \mu^2$ gives the same on paper, but it subtracts two large numbers from each other, and loses its digits when the mean is far from 0.
#
# </details>


# %% id="write_batchnorm_forward" solution=true
def batchnorm_forward(x, gamma, beta, state, train, momentum=0.9, eps=1e-5):
    """Batch normalization of features.

    x: (N, D). gamma, beta: (D,). state: {"mean": (D,), "var": (D,)}, the running
    statistics, or {} for mean 0 and variance 1. train: True in training. momentum: how
    much of the running statistics is kept. eps: added to the variance, under the root.
    Returns (out, cache, state): out (N, D); cache (x, gamma, mean, std, train), mean and
    std as used; a new state in training, the one that came in otherwise.
    Float dtype: float32 stays float32, integers become float64. Changes nothing in place.
    """
    x, gamma, beta = as_float(x), as_float(gamma), as_float(beta)
    ### BEGIN SOLUTION
    mean = state.get("mean", np.zeros(x.shape[1], x.dtype))
    var = state.get("var", np.ones(x.shape[1], x.dtype))
    if train:
        running = mean, var
        mean, var = x.mean(axis=0), x.var(axis=0)
        state = {
            "mean": momentum * running[0] + (1 - momentum) * mean,
            "var": momentum * running[1] + (1 - momentum) * var,
        }
    std = np.sqrt(var + eps)
    return gamma * (x - mean) / std + beta, (x, gamma, mean, std, train), state
    ### END SOLUTION


# %% id="check_batchnorm_forward" test=true points=5 teaches=["batch_norm"]
check("batchnorm_forward", batchnorm_forward)

# %% id="promise_norm" show=true promise=true teaches=["batch_norm"]
column, one, zero = np.array([[1.0], [3], [5], [7]]), np.ones(1), np.zeros(1)
out, _, after_one = batchnorm_forward(column, one, zero, {}, True)
print("training:  ", out.ravel())
print("the state: ", after_one["mean"], after_one["var"])
print("evaluation of 4:", batchnorm_forward(np.array([[4.0]]), one, zero, after_one, False)[0].ravel())

# %% id="reveal_norm" show=true
reveal("norm", "3.04: evaluation uses the running statistics, and these have just begun to move", answer="b")

# %% [markdown] id="break_norm_text" teaches=["batch_norm"]
# ### Break it on purpose: evaluation with the batch's statistics
#
# What if somebody forgets to switch to evaluation? Here is a dense layer of 32 units with batch norm behind it. It collects its running statistics from the validation digits. Then we ask it about one and the same digit, in the company of different others.

# %% id="break_norm" show=true teaches=["batch_norm"]
rng = np.random.default_rng(0)
w_random, ones, zeros_ = rng.normal(0, 0.2, (64, 32)), np.ones(32), np.zeros(32)
state = {}
for some_x, _ in minibatches(x_val, y_val, 30, rng=rng):
    _, _, state = batchnorm_forward(some_x @ w_random, ones, zeros_, state, True)
asked = x_test[:1]
companies = [x_test[1 + 7 * k : 8 + 7 * k] for k in range(6)]
answers = {}
for name, mode in (("training mode", True), ("evaluation mode", False)):
    outs = [
        batchnorm_forward(np.vstack([asked, c]) @ w_random, ones, zeros_, state, mode)[0][0] for c in companies
    ]
    answers[name] = np.std(outs, axis=0).mean()
    print(f"{name:>16}: the six outputs for this digit differ by {answers[name]:.3f} (deviation)")
alone = batchnorm_forward(asked @ w_random, ones, zeros_, state, True)[0]
print(f"alone, in training mode: all outputs are {np.abs(alone).max():.1f}, since one example is its own mean")

# %% [markdown] id="break_norm_answer" teaches=["batch_norm"]
# In training mode the answer for a digit depends on who else is in the batch. In evaluation mode it does not. And a single example in training mode is its own mean: every output is $\beta$, whatever it shows. Forgetting to switch is one of the most common bugs in practice.

# %% [markdown] id="norm_backward_text" teaches=["batch_norm"]
# ### The way back, through mean and variance
#
# $\gamma$ and $\beta$ are quick. $\beta$ is added to every example, and $\gamma$ is multiplied by $\hat x_n$ in every example, and influences add up:
#
# $$\frac{\partial L}{\partial \beta} = \sum_n \text{dout}_n, \qquad \frac{\partial L}{\partial \gamma} = \sum_n \text{dout}_n\, \hat x_n$$
#
# For $x$ it takes more care: **$x_n$ acts in three ways.** It is in the numerator itself. It moves the mean $\mu$, and so every other example. And it changes the variance $v$, and so every other example again. A computational graph keeps these ways apart. We write $c_n = x_n - \mu$ for a centred value and $s = \sqrt{v + \epsilon}$:

# %% id="norm_graph" show=true teaches=["batch_norm"]
plots.batchnorm_graph(
    alt="A computational graph. x goes to its mean mu, and to c, which is x minus mu. c goes to the variance v, the mean of its "
    "squares; v to s, the root of v plus epsilon; c and s go to x-hat, which is c divided by s; and x-hat to out, gamma times "
    "x-hat plus beta. Below each arrow stands what goes back along it, as derived in the text.",
)

# %% [markdown] id="norm_derivation" teaches=["batch_norm"]
# Above each arrow stands what is computed, below it what goes back. We go from right to left. Write $g_n$ for what arrives at $\hat x_n$, and $dc$ for $\partial L/\partial c$, and so on.
#
# **1. At $\hat x$.** out $= \gamma \hat x + \beta$, so $\;g_n = \gamma\, \text{dout}_n$.
#
# **2. At $s$.** $\hat x_n = c_n / s$ for every $n$, and the derivative of $c/s$ with respect to $s$ is $-c/s^2$. All examples use the same $s$, so their influences add up:
#
# $$ds = -\sum_n g_n\, \frac{c_n}{s^2} = -\frac1s \sum_n g_n\, \hat x_n$$
#
# **3. At $v$.** $s = \sqrt{v + \epsilon}$ has the derivative $\dfrac{1}{2\sqrt{v + \epsilon}} = \dfrac{1}{2s}$:
#
# $$dv = \frac{ds}{2s} = -\frac{1}{2 s^2} \sum_n g_n\, \hat x_n$$
#
# **4. At $c$ two arrows come back.** Directly from $\hat x_n = c_n/s$ comes $g_n/s$. From $v = \frac1N \sum c_n^2$, whose derivative with respect to $c_n$ is $2c_n/N$, comes $dv \cdot 2 c_n/N$:
#
# $$
# \begin{aligned}
# dc_n &= \frac{g_n}{s} + dv \cdot \frac{2 c_n}{N}\\
#      &= \frac{g_n}{s} - \frac{1}{2 s^2} \Big(\sum_k g_k \hat x_k\Big) \cdot \frac{2 c_n}{N} && \text{line 3; the 2 cancels}\\
#      &= \frac1s \Big( g_n - \hat x_n \cdot \frac1N \sum_k g_k \hat x_k \Big) && c_n / s = \hat x_n\\
#      &= \frac1s \big( g_n - \hat x_n \langle g\, \hat x \rangle \big)
# \end{aligned}
# $$
#
# The brackets $\langle\;\rangle$ mean the mean over the batch.
#
# **5. At $\mu$.** $c_n = x_n - \mu$ for every $n$, with the derivative $-1$:
#
# $$d\mu = -\sum_n dc_n = -\frac1s \Big( \sum_n g_n - \langle g\,\hat x\rangle \sum_n \hat x_n \Big) = -\frac1s \sum_n g_n$$
#
# since the normalized values add up to 0.
#
# **6. At $x$ two arrows come back**, $dc_n$ directly and $d\mu / N$ by way of the mean:
#
# $$dx_n = dc_n + \frac{d\mu}{N} = \frac1s \big( g_n - \hat x_n \langle g\, \hat x \rangle \big) - \frac1s \langle g \rangle$$
#
# Together:
#
# $$\boxed{\;\frac{\partial L}{\partial x_n} = \frac{1}{s} \Big( g_n - \langle g \rangle - \hat x_n\, \langle g\, \hat x \rangle \Big), \qquad g_n = \gamma\, \text{dout}_n\;}$$
#
# Each term is one of the three ways: itself, through the mean, through the variance.
#
# **In evaluation** $\mu$ and $s$ are fixed numbers from the state. $x$ does not act on them, so only the first way is left: $\partial L/\partial x_n = g_n / s$.
#
# **By hand.** $x = (1, 1, 3, 3)$: $\mu = 2$, $c = (-1, -1, 1, 1)$, $v = 1$, and with $\epsilon = 0$ and $\gamma = 1$: $s = 1$, $\hat x = (-1, -1, 1, 1)$. Let $\text{dout} = (1, 0, 0, 0)$. Then $\langle g \rangle = \frac14$ and $\langle g\,\hat x\rangle = -\frac14$:
#
# $$dx = \left(1 - \tfrac14 - \tfrac14,\;\; 0 - \tfrac14 - \tfrac14,\;\; 0 - \tfrac14 + \tfrac14,\;\; 0 - \tfrac14 + \tfrac14\right) = \left(\tfrac12, -\tfrac12, 0, 0\right)$$
#
# It adds up to 0: shifting all of $x$ changes nothing, since the mean is subtracted anyway.

# %% id="predict_through" predict=true
predict(
    "through",
    "Multiply a whole column of x by 10 (ε aside). What happens to out in training, and to dx?",
    ["out × 10, dx × 10", "out the same, dx a tenth", "out the same, dx the same"],
    choice=None,
)

# %% [markdown] id="exercise_batchnorm_backward"
# ### Exercise 8: `batchnorm_backward` (5 points)
#
# Write the box, for both modes, and the gradients of $\gamma$ and $\beta$. `dout` is `(N, D)`; `dx` is `(N, D)`, `dgamma` and `dbeta` are `(D,)`. In both modes $\hat x = (x - \text{mean}) / \text{std}$, with the two from the cache.
#
# **Tiny example.** The one above, with `x` as a column: `dx` is `[[0.5], [-0.5], [0], [0]]`, `dgamma` is `[-1]`, `dbeta` is `[1]`.
#
# <details><summary><b>Hint 1:</b> the means</summary>
#
# `np.mean(g * x_hat, axis=0)` has shape `(D,)`, and NumPy spreads it over the rows by itself.
#
# </details>
# <details><summary><b>Hint 2:</b> step by step works, too</summary>
#
# You can also write the six lines of the derivation one after another, with sums over axis 0. It is longer, and just as right.
#
# </details>


# %% id="write_batchnorm_backward" solution=true
def batchnorm_backward(dout, cache):
    """The gradients of batchnorm_forward.

    dout: ∂L/∂out (N, D). cache: (x, gamma, mean, std, train), as the forward pass made it.
    Returns (dx, dgamma, dbeta): (N, D), (D,) and (D,), in the float dtypes of x and gamma.
    Changes nothing in place.
    """
    x, gamma, mean, std, train = cache
    dout, x, gamma = as_float(dout), as_float(x), as_float(gamma)
    ### BEGIN SOLUTION
    x_hat = (x - mean) / std
    dx = g = dout * gamma
    if train:
        dx = g - g.mean(axis=0) - x_hat * (g * x_hat).mean(axis=0)
    return dx / std, (dout * x_hat).sum(axis=0), dout.sum(axis=0)
    ### END SOLUTION


# %% id="check_batchnorm_backward" test=true points=5 teaches=["batch_norm"]
check("batchnorm_backward", batchnorm_backward, forward=batchnorm_forward)

# %% id="promise_through" show=true promise=true teaches=["batch_norm"]
rng = np.random.default_rng(2)
x, dout = rng.normal(size=(6, 3)), rng.normal(size=(6, 3))
gamma, beta = rng.normal(size=3), rng.normal(size=3)


def weighted_output(x):
    """A number made of out, whose gradient with respect to out is dout."""
    return np.sum(batchnorm_forward(x, gamma, beta, {}, True)[0] * dout)


dx, _, _ = batchnorm_backward(dout, batchnorm_forward(x, gamma, beta, {}, True)[1])
print(
    f"against central differences: relative error below 1e-7: {relative_error(dx, numerical_gradient(weighted_output, x.copy())) < 1e-7}"
)
large, cache, _ = batchnorm_forward(10 * x, gamma, beta, {}, True, eps=0.0)
small, small_cache, _ = batchnorm_forward(x, gamma, beta, {}, True, eps=0.0)
factor = batchnorm_backward(dout, cache)[0] / batchnorm_backward(dout, small_cache)[0]
print(f"x times 10: out is the same: {np.allclose(large, small)}, dx is {factor.mean():.3f} times as large")

# %% id="reveal_through" show=true
reveal("through", "out the same, dx a tenth", answer="b")

# %% [markdown] id="through_answer" teaches=["batch_norm", "batch_norm_rate"]
# This has a pleasant consequence. If the weights below become ten times too large, the output does not care, and the gradients become smaller by themselves. The layers above and below are protected from each other. We come to that in a minute.

# %% [markdown] id="norm_images_text" teaches=["batch_norm"]
# ### Batch norm of images
#
# A convolution (unit 5) treats every place of an image in the same way. So its outputs, `x (N, C, H, W)` with $C$ channels, are normalized in the same way at every place: **each channel has one mean and one variance, over all $N$ images and all $H \cdot W$ places** (axes 0, 2 and 3). `gamma`, `beta` and the statistics are `(C,)`.
#
# All formulas stay as they are. The angle brackets are now means over all values that share a mean, and the sums of $\gamma$ and $\beta$ go over the same values.
#
# **By hand.** Two images of one channel, one row and two columns: $(1, 3)$ and $(5, 7)$. That channel's values are $1, 3, 5, 7$, which we know: mean 4, variance 5.
#
# ### Exercises 9 and 10: `batchnorm2d_forward` and `batchnorm2d_backward` (3 points each)
#
# The contract is that of exercises 7 and 8, with `x` and `dout (N, C, H, W)`. The cache is `(x, gamma, mean, std, train)`, with `x` as images. **Tiny example.** `x = np.array([[[[1.0, 3]]], [[[5.0, 7]]]])` with `gamma = [2]`, `beta = [1]` gives the four numbers of exercise 7, as images.
#
# <details><summary><b>Hint 1:</b> a table of places</summary>
#
# Each place of each image is one example, and the channels are its features. `x.transpose(0, 2, 3, 1)` brings the channels to the end, and `.reshape(-1, C)` makes a table of $N \cdot H \cdot W$ rows. Then your two functions from above do the work. Do not reshape without the transpose: it would mix up the channels.
#
# </details>
# <details><summary><b>Hint 2:</b> or with axes</summary>
#
# `x.mean(axis=(0, 2, 3))` is `(C,)`. To combine it with images it needs two more axes at the end: `mean[:, None, None]` is `(C, 1, 1)`.
#
# </details>


# %% id="write_batchnorm2d_forward" solution=true
def batchnorm2d_forward(x, gamma, beta, state, train, momentum=0.9, eps=1e-5):
    """Batch normalization of images: each channel over all images and places.

    x: (N, C, H, W). gamma, beta: (C,). state: {"mean": (C,), "var": (C,)}, or {}.
    Returns (out, cache, state): out (N, C, H, W); cache (x, gamma, mean, std, train);
    all else as in batchnorm_forward.
    """
    x, gamma, beta = as_float(x), as_float(gamma), as_float(beta)
    ### BEGIN SOLUTION
    n, c, height, width = x.shape
    table = x.transpose(0, 2, 3, 1).reshape(-1, c)
    out, (_, *rest), state = batchnorm_forward(table, gamma, beta, state, train, momentum, eps)
    return out.reshape(n, height, width, c).transpose(0, 3, 1, 2), (x, *rest), state
    ### END SOLUTION


# %% id="check_batchnorm2d_forward" test=true points=3 teaches=["batch_norm"]
check("batchnorm2d_forward", batchnorm2d_forward)


# %% id="write_batchnorm2d_backward" solution=true
def batchnorm2d_backward(dout, cache):
    """The gradients of batchnorm2d_forward.

    dout: ∂L/∂out (N, C, H, W). cache: (x, gamma, mean, std, train).
    Returns (dx, dgamma, dbeta): (N, C, H, W), (C,) and (C,). Changes nothing in place.
    """
    x, gamma, mean, std, train = cache
    dout, x, gamma = as_float(dout), as_float(x), as_float(gamma)
    ### BEGIN SOLUTION
    n, c, height, width = x.shape
    tables = [a.transpose(0, 2, 3, 1).reshape(-1, c) for a in (dout, x)]
    dx, dgamma, dbeta = batchnorm_backward(tables[0], (tables[1], gamma, mean, std, train))
    return dx.reshape(n, height, width, c).transpose(0, 3, 1, 2), dgamma, dbeta
    ### END SOLUTION


# %% id="check_batchnorm2d_backward" test=true points=3 teaches=["batch_norm"]
check("batchnorm2d_backward", batchnorm2d_backward, forward=batchnorm2d_forward)

# %% [markdown] id="norm_rate_text" teaches=["batch_norm_rate"]
# ### What it does: the usable learning rate
#
# A deeper network now: four hidden layers of 50 units, and 900 digits with right labels, three epochs. We try ten learning rates from 0.01 to 10, three powers of ten, with batch norm and without it.

# %% id="predict_rates" predict=true
predict(
    "rates",
    "How does batch norm change the range of learning rates at which the network learns?",
    ["it shifts it to smaller rates", "not much", "it becomes much wider, towards large rates"],
    choice=None,
)

# %% id="see_rates" show=true teaches=["batch_norm_rate"]
many_x, many_y, deep = rows[500:1400], names[500:1400], (64, 50, 50, 50, 50, 10)
norm = batchnorm_forward, batchnorm_backward
rates = np.logspace(-2, 1, 10)


def learned(rate, **remedies):
    """Validation accuracy after three epochs of plain SGD. Numbers may overflow."""
    with np.errstate(all="ignore"):
        run = train(many_x, many_y, sizes=deep, epochs=3, lr=rate, memory=0, **remedies)
    return run["val accuracy"][-1]


without, with_norm = [learned(rate) for rate in rates], [learned(rate, norm=norm) for rate in rates]
plots.curves(
    {"without batch norm": (rates, without), "with batch norm": (rates, with_norm)},
    xlabel="learning rate (no unit, logarithmic)",
    ylabel="validation accuracy after three epochs (%)",
    logx=True,
    ylim=(0, 104),
    level=(10, "guessing"),
    alt="Validation accuracy against the learning rate, from 0.01 to 10. Without batch norm there is a narrow peak of "
    f"{max(without):.0f} % at {rates[np.argmax(without)]:.2g}, and then a fall to guessing. With batch norm the accuracy is "
    f"above 80 % for {sum(a > 80 for a in with_norm)} of the ten rates, against {sum(a > 80 for a in without)} without.",
)

# %% id="reveal_rates" show=true
reveal(
    "rates",
    f"above 80 % at {sum(a > 80 for a in without)} of ten rates without, and at {sum(a > 80 for a in with_norm)} with it",
    answer="c",
)

# %% [markdown] id="norm_start_text" teaches=["batch_norm_rate"]
# ### What it does: bad first weights
#
# He's initialization is the right one for ReLU (unit 3). What if we get it wrong by a factor of 10, in either direction?

# %% id="see_starts" show=true teaches=["batch_norm_rate"]
starts, by_start = {"10 times too small": 0.1, "He": 1.0, "10 times too large": 10.0}, {}
for name, factor in starts.items():

    def start(rng, d, m, factor=factor):
        return factor * he(rng, d, m)

    by_start[f"{name}, without"] = learned(0.1, start=start)
    by_start[f"{name}, batch norm"] = learned(0.1, start=start, norm=norm)
plots.bars(
    by_start,
    xlabel="validation accuracy after three epochs, lr 0.1 (%)",
    marked=[name for name in by_start if "batch norm" in name],
    alt="Six bars of accuracy, by first weights, without and with batch norm: "
    + ", ".join(f"{name} {value:.0f} %" for name, value in by_start.items()),
)

# %% [markdown] id="norm_answer" teaches=["batch_norm_rate", "batch_norm"]
# Without batch norm, only He's weights work. With it, even weights that are ten times too small or too large learn. Every layer's output is brought back to mean 0 and variance 1, so the signal can neither die out nor explode. And weights that are too large get smaller gradients, as you predicted above.
#
# So batch norm is above all a remedy for **training**: larger rates, less care with the first weights, deeper networks. Against overfitting it helps only by the way. Each example is normalized together with others drawn at random, and that noise acts a little like dropout. Section 9 measures how little it is here.
#
# <details><summary><b>For the curious:</b> why does it work?</summary>
#
# The paper that introduced it says: because the distribution of each layer's inputs no longer shifts ("internal covariate shift"). Later measurements cast doubt on that. Networks with batch norm in which one shifts the distributions on purpose still train well. What has been measured is that the loss becomes smoother: the gradient changes less from one place to the next, so larger steps can be trusted. The effect is not in doubt; its explanation is still argued about.
#
# </details>

# %% [markdown] id="augmentation_idea" teaches=["image_augmentation", "text_augmentation", "audio_augmentation"]
# ## 6 · Augmentation: new examples out of old ones
#
# The best remedy against overfitting is **more data**. It is also the most expensive one. But look at a photo of a cat, and at the same photo in a mirror. It is another table of numbers, and it is still a cat. So one example has become two, for nothing.
#
# That is **augmentation**: change an example so that *it* becomes another one and its *label* does not. The network sees a slightly different data set in every epoch. What it cannot see twice, it cannot learn by heart.
#
# Three rules. They hold for images, for texts and for sounds.
#
# $$\boxed{\;\text{A change is allowed if the label of the changed example is still right.}\;}$$
#
# 1. **The label must stay right.** Only you know which changes are harmless: it depends on the task.
# 2. **Only the training data are changed**, and anew in each epoch. Validation and test stay as they are, or you would measure something else.
# 3. **Each example draws for itself.** And it keeps its place in the batch, since its label waits at that place.

# %% id="predict_label" predict=true
predict(
    "label",
    "Handwritten digits. Which change may turn a right label into a wrong one?",
    [
        "moving the digit by one pixel",
        "turning it by 10 degrees",
        "turning it by 180 degrees",
        "making it a little larger",
    ],
    choice=None,
)

# %% id="see_label" show=true teaches=["image_augmentation"]
from nnlib.augmentation import flip_horizontal as ready_flip
from nnlib.augmentation import rotate, scale, translate as ready_translate

all_digits, all_labels = load_digits()  # (1797, 8, 8)
shown = [int(np.flatnonzero(all_labels == digit)[0]) for digit in (2, 3, 4, 6, 7, 9)]
some = all_digits[shown][:, None]  # (6, 1, 8, 8): N, C, H, W
plots.image_rows(
    {
        "as they are": some,
        "moved": ready_translate(some, 1, -1),
        "turned by 10°": rotate(some, 10),
        "larger": scale(some, 1.25),
        "mirrored": ready_flip(some, 1.0, rng=np.random.default_rng(0)),
        "turned by 180°": rotate(some, 180),
    },
    all_labels[shown],
    changed={"mirrored": range(6), "turned by 180°": range(6)},
    alt="Six handwritten digits, 2, 3, 4, 6, 7 and 9, in six rows: as they are, moved by one "
    "pixel, turned by 10 degrees, enlarged, mirrored, and turned by 180 degrees. Mirrored "
    "digits are no digits any more. Turned by 180 degrees, the 6 is a 9 and the 9 is a 6.",
)

# %% id="reveal_label" show=true
reveal("label", "turned by 180 degrees, a 6 is a 9, and a 9 is a 6", answer="c")

# %% [markdown] id="label_text" teaches=["image_augmentation"]
# In the orange frames the label is wrong, or the image is no digit at all. A mirror image of a cat is a cat, but a mirror image of a 2 is nothing. **There is no augmentation that is right for every task.**
#
# ### Images: the shapes
#
# A batch of images is an array `(N, C, H, W)`: $N$ images, $C$ channels (1 for grey, 3 for red, green and blue), $H$ rows, $W$ columns. Every function below returns a new array of the same shape, with image $n$ at place $n$. Nothing is changed in place. A float dtype stays: float32 goes in, float32 comes out. Integers become float64; the helper `as_float` does that. (Where pixels are only moved, integers may also stay as they are.)

# %% [markdown] id="exercise_translate" teaches=["image_augmentation"]
# ### Exercise 11: `translate` (2 points)
#
# Move all images by whole pixels: `down` rows down and `right` columns to the right. A negative number means up, or left. Where nothing comes from, the new image is 0.
#
# Ask for each new pixel **where it comes from**. What is in row $i$ afterwards was `down` rows higher before:
#
# $$\text{out}[n, c, i, j] = \begin{cases}\text{images}[n, c,\; i - \text{down},\; j - \text{right}] & \text{inside of the image}\\ 0 & \text{outside}\end{cases}$$
#
# **Tiny example.** One image of 2 × 3 pixels, moved by 1 down and 1 to the left (`down=1, right=-1`):
#
# $$\begin{pmatrix} 1 & 2 & 3 \\ 4 & 5 & 6 \end{pmatrix} \longrightarrow \begin{pmatrix} 0 & 0 & 0 \\ 2 & 3 & 0 \end{pmatrix}$$
#
# The lower row was the upper one, and the 1 has left the image on the left.
#
# <details><summary><b>Hint 1:</b> two windows of the same size</summary>
#
# Begin with `out = np.zeros_like(images)`. A rectangle of the old image lands on a rectangle of the new one. Along an axis of size $H$, moved by $k \ge 0$: the old rows $0 \ldots H-k-1$ land on the new rows $k \ldots H-1$. For $k < 0$ it is the other way round.
#
# </details>
# <details><summary><b>Hint 2:</b> no cases at all</summary>
#
# Put a frame of zeros around the images, `|down|` wide above and below and `|right|` wide at the sides: `np.pad(images, ((0, 0), (0, 0), (p, p), (q, q)))`. Then the new image is one window of the framed one. In which row does it begin?
#
# </details>


# %% id="write_translate" solution=true
def translate(images, down, right):
    """All images moved by whole pixels; zeros where nothing comes from.

    images: (N, C, H, W). down, right: ints, up and left where negative.
    Returns (N, C, H, W), of the same float dtype. Changes nothing in place.
    """
    images = as_float(images)
    ### BEGIN SOLUTION
    h, w = images.shape[2:]
    p, q = abs(down), abs(right)
    surrounded = np.pad(images, ((0, 0), (0, 0), (p, p), (q, q)))
    top, left = p - down, q - right
    return surrounded[:, :, top : top + h, left : left + w].copy()
    ### END SOLUTION


# %% id="check_translate" test=true points=2 teaches=["image_augmentation"]
check("translate", translate)

# %% [markdown] id="exercise_flip_horizontal" teaches=["image_augmentation"]
# ### Exercise 12: `flip_horizontal` (2 points)
#
# Mirror each image left to right with probability `p`. Each image draws **for itself**: in a batch of 100 with `p=0.5`, about 50 are mirrored. An image is mirrored as a whole, with all its channels.
#
# **Tiny example.** Two images of 1 × 3 pixels, $(1, 2, 3)$ and $(4, 5, 6)$, and `p = 0.5`. Say the numbers drawn, from 0 to 1, are 0.7 and 0.2. Only the second is below 0.5, so the result is $(1, 2, 3)$ and $(6, 5, 4)$.
#
# <details><summary><b>Hint 1:</b> a mirror is a slice</summary>
#
# `a[::-1]` is `a` from behind, along the first axis. The columns are the **last** axis: `images[..., ::-1]`.
#
# </details>
# <details><summary><b>Hint 2:</b> for each image its own choice</summary>
#
# `rng.random(len(images))` draws $N$ numbers at once. Compared with `p` they are $N$ times True or False, and such an array picks: `out[mirrored]` are the images where it is True. Work on a copy.
#
# </details>


# %% id="write_flip_horizontal" solution=true
def flip_horizontal(images, p, *, rng):
    """Each image mirrored left to right with probability p.

    images: (N, C, H, W). p: from 0 to 1. rng: numpy.random.Generator.
    Returns (N, C, H, W), images in their places, of the same float dtype.
    Changes nothing in place.
    """
    images = as_float(images)
    ### BEGIN SOLUTION
    out = images.copy()
    mirrored = rng.random(len(images)) < p
    out[mirrored] = images[mirrored][..., ::-1]
    return out
    ### END SOLUTION


# %% id="check_flip_horizontal" test=true points=2 teaches=["image_augmentation"]
check("flip_horizontal", flip_horizontal)

# %% [markdown] id="crop_text" teaches=["image_augmentation"]
# ### A random crop
#
# Photos show their object a little more to the left, or a little higher. To imitate that, put a frame of $P$ zeros around the image and cut a window of the old size out of it, at a place that is drawn:

# %% id="see_crop_window" show=true
plots.crop_window(
    np.array([[1, 2, 3, 4], [5, 6, 7, 8], [9, 1, 2, 3]]),
    1,
    (0, 2),
    alt="An image of 3 by 4 numbers, then the same image inside a frame of zeros, 5 by 6, with "
    "a window of 3 by 4 marked that begins in row 0 and column 2. To its right the window cut "
    "out: zeros in its upper row and in its last column.",
)

# %% [markdown] id="crop_count" teaches=["image_augmentation"]
# The window begins in row $\text{top}$ and column $\text{left}$ of the framed image. How far can it go? The framed image has $H + 2P$ rows, and the window needs $H$ of them. So $\text{top}$ runs from 0 to
#
# $$(H + 2P) - H = 2P .$$
#
# That makes $2P + 1$ places along each axis, and
#
# $$\boxed{\;(2P + 1)^2 \text{ windows, each as likely as any other}\;}$$
#
# In the picture $P = 1$, so there are 9 windows. $\text{top} = \text{left} = P$ gives the image as it was.

# %% id="predict_windows" predict=true
predict(
    "windows",
    "rng.integers(0, k) draws a whole number from 0 up to k - 1. Which k do you need for P = 2?",
    ["2", "4", "5"],
    choice=None,
)

# %% [markdown] id="exercise_random_crop" teaches=["image_augmentation"]
# ### Exercise 13: `random_crop` (3 points)
#
# Frame all images with `padding` zeros on all four sides. For each image draw its own `top` and its own `left`, whole numbers from 0 to $2P$, each as likely as any other. Cut out $H$ rows and $W$ columns from there.
#
# **Tiny example.** The picture above: `padding=1`, and `top=0`, `left=2` were drawn.
#
# <details><summary><b>Hint 1:</b> the frame</summary>
#
# `np.pad` takes a pair (before, after) for each axis. N and C get no frame: `((0, 0), (0, 0), (padding, padding), (padding, padding))`.
#
# </details>
# <details><summary><b>Hint 2:</b> one window for each image</summary>
#
# A loop over the images is fine. `tops = rng.integers(0, k, len(images))` draws one number for each, with the $k$ that you predicted, and `lefts` another. Of image `n` take `framed[n, :, top : top + h, left : left + w]`.
#
# </details>


# %% id="write_random_crop" solution=true
def random_crop(images, padding, *, rng):
    """A window of the old size out of each image with a frame of zeros.

    images: (N, C, H, W). padding: the width of the frame, an int from 0 on.
    Each image draws its own top and left, from 0 to 2 * padding.
    Returns (N, C, H, W), images in their places, of the same float dtype.
    Changes nothing in place.
    """
    images = as_float(images)
    ### BEGIN SOLUTION
    n, _, h, w = images.shape
    framed = np.pad(images, ((0, 0), (0, 0), (padding, padding), (padding, padding)))
    tops, lefts = rng.integers(0, 2 * padding + 1, (2, n))
    out = np.empty_like(images)
    for k, (top, left) in enumerate(zip(tops, lefts, strict=True)):
        out[k] = framed[k, :, top : top + h, left : left + w]
    return out
    ### END SOLUTION


# %% id="check_random_crop" test=true points=3 teaches=["image_augmentation"]
check("random_crop", random_crop)

# %% id="reveal_windows" show=true
reveal("windows", "the places from 0 to 2P = 4 are five", answer="c")

# %% id="see_crops" show=true teaches=["image_augmentation"]
first_digits = load_digits()[0][:8, None]
rng = np.random.default_rng(1)
plots.image_rows(
    {
        "epoch 0": first_digits,
        "epoch 1": random_crop(first_digits, 1, rng=rng),
        "epoch 2": random_crop(first_digits, 1, rng=rng),
        "epoch 3": random_crop(first_digits, 1, rng=rng),
    },
    load_digits()[1][:8],
    alt="Eight digits in four rows. The first row shows them as they are. In each row below, "
    "every digit is moved by at most one pixel along each axis, each of them differently.",
)

# %% [markdown] id="crop_experiment_text" teaches=["image_augmentation"]
# ### Does it help?
#
# It depends on what you want. We train our network on **100 digits** with right labels, in three ways: as they are, with your `random_crop` by one pixel, and with your `flip_horizontal`. Then we test it on 900 other digits: as they are, and moved by at most one pixel. Each line is the mean over three such sets of 100.

# %% id="predict_shifted" predict=true
predict(
    "shifted",
    "Trained on digits as they are, the network reads 88 % of new digits. How many, if these are moved by one pixel at most?",
    ["about 85 %", "about 60 %", "below 45 %"],
    choice=None,
)


# %% id="measure_augmentation" show=true teaches=["image_augmentation"]
def moved(x, *, rng):
    """Rows of pixels, each digit moved by up to one pixel in each direction."""
    return random_crop(x.reshape(-1, 1, 8, 8), 1, rng=rng).reshape(x.shape)


def mirrored(x, *, rng):
    """Rows of pixels, half of the digits mirrored."""
    return flip_horizontal(x.reshape(-1, 1, 8, 8), 0.5, rng=rng).reshape(x.shape)


tests = x_test[:900], moved(x_test[:900], rng=np.random.default_rng(2))
scores = {}
for name, change in (("digits as they are", None), ("random crops", moved), ("mirrored or not", mirrored)):
    scores[name] = []
    for seed in range(3):
        part = slice(1400 + 100 * seed, 1500 + 100 * seed)
        run = train(rows[part], names[part], seed=seed, augment=change)
        scores[name].append([measure(run["network"][-1], x, y_test[:900])[1] for x in tests])
print("accuracy in %, mean of 3 ± spread      new digits      the same, moved")
for name, values in scores.items():
    mean, spread = np.mean(values, axis=0), np.std(values, axis=0, ddof=1)
    print(f"{'trained on ' + name:36}  {mean[0]:6.1f} ± {spread[0]:.1f}      {mean[1]:6.1f} ± {spread[1]:.1f}")

# %% id="reveal_shifted" show=true
reveal("shifted", f"{np.mean(scores['digits as they are'], axis=0)[1]:.0f} % of moved digits", answer="c")

# %% [markdown] id="crop_result_text" teaches=["image_augmentation"]
# Read the table slowly. There are three lessons in it.
#
# - **One pixel is a catastrophe for a dense network.** It has learned a weight for each *place*. A digit that moves by one pixel falls on other weights.
# - **Crops teach it that the place does not matter.** The network that saw moved digits reads moved digits, from 100 originals. It pays for that, on average, with some accuracy on digits that are all neatly centred: it has learned more with the same number of weights. (Networks that need not learn this come in unit 5.)
# - **Mirrored digits do harm.** They are not among the test digits, moved or not, so the network spends weights on images that never come. This is what a label that does not stay right costs.
#
# So augmentation is no magic: it tells the network **which differences do not matter**. Tell it the truth.

# %% [markdown] id="hunt_crop_text" teaches=["image_augmentation"]
# ### Bug hunt 1: `hunt_crop_bug` (2 points)
#
# Here are 11 wrong versions of `random_crop`. Most of them look right on square, grey digits. Each goes wrong somewhere:
#
# - one window for the whole batch · the same number for top and left · the last window is never drawn
# - the outer pixels are repeated instead of zeros · what leaves on one side comes in on the other
# - height and width exchanged · each channel has a window of its own · images change places
# - a padding of 2 built in · the frame is left on · float64 comes out for float32
#
# Write `hunt_crop_bug()`. It returns `(images, padding)`: an input on which as many of them as possible can be told from the right version. The checker crops your images again and again with each version, and looks at what all the draws have in common. `images`: `(N, C, H, W)`, at most 3000 numbers. `padding`: from 0 to 4.
#
# **Tiny example.** `np.zeros((1, 1, 5, 5)), 2` exposes next to nothing: every window of a black image is black.
#
# <details><summary><b>Hint</b></summary>
#
# Go through the list, and ask for each version: on which inputs is it right? One image, one channel, a square, equal values: these are the friendly inputs. And what is special about the outer pixels of a digit?
#
# </details>


# %% id="write_hunt_crop_bug" solution=true
def hunt_crop_bug():
    """Images and a padding on which wrong crops can be seen: (images, padding)."""
    ### BEGIN SOLUTION
    values = np.random.default_rng(7).uniform(0.2, 1, (5, 3, 4, 7))
    return values.astype(np.float32), 3
    ### END SOLUTION


# %% id="check_hunt_crop_bug" test=true points=2 teaches=["image_augmentation"]
check("hunt_crop_bug", hunt_crop_bug)

# %% [markdown] id="jitter_text" teaches=["image_augmentation"]
# ### Colours: one formula, three changes
#
# A cat in the evening sun is a cat. So let brightness, contrast and saturation vary a little. All three are **mixtures** of the image $x$ with another image that has lost something:
#
# $$\boxed{\;x \;\leftarrow\; f\, x + (1 - f)\cdot \text{other}\;}$$
#
# With $f = 1$ nothing changes. With $f = 0$ only the other image is left. Between 0 and 1 we go towards it, and above 1 away from it.
#
# | change | other | what $f < 1$ does |
# |---|---|---|
# | brightness | black, 0 | darker |
# | contrast | the image's **mean**, one number over all its channels and pixels | flatter |
# | saturation | each pixel's **grey**: its mean over the channels | paler |
#
# Each image draws three factors for itself, one for each change. For an amount $a$ its factor is uniform between $1 - a$ and $1 + a$. In the end, what lies below 0 or above 1 is no colour any more, and is cut off.
#
# **By hand.** One image with one pixel, (red, green, blue) = $(0.6, 0.3, 0.0)$. Say the factors are 0.5, 1 and 2.
#
# - Brightness: $0.5 \cdot (0.6, 0.3, 0.0) = (0.3, 0.15, 0)$.
# - Contrast: $f = 1$, nothing changes.
# - Saturation: the grey is $(0.3 + 0.15 + 0)/3 = 0.15$. So $2 \cdot (0.3, 0.15, 0) - 1 \cdot 0.15 = (0.45, 0.15, -0.15)$.
# - Cut off: $(0.45, 0.15, 0)$.

# %% [markdown] id="exercise_color_jitter" teaches=["image_augmentation"]
# ### Exercise 14: `color_jitter` (3 points)
#
# Brightness, then contrast, then saturation, and cut off **once, at the end**. `brightness`, `contrast` and `saturation` are the amounts.
#
# <details><summary><b>Hint 1:</b> one factor for each image</summary>
#
# `rng.uniform(1 - a, 1 + a, (len(x), 1, 1, 1))` draws $N$ numbers in a shape that fits to `(N, C, H, W)`: NumPy spreads each one over its image. They are float64. `.astype(x.dtype)` makes them what the images are.
#
# </details>
# <details><summary><b>Hint 2:</b> means that fit</summary>
#
# `x.mean(axis=(1, 2, 3), keepdims=True)` is one number for each image, in shape `(N, 1, 1, 1)`. The grey is a mean over axis 1 alone.
#
# </details>


# %% id="write_color_jitter" solution=true
def color_jitter(images, brightness, contrast, saturation, *, rng):
    """Each image with a brightness, contrast and saturation of its own.

    images: (N, C, H, W), values from 0 to 1. The others: amounts a from 0 to 1; each
    image draws a factor from 1 - a to 1 + a for each of the three.
    Returns (N, C, H, W) from 0 to 1, of the same float dtype. Changes nothing in place.
    """
    x = as_float(images)
    ### BEGIN SOLUTION
    for amount, axes in ((brightness, None), (contrast, (1, 2, 3)), (saturation, 1)):
        f = rng.uniform(1 - amount, 1 + amount, (len(x), 1, 1, 1)).astype(x.dtype)
        other = 0 if axes is None else x.mean(axis=axes, keepdims=True)
        x = f * x + (1 - f) * other
    return np.clip(x, 0, 1)
    ### END SOLUTION


# %% id="check_color_jitter" test=true points=3 teaches=["image_augmentation"]
check("color_jitter", color_jitter)

# %% id="see_jitter" show=true teaches=["image_augmentation"]
sea = np.repeat(plots.seaside(45, 60, rng=np.random.default_rng(0))[None], 6, axis=0)
rng = np.random.default_rng(3)
plots.image_rows(
    {
        "as it is": sea,
        "brightness": color_jitter(sea, 0.5, 0, 0, rng=rng),
        "contrast": color_jitter(sea, 0, 0.6, 0, rng=rng),
        "saturation": color_jitter(sea, 0, 0, 0.9, rng=rng),
        "all three": color_jitter(sea, 0.3, 0.3, 0.5, rng=rng),
    },
    ["copy 1", "copy 2", "copy 3", "copy 4", "copy 5", "copy 6"],
    alt="Six copies of one colour picture of a seaside in five rows: as it is; darker and "
    "brighter; flatter and stronger; paler and more colourful; and all of it together. Each "
    "copy is different.",
)

# %% [markdown] id="warping_text" teaches=["image_augmentation"]
# ### Turning and scaling
#
# These two are ready in `nnlib.augmentation`. They ask the same question as `translate`: where does the new pixel come from? For a turn by the angle $\theta$ about the middle, against the clock, the pixel at $(u, v)$ (counted down and right from the middle) comes from
#
# $$(u \cos\theta + v \sin\theta,\;\; v \cos\theta - u \sin\theta),$$
#
# and for a scaling by $s$ from $(u / s,\; v / s)$. Such a place mostly lies **between** pixels. Then its four neighbours are mixed, each weighted by its nearness. That is *bilinear interpolation*. It is why turned images are a little blurred.

# %% id="see_warping" show=true teaches=["image_augmentation"]
angles = np.array([-40, -20, -10, 0, 10, 20, 40])
sizes = np.array([0.6, 0.8, 0.9, 1.0, 1.1, 1.25, 1.5])
six = np.repeat(load_digits()[0][6:7, None], 7, axis=0)
plots.image_rows(
    {"turned": rotate(six, angles), "scaled": scale(six, sizes)},
    [f"{a}°\n×{s:g}".replace("-", "−") for a, s in zip(angles, sizes, strict=True)],
    alt="A handwritten 6 in two rows. Above, turned by angles from minus 40 to 40 degrees. "
    "Below, scaled by factors from 0.6 to 1.5. The turned and scaled ones are a little blurred.",
)

# %% [markdown] id="text_text" teaches=["text_augmentation"]
# ## 7 · Augmenting text
#
# A review says *the film was good but a bit long*, and its label is "positive". What may you change? Not the letters: a misspelt word is another word. But you may exchange a word for a **synonym**, put one in, or leave a word out. A person would still read it rightly.
#
# A sentence is a **list of words** here, `["the", "film", "was", …]`. A table says which words have synonyms: a dict from a word to a list of words.

# %% id="text_data"
review = ["the", "film", "was", "good", "but", "a", "bit", "long"]
small_table = {"film": ["movie", "picture"], "good": ["fine", "decent"], "long": ["lengthy"]}

# %% [markdown] id="exercise_synonym_replacement" teaches=["text_augmentation"]
# ### Exercise 15: `synonym_replacement` (2 points)
#
# Exchange `n` words for synonyms.
#
# - Draw `n` **different places** among those whose word is in `synonyms`. If there are fewer, take all of them.
# - For each such place draw one synonym of its word, each as likely as any other.
# - Return a new list, with all other words as they were.
#
# **Tiny example.** Words `the film was good today`, the table above, `n=1`. Places 1 (*film*) and 3 (*good*) can be drawn. Say 3 is drawn, and then *fine*: the result is `the film was fine today`.
#
# <details><summary><b>Hint 1:</b> the places</summary>
#
# Collect places, not words: a word may come twice. `enumerate(words)` gives each word with its place.
#
# </details>
# <details><summary><b>Hint 2:</b> without putting back</summary>
#
# `rng.permutation(places)[:n]` are `n` different ones, or all if there are fewer. It also works for an empty list. `options[rng.integers(len(options))]` draws one of `options`.
#
# </details>


# %% id="write_synonym_replacement" solution=true
def synonym_replacement(words, synonyms, n, *, rng):
    """The sentence with n words exchanged for a synonym each.

    words: a list of str. synonyms: a dict from a word to a list of its synonyms.
    n: how many different places, drawn among those with synonyms (all, if there are fewer).
    Returns a new list of as many words.
    """
    ### BEGIN SOLUTION
    changed_words = list(words)
    known_places = [place for place, word in enumerate(words) if word in synonyms]
    for place in rng.permutation(known_places)[:n]:
        choices = synonyms[words[place]]
        changed_words[place] = choices[rng.integers(len(choices))]
    return changed_words
    ### END SOLUTION


# %% id="check_synonym_replacement" test=true points=2 teaches=["text_augmentation"]
check("synonym_replacement", synonym_replacement)

# %% [markdown] id="exercise_random_insertion" teaches=["text_augmentation"]
# ### Exercise 16: `random_insertion` (2 points)
#
# Put `n` words in. A word that comes from nowhere could change what the sentence says. A synonym of one of its own words will hardly do that. `n` times:
#
# - draw one of the sentence's **own** words that are in `synonyms` (the words of the sentence as it came in);
# - draw one of its synonyms;
# - draw a gap for it. A sentence of $k$ words has $k + 1$ gaps, before the first word, between any two, and behind the last:
#
# $$\underset{0}{\sqcup}\;\text{the}\;\underset{1}{\sqcup}\;\text{film}\;\underset{2}{\sqcup}\;\text{was}\;\underset{3}{\sqcup}\;\text{good}\;\underset{4}{\sqcup}$$
#
# If none of its words is in `synonyms`, the sentence stays as it is.
#
# **Tiny example.** `the film was good`, `n=1`. Say *good* is drawn, its synonym *fine*, and gap 1: `the fine film was good`.
#
# <details><summary><b>Hint</b></summary>
#
# `out.insert(place, word)` puts a word into a list, before what stands at `place`; with `place = len(out)` it comes at the end. The list grows with each word, so a new gap is drawn from `len(out) + 1`. Make `out` a copy first.
#
# </details>


# %% id="write_random_insertion" solution=true
def random_insertion(words, synonyms, n, *, rng):
    """The sentence with n synonyms of its own words put in, each at a gap that is drawn.

    words: a list of str. synonyms: a dict from a word to a list of its synonyms.
    Returns a new list of n more words; one of as many, where no word is in synonyms.
    """
    ### BEGIN SOLUTION
    longer = list(words)
    sources = [word for word in words if word in synonyms]
    for _ in range(n if sources else 0):
        choices = synonyms[sources[rng.integers(len(sources))]]
        longer.insert(rng.integers(len(longer) + 1), choices[rng.integers(len(choices))])
    return longer
    ### END SOLUTION


# %% id="check_random_insertion" test=true points=2 teaches=["text_augmentation"]
check("random_insertion", random_insertion)

# %% [markdown] id="exercise_random_deletion" teaches=["text_augmentation"]
# ### Exercise 17: `random_deletion` (2 points)
#
# Leave out each word with probability `p`, each by a number of its own. The others keep their order. If none is left, draw one of the words and return it alone: an empty sentence has no label. A sentence that was empty stays empty.
#
# **Tiny example.** `a very good film`, `p=0.3`. Say the numbers are 0.9, 0.1, 0.5, 0.4. Only 0.1 is below 0.3: `a good film`.
#
# <details><summary><b>Hint</b></summary>
#
# A list comprehension can call `rng.random()` anew for each word. Which comparison keeps a word with probability $1 - p$? An empty list counts as False: `if not kept` asks whether nothing is left.
#
# </details>


# %% id="write_random_deletion" solution=true
def random_deletion(words, p, *, rng):
    """The sentence without some of its words: each is left out with probability p.

    words: a list of str. p: from 0 to 1.
    Returns a new list; if no word is left, one of them, drawn. An empty one stays empty.
    """
    ### BEGIN SOLUTION
    kept = [word for word in words if rng.random() >= p]
    if not kept and words:
        kept = [words[rng.integers(len(words))]]
    return kept
    ### END SOLUTION


# %% id="check_random_deletion" test=true points=2 teaches=["text_augmentation"]
check("random_deletion", random_deletion)

# %% id="see_text" show=true teaches=["text_augmentation"]
rng = np.random.default_rng(2)
print("as it is:   ", *review)
for _ in range(3):
    print("exchanged:  ", *synonym_replacement(review, small_table, 2, rng=rng))
for _ in range(3):
    print("put in:     ", *random_insertion(review, small_table, 1, rng=rng))
for _ in range(3):
    print("left out:   ", *random_deletion(review, 0.2, rng=rng))

# %% [markdown] id="not_text" teaches=["text_augmentation"]
# Some of these are clumsy. That does no harm as long as the label stays right. Does it?

# %% id="predict_not" predict=true
predict(
    "not",
    "'the film was not good' is a bad review. Left out with p = 0.1, how often does it become a good one?",
    ["in 1 of 1000 cases", "in 1 of 100", "in 1 of 10"],
    choice=None,
)

# %% id="measure_not" show=true promise=true
bad_review = ["the", "film", "was", "not", "good"]
rng = np.random.default_rng(0)
shorter = [random_deletion(bad_review, 0.1, rng=rng) for _ in range(10_000)]
praised = sum("not" not in words and "good" in words for words in shorter) / len(shorter)
print(f"'good' stands there without 'not' in {100 * praised:.0f} % of 10,000 draws")

# %% id="reveal_not" show=true
reveal("not", "0.1 that 'not' goes, times 0.9 that 'good' stays: 9 %", answer="c")

# %% [markdown] id="back_translation_text" teaches=["text_augmentation"]
# One word carries the whole label here. In a careful project such words are put on a list and never left out. (Exchanged words can go wrong, too: a *long* film is *lengthy*, but a *long* friend is not.)
#
# ### Back-translation
#
# A translator reads a whole sentence, so it changes more than single words, and mostly keeps what it says. **Back-translation** sends a sentence into another language and back. It comes home in other words. `nnlib.augmentation.back_translation(words, there, back)` takes any two translators. Its defaults are a phrase table of a few dozen entries, which is enough to see the idea: *movie*, *film* and *picture* are all *Film* in German, so only one of them can come back.

# %% id="see_back_translation" show=true teaches=["text_augmentation"]
from nnlib.augmentation import back_translation, to_german

for text in (
    "the movie was really terrific",
    "the plot was dull but the cast were amusing",
    "the tale was gripping from start to finish",
    "i enjoyed the finale",
):
    print(text, "\n   →", *to_german(text.split()), "\n   →", *back_translation(text.split()))

# %% [markdown] id="sound_text" teaches=["audio_augmentation"]
# ## 8 · Augmenting sound
#
# A sound is a row of numbers, the **samples**: how far the air is pressed together, measured many times a second. The **sample rate** says how often, in hertz (Hz, times per second). We take 8,000 Hz, which is good enough for a telephone. One second is then an array of 8,000 numbers. A sine of $f$ hertz is $\sin(2\pi f t)$, where $t$ is the time in seconds; $f$ is its **pitch**.
#
# Here is a little tune: three plucked strings.

# %% id="sound_data"
SAMPLE_RATE = 8000  # samples in a second


def sine(hertz, seconds):
    """A tone of one frequency."""
    return np.sin(2 * np.pi * hertz * np.arange(int(SAMPLE_RATE * seconds)) / SAMPLE_RATE)


def plucked(hertz, seconds=0.33):
    """A string: the tone and three overtones, which die away."""
    fade = np.exp(-6 * np.arange(int(SAMPLE_RATE * seconds)) / SAMPLE_RATE)
    return fade * sum(sine(k * hertz, seconds) / k for k in (1, 2, 3, 4))


tune = np.concatenate([plucked(262), plucked(330), plucked(392)])  # C, E, G: about a second

# %% id="see_tune" show=true teaches=["audio_augmentation"]
plots.sounds(
    {"the tune": tune},
    SAMPLE_RATE,
    highest=2500,
    alt="Above, the waveform of three plucked strings, each loud at first and dying away within "
    "a third of a second. Below, its spectrogram: for each string four lines above each other, "
    "at the pitch of the string and at two, three and four times that, each string higher than "
    "the one before.",
)

# %% [markdown] id="spectrogram_text"
# Above is the **waveform**, the samples over time. Below is the **spectrogram**: for each moment (left to right) it says how loud each frequency is (bottom to top). A tone is a horizontal line. The pitch is how high the line lies, and the speed is how long it lasts.

# %% id="hear_tune" show=true
plots.player({"the tune": tune}, SAMPLE_RATE, alt="Three plucked strings, each higher than the one before.")

# %% [markdown] id="noise_text" teaches=["audio_augmentation"]
# ### Noise, in decibels
#
# A street hums, a microphone hisses. So we add noise: to each sample a normal random number. How loud should it be? That is said relative to the signal, by the **signal-to-noise ratio**.
#
# The **power** of a sound is the mean of the squares of its $T$ samples,
#
# $$P = \frac1T \sum_{t} x_t^2 .$$
#
# The ratio of two powers is given in **decibels** (dB), which count powers of ten, ten for each:
#
# $$\text{SNR} = 10 \log_{10} \frac{P_\text{signal}}{P_\text{noise}}$$
#
# 0 dB: as loud as each other. 10 dB: the noise has a tenth of the power. 20 dB: a hundredth.
#
# We want to know $P_\text{noise}$ for a given SNR. Divide by 10, and take both sides as powers of 10:
#
# $$10^{\,\text{SNR}/10} = \frac{P_\text{signal}}{P_\text{noise}} \qquad\Longrightarrow\qquad P_\text{noise} = \frac{P_\text{signal}}{10^{\,\text{SNR}/10}}$$
#
# Normal numbers of mean 0 and standard deviation $\sigma$ have a mean square of $\sigma^2$, on average. So their power is $\sigma^2$:
#
# $$\boxed{\;\sigma = \sqrt{\frac{P_\text{signal}}{10^{\,\text{SNR}/10}}}\;}$$
#
# **By hand.** Four samples, $(2, -2, 2, -2)$. Their power is $P = (4 + 4 + 4 + 4)/4 = 4$. For 20 dB the noise gets $4 / 10^2 = 0.04$, so $\sigma = 0.2$.

# %% [markdown] id="exercise_add_noise" teaches=["audio_augmentation"]
# ### Exercise 18: `add_noise` (2 points)
#
# Add normal noise of mean 0 and of the boxed standard deviation, one number for each sample. A silent signal (all samples 0) has no power, so it stays silent.
#
# <details><summary><b>Hint</b></summary>
#
# `rng.standard_normal(len(signal))` has a standard deviation of 1; multiply. It is float64: for a float32 signal convert the noise before you add it.
#
# </details>


# %% id="write_add_noise" solution=true
def add_noise(signal, snr_db, *, rng):
    """The signal and normal noise, at a signal-to-noise ratio of snr_db decibels.

    signal: (T,). snr_db: a number. rng: numpy.random.Generator.
    Returns (T,), of the same float dtype. Changes nothing in place.
    """
    signal = as_float(signal)
    ### BEGIN SOLUTION
    signal_power = np.mean(signal.astype(float) ** 2)
    sigma = np.sqrt(signal_power / 10 ** (snr_db / 10))
    return signal + (sigma * rng.standard_normal(len(signal))).astype(signal.dtype)
    ### END SOLUTION


# %% id="check_add_noise" test=true points=2 teaches=["audio_augmentation"]
check("add_noise", add_noise)

# %% id="see_noise" show=true teaches=["audio_augmentation"]
rng = np.random.default_rng(0)
noisy = {"the tune": tune, "20 dB": add_noise(tune, 20, rng=rng), "0 dB": add_noise(tune, 0, rng=rng)}
plots.sounds(
    noisy,
    SAMPLE_RATE,
    alt="The tune without noise, at 20 dB and at 0 dB. At 20 dB the waveform looks nearly the "
    "same, and the quiet places of the spectrogram become lighter everywhere. At 0 dB the "
    "noise is as strong as the tune, and only the strongest lines of the spectrogram stand out.",
)

# %% id="hear_noise" show=true
plots.player(noisy, SAMPLE_RATE, alt="The tune without noise, with a little, and with as much noise as tune.")

# %% [markdown] id="stretch_text" teaches=["audio_augmentation"]
# ### Faster, at the same pitch
#
# People speak at different speeds, and their words stay the same. How do you play a sound twice as fast? Simply taking every second sample does not do: a string that swings 262 times in a second then swings 262 times in half a second. The sound is shorter, **and** an octave higher, as with a record that turns too fast.
#
# The trick is to cut the sound into short pieces, **frames**, and to leave each one as it is, with the swings in it. Only the *pace* changes:
#
# - frames are **cut out** at one pace, say one every 2 hops;
# - and **added up** again at another, one every hop.

# %% id="see_frames" show=true teaches=["audio_augmentation"]
plots.overlap_add(
    1.5,
    alt="Two rows of humps, numbered from 0 to 4, each two hops wide. In the upper row, one and a "
    "half hops lie between them: so far apart the frames are cut out. In the lower row one "
    "hop lies between them, and they overlap by half: there they are added up. A dotted line "
    "says that the overlapping humps add up to 1.",
)

# %% [markdown] id="stretch_rule" teaches=["audio_augmentation"]
# The picture is for `rate = 1.5`. A frame has $F$ samples (`frame`, an even number), and half of it is the **hop** $h = F/2$.
#
# **Why the humps?** Where a frame is simply cut off, one hears a click. So each frame fades in and out, by the **Hann window**:
#
# $$w_i = \tfrac12 - \tfrac12 \cos\frac{2\pi i}{F}, \qquad i = 0, 1, \ldots, F - 1$$
#
# Half a frame later, the next one begins. Its window at the same place is $w_{i - F/2}$, and since $\cos(\alpha - \pi) = -\cos\alpha$,
#
# $$w_i + w_{i - F/2} = \tfrac12 - \tfrac12\cos\tfrac{2\pi i}{F} + \tfrac12 + \tfrac12\cos\tfrac{2\pi i}{F} = 1 .$$
#
# The windows add up to 1 everywhere: nothing becomes louder or quieter.
#
# **The rule.** The result has `round(T / rate)` samples. Frame $k = 0, 1, 2, \ldots$
#
# $$\boxed{\;\text{is cut out around sample } \operatorname{round}(k\, h \cdot \text{rate}) \text{ and added around sample } k\, h\;}$$
#
# "Around" means that its middle, sample $h$ of the frame, lies there. So frame 0 begins half a frame before the sound does. Before its start and behind its end a sound is silent: zeros. Go on with $k$ until the whole result is covered.
#
# **By hand.** The sound $(1, 2, 3, 4, 5, 6, 7, 8)$, twice as fast, with $F = 4$. So $h = 2$, the window is $(0, \tfrac12, 1, \tfrac12)$, and the result has 4 samples. The middles are cut out at samples 0, 4, 8 and added at 0, 2, 4:
#
# | $k$ | frame, its middle in bold | times the window | lies on samples of the result |
# |---|---|---|---|
# | 0 | 0, 0, **1**, 2 | 0, 0, 1, 1 | −2, −1, **0**, 1 |
# | 1 | 3, 4, **5**, 6 | 0, 2, 5, 3 | 0, 1, **2**, 3 |
# | 2 | 7, 8, **0**, 0 | 0, 4, 0, 0 | 2, 3, **4**, 5 |
#
# Added up, samples 0 to 3 are $(1,\; 1 + 2,\; 5,\; 3 + 4) = (1, 3, 5, 7)$: every second number, and yet no frame was squeezed.

# %% id="predict_stretch" predict=true
predict(
    "stretch",
    "A tone of 500 Hz lasts one second. Stretched with rate = 2, it lasts …",
    ["half a second, at 500 Hz", "half a second, at 1000 Hz", "two seconds, at 500 Hz"],
    choice=None,
)

# %% [markdown] id="exercise_time_stretch" teaches=["audio_augmentation"]
# ### Exercise 19: `time_stretch` (3 points)
#
# Write the rule. `round` is Python's own.
#
# <details><summary><b>Hint 1:</b> zeros on both sides</summary>
#
# Put $h$ zeros before the signal. Then the frame whose middle is sample $s$ of the signal begins at sample $s$ of the padded one: `padded[s : s + frame]`. Put enough zeros behind it that no frame is cut short.
#
# </details>
# <details><summary><b>Hint 2:</b> adding up</summary>
#
# Make `out` too long at both ends: frame $k$ goes to `out[k * hop : k * hop + frame]`, with `+=`. At the end the result is `out[hop : hop + length]`. Frames are needed for $k = 0, 1, \ldots, \lceil \text{length} / h \rceil$.
#
# </details>
# <details><summary><b>Hint 3:</b> the dtype</summary>
#
# Give the zeros and the window the signal's dtype: `np.zeros(size, signal.dtype)`, `window.astype(signal.dtype)`.
#
# </details>


# %% id="write_time_stretch" solution=true
def time_stretch(signal, rate, frame):
    """The signal played `rate` times as fast, by overlap and add; its pitch stays.

    signal: (T,). rate: above 0; 2 is twice as fast. frame: samples in a frame, even.
    Returns (round(T / rate),), of the same float dtype. Changes nothing in place.
    """
    signal = as_float(signal)
    ### BEGIN SOLUTION
    hop, length = frame // 2, round(len(signal) / rate)
    window = (0.5 - 0.5 * np.cos(2 * np.pi * np.arange(frame) / frame)).astype(signal.dtype)
    last = -(-length // hop)  # rounded up
    before, behind = np.zeros(hop, signal.dtype), np.zeros(round(last * hop * rate) + frame, signal.dtype)
    padded = np.concatenate([before, signal, behind])
    out = np.zeros(last * hop + frame, signal.dtype)
    for k in range(last + 1):
        start = round(k * hop * rate)
        out[k * hop : k * hop + frame] += window * padded[start : start + frame]
    return out[hop : hop + length]
    ### END SOLUTION


# %% id="check_time_stretch" test=true points=3 teaches=["audio_augmentation"]
check("time_stretch", time_stretch)


# %% id="pitch_helper"
def pitch(signal):
    """The frequency that is loudest, in Hz."""
    loudness = np.abs(np.fft.rfft(signal * np.hanning(len(signal))))
    return loudness.argmax() * SAMPLE_RATE / len(signal)


# %% id="promise_stretch" show=true promise=true teaches=["audio_augmentation"]
for rate in (0.5, 1.0, 2.0):
    stretched = time_stretch(sine(500, 1), rate, 256)
    print(f"rate {rate:g}: {len(stretched) / SAMPLE_RATE:.1f} s at {pitch(stretched):.0f} Hz")
print(f"every second sample: {len(sine(500, 1)[::2]) / SAMPLE_RATE:.1f} s at {pitch(sine(500, 1)[::2]):.0f} Hz")

# %% id="reveal_stretch" show=true
reveal("stretch", "half a second, at 500 Hz", answer="a")

# %% id="see_stretch" show=true teaches=["audio_augmentation"]
speeds = {
    "the tune": tune,
    "every second sample": tune[::2],
    "stretched, rate 2": time_stretch(tune, 2, 256),
}
plots.sounds(
    speeds,
    SAMPLE_RATE,
    highest=2500,
    alt="The tune, then every second of its samples, then the tune stretched with rate 2. Both "
    "are half as long. With every second sample all lines of the spectrogram lie twice as "
    "high. In the stretched one they lie where they were.",
)

# %% id="hear_stretch" show=true
plots.player(
    speeds,
    SAMPLE_RATE,
    alt="The tune; twice as fast and an octave higher; twice as fast at its own pitch.",
)

# %% [markdown] id="rough_text" teaches=["audio_augmentation"]
# ### Break it: where frames do not fit
#
# The pitch stays. Does the tone stay as smooth as it was? Frames that are pushed together must **fit** where they overlap. Two neighbours are cut out at a distance of $h \cdot \text{rate}$, and added at a distance of $h$. So one is shifted against the other by $h\,(\text{rate} - 1)$ samples. For a tone this does not matter if the shift is a whole number of its periods: crest falls on crest. If it is half a period more, crest falls on **trough**, and they cancel.
#
# With $F = 256$ and rate 1.25 the shift is $128 \cdot 0.25 = 32$ samples. At 500 Hz a period is $8000 / 500 = 16$ samples: the shift is 2 periods. At 625 Hz a period is 12.8 samples: the shift is 2.5 periods.

# %% id="predict_rough" predict=true
predict(
    "rough",
    "A steady tone of 625 Hz, stretched with rate 1.25 and frames of 256 samples. How does it sound?",
    ["like before, only shorter", "it swells and vanishes with every hop", "it is silent"],
    choice=None,
)

# %% id="see_rough" show=true teaches=["audio_augmentation"]
from nnlib.augmentation import phase_vocoder

rough = {
    "500 Hz, stretched": time_stretch(sine(500, 0.25), 1.25, 256),
    "625 Hz, stretched": time_stretch(sine(625, 0.25), 1.25, 256),
    "625 Hz, phase vocoder": phase_vocoder(sine(625, 0.25), 1.25),
}
plots.sounds(
    rough,
    SAMPLE_RATE,
    highest=1500,
    alt="Three tones, stretched with rate 1.25. At 500 Hz the waveform is as steady as before. "
    "At 625 Hz it swells and vanishes once a hop, and two lines appear in the spectrogram where "
    "one was. Stretched by the phase vocoder, the tone of 625 Hz is steady.",
)

# %% id="reveal_rough" show=true
reveal("rough", "in the middle between two frames crest falls on trough: it swells and vanishes", answer="b")

# %% [markdown] id="vocoder_text" teaches=["audio_augmentation"]
# The right-hand sound is the remedy. A **phase vocoder** takes each frame apart into its frequencies, turns each of them so that it goes on where the frame before left it, and puts the frame together again. Crest always falls on crest.
#
# With it, the last change comes for nothing. **Pitch shifting** is the opposite of stretching: the length stays and the pitch moves. Stretch the sound to be $r$ times as long, at the same pitch. Then read it $r$ times as fast. The length is what it was, and every frequency is $r$ times as high. Musicians count in **semitones**, twelve to the octave: one is a factor of $2^{1/12} \approx 1.06$.

# %% id="see_pitch_shift" show=true teaches=["audio_augmentation"]
from nnlib.augmentation import pitch_shift

higher = {
    "the tune": tune,
    "4 semitones higher": pitch_shift(tune, 4),
    "5 semitones lower": pitch_shift(tune, -5),
}
plots.sounds(
    higher,
    SAMPLE_RATE,
    highest=2500,
    alt="The tune, the tune four semitones higher and five semitones lower. All three have the "
    "same length, and the lines of their spectrograms lie higher or lower.",
)

# %% id="hear_pitch_shift" show=true
plots.player(higher, SAMPLE_RATE, alt="The tune at its own pitch, four semitones higher, five semitones lower.")

# %% [markdown] id="sound_labels" teaches=["audio_augmentation"]
# Which of these keep the label? It depends on the task, once more. A word stays a word at any pitch and any speed. *Whose voice is it?* and *which note is this?* do not survive a shift of pitch, but noise and stretching are harmless. For *how fast is this music?* it is the other way round: pitch may move, speed may not.

# %% [markdown] id="ablation_text" teaches=["ablation"]
# ## 9 · What is each remedy worth?
#
# Time for an honest comparison, an **ablation**: the same network, the same 120 digits with their 24 wrong labels, and each remedy alone. Then all of them together.
#
# How accurate a network becomes depends on chance, too: on its first weights, and on the order of the examples. One run proves little. So each row is run with **five seeds**, and the table shows the mean and the standard deviation. Two rows that differ by less than their spread may well be equal.
#
# Each strength was settled before, on the **validation** digits and with five other seeds: of three strengths, the one with the best mean. (Patience 5, 10 or 20; $\lambda$ = 0.003, 0.01 or 0.03; $p$ = 0.3, 0.5 or 0.7; a share of ¼, ½ or ¾ of the digits moved by up to one pixel. For all together, nine pairs of $\lambda$ and $p$.) The table shows the **test** digits, 1,297 of them.

# %% id="predict_ablation" predict=true
predict(
    "ablation",
    "Without any remedy about 73 % of the test digits are right. With all of them together?",
    ["about 75 %", "about 82 %", "about 95 %"],
    choice=None,
)


# %% id="see_ablation" show=true teaches=["ablation"]
def mostly_moved(x, *, rng):
    """Three in four digits moved by up to one pixel in each direction."""
    return np.where(rng.random((len(x), 1)) < 0.75, moved(x, rng=rng), x)


remedies = {
    "nothing": {},
    "early stopping": {"patience": 5},
    "L2, λ = 0.01": {"penalty": lambda w: l2_penalty(w, 0.01)},
    # with momentum 0.9 a step is ten times as long in the end, and so is that of the penalty
    "L1, λ = 0.01": {"shrink": lambda w, lr: soft(w, 10 * lr * 0.01)},
    "dropout, p = 0.5": {"dropout": (dropout_forward, dropout_backward, 0.5)},
    "batch norm": {"norm": norm},
    "augmentation": {"augment": mostly_moved},
    "all together": {
        "patience": 20,
        "penalty": lambda w: l2_penalty(w, 0.001),
        "dropout": (dropout_forward, dropout_backward, 0.3),
        "augment": mostly_moved,
    },
}
remedies["all, and batch norm"] = {**remedies["all together"], "norm": norm}


def final_run(seed, patience=None, **remedy):
    """Accuracy on training and test digits, of the epoch that is kept."""
    run = train(x_train, y_train, seed=seed, **remedy)
    kept_epoch = early_stopping(run["val loss"], patience)[1] if patience else -1
    return run["train accuracy"][kept_epoch], measure(run["network"][kept_epoch], x_test, y_test)[1]


table = {name: np.array([final_run(seed, **remedy) for seed in range(5)]) for name, remedy in remedies.items()}
print(f"{'remedy':<22}{'training (%)':>16}{'test (%)':>16}{'gap':>8}")
for name, results in table.items():
    (train_mean, test_mean), (train_spread, test_spread) = results.mean(axis=0), results.std(axis=0, ddof=1)
    print(
        f"{name:<22}{train_mean:>9.1f} ± {train_spread:3.1f}{test_mean:>10.1f} ± {test_spread:3.1f}{train_mean - test_mean:>8.1f}"
    )
plots.spreads(
    {name: results[:, 1] for name, results in table.items()},
    xlabel="accuracy on test digits (%), five seeds each",
    marked=["all together", "all, and batch norm"],
    level=(table["nothing"][:, 1].mean(), "nothing"),
    alt="A row for each remedy, with the test accuracy of five runs and their mean: "
    + ", ".join(f"{name} {results[:, 1].mean():.0f} %" for name, results in table.items()),
)

# %% id="reveal_ablation" show=true
together = table["all together"][:, 1]
reveal("ablation", f"{together.mean():.1f} ± {together.std(ddof=1):.1f} %", answer="b")

# %% [markdown] id="ablation_answer" teaches=["ablation"]
# Take your time with this table.
#
# - Without a remedy the training column says 100 %: all wrong labels are learned by heart. The gap is more than 25 points.
# - Every remedy against overfitting lowers the training accuracy **and** raises the test accuracy. With a fifth of the labels wrong, a network that has understood the digits *should* reach only about 80 % on them. So the gap may even be below 0.
# - Remedies add up, but not fully. Several of them do the same thing, in different ways: they keep the network from storing single examples. So together each can be weaker than alone: the best pair was $\lambda = 0.001$ and $p = 0.3$.
# - Augmentation raises the accuracy here, on centred digits. In section 6 it lowered it. There the labels were right, and nothing had to be kept from being learned by heart.
# - Batch norm does not help here. It makes training quicker, and quicker training on 120 digits with wrong labels means that they are learned by heart sooner.
# - Look at the spreads before you say that one row is better than another. Early stopping, L2, dropout and augmentation lie within a quarter of a point: nobody can say from this table which is best. The last two rows differ by little more than their spreads. Only twenty seeds in place of five made it clear that batch norm harms the others here, by two points: 83.5 ± 1.7 without it, 81.1 ± 1.2 with it.
# - Early stopping looks at 300 validation digits with right labels in every epoch. The other remedies see them only while their strength is chosen. Somebody without so many right labels would have to do without it.
#
# These are the numbers of *one* small data set. With other data the order may be another one. That is why one measures.

# %% [markdown] id="hunts_text"
# ## 10 · Two more bug hunts
#
# Reading code is one skill. *Exposing* a bug is another: you must imagine an input on which the code shows that it is wrong. Tests that only try friendly inputs accept most of the faulty code that people really write.
#
# ### Bug hunt 2: `hunt_dropout_bug` (3 points)
#
# Someone wrote this dropout, and tried it on a table of 100 rows with `p_drop = 0.5`. Half of the values were 0, the others were doubled, and in evaluation nothing happened. All as it should be:
#
# ```python
# def suspicious_dropout_forward(x, p_drop, train, *, rng):
#     n, d = x.shape
#     mask = np.ones((n, d))
#     if train:
#         mask = (rng.random((n, d)) < p_drop) / p_drop
#     return x * mask, mask
# ```
#
# Return an input on which wrong versions of dropout show that they are wrong. **One** input can catch many mistakes at once. Yours is tried on several wrong versions, this one's mistakes and others of its kind, and each that it exposes earns points. Each version is called once in training and once in evaluation. Where chance plays a part, it counts as exposed only where chance does not explain it.
#
# - Return `(x, p_drop)`: an array of at most 20,000 numbers, and a probability.
#
# **Tiny example** of what you may return, and a poor one: `np.ones((1, 4)), 0.5`.
#
# <details><summary><b>Hint 1</b></summary>
#
# There are three mistakes in the code above. One does not show for $p = 0.5$. One shows only if `x` is no table. One shows only if `x` has another dtype than `mask`.
#
# </details>
# <details><summary><b>Hint 2:</b> which inputs cannot tell two versions apart?</summary>
#
# If there is one row, one mask for all rows is right. If each row holds one value, to drop rows is to drop values. If there are only a few values, any share may be dropped by chance. If a value is 0 anyway, nobody sees that it was dropped.
#
# </details>


# %% id="write_hunt_dropout_bug" solution=true
def hunt_dropout_bug():
    """An input that exposes wrong versions of dropout_forward.

    Returns (x, p_drop): x an array, p_drop a number from 0 to below 1.
    """
    ### BEGIN SOLUTION
    rng = np.random.default_rng(0)
    # several examples that are no rows, many values, none of them 0; float32; an uneven rate
    return rng.uniform(1, 2, (8, 5, 5)).astype(np.float32), 0.2
    ### END SOLUTION


# %% id="check_hunt_dropout_bug" test=true points=3 teaches=["dropout"]
check("hunt_dropout_bug", hunt_dropout_bug)

# %% [markdown] id="hunt_norm_text"
# ### Bug hunt 3: `hunt_batchnorm_bug` (3 points)
#
# And this batch norm agrees with the right one to four digits, on a batch of normal numbers with the default settings, in training and in evaluation:
#
# ```python
# def suspicious_batchnorm_forward(
#     x, gamma, beta, state, train, momentum=0.9, eps=1e-5
# ):
#     mean = state.get("mean", np.zeros(x.shape[1]))
#     var = state.get("var", np.ones(x.shape[1]))
#     if train:
#         old_mean, old_var = mean, var
#         mean = x.mean(axis=0)
#         var = (x**2).mean(axis=0) - mean**2
#         state = {
#             "mean": 0.9 * old_mean + 0.1 * mean,
#             "var": 0.9 * old_var + 0.1 * var,
#         }
#         std = np.sqrt(var + eps)
#     else:
#         std = np.sqrt(var)
#     out = gamma * (x - mean) / std + beta
#     return out, (x, gamma, mean, std, train), state
# ```
#
# Return `(x, gamma, beta, momentum, eps)` that exposes it, and others of its kind. Each version trains once on `x`, from the empty state, and then evaluates `x` with the state that it returned.
#
# - `x` is `(N, D)`, `gamma` and `beta` are `(D,)`; `momentum` lies from 0 to below 1, `eps` from 0 to below 10.
#
# **Tiny example**, again a poor one: `np.array([[-1.0], [1.0]]), np.ones(1), np.zeros(1), 0.9, 1e-5`.
#
# <details><summary><b>Hint 1</b></summary>
#
# There are three mistakes in the code above: one in the variance, one in the state, one in the evaluation. Which of the five things that you return brings each of them out?
#
# </details>
# <details><summary><b>Hint 2:</b> which settings make two formulas equal?</summary>
#
# A factor of 1 and a shift of 0. A setting that has its default value. A momentum of 0.5, where both parts weigh the same, and one of 0, where the state is this batch. One single feature. And a mean near 0, where a formula that subtracts two large numbers has no large numbers to subtract.
#
# </details>


# %% id="write_hunt_batchnorm_bug" solution=true
def hunt_batchnorm_bug():
    """An input that exposes wrong versions of batchnorm_forward.

    Returns (x, gamma, beta, momentum, eps): x (N, D), gamma and beta (D,).
    """
    ### BEGIN SOLUTION
    rng = np.random.default_rng(0)
    # features far from 0 and from each other, a large eps, an unusual and uneven momentum
    x = rng.normal(size=(5, 3)) * [1, 2, 3] + [1e4, -2e4, 3e4]
    return x, np.array([1.5, 2.0, 2.5]), np.array([-1.0, 0.3, 1.2]), 0.7, 0.3
    ### END SOLUTION


# %% id="check_hunt_batchnorm_bug" test=true points=3 teaches=["batch_norm"]
check("hunt_batchnorm_bug", hunt_batchnorm_bug)

# %% [markdown] id="questions_text"
# ## 11 · Three questions
#
# Answer in your own words, in a few sentences each. A person reads your answers. Each gives up to 3 points.

# %% [markdown] id="question_curves" question=true points=3 teaches=["overfitting"]
# **Question 1.** Three friends show you the losses of their networks at the end of training. (a) Training 0.02, validation 1.4. (b) Training 1.9, validation 1.9, where guessing gives 2.3. (c) Training 0.30, validation 0.34. Say for each what is going on, and what you would do next. Then: (d) friend (a) tried forty settings and reports the best **validation** accuracy in a paper. What is wrong with that?
#
# === BEGIN MARK SCHEME ===
#
# - 1 point: (a) overfitting, with a fitting remedy (early stopping, a penalty, dropout, augmentation, more data). (b) underfitting (or hardly trained), with a fitting change: a larger network, a weaker penalty, longer training, a better learning rate. More data or dropout for (b) gives no credit.
# - 1 point: (c) a small gap, both low: it generalizes; go on in small steps, or stop here and measure on the test set.
# - 1 point: (d) the choice was fitted to the validation set, so its number is too good; a test set that was never used for choosing must give the number.
#
# === END MARK SCHEME ===
#
# ### BEGIN SOLUTION
# (a) The network overfits: it knows its training examples by heart and is bad on others. I would stop early, add an L2 penalty or dropout, augment, or get more data. (b) It underfits: even on the training examples it is hardly better than guessing. I would train longer, look for a better learning rate, take a larger network or weaken the penalties. More data would not help. (c) The gap is small and both are low, so it generalizes. A slightly larger network could be tried, otherwise I would now measure on the test set.
#
# (d) Of forty settings the best on the validation set is partly the luckiest on that set. The choice has been fitted to it, so the number is too good. One has to report the accuracy on test examples that had no part in any choice.
# ### END SOLUTION

# %% [markdown] id="question_dropout" question=true points=3 teaches=["dropout", "scaled_dropout"]
# **Question 2.** (a) Explain without formulas why something must be corrected between training and evaluation with dropout. (b) The lecture multiplies by $1 - p$ at test time; your `dropout_forward` does not. Show with $p = 0.25$ and a value $x = 8$ that both are right. (c) A colleague divides by $1 - p$ in training **and** multiplies by $1 - p$ at test time. With this $p$ the accuracy is nearly as good as before. Which measurement of this unit would show them the mistake, and why does the accuracy hardly show it?
#
# === BEGIN MARK SCHEME ===
#
# - 1 point: (a) in evaluation all values are there, so the next layer gets more on average than it was trained with.
# - 1 point: (b) lecture: on average 0.75·8 = 6 in training, and 6 in evaluation. Inverted: kept values are 8/0.75 = 10.67, on average 0.75·10.67 = 8 in training, and 8 in evaluation. Each agrees with itself. (Half a point if only one is worked out.)
# - 1 point: (c) the loss, or the size of the next layer's input in evaluation relative to training (0.75 in place of 1; 0.5 for p = 0.5); the accuracy hardly changes since all logits shrink together and the largest stays the largest.
#
# === END MARK SCHEME ===
#
# ### BEGIN SOLUTION
# (a) In training a part of the values is missing, and the next layer learns to live with what is left. In evaluation nothing is missing, so it suddenly gets more than it is used to.
#
# (b) The lecture's form: in training the value is 8 with probability 0.75 and else 0, which is 6 on average; in evaluation it is 0.75 · 8 = 6. Inverted: in training it is 8/0.75 = 10.67 with probability 0.75, which is 8 on average; in evaluation it is 8. In both forms evaluation uses what training has seen on average.
#
# (c) The mean input of the next layer in evaluation, divided by that in training, would be 0.75 in place of 1. The validation loss is worse, too, since the network is not sure enough of itself. The accuracy asks only which logit is the largest. If all of them shrink together, that hardly changes.
# ### END SOLUTION

# %% [markdown] id="question_norm" question=true points=3 teaches=["batch_norm", "batch_norm_rate"]
# **Question 3.** (a) Your network with batch norm is deployed. It answers single requests, one image at a time, and somebody left it in training mode. What comes out of a batch norm layer, and why? (b) Without batch norm, one multiplies all weights of a hidden layer by 10. With batch norm behind that layer, what happens to its output and to the gradients (leave ε aside)? (c) In the ablation batch norm did not raise the test accuracy, though it is used nearly everywhere. Explain with two measurements of this unit.
#
# === BEGIN MARK SCHEME ===
#
# - 1 point: (a) a batch of one is its own mean, so every normalized value is 0 and every output is beta, whatever the image shows (for images in a convolution: its own places are normalized with themselves, so brightness and contrast of the image are lost). Running statistics must be used.
# - 1 point: (b) without: the output is 10 times as large (as are the gradients of the layers below it). With: the output stays the same, and the gradient with respect to these weights is a tenth.
# - 1 point: (c) it helps training and not mainly generalization: the wider range of learning rates and/or the tolerance of bad first weights, against the row of the ablation table.
#
# === END MARK SCHEME ===
#
# ### BEGIN SOLUTION
# (a) With one image in the batch the mean is the image's own value and the variance is 0. Every normalized value is 0, and every output is beta, the same for every image. In evaluation mode the running statistics are used, and then the image counts.
#
# (b) Without batch norm the output becomes ten times as large, and everything behind it changes. With it, mean and standard deviation are both ten times as large and cancel: the output is the same. The gradient with respect to the layer's output is a tenth, as I predicted and measured, and so is the one with respect to its weights.
#
# (c) Batch norm helps training: it learned at many more of the ten learning rates than the network without it, and also with first weights that were ten times too large or too small. In the ablation the network could be trained well anyway. The problem there were 120 digits with wrong labels, and to learn these faster is no advantage. So its row lies at the same height as "nothing".
# ### END SOLUTION

# %% [markdown] id="common_mistakes"
# ## Common mistakes
#
# | mistake | what happens | better |
# |---|---|---|
# | believing the training accuracy | random labels reach 100 %, too | look at examples that were not learned |
# | choosing and reporting on the same set | a number that is too good | validation to choose, test once at the end |
# | comparing single runs | chance decides | several seeds, mean and spread |
# | keeping the last weights after early stopping | the worst of the last epochs | those of the best epoch |
# | $2\lambda w$ and $\lambda w$ mixed up | a penalty of half or double strength | look whether there is a ½ in front |
# | expecting exact zeros from gradient steps with L1 | weights tremble around 0 | soft thresholding |
# | $p$ taken for the keep rate | right for $p = 0.5$ only | $p$ is the probability of *dropping* |
# | corrected in training and in evaluation | the network is too unsure | one of the two |
# | one mask for all rows | examples are not independent | draw the shape of `x` |
# | $\epsilon$ outside of the root, or missing in evaluation | other results, divisions by 0 | $\sqrt{v + \epsilon}$ in both modes |
# | batch statistics in evaluation | answers depend on the neighbours | running statistics |
# | state changed in place | who kept the old state has lost it | return a new one |
# | mean and variance taken for constants in backward | a wrong gradient | three ways: itself, mean, variance |
# | statistics per pixel, or per image | not batch norm of images | axes 0, 2 and 3 |
# | augmented test data, or wrong labels after it | you measure something else | augment training data only, check that labels stay true |

# %% [markdown] id="summary"
# ## Summary
#
# - **Overfitting**: the training loss falls, the validation loss rises. The network learns what is true of its examples only. It can learn random labels by heart.
# - **Training** data to learn, **validation** data to choose, **test** data for the number that we believe.
# - **Early stopping** keeps the best epoch: stop when it is `patience` epochs ago.
#
# | remedy | in training | in evaluation |
# |---|---|---|
# | L2 | loss $+\,\lambda\sum w^2$, gradient $2\lambda w$ | nothing |
# | L1 | loss $+\,\lambda\sum \lvert w\rvert$, gradient $\lambda\operatorname{sign} w$; exact zeros by $\operatorname{soft}(u, \eta\lambda)$ | nothing |
# | dropout, inverted | $m\,x/(1 - p)$ | $x$ |
# | dropout, the lecture's | $m\,x$ | $(1 - p)\,x$ |
# | batch norm | $\gamma\,(x - \mu)/\sqrt{v + \epsilon} + \beta$ with the batch's $\mu$ and $v$ | the same with the running ones |
# | augmentation | new examples with the same meaning | nothing |
#
# - The way back through batch norm: $\frac1s \left(g_n - \langle g \rangle - \hat x_n \langle g \hat x\rangle\right)$ in training, $g_n/s$ in evaluation.
# - Batch norm widens the range of usable learning rates, and forgives bad first weights. Against overfitting it did nothing here.
# - An **ablation** with several seeds says what each part is worth. Here the remedies together were worth more than each alone.
#
# **Next:** unit 5 builds a layer that needs far fewer weights, because it knows what an image is.

# %% [markdown] id="further_reading"
# ## Further reading
#
# - I. Goodfellow, Y. Bengio, A. Courville: *Deep Learning*, chapter 7, "Regularization for Deep Learning". MIT Press, 2016.
# - C. Zhang, S. Bengio, M. Hardt, B. Recht, O. Vinyals: *Understanding deep learning requires rethinking generalization*. ICLR 2017, arXiv:1611.03530. Random labels.
# - L. Prechelt: *Early stopping, but when?* In: Neural Networks: Tricks of the Trade, Springer, 1998.
# - A. Krogh, J. A. Hertz: *A simple weight decay can improve generalization*. NIPS 1991.
# - R. Tibshirani: *Regression shrinkage and selection via the lasso*. Journal of the Royal Statistical Society B 58(1), 1996. L1 and its zeros.
# - N. Parikh, S. Boyd: *Proximal algorithms*. Foundations and Trends in Optimization 1(3), 2014.
# - N. Srivastava, G. Hinton, A. Krizhevsky, I. Sutskever, R. Salakhutdinov: *Dropout: a simple way to prevent neural networks from overfitting*. Journal of Machine Learning Research 15, 2014. With scaling at test time, as in the lecture.
# - S. Ioffe, C. Szegedy: *Batch normalization: accelerating deep network training by reducing internal covariate shift*. ICML 2015, arXiv:1502.03167.
# - S. Santurkar, D. Tsipras, A. Ilyas, A. Madry: *How does batch normalization help optimization?* NeurIPS 2018, arXiv:1805.11604.
# - C. Shorten, T. M. Khoshgoftaar: *A survey on image data augmentation for deep learning*. Journal of Big Data 6, 2019.
# - J. Wei, K. Zou: *EDA: easy data augmentation techniques for boosting performance on text classification tasks*. EMNLP-IJCNLP 2019, arXiv:1901.11196.
# - R. Sennrich, B. Haddow, A. Birch: *Improving neural machine translation models with monolingual data*. ACL 2016, arXiv:1511.06709. Back-translation.
# - D. S. Park, W. Chan, Y. Zhang, C.-C. Chiu, B. Zoph, E. D. Cubuk, Q. V. Le: *SpecAugment: a simple data augmentation method for automatic speech recognition*. Interspeech 2019, arXiv:1904.08779.
