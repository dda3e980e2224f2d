"""What can go wrong, in words for people.

DeckError                 title, and a hint what to do about it
├── UsageError            bad input or configuration; nothing was done             exit 2
│   ├── NoCredential      the SDK finds no key or profile
│   ├── ReadOnly          --read-only forbids it
│   ├── StoreError        the local store cannot be used (newer file, no space, no permission)
│   └── BadSource         the file cannot be sent as it is
├── ServiceError          the service answered, and said no                        exit 1
│   ├── Unauthorized      401, 403
│   ├── NotFound          404: not (or not yet) there
│   ├── Refused           400, 402, 405, 409, 413, 422 … with the service's own message
│   └── NotAvailable      results archived, not ready or gone
├── TryAgain              nobody's fault; it will pass                             exit 3
│   ├── Unreachable       no connection, a time-out, a cut
│   ├── SlowedDown        429, with the service's wish how long to wait
│   └── ServiceDown       5xx, or an answer that is no answer
└── Uncertain             a batch may or may not have been created                 exit 4
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .model import Draft


class DeckError(Exception):
    """An error with a sentence that says what happened and another that says what to do."""

    exit_code = 1

    def __init__(self, title: str, hint: str = "", *, request_id: str = "") -> None:
        super().__init__(title)
        self.title = title
        self.hint = hint
        self.request_id = request_id

    def __str__(self) -> str:
        return f"{self.title} {self.hint}".strip()


class UsageError(DeckError):
    """Bad input or configuration: nothing was done."""

    exit_code = 2


class NoCredential(UsageError):
    """The SDK finds no credential."""


class ReadOnly(UsageError):
    """The program was started with --read-only."""


class StoreError(UsageError):
    """The local store cannot be used."""


class BadSource(UsageError):
    """A file cannot be sent as it is; `draft` has every problem that was found."""

    def __init__(
        self, title: str, hint: str = "", *, request_id: str = "", draft: Draft | None = None
    ) -> None:
        super().__init__(title, hint, request_id=request_id)
        self.draft = draft


class ServiceError(DeckError):
    """The service answered, and said no."""


class Unauthorized(ServiceError):
    """The credential is not accepted, or may not do this (401, 403)."""


class NotFound(ServiceError):
    """The service does not know the thing, at least at this moment (404)."""


class Refused(ServiceError):
    """The service refuses, with a reason (400, 402, 405, 413, 422 …)."""

    def __init__(self, title: str, hint: str = "", *, request_id: str = "", status: int = 400) -> None:
        super().__init__(title, hint, request_id=request_id)
        self.status = status


class NotAvailable(ServiceError):
    """Results that cannot be had: archived, not ready, or gone."""


class TryAgain(DeckError):
    """It will probably pass."""

    exit_code = 3


class Unreachable(TryAgain):
    """No connection, a time-out, or a connection that was cut."""


class SlowedDown(TryAgain):
    """The service asks for patience (429)."""

    def __init__(
        self,
        title: str,
        hint: str = "",
        *,
        request_id: str = "",
        retry_after: float | None = None,
        passes: bool = True,
    ) -> None:
        super().__init__(title, hint, request_id=request_id)
        self.passes = passes
        """Whether waiting helps; a spend limit that is reached does not pass by itself."""
        self.retry_after = retry_after
        """Seconds the service asks us to wait, or None where it says nothing (a spend limit does not)."""


class ServiceDown(TryAgain):
    """A 5xx, or an answer that is none."""


class Uncertain(DeckError):
    """A batch may or may not have been created."""

    exit_code = 4
