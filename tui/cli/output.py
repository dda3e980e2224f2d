"""What the commands print. Data goes to stdout, everything else to stderr.

The `--json` contract
---------------------
All of it is ASCII JSON, indented, ended by a line feed. Moments are RFC 3339 in UTC, such as
`2026-11-22T14:02:07.123456Z`. What is unknown or not there is null; a field is never left out. Fields may be
added, never renamed or removed. On an error stdout stays empty, the sentence is on stderr, and the exit code
tells the kind; where an object is printed beside a code that is not 0, it is said below.

A **batch** carries the API's own fields
  `id`, `type` ("message_batch"), `processing_status`, `request_counts` {`processing`, `succeeded`, `errored`,
  `canceled`, `expired`}, `created_at`, `ended_at`, `expires_at`, `archived_at`, `cancel_initiated_at`,
  `results_url`
and ours
  `label`        its local name
  `source`       name of the file it was launched from
  `launch_id`    the launch that created it
  `deleted_at`   when we learned that the server no longer has it
  `results`      what is on disk: {`lines`, `bytes`, `complete`, `attention`, `missing`}, or null;
                 `attention`: succeeded, but not a whole answer; `missing`: requests without a line

`list`    array of batches, newest first. With exit 3 (the service is out of reach): those known locally.
`show`    one batch, and `summary`: null without results on disk, else {`lines`, `outcomes` {name: n},
          `stop_reasons` {name: n}, `models` {name: n}, `errors` [{`outcome`, `kind`, `message`, `count`}],
          `input_tokens`, `output_tokens`}. With exit 3, and with exit 1 (the service does not know it now):
          as it is known locally.
`check`   {`source`, `ok`, `requests`, `bytes`, `sha256`, `models` {name: n}, `problem_count`,
          `problems` [{`place`, `what`, `remedy`}] (the first thousand)}. With exit 2: `ok` is false.
`launch`  {`launch_id`, `state`, `name`, `source`, `requests`, `bytes`, `sha256`, `models`, `created_at`,
          `sent_at`, `batch_id`, `problem`, `batch`: a batch or null}; `state` is "sent", or "dropped" after
          `--resume … --drop`.
`wait`    array of batches in the order asked for, as they stood at the end. With exit 1: not all requests
          succeeded, or the time was up.
`cancel`  array of batches, as they are now. With exit 1: some could not be canceled.
`info`    {`versions` {`batchdeck`, `python`, `textual`, `anthropic`, `sqlite`},
          `paths` {`data`, `config`, `log`, `state`, `results`, `drafts`}, `sizes` {`log`, `state`, `results`,
          `drafts`} in bytes, `account` {`base_url`, `organization`, `workspace`, `batches`},
          `credential` {`kind`, `name`} or null: where the SDK will find it, never what it is,
          `unfinished` [a launch without `batch`, with `candidates` [{`batch_id`, `seconds_after`}]]}
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from typing import Any

from ..model import Batch, Candidate, Counts, Entry, Launch, ResultFile, Summary

Json = dict[str, Any]


def print_json(value: object) -> None:
    """One JSON document on stdout; ASCII, so that no control or invisible character reaches a terminal."""
    sys.stdout.write(json.dumps(value, indent=2) + "\n")


def moment(when: datetime | None) -> str | None:
    """RFC 3339 in UTC."""
    return when.astimezone(UTC).isoformat().replace("+00:00", "Z") if when else None


def batch(entry: Entry) -> Json:
    """A batch: the API's fields, then ours."""
    return {
        **_api_fields(entry.batch),
        "label": entry.label or None,
        "source": entry.source or None,
        "launch_id": entry.launch_id,
        "deleted_at": moment(entry.gone_at),
        "results": _results(entry.results) if entry.results else None,
    }


def _api_fields(batch: Batch) -> Json:
    return {
        "id": batch.id,
        "type": "message_batch",
        "processing_status": batch.state,
        "request_counts": _counts(batch.counts),
        "created_at": moment(batch.created_at),
        "ended_at": moment(batch.ended_at),
        "expires_at": moment(batch.expires_at),
        "archived_at": moment(batch.archived_at),
        "cancel_initiated_at": moment(batch.cancel_initiated_at),
        "results_url": batch.results_url,
    }


def _counts(counts: Counts) -> Json:
    names = ("processing", "succeeded", "errored", "canceled", "expired")
    return {name: getattr(counts, name) for name in names}


def _results(file: ResultFile) -> Json:
    names = ("lines", "bytes", "complete", "attention", "missing")
    return {name: getattr(file, name) for name in names}


def batches(entries: Iterable[Entry]) -> list[Json]:
    """An array of batches."""
    return [batch(entry) for entry in entries]


def shown(entry: Entry, found: Summary | None) -> Json:
    """One batch with what its results say."""
    return {**batch(entry), "summary": summary(found) if found else None}


def summary(found: Summary) -> Json:
    """What results say, in numbers."""
    return {
        "lines": found.lines,
        "outcomes": dict(found.outcomes),
        "stop_reasons": dict(found.stops),
        "models": dict(found.models),
        "errors": [
            {"outcome": each.outcome, "kind": each.kind, "message": each.message, "count": each.count}
            for each in found.errors
        ],
        "input_tokens": found.input_tokens,
        "output_tokens": found.output_tokens,
    }


def launch(sent: Launch) -> Json:
    """A launch, without its batch."""
    return {
        "launch_id": sent.id,
        "state": sent.state,
        "name": sent.name or None,
        "source": sent.source,
        "requests": sent.requests,
        "bytes": sent.bytes,
        "sha256": sent.sha256,
        "models": dict(sent.models),
        "created_at": moment(sent.created_at),
        "sent_at": moment(sent.sent_at),
        "batch_id": sent.batch_id,
        "problem": sent.problem or None,
    }


def launched(sent: Launch, entry: Entry | None) -> Json:
    """A launch with the batch it became."""
    return {**launch(sent), "batch": batch(entry) if entry else None}


def unfinished(found: Sequence[tuple[Launch, Sequence[Candidate]]]) -> list[Json]:
    """Launches of which nobody knows whether they created a batch."""
    return [{**launch(each), "candidates": [_candidate(one) for one in some]} for each, some in found]


def _candidate(candidate: Candidate) -> Json:
    return {"batch_id": candidate.batch.id, "seconds_after": candidate.after.total_seconds()}
