"""Result lines, the same for the same batch and cheap enough to be made as they are sent."""

import json
from collections.abc import Callable, Iterable, Iterator

from .ids import digest, mix, spell
from .kinds import KINDS
from .texts import quoted
from .work import Asked

CHUNK = 256 * 1024
"""About how many characters are handed over at once."""


class Writer:
    """Writes the result lines of one batch."""

    def __init__(self, batch_id: str) -> None:
        self.seed = digest(batch_id, "answers")

    def line(self, asked: Asked) -> str:
        """Write the result of one request, without a line end."""
        pick = mix(self.seed ^ hash_of(asked.custom_id))
        if asked.fate in KINDS:
            result = self._succeeded(asked, pick)
        elif asked.fate.startswith("error:"):
            result = self._errored(asked.fate, pick)
        else:
            result = f'{{"type":"{asked.fate}"}}'
        return f'{{"custom_id":"{asked.custom_id}","result":{result}}}'

    def _succeeded(self, asked: Asked, pick: int) -> str:
        answer = KINDS[asked.fate](asked, pick)
        details = f',"stop_details":{answer.stop_details}' if answer.stop_details else ""
        return (
            f'{{"type":"succeeded","message":{{"model":"{asked.model}","id":"msg_01{self._spell(pick)}",'
            f'"type":"message","role":"assistant","content":{answer.content},'
            f'"stop_reason":"{answer.stop_reason}","stop_sequence":{answer.stop_sequence}{details},'
            f'"usage":{_usage(asked, pick, answer.output_tokens, answer.thinking_tokens)}}}}}'
        )

    def _errored(self, fate: str, pick: int) -> str:
        _, kind, message = fate.split(":", 2)
        # Of errors that never reached a model, the service knows no request.
        request = "null" if kind == "api_error" else f'"req_011{self._spell(pick)}"'
        error = f'{{"type":"{quoted(kind)}","message":"{quoted(message)}"}}'
        return f'{{"type":"errored","error":{{"type":"error","error":{error},"request_id":{request}}}}}'

    def _spell(self, pick: int) -> str:
        return spell(pick << 60 | mix(pick) >> 4)


def hash_of(text: str) -> int:
    """A number from a short text; Python's own differs from run to run."""
    return int.from_bytes(text.encode()[-24:], "big") * 0x9E3779B97F4A7C15 >> 7


def _usage(asked: Asked, pick: int, output: int, thinking: int) -> str:
    fresh = 40 + len(asked.excerpt) // 4 + pick % 900
    # Caching is a matter of luck in a batch: most requests read it, a few write it, some miss.
    luck = pick % 16
    read, hour = (0, 0) if luck < 5 else (2048, 0) if luck < 15 else (0, 2048)
    return (
        f'{{"input_tokens":{fresh},"cache_creation_input_tokens":{hour},"cache_read_input_tokens":{read},'
        f'"cache_creation":{{"ephemeral_5m_input_tokens":0,"ephemeral_1h_input_tokens":{hour}}},'
        f'"output_tokens":{output},"output_tokens_details":{{"thinking_tokens":{thinking}}},'
        '"service_tier":"batch","inference_geo":"not_available"}'
    )


def chunks(batch_id: str, requests: Iterable[Asked], final_newline: bool = True) -> Iterator[bytes]:
    """Write all results in pieces of whole lines; only the last line may lack its end."""
    write = Writer(batch_id).line
    lines: list[str] = []
    size = 0
    for asked in requests:
        if size > CHUNK:
            yield ("\n".join(lines) + "\n").encode("utf-8", "replace")
            lines, size = [], 0
        line = write(asked)
        lines.append(line)
        size += len(line)
    yield ("\n".join(lines) + "\n" * final_newline).encode("utf-8", "replace")


def damage(chunk: bytes, how: str) -> bytes:
    """Spoil the second line of a piece of results, or the only one."""
    lines = chunk.split(b"\n")
    place = min(1, len([line for line in lines if line]) - 1)
    lines[place : place + 1] = _DAMAGES[how](lines[place])
    return b"\n".join(lines)


def _changed(change: Callable[[dict[str, object]], object]) -> Callable[[bytes], list[bytes]]:
    def apply(line: bytes) -> list[bytes]:
        value = json.loads(line)
        change(value)
        return [json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()]

    return apply


_NEWS = {"type": "postponed", "until": "2027-01-01T00:00:00Z"}
_NOVEL = {"type": "error", "error": {"type": "gravity_error", "message": "Out of reach"}, "request_id": None}

_DAMAGES: dict[str, Callable[[bytes], list[bytes]]] = {
    "malformed": lambda line: [line[: len(line) // 2]],
    "duplicate": lambda line: [line, line],
    "missing": lambda line: [],
    "blank": lambda line: [line, b""],
    "unknown_type": _changed(lambda value: value.update(result=_NEWS)),
    "unknown_error": _changed(lambda value: value.update(result={"type": "errored", "error": _NOVEL})),
    "no_custom_id": _changed(lambda value: value.pop("custom_id")),
    "stranger": _changed(lambda value: value.update(custom_id="nobody-asked-for-this")),
}
