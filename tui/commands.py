"""What a user may want: one frozen dataclass each, carrying the ids that were confirmed.

Keys, palette, help, footer and command line all speak of these; `handlers` carries them out.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

from .model import NO_SAMPLE, PLAIN, Change, Form, Making, Sample, Selection

ALL = Selection()


@dataclass(frozen=True, slots=True)
class Command:
    """A wish. `title` is how menus call it; `changes_server` is what --read-only forbids."""

    title: ClassVar[str] = ""
    changes_server: ClassVar[bool] = False


@dataclass(frozen=True, slots=True)
class Refresh(Command):
    """Poll the account now."""

    title: ClassVar[str] = "Refresh"


@dataclass(frozen=True, slots=True)
class Cancel(Command):
    """Ask the service to stop working on these batches."""

    title: ClassVar[str] = "Cancel"
    changes_server: ClassVar[bool] = True
    ids: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Delete(Command):
    """Delete ended batches and their results on the server."""

    title: ClassVar[str] = "Delete"
    changes_server: ClassVar[bool] = True
    ids: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Forget(Command):
    """Remove batches that the server no longer has from the local list, saved results included."""

    title: ClassVar[str] = "Forget"
    ids: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Label(Command):
    """Give a batch a local name; an empty one takes it away."""

    title: ClassVar[str] = "Label"
    id: str
    text: str


@dataclass(frozen=True, slots=True)
class Download(Command):
    """Fetch the results of these batches to disk, and index them."""

    title: ClassVar[str] = "Download"
    ids: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class StopDownload(Command):
    """Stop fetching; what has arrived stays and is gone on with next time."""

    title: ClassVar[str] = "Stop download"
    ids: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Export(Command):
    """Save results where the user says; `overwrite` only after a question."""

    title: ClassVar[str] = "Export"
    ids: tuple[str, ...]
    """Batches whose results are taken together."""
    path: Path
    format: str = "jsonl"
    """`jsonl`, `csv`, `parquet`, or `files`: a folder with a file for each answer."""
    selection: Selection = ALL
    fields: bool = False
    """Whether tables get a column for each field of the answers."""
    requests: bool = False
    """Whether JSON lines get the request of each result."""
    join: Path | None = None
    """The table the requests were made from: it is saved with the answers as new columns."""
    key: str = ""
    """Its column of custom_ids; the likeliest one where none is named."""
    guard: bool = True
    """Whether a cell that a spreadsheet would compute gets an apostrophe before it."""
    overwrite: bool = False
    suffix: str = ".md"
    """What the files of answers are called: `.md` or `.txt`."""


@dataclass(frozen=True, slots=True)
class Check(Command):
    """Read sources and say what would be sent and what is wrong with it; writes nothing."""

    title: ClassVar[str] = "Check"
    sources: tuple[Path, ...]
    making: Making = PLAIN
    sample: Sample = NO_SAMPLE


@dataclass(frozen=True, slots=True)
class Prepare(Command):
    """Check sources and save their requests as the drafts of a run."""

    title: ClassVar[str] = "Prepare"
    sources: tuple[Path, ...]
    name: str = ""
    making: Making = PLAIN
    sample: Sample = NO_SAMPLE


@dataclass(frozen=True, slots=True)
class SendRun(Command):
    """Send what of a run is not sent yet, each draft once: the sample alone, or everything.

    `typed_yes` is the user's word for going over a spending limit.
    """

    title: ClassVar[str] = "Launch"
    changes_server: ClassVar[bool] = True
    run_id: str
    sample_only: bool = False
    side_by_side: int = 1
    """Batches that are sent at the same time."""
    typed_yes: bool = False
    wait: bool = True
    """Whether to wait while the service takes no more, instead of giving up."""


@dataclass(frozen=True, slots=True)
class StopRun(Command):
    """Send nothing more of a run until somebody says so; what is under way is finished."""

    title: ClassVar[str] = "Stop sending"
    run_id: str


@dataclass(frozen=True, slots=True)
class DropRun(Command):
    """Give up what of a run was not sent, and remove its drafts; what was sent stays."""

    title: ClassVar[str] = "Drop"
    run_id: str


@dataclass(frozen=True, slots=True)
class Retry(Command):
    """Prepare what did not come to a whole answer as another attempt of its run; nothing is sent yet."""

    title: ClassVar[str] = "Retry"
    id: str
    """Of a run, or of a batch."""
    groups: tuple[str, ...] = ()
    """Keys of the groups to be sent again; none named: those that are chosen by themselves."""
    changes: tuple[Change, ...] = ()
    edited: Path | None = None
    """The chosen requests as the user has edited them; lines taken out of it are not sent."""


@dataclass(frozen=True, slots=True)
class Send(Command):
    """Send a prepared draft: one POST, never repeated by itself; `again` is the user's word for another."""

    title: ClassVar[str] = "Launch"
    changes_server: ClassVar[bool] = True
    launch_id: str
    again: bool = False


@dataclass(frozen=True, slots=True)
class Adopt(Command):
    """Say that this batch is what the uncertain launch created."""

    title: ClassVar[str] = "Adopt"
    launch_id: str
    batch_id: str


@dataclass(frozen=True, slots=True)
class Drop(Command):
    """Give a launch up: whatever it created, it is not ours to watch; its draft is removed."""

    title: ClassVar[str] = "Drop"
    launch_id: str


@dataclass(frozen=True, slots=True)
class Attach(Command):
    """Say which file the requests of a batch were in that was launched elsewhere."""

    title: ClassVar[str] = "Attach requests"
    batch_id: str
    path: Path


@dataclass(frozen=True, slots=True)
class Detach(Command):
    """Forget which file the requests of a batch were in."""

    title: ClassVar[str] = "Detach requests"
    batch_id: str


@dataclass(frozen=True, slots=True)
class KeepForm(Command):
    """Keep what was typed on the way to a launch, for the next start of the program."""

    form: Form


@dataclass(frozen=True, slots=True)
class Done:
    """The good end of a command, in a sentence for a notice or for stderr."""

    message: str
    severity: str = "information"
    """`information`, `warning` or `error`: a command over several ids may end in part."""
