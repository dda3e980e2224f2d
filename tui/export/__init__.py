"""Results out: rows of the index and the lines they point at, as JSON lines, tables, files or Parquet.

Everything here blocks and belongs into one thread. What is written to is used within `with` and appears when
it is whole, or never; nothing holds more than some megabytes, whatever there is to write.
"""

from __future__ import annotations

from .bodies import Bodies, Pair
from .cells import COLUMNS, Extras, Field, Value
from .folder import NewFolder, refuse_folder, write_files
from .formats import Csv, Format, Jsonl, Merged, RequestOf
from .join import Joining, Lookup, key_column
from .lines import write_lines
from .parquet import Misfit, load_parquet, write_parquet
from .place import NewFile, Out, Stream, refuse_at_once
from .source import Source, look

__all__ = [
    "COLUMNS",
    "FORMATS",
    "Bodies",
    "Csv",
    "Extras",
    "Field",
    "Format",
    "Joining",
    "Jsonl",
    "Lookup",
    "Merged",
    "Misfit",
    "NewFile",
    "NewFolder",
    "Out",
    "Pair",
    "RequestOf",
    "Source",
    "Stream",
    "Value",
    "key_column",
    "load_parquet",
    "look",
    "refuse_at_once",
    "refuse_folder",
    "write_files",
    "write_lines",
    "write_parquet",
]

FORMATS = ("jsonl", "csv", "parquet", "files")
"""What results can be saved as."""
