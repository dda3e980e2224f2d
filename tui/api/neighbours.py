"""What is asked beside batches: how many tokens a request has, and which models there are."""

from __future__ import annotations

import json
import re
from collections.abc import Awaitable, Callable, Collection, Mapping
from typing import TYPE_CHECKING, Any, NamedTuple

from ..errors import UsageError
from ..text import clean
from .convert import NotUnderstood, number

if TYPE_CHECKING:
    from ..model import ModelInfo

COUNT = "/v1/messages/count_tokens"
MODELS = "/v1/models"

COUNTED = (
    "model",
    "messages",
    "system",
    "tools",
    "tool_choice",
    "thinking",
    "output_config",
    "cache_control",
)
"""The parameters that count_tokens takes; any other, such as max_tokens, it refuses (API documentation)."""

LIFECYCLES = ("active", "deprecated", "retired")
"""Unasked the service leaves the retired ones out (API documentation)."""

MOST_PAGES = 20
"""A gateway that ignores the cursor must not be asked for ever."""

_BETA = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")


class ModelPage(NamedTuple):
    """One answer of the models endpoint."""

    models: tuple[ModelInfo, ...]
    has_more: bool
    last_id: str | None


def beta_header(betas: Collection[str]) -> dict[str, str]:
    """The header that asks for betas; UsageError for a name that no header can carry."""
    for name in betas:
        if not _BETA.fullmatch(name):
            raise UsageError(
                f"“{clean(name)}” is no name of a beta.", "Names look like output-300k-2026-03-24."
            )
    return {"anthropic-beta": ",".join(dict.fromkeys(betas))} if betas else {}


def countable(params: Mapping[str, Any]) -> bytes:
    """The body that asks for the tokens of a request with these params; made in a thread, if large."""
    return json.dumps({name: params[name] for name in COUNTED if name in params}).encode()


def tokens(value: object) -> int:
    """The number that count_tokens answers with."""
    found = value.get("input_tokens") if isinstance(value, Mapping) else None
    if isinstance(found, bool) or not isinstance(found, int) or found < 0:
        raise NotUnderstood("no input_tokens")
    return found


def model_page(value: object) -> ModelPage:
    """One page of models; gateways send little more than ids, and what has none is left out."""
    if not isinstance(value, Mapping) or not isinstance(entries := value.get("data"), list):
        raise NotUnderstood("no list of models")
    models = tuple(_model(entry) for entry in entries if isinstance(entry, Mapping) and _text(entry, "id"))
    last_id = _text(value, "last_id") or (models[-1].id if models else "")
    return ModelPage(models, value.get("has_more") is True, last_id or None)


async def every_model(ask: Callable[[str | None], Awaitable[ModelPage]]) -> tuple[ModelInfo, ...]:
    """All models, page by page; `ask` gets the cursor of the page before."""
    found: dict[str, ModelInfo] = {}
    after: str | None = None
    for _ in range(MOST_PAGES):
        page = await ask(after)
        known = len(found)
        found.update((model.id, model) for model in page.models)
        if not page.has_more or len(found) == known:
            break
        after = page.last_id
    return tuple(found.values())


def _model(entry: Mapping[str, Any]) -> ModelInfo:
    from ..model import ModelInfo  # which the first paint does without

    return ModelInfo(
        id=_text(entry, "id"),
        max_tokens=number(entry.get("max_tokens")),
        max_input_tokens=number(entry.get("max_input_tokens")),
        lifecycle=_text(entry, "lifecycle"),
        retires_at=_text(entry, "retires_at"),
        batch=_batchable(entry.get("capabilities")),
    )


def _batchable(capabilities: object) -> bool:
    """Whether batches may use the model: unless it is said that they may not, for most say nothing."""
    batch = capabilities.get("batch") if isinstance(capabilities, Mapping) else None
    return not (isinstance(batch, Mapping) and batch.get("supported") is False)


def _text(entry: Mapping[str, Any], name: str) -> str:
    found = entry.get(name)
    return found if isinstance(found, str) else ""
