"""Files from a folder of one's own, and from a server on this machine in place of the network."""

import gzip
import hashlib
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

import numpy as np
import pytest

from nnlib.data import load_cifar10, load_fashion_mnist, load_mnist
from nnlib.data.sources import CIFAR10, FASHION_MNIST, MNIST, SOURCES, Source, locate

CONTENT = bytes(range(256)) * 100
NAME = "letters.bin"


class Server(ThreadingHTTPServer):
    """Serves `content` at every address, with a promise of its whole length, but only the first `served` bytes."""

    def __init__(self):
        super().__init__(("127.0.0.1", 0), Handler)
        self.content, self.served, self.asked = CONTENT, None, []
        self.url = f"http://127.0.0.1:{self.server_port}/files/"


class Handler(BaseHTTPRequestHandler):
    def do_GET(self):
        self.server.asked.append(self.path)
        self.send_response(200)
        self.send_header("Content-Length", str(len(self.server.content)))
        self.end_headers()
        self.wfile.write(self.server.content[: self.server.served])

    def log_message(self, *_):
        pass


@pytest.fixture
def server(monkeypatch):
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    with Server() as server:
        thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield server
        server.shutdown()
        thread.join()


@pytest.fixture
def cache(tmp_path, monkeypatch):
    """The user's cache, an empty folder; no NNLIB_DATA."""
    pytest.importorskip("pooch", reason="pooch, which downloads, is not installed")
    monkeypatch.delenv("NNLIB_DATA", raising=False)
    monkeypatch.setattr("pooch.os_cache", lambda name: tmp_path / name)
    return tmp_path / "nnlib" / "letters"


@pytest.fixture
def letters(server):
    return Source("Letters", "letters", server.url, {NAME: hashlib.sha256(CONTENT).hexdigest()})


def test_a_file_is_downloaded_once_into_the_cache(letters, server, cache):
    assert locate(letters, NAME) == locate(letters, NAME) == cache / NAME
    assert (cache / NAME).read_bytes() == CONTENT
    assert server.asked == [f"/files/{NAME}"]


def test_an_empty_variable_names_no_folder(letters, cache, monkeypatch):
    monkeypatch.setenv("NNLIB_DATA", "")
    assert locate(letters, NAME) == cache / NAME


@pytest.mark.parametrize("damage", [lambda good: good[:-1], lambda good: b"x" + good[1:], lambda good: b""])
def test_a_damaged_file_in_the_cache_is_downloaded_again(letters, server, cache, damage):
    cache.mkdir(parents=True)
    (cache / NAME).write_bytes(damage(CONTENT))
    assert locate(letters, NAME).read_bytes() == CONTENT
    assert len(server.asked) == 1


def test_a_damaged_file_in_the_cache_is_not_used_without_network_either(letters, server, cache):
    cache.mkdir(parents=True)
    (cache / NAME).write_bytes(CONTENT[:-1])
    server.served = 0
    with pytest.raises(ConnectionError, match="could not download"):
        locate(letters, NAME)


def test_an_interrupted_download_leaves_nothing_behind(letters, server, cache):
    server.served = 10_000
    with pytest.raises(ConnectionError, match=f"could not download {server.url}{NAME} .* NNLIB_DATA"):
        locate(letters, NAME)
    assert list(cache.iterdir()) == []
    server.served = None
    assert locate(letters, NAME).read_bytes() == CONTENT


def test_another_file_than_promised_is_refused_and_not_kept(letters, server, cache):
    server.content = b"<html>Log in to the hotel's network</html>"
    with pytest.raises(ValueError, match=f"{server.url}{NAME} is not the file it should be .* NNLIB_DATA"):
        locate(letters, NAME)
    assert list(cache.iterdir()) == []


def test_without_network_it_says_how_to_bring_the_file(cache):
    with Server() as nobody:  # its port is free again below
        url = nobody.url
    offline = Source("Letters", "letters", url, {NAME: "0" * 64})
    with pytest.raises(ConnectionError, match=r"put it into a folder and set the environment variable NNLIB_DATA"):
        locate(offline, NAME)


@pytest.mark.parametrize(
    ("load", "source", "names"),
    [
        (load_mnist, MNIST, ["t10k-images-idx3-ubyte.gz", "t10k-labels-idx1-ubyte.gz"]),
        (load_fashion_mnist, FASHION_MNIST, ["t10k-images-idx3-ubyte.gz", "t10k-labels-idx1-ubyte.gz"]),
        (load_cifar10, CIFAR10, ["cifar-10-binary.tar.gz"]),
    ],
)
def test_a_loader_asks_for_its_own_files_with_their_checksums(
    load, source, names, cache, tmp_path, monkeypatch, idx, tar_gz
):
    content = {
        "t10k-images-idx3-ubyte.gz": gzip.compress(idx(np.zeros((1, 28, 28)))),
        "t10k-labels-idx1-ubyte.gz": gzip.compress(idx(np.array([7]))),
        "cifar-10-binary.tar.gz": tar_gz([("cifar-10-batches-bin/test_batch.bin", bytes([7]) + bytes(3072))]),
    }
    asked = []

    def retrieve(url, known_hash, fname, path):
        asked.append((url, known_hash, path))
        (tmp_path / fname).write_bytes(content[fname])
        return str(tmp_path / fname)

    monkeypatch.setattr("pooch.retrieve", retrieve)
    assert load("test")[1].tolist() == [7]
    assert asked == [
        (source.url + name, f"sha256:{source.sha256[name]}", tmp_path / "nnlib" / source.folder) for name in names
    ]


@pytest.mark.parametrize("load", [load_mnist, load_fashion_mnist, load_cifar10])
def test_a_missing_file_is_named_with_the_places_looked_at_and_where_it_is_from(load, folder):
    with pytest.raises(
        FileNotFoundError, match="NNLIB_DATA is .* Put .* file there .from https://.*gz., or unset"
    ):
        load("train")


@pytest.mark.parametrize("source", SOURCES, ids=lambda source: source.folder)
def test_the_places_are_the_subfolder_and_the_folder(source, folder):
    name = next(iter(source.sha256))
    with pytest.raises(FileNotFoundError) as caught:
        locate(source, name)
    assert f"neither {folder / source.folder / name} nor {folder / name}. " in str(caught.value)


def test_a_file_of_ones_own_needs_no_checksum(letters, folder):
    (folder / NAME).write_bytes(b"a smaller one")
    assert locate(letters, NAME) == folder / NAME


def test_a_data_set_is_not_taken_for_another_with_the_same_file_names(folder, monkeypatch):
    name = "t10k-labels-idx1-ubyte.gz"
    (folder / name).write_bytes(CONTENT)
    monkeypatch.setitem(MNIST.sha256, name, hashlib.sha256(CONTENT).hexdigest())
    assert locate(MNIST, name) == folder / name
    with pytest.raises(
        ValueError, match="is MNIST's file of that name: put Fashion-MNIST's .* subfolder fashion_mni"
    ):
        locate(FASHION_MNIST, name)


def test_checksums_are_sha256_and_no_two_files_share_one():
    checksums = [checksum for source in SOURCES for checksum in source.sha256.values()]
    assert {len(bytes.fromhex(checksum)) for checksum in checksums} == {32}
    assert len(set(checksums)) == len(checksums) == 9
