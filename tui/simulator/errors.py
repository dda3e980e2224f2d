"""Errors of the played API, and the bodies they are sent in."""

from .asgi import Reply

TYPES = {
    400: "invalid_request_error",
    401: "authentication_error",
    402: "billing_error",
    403: "permission_error",
    404: "not_found_error",
    405: "invalid_request_error",
    409: "conflict_error",
    413: "request_too_large",
    429: "rate_limit_error",
    500: "api_error",
    501: "api_error",
    503: "api_error",
    504: "timeout_error",
    529: "overloaded_error",
}
"""The error type that belongs to each status."""


class ApiError(Exception):
    """An answer other than success; `code` goes to `error.details.error_code`."""

    def __init__(
        self, status: int, message: str, *, kind: str | None = None, code: str | None = None
    ) -> None:
        super().__init__(message)
        self.status = status
        self.message = message
        self.kind = kind or TYPES.get(status, "api_error")
        self.code = code

    def body(self, request_id: str | None) -> dict[str, object]:
        """The error as the service words it."""
        error: dict[str, object] = {"type": self.kind, "message": self.message}
        if self.code is not None:
            error["details"] = {"error_code": self.code}
        return {"type": "error", "error": error, "request_id": request_id}

    def reply(self, request_id: str | None) -> Reply:
        """The error as a whole response."""
        return Reply.json(self.body(request_id), self.status)


def too_large() -> Reply:
    """The 413 that the network's edge sends: one level only and no request id."""
    error = {"type": "request_too_large", "message": "Request exceeds the maximum size"}
    return Reply.json({"error": error}, 413, {"server": "cloudflare"})
