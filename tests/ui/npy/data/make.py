"""Writes the .npy files of this folder: `python make.py`. NumPy 2.4."""

from pathlib import Path

import numpy as np

FOLDER = Path(__file__).resolve().parent

# One file that is right, and the same numbers in the ways that are not read.
right = np.arange(96, dtype="<f4").reshape(2, 3, 4, 4)
np.save(FOLDER / "right.npy", right)
np.save(FOLDER / "f64.npy", right.astype("<f8"))
np.save(FOLDER / "big_endian.npy", right.astype(">f4"))
np.save(FOLDER / "fortran.npy", np.asfortranarray(right))
right_bytes = (FOLDER / "right.npy").read_bytes()
(FOLDER / "truncated.npy").write_bytes(right_bytes[:-100])
(FOLDER / "not_npy.npy").write_text("version https://git-lfs.github.com/spec/v1\n")

# Versions 2.0 and 3.0 of the format.
for major in (2, 3):
    with open(FOLDER / f"version{major}.npy", "wb") as file:
        np.lib.format.write_array(file, right[:1, :1], version=(major, 0))

# Every type of numbers, with its extremes.
for integer in ("i1", "i2", "i4", "i8", "u1", "u2", "u4", "u8"):
    limits = np.iinfo(integer)
    np.save(FOLDER / f"{integer}.npy", np.array([limits.min, 0, 1, 42, limits.max], dtype="<" + integer))
for real in ("f4", "f8"):
    limits = np.finfo(real)
    numbers = [limits.min, limits.max, limits.tiny, limits.smallest_subnormal, -0.0, np.inf, -np.inf, np.nan, 0.1]
    np.save(FOLDER / f"{real}.npy", np.array(numbers, dtype="<" + real))

# Shapes that are not those of their array, and whose headers have other lengths.
np.save(FOLDER / "scalar.npy", np.array(2.5, dtype="<f4"))
np.save(FOLDER / "empty.npy", np.zeros((0, 3), dtype="<f4"))
np.save(FOLDER / "images.npy", np.arange(18, dtype="u1").reshape(2, 3, 3))
np.save(FOLDER / "long.npy", np.zeros((10, 2, 1, 100), dtype="u1"))
