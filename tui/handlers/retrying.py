"""What did not come to a whole answer, prepared as another attempt of its run; sending it is another wish."""

from __future__ import annotations

import threading
from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path
from uuid import uuid4

from .. import sources
from ..commands import Retry
from ..errors import StoreError, UsageError
from ..model import REQUESTS, Draft, KnownModels, Making, Recipe, RetryGroup, Run
from . import retry_edits as edits
from .endings import in_thread, on_loop
from .known_models import known_models
from .launches import remove
from .locks import holding
from .preparing import bad_source
from .retry_keeping import keep
from .retry_scope import Tried, refuse_changed, run_of, tried
from .retry_work import opened
from .services import Services
from .written import remember_all


async def groups(services: Services, id: str) -> tuple[RetryGroup, ...]:
    """Why requests of a run, launch or batch have no whole answer, and how many; results are fetched first.

    UsageError while a batch of it still runs, or a part of it waits to be sent.
    """
    found = await tried(services, id)

    def work(stop: threading.Event) -> tuple[RetryGroup, ...]:
        with opened(services.store.path, found, stop) as again:
            return again.groups()

    return await in_thread(work)


async def write_chosen(services: Services, id: str, groups: Sequence[str], path: Path) -> int:
    """Write the requests of these groups as they were sent, one a line, for an editor; how many.

    Without a name: all that are sent again by themselves, and those that an edit may mend.
    """
    found = await tried(services, id)

    def work(stop: threading.Event) -> int:
        refuse_changed(found)
        with opened(services.store.path, found, stop) as again:
            again.choose(groups, mends=True)
            return edits.write(path, again.lines(), (), stop)

    return await in_thread(work)


async def retry(services: Services, command: Retry) -> Run:
    """Prepare the chosen requests as the next attempt of their run; nothing is sent.

    Another process that does the same is kept waiting outside: UsageError. Killed in between, this leaves no
    more than drafts that no launch names.
    """
    run = await run_of(services, command.id)
    key = command.id if run is None else run.id
    held = UsageError("Another batchdeck is working on the same run.", "Wait until it is done.")
    with holding(services.paths.run_lock(key), held):
        found = await tried(services, command.id)
        models = await known_models(services, ask=services.api.loaded)
        ids: dict[int, str] = defaultdict(lambda: uuid4().hex)
        draft = await in_thread(_Preparing(services, command, found, models, ids))
        if not draft.ok:
            raise bad_source(draft)
        run_id = await keep(services, found, draft, ids)
    services.on_run(run_id)
    kept = await services.store.runs.get(run_id)
    if kept is None:
        raise StoreError("The run is no longer there.", "Look at the list of runs.")
    return kept


class _Preparing:
    """The work of a retry in its thread: from results to drafts."""

    def __init__(
        self,
        services: Services,
        command: Retry,
        found: Tried,
        models: KnownModels | None,
        ids: dict[int, str],
    ) -> None:
        self._paths = services.paths
        self._store = services.store.path
        self._progress = on_loop(services.on_read)
        self._command = command
        self._found = found
        self._models = models
        self._ids = ids

    def __call__(self, stop: threading.Event) -> Draft:
        """Write the requests, check them, and save them as drafts unless anything is wrong."""
        refuse_changed(self._found)
        edited, changes = self._command.edited, self._command.changes
        if edited is not None:
            self._refuse_edit(edited, stop)
        if edited is not None and not changes:
            return self._prepared(edited, stop)
        written = self._paths.draft_file(uuid4().hex)
        try:
            if edited is not None:
                edits.write(written, edits.edited_lines(edited), changes, stop)
                source, labels = str(edited), edits.by_line(edited)
            else:
                self._write_chosen(written, stop)
                source, labels = self._found.source, edits.by_custom_id(written)
            return edits.relabelled(self._prepared(written, stop), source, labels)
        finally:
            remove(written)

    def _write_chosen(self, written: Path, stop: threading.Event) -> None:
        with opened(self._store, self._found, stop) as again:
            again.choose(self._command.groups, mends=bool(self._command.changes))
            if not edits.write(written, again.lines(), self._command.changes, stop):
                raise UsageError(
                    "Of these results no request is known.", "Attach the file that their requests were in."
                )

    def _refuse_edit(self, edited: Path, stop: threading.Event) -> None:
        """Refuse an edited file that nothing is left in, or that has requests of somebody else."""
        try:
            if edits.is_empty(edited):
                raise UsageError("Nothing is left in the edited file: nothing was prepared.")
            with opened(self._store, self._found, stop) as again:
                again.refuse_unknown()
                edits.refuse_strangers(edited, again.strangers(edited))
        except OSError as error:
            raise UsageError(f"The edited file cannot be read: {error.strerror or error}.") from error

    def _prepared(self, source: Path, stop: threading.Event) -> Draft:
        run = self._found.run
        making = Making(kind=REQUESTS, override=Recipe(betas=run.betas if run else ()))
        draft = sources.prepare(
            (source,),
            lambda number: self._paths.draft_file(self._ids[number]),
            making,
            models=self._models,
            stop=stop,
            progress=self._progress,
        )
        remember_all(draft)
        return draft
