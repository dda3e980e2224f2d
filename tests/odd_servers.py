"""Services whose answers have every odd shape that recorded exchanges of other programs show.

Each factory gives an ASGI application with one oddity or a few that go together. Names and texts are made up.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from tui.simulator.asgi import Receive, Reply, Request, Scope, Send

BATCHES = "/v1/messages/batches"
Json = dict[str, Any]

CREATED = "2026-10-03T08:15:42.001200+00:00"
ENDED = "2026-10-03T08:31:09.480001+00:00"
EXPIRES = "2026-10-04T08:15:42.001200+00:00"


def counts(processing: int = 0, succeeded: int = 0, errored: int = 0, canceled: int = 0) -> Json:
    """The five counts."""
    return {
        "processing": processing,
        "succeeded": succeeded,
        "errored": errored,
        "canceled": canceled,
        "expired": 0,
    }


def ended(id: str, succeeded: int, errored: int = 0, **changes: object) -> Json:
    """A batch that has ended, as the service shows it today."""
    return {
        "id": id,
        "type": "message_batch",
        "processing_status": "ended",
        "request_counts": counts(succeeded=succeeded, errored=errored),
        "ended_at": ENDED,
        "created_at": CREATED,
        "expires_at": EXPIRES,
        "archived_at": None,
        "cancel_initiated_at": None,
        "results_url": f"https://api.anthropic.com{BATCHES}/{id}/results",
        **changes,
    }


def running(id: str, processing: int, **changes: object) -> Json:
    """A batch that is being processed."""
    return {
        **ended(id, 0),
        "processing_status": "in_progress",
        "request_counts": counts(processing=processing),
        "ended_at": None,
        "results_url": None,
        **changes,
    }


def message(text: str, usage: Mapping[str, object], **changes: object) -> Json:
    """A message of one text block."""
    return {
        "id": "msg_01Hk3Wq8ZtVbNn5PdRrYc2Ls",
        "type": "message",
        "role": "assistant",
        "model": "claude-haiku-4-5-20251001",
        "content": [{"type": "text", "text": text}],
        "stop_reason": "end_turn",
        "stop_sequence": None,
        "usage": dict(usage),
        **changes,
    }


def jsonl(values: Sequence[object]) -> bytes:
    """Lines without a line feed after the last."""
    lines = [json.dumps(value, ensure_ascii=False, separators=(",", ":")) for value in values]
    return "\n".join(lines).encode()


@dataclass
class OddServer:
    """An ASGI application over fixed batches and results; the fields say in what it is odd."""

    batches: list[Json]
    results: dict[str, bytes] = field(default_factory=dict)
    results_headers: dict[str, str] = field(default_factory=lambda: {"content-type": "application/x-jsonl"})
    get_headers: dict[str, str] = field(default_factory=dict)
    page_omits: frozenset[str] = frozenset()
    stuck: bool = False
    error_extras: Json = field(default_factory=dict)
    refused: dict[str, int] = field(default_factory=dict)
    """Methods or endings of paths, such as `DELETE` or `cancel`, and the status they get."""
    down: Reply | None = None
    seen: list[tuple[str, str]] = field(default_factory=list)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        assert scope["type"] == "http"
        request = Request.of(scope)
        while (part := await receive()).get("more_body"):
            request.body += part["body"]
        self.seen.append((request.method, request.path))
        reply = self.down or self._answer(request)
        await reply.send(send)

    def _answer(self, request: Request) -> Reply:
        id, _, ending = request.path.removeprefix(BATCHES).strip("/").partition("/")
        for name, status in self.refused.items():
            if name in (request.method, ending):
                return self._error(status, "not_supported", "This gateway does not offer that.")
        if not id:
            return self._create() if request.method == "POST" else self._list(request)
        batch = next((batch for batch in self.batches if batch["id"] == id), None)
        if batch is None:
            return self._error(404, "not_found_error", f"No batch {id} here.")
        if ending == "results":
            return self._results(id)
        if ending == "cancel":
            # The counts stay as they are: nothing is known before the end.
            batch.update(processing_status="canceling", cancel_initiated_at=ENDED)
        if request.method == "DELETE":
            self.batches.remove(batch)
            return Reply.json({"id": id, "type": "message_batch_deleted"})
        headers = self.get_headers if batch["processing_status"] == "in_progress" else {}
        return Reply.json(batch, 200, headers)

    def _create(self) -> Reply:
        shape = self.batches[0]
        id = f"{shape['id'][:-4]}{len(self.batches):04d}"
        batch = running(id, 2)
        self.batches.insert(0, {key: batch[key] for key in batch if key in shape})
        return Reply.json(self.batches[0])

    def _list(self, request: Request) -> Reply:
        limit = int(request.query.get("limit", "20"))
        ids = [batch["id"] for batch in self.batches]
        after = request.query.get("after_id")
        start = ids.index(after) + 1 if after in ids and not self.stuck else 0
        data = self.batches[start : start + limit]
        page = {
            "data": data,
            "has_more": self.stuck or len(self.batches) > start + limit,
            "first_id": data[0]["id"] if data else None,
            "last_id": data[-1]["id"] if data else None,
        }
        return Reply.json({key: value for key, value in page.items() if key not in self.page_omits})

    def _results(self, id: str) -> Reply:
        if id not in self.results:
            return self._error(404, "not_found_error", f"Batch {id} has nothing to download yet.")
        headers = {name: value.replace("{id}", id) for name, value in self.results_headers.items()}
        return Reply(200, headers, self.results[id])

    def _error(self, status: int, kind: str, text: str) -> Reply:
        error = {"type": "error", "error": {"type": kind, "message": text}, **self.error_extras}
        return Reply.json(error, status)


OLD = "msgbatch_01QeD7nVtYpKa4RwZxM2cFgh"
OLD_RUNNING = "msgbatch_01XvB9kLmTq6HsJ3yNwPe8Ud"


def service_of_2024() -> OddServer:
    """The service in its first months: no `archived_at`, no request id in errors, results as a web page."""
    old = {"input_tokens": 31, "output_tokens": 12}
    batches = [running(OLD_RUNNING, 2), ended(OLD, 2)]
    for batch in batches:
        del batch["archived_at"]
    lines = [
        {"custom_id": f"q-{name}", "result": {"type": "succeeded", "message": message(text, old)}}
        for name, text in (("tide", "Twice a day,\nmostly."), ("moon", "Because of its orbit."))
    ]
    return OddServer(
        batches,
        {OLD: jsonl(lines)},
        results_headers={
            "content-type": "text/html",
            "content-disposition": 'attachment; filename="{id}_results.jsonl"',
        },
        get_headers={"retry-after": "10"},
    )


LATE = "msgbatch_01LtR5sWgCq8NbVy3KfHd6Pz"


def type_comes_last() -> OddServer:
    """Results written by another library: `type` after `message`, every absent field an explicit null."""
    usage = {
        "cache_creation": {"ephemeral_1h_input_tokens": 0, "ephemeral_5m_input_tokens": 0},
        "cache_creation_input_tokens": 0,
        "cache_read_input_tokens": 0,
        "input_tokens": 512,
        "output_tokens": 64,
        "server_tool_use": None,
        "service_tier": "batch",
    }
    content = [{"citations": None, "text": '```json\n[{"row": 1, "keep": false}]\n```', "type": "text"}]
    answer = message("", usage, container=None, content=content)
    lines = [
        {"custom_id": f"Sensor_{n}", "result": {"message": answer, "type": "succeeded"}} for n in (2, 1, 3)
    ]
    return OddServer([ended(LATE, 3)], {LATE: jsonl(lines)})


NULLED = "msgbatch_01NuE2xYcJw7TdGm4BrLk9Sv"


def nulls_as_objects() -> OddServer:
    """A language that writes null as `{}`, and has dropped the custom_ids; usage has the newest keys."""
    usage = {
        "input_tokens": 22,
        "cache_creation_input_tokens": 0,
        "cache_read_input_tokens": 0,
        "output_tokens": 4,
        "output_tokens_details": {"thinking_tokens": 0},
        "service_tier": "batch",
        "inference_geo": "global",
    }
    empty: Json = {}
    answers = [message(town, usage, stop_sequence=empty, stop_details=empty) for town in ("Lyon", "Graz")]
    lines = [{"result": {"type": "succeeded", "message": answer}} for answer in answers]
    batch = ended(NULLED, 2, archived_at=empty, cancel_initiated_at=empty)
    return OddServer([batch], {NULLED: jsonl(lines)})


RELAYED = "msgbatch_01ReY6pHvZk3WqFs8TnCx5Jb"


def relayed_errors() -> OddServer:
    """Results through a relay: errors with one level, foreign or null request ids, custom_ids with colons."""
    limit = "You have reached your specified API usage limits. Access returns on the first of the month."
    errors: list[Json] = [
        {"type": "invalid_request_error", "message": "max_tokens: Field required"},
        _nested("invalid_request_error", limit, None),
        _nested("overloaded_error", "Overloaded", "workerreq_7d1f0c"),
        _nested("api_error", "Internal server error", None, top=False),
    ]
    lines: list[Json] = [
        {"custom_id": f"run:7:item:{n}", "result": {"type": "errored", "error": error}}
        for n, error in enumerate(errors)
    ]
    fine = message("fine", {"input_tokens": 9, "output_tokens": 1})
    lines.append({"custom_id": "run:7:item:9", "result": {"type": "succeeded", "message": fine}})
    return OddServer(
        [ended(RELAYED, 1, 4)], {RELAYED: jsonl(lines)}, error_extras={"request_id": "workerreq_0001"}
    )


def _nested(kind: str, text: str, request_id: str | None, *, top: bool = True) -> Json:
    error: Json = {"type": "error", "error": {"type": kind, "message": text}}
    return {**error, "request_id": request_id} if top else error


GATEWAY = "msgbatch_6f0d2c1e-93ab-4c57-8d10-5e2b7a94f001"
GATEWAY_RUNNING = "msgbatch_0b7e55aa-1c2d-4e3f-9a8b-77c6d5e4f002"


def gateway() -> OddServer:
    """A gateway: UUIDs, a path as `results_url`, pages without ids, a cursor that stays, moving counts."""
    half = counts(processing=6, succeeded=3, errored=1)
    batches = [
        running(GATEWAY_RUNNING, 10, request_counts=half),
        ended(GATEWAY, 1, results_url=f"{BATCHES}/{GATEWAY}/results"),
    ]
    for batch in batches:
        del batch["archived_at"]
    answer = message("pong", {"input_tokens": 8, "output_tokens": 1})
    line = {"custom_id": "ping", "result": {"type": "succeeded", "message": answer}}
    return OddServer(
        batches,
        {GATEWAY: jsonl([line]) + b"\n"},
        results_headers={},
        page_omits=frozenset({"first_id", "last_id"}),
        stuck=True,
        refused={"DELETE": 405, "cancel": 501},
    )


def out_of_order() -> OddServer:
    """A network's edge whose service is away: a page in HTML for every request."""
    page = (
        b"<!DOCTYPE html>\n<html><head><title>502</title></head><body>Bad gateway: try later</body></html>\n"
    )
    return OddServer([], down=Reply(502, {"content-type": "text/html; charset=UTF-8"}, page))


ALL = {
    "service_of_2024": service_of_2024,
    "type_comes_last": type_comes_last,
    "nulls_as_objects": nulls_as_objects,
    "relayed_errors": relayed_errors,
    "gateway": gateway,
    "out_of_order": out_of_order,
}
"""Every odd server by name, for tests that try them all."""
