"""Writes tables as Parquet. The only module that imports pyarrow."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from summarize.errors import OutputError
from summarize.report.tables import Kind, Row

__all__ = ["parquet_table"]

# The most that is held in memory of each table before a row group is written.
_MAX_ROWS = 5_000
_MAX_CHARACTERS = 2_000_000


@contextmanager
def parquet_table(path: Path, columns: Mapping[str, Kind]) -> Iterator[Callable[[Row], None]]:
    """Opens a table and yields the function that adds a row.

    Raises:
        OutputError: A row has a value that Parquet cannot hold.
    """
    import pyarrow as pa
    from pyarrow import parquet

    types = {
        "text": pa.string(),
        "integer": pa.int64(),
        "float": pa.float64(),
        "boolean": pa.bool_(),
        "list": pa.list_(pa.string()),
    }
    schema = pa.schema([(name, types[kind]) for name, kind in columns.items()])
    rows: list[Row] = []
    characters = 0

    def add(row: Row) -> None:
        nonlocal characters
        rows.append(row)
        characters += sum(len(value) for value in row.values() if isinstance(value, str))
        if len(rows) >= _MAX_ROWS or characters >= _MAX_CHARACTERS:
            write()

    def write() -> None:
        nonlocal characters
        try:
            group = pa.Table.from_pylist(rows, schema)
        except (ValueError, OverflowError) as error:
            # An integer of more than 64 bits, in a file that was edited.
            raise OutputError(
                f"a value does not fit into Parquet ({error})", hint="take --format csv"
            ) from error
        writer.write_table(group)
        rows.clear()
        characters = 0

    with parquet.ParquetWriter(path, schema) as writer:
        yield add
        if rows:
            write()
