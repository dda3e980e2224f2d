"""The models the played service knows, and its two neighbour endpoints."""

import json
from dataclasses import dataclass

from .asgi import Reply, Request
from .errors import ApiError


@dataclass(frozen=True, slots=True)
class Model:
    """One model with the limits that matter to a batch."""

    id: str
    name: str
    created_at: str
    max_tokens: int
    deprecated_at: str | None = None
    retires_at: str | None = None
    max_input_tokens: int = 1_000_000
    retired: bool = False

    @property
    def lifecycle(self) -> str:
        """Its stage of life."""
        return "retired" if self.retired else "deprecated" if self.deprecated_at else "active"

    def view(self) -> dict[str, object]:
        """The model as the API shows it."""
        return {
            "id": self.id,
            "type": "model",
            "display_name": self.name,
            "created_at": self.created_at,
            "deprecated_at": self.deprecated_at,
            "retires_at": self.retires_at,
            "lifecycle": self.lifecycle,
            "line": self.id.split("-")[1],
            "max_input_tokens": self.max_input_tokens,
            "max_tokens": self.max_tokens,
            "capabilities": {
                "batch": {"supported": True},
                "image_input": {"supported": True},
                "structured_outputs": {"supported": True},
            },
        }


MODELS = (
    Model("claude-fable-5-2", "Claude Fable 5.2", "2026-11-09T00:00:00Z", 128_000),
    Model("claude-mythos-5-2", "Claude Mythos 5.2", "2026-11-09T00:00:00Z", 128_000),
    Model("claude-haiku-5-5", "Claude Haiku 5.5", "2026-10-07T00:00:00Z", 64_000),
    Model("claude-sonnet-5-5", "Claude Sonnet 5.5", "2026-09-29T00:00:00Z", 128_000),
    Model("claude-opus-5-5", "Claude Opus 5.5", "2026-09-15T00:00:00Z", 128_000),
    Model("claude-fable-5-1", "Claude Fable 5.1", "2026-09-01T00:00:00Z", 128_000),
    Model("claude-mythos-5-1", "Claude Mythos 5.1", "2026-09-01T00:00:00Z", 128_000),
    Model("claude-sonnet-5", "Claude Sonnet 5", "2026-06-24T00:00:00Z", 128_000),
    Model("claude-fable-5", "Claude Fable 5", "2026-06-10T00:00:00Z", 128_000),
    Model("claude-mythos-5", "Claude Mythos 5", "2026-06-10T00:00:00Z", 128_000),
    Model("claude-opus-5", "Claude Opus 5", "2026-05-20T00:00:00Z", 128_000),
    Model("claude-opus-4-8", "Claude Opus 4.8", "2026-04-02T00:00:00Z", 128_000),
    Model("claude-opus-4-7", "Claude Opus 4.7", "2026-03-05T00:00:00Z", 128_000),
    Model("claude-opus-4-6", "Claude Opus 4.6", "2026-02-05T00:00:00Z", 128_000),
    Model("claude-sonnet-4-6", "Claude Sonnet 4.6", "2026-02-17T00:00:00Z", 64_000),
    Model("claude-opus-4-5-20251101", "Claude Opus 4.5", "2025-11-24T00:00:00Z", 64_000, None, None, 200_000),
    Model(
        "claude-haiku-4-5-20251001",
        "Claude Haiku 4.5",
        "2025-10-15T00:00:00Z",
        64_000,
        max_input_tokens=200_000,
    ),
    Model(
        "claude-sonnet-4-5-20250929",
        "Claude Sonnet 4.5",
        "2025-09-29T00:00:00Z",
        64_000,
        "2026-09-30T00:00:00Z",
        "2026-11-30T00:00:00Z",
        200_000,
    ),
)
"""Newest first, as the list shows them."""

KNOWN = {name: model for model in MODELS for name in (model.id, model.id.rsplit("-20", 1)[0])}
"""Models by id and by alias."""


RETIRED = (
    Model(
        "claude-opus-4-1-20250805",
        "Claude Opus 4.1",
        "2025-08-05T00:00:00Z",
        32_000,
        "2026-02-05T00:00:00Z",
        "2026-08-05T00:00:00Z",
        200_000,
        retired=True,
    ),
)
"""Listed only for who asks for them, and no longer answering."""

LIFECYCLES = ("active", "deprecated", "retired")
MEDIA = {"image": 1_500, "document": 3_000}
"""Tokens of an image and of a document, roughly; their data is no text."""


COUNTED = frozenset(
    {
        "model", "messages", "system", "tools", "tool_choice", "thinking", "output_config", "cache_control",
        "speed", "context_management", "mcp_servers",
    }
)  # fmt: skip
"""What may be counted; max_tokens and the like are refused."""


def list_models(request: Request) -> Reply:
    """Answer `GET /v1/models`; one page is enough for all of them, unless a smaller one is asked for."""
    asked = [value for name, value in request.pairs if name == "lifecycle[]"]
    odd = [value for value in asked if value not in LIFECYCLES]
    if odd:
        raise ApiError(400, f"lifecycle.0: Input should be 'active', 'deprecated' or 'retired', not {odd[0]}")
    shown = [model for model in (*MODELS, *RETIRED) if model.lifecycle in (asked or LIFECYCLES[:2])]
    ids = [model.id for model in shown]
    after = request.query.get("after_id")
    start = ids.index(after) + 1 if after in ids else 0
    limit = int(request.query["limit"]) if request.query.get("limit", "").isdigit() else len(shown)
    page = shown[start : start + limit]
    return Reply.json(
        {
            "data": [model.view() for model in page],
            "has_more": start + limit < len(shown),
            "first_id": page[0].id if page else None,
            "last_id": page[-1].id if page else None,
        }
    )


def show_model(id: str) -> Reply:
    """Answer `GET /v1/models/{id}`; aliases resolve."""
    if id not in KNOWN:
        raise ApiError(404, f"model: {id}")
    return Reply.json(KNOWN[id].view())


def count_tokens(request: Request) -> Reply:
    """Answer `POST /v1/messages/count_tokens` with a rough estimate, four characters to a token."""
    try:
        params = json.loads(request.body)
    except ValueError:
        raise ApiError(400, "The request body is not valid JSON.") from None
    for name in ("model", "messages"):
        if not isinstance(params, dict) or name not in params:
            raise ApiError(400, f"{name}: Field required")
    for name in params:
        if name not in COUNTED:
            raise ApiError(400, f"{name}: Extra inputs are not permitted")
    if params["model"] not in KNOWN:
        raise ApiError(404, f"model: {params['model']}")
    asked = [params[name] for name in ("system", "messages", "tools") if name in params]
    return Reply.json({"input_tokens": max(_tokens(asked), 1)})


def _tokens(value: object) -> int:
    """A quarter of the characters of what is said, and of media their number."""
    return len(json.dumps(value)) // 4 + _media(value)


def _media(part: object) -> int:
    """What images and documents count more (or less) than their data would as text."""
    if isinstance(part, dict) and part.get("type") in MEDIA and "source" in part:
        return MEDIA[part["type"]] - len(json.dumps(part)) // 4
    parts = part.values() if isinstance(part, dict) else part if isinstance(part, list) else ()
    return sum(map(_media, parts))
