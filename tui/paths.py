"""Where everything lives; the only module that knows. Folders 0700, files 0600."""

from __future__ import annotations

import hashlib
import os
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

import platformdirs

from .errors import UsageError

APP = "batchdeck"
DATA_DIR_VARIABLE = "BATCHDECK_DATA_DIR"
MARK = ".sent.json"
"""How the names of marks end, behind the ids of their launches."""


@dataclass(frozen=True, slots=True)
class Paths:
    """The folders of one user; sub-folders and files hang off `data`, `config` and `log`."""

    data: Path
    config: Path
    log: Path

    @property
    def state_db(self) -> Path:
        """The SQLite file with everything we remember."""
        return self.data / "state.db"

    @property
    def config_file(self) -> Path:
        """The user's own settings."""
        return self.config / "config.toml"

    @property
    def log_file(self) -> Path:
        """The rotating log; never prompts, answers or keys."""
        return self.log / "batchdeck.log"

    @property
    def results(self) -> Path:
        """Folder of downloaded results."""
        return self.data / "results"

    @property
    def drafts(self) -> Path:
        """Folder of requests exactly as (to be) sent."""
        return self.data / "drafts"

    @property
    def edits(self) -> Path:
        """Folder of requests that the user's editor has, or had."""
        return self.data / "edits"

    def result_file(self, batch_id: str) -> Path:
        """Where a batch's results end up, under a name that no id can turn into another place."""
        return self.results / f"{safe_name(batch_id)}.jsonl"

    def result_part(self, batch_id: str) -> Path:
        """Where results are written until they are whole."""
        return self.results / f"{safe_name(batch_id)}.jsonl.part"

    def draft_file(self, launch_id: str) -> Path:
        """The requests of a launch."""
        return self.drafts / f"{safe_name(launch_id)}.jsonl"

    def origins_file(self, run_id: str) -> Path:
        """Which row of its source each request of a run is, where the draft alone does not tell."""
        return self.drafts / f"{safe_name(run_id)}.origins.jsonl"

    def mark_file(self, launch_id: str) -> Path:
        """What is known beside a draft of its having been sent, should the store forget it."""
        return self.drafts / f"{safe_name(launch_id)}{MARK}"

    def edit_file(self, name: str) -> Path:
        """Requests to be edited."""
        return self.edits / f"retry-{safe_name(name)}.jsonl"

    def run_lock(self, run_id: str) -> Path:
        """What a process holds while it sends a run."""
        return self.drafts / f"{safe_name(run_id)}.lock"

    def make(self) -> Paths:
        """Create the folders; raises OSError where the user may not."""
        for folder in (self.data, self.results, self.drafts, self.edits, self.config, self.log):
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        return self


def find(data_dir: str | os.PathLike[str] | None = None, *, demo: bool = False) -> Paths:
    """The user's paths: `data_dir`, else BATCHDECK_DATA_DIR, else the system's own places.

    A data folder given by hand keeps the log inside it. The demo lives in a folder of its own. UsageError
    where nobody knows which folder is the user's home (a container's user without a name).
    """
    given = data_dir or os.environ.get(DATA_DIR_VARIABLE)
    config = Path(platformdirs.user_config_dir(APP))
    if given:
        data = expanded(Path(given)).absolute()
        log = data / "log"
    else:
        data = Path(platformdirs.user_data_dir(APP))
        log = Path(platformdirs.user_log_dir(APP))
    for folder in (data, config, log):
        if not folder.is_absolute():
            raise UsageError(f"There is no home folder for {folder}.", "Set HOME.")
    if demo:
        data, log = data / "demo", log / "demo"
    return Paths(data=data, config=config, log=log)


def expanded(path: Path) -> Path:
    """The path with its `~` replaced; as it is where nobody is called so."""
    try:
        return path.expanduser()
    except RuntimeError:
        return path


def shown(path: str) -> str:
    """A path as one would type it here: below the working folder without it, else with `~` for the home."""
    with suppress(OSError):
        here = os.path.join(os.getcwd(), "")
        if path.startswith(here) and path != here:
            return path[len(here) :]
    home = os.path.join(os.path.expanduser("~"), "")
    return os.path.join("~", path[len(home) :]) if len(home) > 1 and path.startswith(home) else path


def safe_name(foreign: str) -> str:
    """A file name made of an id: letters, digits, `-` and `_` stay, the rest is %XX; of bounded length."""
    quoted = "".join(c if c.isascii() and (c.isalnum() or c in "-_") else f"%{ord(c):02X}" for c in foreign)
    if len(quoted) <= 120:
        return quoted or "%"
    return f"{quoted[:100]}%{hashlib.sha256(foreign.encode('utf-8', 'replace')).hexdigest()[:16]}"


def open_private(path: Path, mode: str = "wb") -> IO[Any]:
    """Open a file for writing that only its user can read (0600)."""
    return open(path, mode, opener=lambda name, flags: os.open(name, flags, 0o600))


def sync_folder(folder: Path) -> None:
    """Make new names in a folder survive a power cut, where the system can."""
    with suppress(OSError):
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
