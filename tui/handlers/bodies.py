"""Where the results of a batch lie on disk at this moment."""

from __future__ import annotations

from pathlib import Path

from ..paths import Paths


def body_path(paths: Paths, batch_id: str) -> Path:
    """The complete file, else the one that is still being written; the former's name where there is neither.

    A download may rename the one into the other at any moment: whoever opens it and finds nothing asks again.
    """
    whole, part = paths.result_file(batch_id), paths.result_part(batch_id)
    return part if not whole.exists() and part.exists() else whole
