"""`check`: what would be sent, what is wrong with it, what it would cost at most; no network."""

from __future__ import annotations

from argparse import Namespace

from .. import handlers
from ..commands import Check
from ..handlers import Services
from ..handlers.questions import Questions
from ..model import Draft
from . import launch_json, making_options, output
from .draft_words import content, estimate, problems, verdict
from .piped import called, spooled
from .terminal import progress, put


async def check(services: Services, options: Namespace) -> int:
    """0 when it can be launched; 2 when not, or with --strict when anything is odd about it."""
    async with spooled(options.sources) as sources:
        command = Check(sources, making_options.making(options), making_options.sample(options))
        try:
            found: Draft = await handlers.run(services, command)
        finally:
            progress("")
    cost = await Questions(services).estimate(found, ask=False) if found.ok else None
    is_good = found.ok and not (options.strict and found.warning_count)
    if options.json:
        output.print_json(launch_json.draft(found, cost) | {"ok": is_good})
        return 0 if is_good else 2
    if found.requests:
        put(f"{called(options.sources, found.origin)}: {content(found)}")
    for line in (*problems(found), *(estimate(cost) if cost else ())):
        put(line)
    put(verdict(found, strict=options.strict))
    return 0 if is_good else 2
