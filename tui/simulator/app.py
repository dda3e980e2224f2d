"""The simulator: the Batches API as one ASGI application."""

import re
from collections.abc import Callable, Sequence
from datetime import datetime
from email.utils import format_datetime
from pathlib import Path

from .account import Account
from .asgi import Hangup, Receive, Reply, Request, Scope, Send, lifespan
from .batch import Batch
from .creation import duration, read_requests
from .errors import ApiError, too_large
from .faults import Fault, Faults
from .ids import batch_uuid, identifier
from .journal import Journal, replay
from .log import Entry, Log
from .models import count_tokens, list_models, show_model
from .moments import utc_now
from .results import results
from .switches import Switches
from .validate import MOST_BYTES
from .work import Invented, Launched

BATCHES = "/v1/messages/batches"
FOREIGN = "https://results.elsewhere.invalid"
"""A host that nobody may be led to send a key to."""

BETA = re.compile(r"[a-z0-9-]+-20\d\d-\d\d-\d\d")


class Simulator:
    """Plays one account of the service; give it to `serve` and point any client at the address."""

    def __init__(
        self,
        clock: Callable[[], datetime] = utc_now,
        seed: int = 0,
        switches: Switches | None = None,
        account: Account | None = None,
        journal: Path | None = None,
    ) -> None:
        self.clock = clock
        self.seed = seed
        self.switches = switches or Switches()
        self.account = account or Account(seed)
        self.faults = Faults()
        self.log = Log()
        self.creates = 0
        self._served = 0
        self._made = 0
        self._journal = Journal(journal) if journal else None
        if self._journal:
            self._made = replay(self._journal.events(), self.account, self.switches.canceling)

    # What tests and the demo do from outside

    def invent(
        self,
        mix: Sequence[tuple[str, int]],
        *,
        created_at: datetime | None = None,
        ends_at: datetime | None = None,
        stem: str = "request-{:05d}",
        models: Sequence[str] = ("claude-sonnet-5-5",),
    ) -> Batch:
        """Add a batch of fates and numbers, such as `[("prose", 90), ("refusal", 10)]`; ended by default."""
        now = self.clock()
        work = Invented(stem, models, mix, seed=self._made)
        return self.account.add(Batch(self._new_id(), created_at or now, work, ends_at or created_at or now))

    def end(self, id: str) -> None:
        """Let a batch end now, with every request finished."""
        self.account.get(id, self.clock()).end(self.clock())

    def replace_results(self, id: str, body: Sequence[bytes]) -> None:
        """Make these bytes, piece by piece, the results of a batch."""
        self.account.get(id, self.clock()).body = tuple(body)

    # The application

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request, as ASGI wants it."""
        if scope["type"] == "lifespan":
            await lifespan(receive, send)
            return
        request = Request.of(scope)
        entry = self.log.begin(request)
        self._served += 1
        request_id = identifier("req_011", self.seed, self._served)
        fault = self.faults.take(request.method, request.path)
        reply = await self._exchange(request, entry, receive, request_id, fault)
        self._sign(reply, request_id)
        entry.status = reply.status
        await reply.send(send)

    async def _exchange(
        self, request: Request, entry: Entry, receive: Receive, request_id: str, fault: Fault | None
    ) -> Reply:
        if not await _read_body(request, receive):
            return too_large()
        entry.took(request.body)
        if fault and not fault.after_effect and (instead := await fault.strike(request_id)):
            return instead
        try:
            self._admit(request)
            reply = await self._route(request, fault)
        except ApiError as error:
            reply = error.reply(request_id)
        if fault and fault.after_effect and (instead := await fault.strike(request_id)):
            return instead
        return fault.spoil(reply) if fault else reply

    def _admit(self, request: Request) -> None:
        bearer = request.headers.get("authorization", "")
        known = request.headers.get("x-api-key", "").strip()
        if not self.switches.x_api_key_only and bearer.lower().startswith("bearer ") and bearer[7:].strip():
            known = bearer
        if not known:
            raise ApiError(401, "A key is needed: as a bearer token or as x-api-key")
        if "anthropic-version" not in request.headers:
            raise ApiError(400, "anthropic-version: header is required")
        betas = [name.strip() for name in request.headers.get("anthropic-beta", "").split(",")]
        odd = [name for name in betas if name and not BETA.fullmatch(name)]
        if odd:
            raise ApiError(400, f"Unexpected value(s) {', '.join(odd)} for the anthropic-beta header")

    async def _route(self, request: Request, fault: Fault | None) -> Reply:
        method, path = request.method, request.path.rstrip("/")
        match path.removeprefix("/v1/").split("/"):
            case ["messages", "batches"] if method == "POST":
                return await self._create(request)
            case ["messages", "batches"] if method in ("GET", "HEAD"):
                return self._list(request)
            case ["messages", "batches", id] if method in ("GET", "HEAD"):
                return Reply.json(self._view(self.account.get(id, self.clock()), request))
            case ["messages", "batches", id] if method == "DELETE":
                return self._delete(id)
            case ["messages", "batches", id, "cancel"] if method == "POST":
                return self._cancel(id, request)
            case ["messages", "batches", id, "results"] if method in ("GET", "HEAD"):
                spoiled = fault.line if fault and fault.kind == "line" else None
                now = self.clock()
                return results(self.account.get(id, now), now, request, self.switches, spoiled)
            case ["messages", "count_tokens"] if method == "POST":
                return count_tokens(request)
            case ["models"] if method in ("GET", "HEAD"):
                return list_models(request)
            case ["models", id] if method in ("GET", "HEAD"):
                return show_model(id)
            case ["messages", "batches", *_] | ["messages", "count_tokens"] | ["models", *_]:
                raise ApiError(405, "Method Not Allowed")
        raise ApiError(404, "Not found")

    async def _create(self, request: Request) -> Reply:
        asked = await read_requests(request, self.switches, (self.seed, self._made))
        now = self.clock()
        if (refused := self._queue_is_full(len(asked), now)) is not None:
            return refused
        batch = Batch(self._new_id(), now, Launched(asked), now + duration(len(asked), self.switches))
        self.account.add(batch)
        self.creates += 1
        if self._journal:
            self._journal.created(batch, asked)
        return Reply.json(self._view(batch, request))

    def _queue_is_full(self, more: int, now: datetime) -> Reply | None:
        """The 429 for requests beyond what may wait to be processed (API documentation: rate limits)."""
        switches = self.switches
        if switches.queue is None or self.account.queued(now) + more <= switches.queue:
            return None
        reply = ApiError(429, "Too many batch requests are waiting in the processing queue.").reply(None)
        if switches.queue_retry_after is not None:
            reply.headers["retry-after"] = str(switches.queue_retry_after)
        return reply

    def _new_id(self) -> str:
        self._made += 1
        if self.switches.uuid_ids:
            return batch_uuid(self.account.seed, self.seed, self._made)
        return identifier("msgbatch_01", self.account.seed, self.seed, self._made)

    def _list(self, request: Request) -> Reply:
        query = request.query
        limit = _limit(query.get("limit", "20"))
        after, before = query.get("after_id"), query.get("before_id")
        if after is not None and before is not None:
            raise ApiError(400, "after_id, before_id: only one of the two may be given")
        if self.switches.stuck_cursor:
            after = before = None
        page = self.account.page(self.clock(), limit, after, before)
        ids: list[str | None] = [*(batch.id for batch in page.batches)] or [None]
        body = {
            "data": [self._view(batch, request) for batch in page.batches],
            "has_more": page.has_more or (self.switches.stuck_cursor and bool(page.batches)),
            "first_id": ids[0],
            "last_id": ids[-1],
        }
        return Reply.json({key: value for key, value in body.items() if key not in self.switches.omit})

    def _cancel(self, id: str, request: Request) -> Reply:
        now, switches = self.clock(), self.switches
        batch = self.account.cancel(id, now, switches.canceling, nothing=switches.cancel_nothing)
        if self._journal and batch.canceled_at == now:
            self._journal.append("cancel", now, id=id)
        return Reply.json(self._view(batch, request))

    def _delete(self, id: str) -> Reply:
        self.account.delete(id, self.clock())
        if self._journal:
            self._journal.append("delete", self.clock(), id=id)
        return Reply.json({"id": id, "type": "message_batch_deleted"})

    def _view(self, batch: Batch, request: Request) -> dict[str, object]:
        now, switches = self.clock(), self.switches
        view = batch.view(now, incremental=switches.incremental_counts)
        if batch.has_ended(now) and (switches.archived_results_url or now < batch.archived_at):
            hosts = {"own": request.origin, "relative": "", "foreign": FOREIGN}
            view["results_url"] = f"{hosts[switches.results_url]}{BATCHES}/{batch.id}/results"
        return {key: value for key, value in view.items() if key not in switches.omit}

    def _sign(self, reply: Reply, request_id: str) -> None:
        if "server" in reply.headers:
            return  # the network's edge answered; it knows neither the request nor the organisation
        reply.headers.setdefault("request-id", request_id)
        reply.headers.setdefault("date", format_datetime(self.clock(), usegmt=True))
        if self.switches.organisation_headers:
            reply.headers.setdefault("anthropic-organization-id", self.account.organization_id)
            reply.headers.setdefault("anthropic-workspace-id", self.account.workspace_id)


def _limit(text: str) -> int:
    try:
        limit = int(text)
    except ValueError:
        raise ApiError(
            400, "limit: Input should be a valid integer, unable to parse string as an integer"
        ) from None
    if limit < 1:
        raise ApiError(400, "limit: Input should be greater than or equal to 1")
    if limit > 1000:
        raise ApiError(400, "limit: Input should be less than or equal to 1000")
    return limit


async def _read_body(request: Request, receive: Receive) -> bool:
    """Read the whole body into the request; False if it is larger than the service takes."""
    if int(request.headers.get("content-length", "0")) > MOST_BYTES:
        return False
    parts, length = [], 0
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise Hangup
        parts.append(message.get("body", b""))
        length += len(parts[-1])
        if length > MOST_BYTES:
            return False
        if not message.get("more_body"):
            request.body = b"".join(parts)
            return True
