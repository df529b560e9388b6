"""Where the files of the data sets come from: a folder of one's own, the user's cache, or the network."""

import hashlib
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, TypeAlias, TypeVar

__all__ = ["CIFAR10", "FASHION_MNIST", "MNIST", "Source", "Split", "locate", "of_split"]

Split: TypeAlias = Literal["train", "test"]
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Source:
    """A data set's files: where each is downloaded from, and the checksum that it must have."""

    title: str
    folder: str  # below the cache, and below the folder that NNLIB_DATA names
    url: str  # what stands before a file's name
    sha256: Mapping[str, str]  # by file name


MNIST = Source(
    "MNIST",
    "mnist",
    "https://ossci-datasets.s3.amazonaws.com/mnist/",
    {
        "train-images-idx3-ubyte.gz": "440fcabf73cc546fa21475e81ea370265605f56be210a4024d2ca8f203523609",
        "train-labels-idx1-ubyte.gz": "3552534a0a558bbed6aed32b30c495cca23d567ec52cac8be1a0730e8010255c",
        "t10k-images-idx3-ubyte.gz": "8d422c7b0a1c1c79245a5bcf07fe86e33eeafee792b84584aec276f5a2dbc4e6",
        "t10k-labels-idx1-ubyte.gz": "f7ae60f92e00ec6debd23a6088c31dbd2371eca3ffa0defaefb259924204aec6",
    },
)

FASHION_MNIST = Source(
    "Fashion-MNIST",
    "fashion_mnist",
    "https://raw.githubusercontent.com/zalandoresearch/fashion-mnist/master/data/fashion/",
    {
        "train-images-idx3-ubyte.gz": "3aede38d61863908ad78613f6a32ed271626dd12800ba2636569512369268a84",
        "train-labels-idx1-ubyte.gz": "a04f17134ac03560a47e3764e11b92fc97de4d1bfaf8ba1a3aa29af54cc90845",
        "t10k-images-idx3-ubyte.gz": "346e55b948d973a97e58d2351dde16a484bd415d4595297633bb08f03db6a073",
        "t10k-labels-idx1-ubyte.gz": "67da17c76eaffca5446c3361aaab5c3cd6d1c2608764d35dfb1850b086bf8dd5",
    },
)

CIFAR10 = Source(
    "CIFAR-10",
    "cifar10",
    "https://www.cs.toronto.edu/~kriz/",
    {"cifar-10-binary.tar.gz": "c4a38c50a1bc5f3a1c5537f2155ab9d68f9f25eb1ed8d9ddda3db29a59bca1dd"},
)

SOURCES = (MNIST, FASHION_MNIST, CIFAR10)

BY_HAND = (
    "Get the file elsewhere, put it into a folder and set the environment variable NNLIB_DATA to that folder."
)


def of_split(table: Mapping[str, T], split: str) -> T:
    """The entry of `split` ("train" or "test"); ValueError where there is none."""
    if split not in table:
        raise ValueError(f"split must be one of {', '.join(map(repr, table))}, got {split!r}")
    return table[split]


def locate(source: Source, name: str) -> Path:
    """The file `name` of the data set: the user's own where NNLIB_DATA is set, else the downloaded one.

    The user's own lies in the folder that NNLIB_DATA names, or in its subfolder of the data set, which is looked
    at first; it may hold fewer images than the original. Only the downloaded file must have the checksum.
    Raises as the loaders do.
    """
    folder = os.environ.get("NNLIB_DATA")
    if not folder:
        return _download(source, name)
    candidates = [Path(folder) / source.folder / name, Path(folder) / name]
    for path in candidates:
        if path.is_file():
            _refuse_namesake(source, path)
            return path
    looked = " nor ".join(map(str, candidates))
    raise FileNotFoundError(
        f"NNLIB_DATA is {folder!r}, but there is neither {looked}. "
        f"Put {source.title}'s file there (from {source.url}{name}), or unset NNLIB_DATA."
    )


def _refuse_namesake(source: Source, path: Path) -> None:
    """ValueError for another data set's file: MNIST's and Fashion-MNIST's differ only in what they hold."""
    namesakes = {other.sha256[path.name]: other for other in SOURCES if path.name in other.sha256}
    if len(namesakes) < 2:
        return
    with path.open("rb") as file:
        owner = namesakes.get(hashlib.file_digest(file, "sha256").hexdigest())
    if owner and owner != source:
        raise ValueError(
            f"{path} is {owner.title}'s file of that name: put {source.title}'s into a subfolder {source.folder}"
        )


def _download(source: Source, name: str) -> Path:
    """The file in the user's cache, downloaded if it is not there; its checksum is verified either way."""
    import pooch  # here, so that everything else works without it

    folder = pooch.os_cache("nnlib") / source.folder
    try:
        path = pooch.retrieve(source.url + name, f"sha256:{source.sha256[name]}", fname=name, path=folder)
    except OSError as error:  # requests' errors are OSErrors
        raise ConnectionError(f"could not download {source.url}{name} ({error}). {BY_HAND}") from error
    except ValueError as error:  # the checksum differs
        raise ValueError(f"{source.url}{name} is not the file it should be ({error}). {BY_HAND}") from error
    return Path(path)
