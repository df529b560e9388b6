"""Small files in the true formats, made here."""

import gzip
import io
import struct
import tarfile

import numpy as np
import pytest

IDX_NAMES = ("{}-images-idx3-ubyte.gz", "{}-labels-idx1-ubyte.gz")


def make_idx(array, kind=8):
    header = struct.pack(f">BBBB{array.ndim}I", 0, 0, kind, array.ndim, *array.shape)
    return header + array.astype(np.uint8).tobytes()


def make_tar_gz(members):
    """A gzipped tar archive of (name, content) pairs; a content of None is a folder, a string a symbolic link."""
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w:gz") as archive:
        for name, content in members:
            member = tarfile.TarInfo(name)
            if isinstance(content, bytes):
                member.size = len(content)
            elif content is None:
                member.type = tarfile.DIRTYPE
            else:
                member.type, member.linkname = tarfile.SYMTYPE, content
            archive.addfile(member, io.BytesIO(content) if isinstance(content, bytes) else None)
    return buffer.getvalue()


@pytest.fixture
def idx():
    return make_idx


@pytest.fixture
def tar_gz():
    return make_tar_gz


@pytest.fixture
def write_idx():
    """Writes the two files of a split into a folder."""

    def write(folder, prefix, images, labels):
        folder.mkdir(exist_ok=True)
        for name, array in zip(IDX_NAMES, (images, np.array(labels)), strict=True):
            (folder / name.format(prefix)).write_bytes(gzip.compress(make_idx(array)))

    return write


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """The folder that NNLIB_DATA names."""
    monkeypatch.setenv("NNLIB_DATA", str(tmp_path))
    return tmp_path
