"""Tables as Parquet. The one room that knows pyarrow."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from summarize.errors import ConfigurationError, OutputError
from summarize.report.tables import Kind, Row

__all__ = ["ParquetTable", "check_pyarrow"]

# A row group at most: what is held in memory of each table.
_ROWS = 5_000
_CHARACTERS = 2_000_000


def check_pyarrow() -> None:
    """Checks that Parquet can be written here.

    Raises:
        ConfigurationError: pyarrow is not installed, or cannot be loaded.
    """
    try:
        import pyarrow.parquet  # noqa: F401
    except ImportError as error:
        is_missing = isinstance(error, ModuleNotFoundError)
        why = "is not installed" if is_missing else f"cannot be loaded ({error})"
        raise ConfigurationError(
            f"Parquet needs pyarrow, which {why}",
            hint="pip install 'summarize[parquet]', or take --format csv",
        ) from error


class ParquetTable:
    """One table, written some thousand rows at a time."""

    ending = ".parquet"

    def __init__(self, path: Path, columns: Mapping[str, Kind]) -> None:
        """Begins a file."""
        import pyarrow as pa
        from pyarrow import parquet

        types = {
            "text": pa.string(),
            "whole": pa.int64(),
            "decimal": pa.float64(),
            "flag": pa.bool_(),
            "list": pa.list_(pa.string()),
        }
        self._schema = pa.schema([(name, types[kind]) for name, kind in columns.items()])
        self._writer = parquet.ParquetWriter(path, self._schema)
        self._held: list[Row] = []
        self._characters = 0

    def write(self, row: Row) -> None:
        """Adds a row.

        Raises:
            OutputError: it has a value that Parquet cannot hold.
        """
        self._held.append(row)
        self._characters += sum(len(value) for value in row.values() if isinstance(value, str))
        if len(self._held) >= _ROWS or self._characters >= _CHARACTERS:
            self._flush()

    def finish(self) -> None:
        """Writes what is held, and closes the file.

        Raises:
            OutputError: as `write`.
        """
        self._flush()
        self.close()

    def close(self) -> None:
        """Closes the file, as it is."""
        self._writer.close()

    def _flush(self) -> None:
        import pyarrow as pa

        rows, self._held, self._characters = self._held, [], 0
        if not rows:
            return
        try:
            group = pa.Table.from_pylist(rows, self._schema)
        except (ValueError, OverflowError) as error:
            # A number of more than 64 bits, in a file that is not ours.
            raise OutputError(
                f"a value is nothing that Parquet can hold ({error})", hint="take --format csv"
            ) from error
        self._writer.write_table(group)
