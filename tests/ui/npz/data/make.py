"""Writes the .npz files of this folder: `python make.py`. NumPy 2.4."""

from pathlib import Path
from zipfile import ZipFile, ZipInfo

import numpy as np

FOLDER = Path(__file__).resolve().parent

# One archive that is right, and the same arrays in the way that is not read.
arrays = dict(x=np.arange(24, dtype="<f4").reshape(1, 2, 3, 4), y=np.array([1, 2, 3], dtype="<i8"))
np.savez(FOLDER / "xy.npz", **arrays)
np.savez_compressed(FOLDER / "compressed.npz", **arrays)
right = (FOLDER / "xy.npz").read_bytes()
(FOLDER / "truncated.npz").write_bytes(right[:-10])
(FOLDER / "not_zip.npz").write_text("version https://git-lfs.github.com/spec/v1\n")

# What other programs add: files that are no arrays, arrays in folders, a comment at the end.
np.savez(FOLDER / "commented.npz", **{"group/x": arrays["x"], "größe": arrays["y"]})
with ZipFile(FOLDER / "commented.npz", "a") as archive:
    archive.writestr(ZipInfo("README"), "This is no array.")
    archive.comment = b"PK, a comment behind the directory"
