"""`python -m tui.simulator`: serve the demo account on this machine, for any client to be pointed at."""

import argparse
import asyncio
from contextlib import suppress

from .app import Simulator
from .demo import demo_account
from .moments import utc_now
from .server import serve


async def _serve(port: int, seed: int) -> None:
    now = utc_now()
    async with serve(Simulator(seed=seed, account=demo_account(now, [now], seed)), port=port) as address:
        print(f"{address.url}  (any key will do; Ctrl+C ends it)", flush=True)
        await asyncio.Event().wait()


def main() -> None:
    """Read the arguments and serve until interrupted."""
    parser = argparse.ArgumentParser(prog="python -m tui.simulator", description=__doc__)
    parser.add_argument("--port", type=int, default=0, help="the port to listen on; 0 takes any free one")
    parser.add_argument("--seed", type=int, default=0, help="another seed gives another account")
    options = parser.parse_args()
    with suppress(KeyboardInterrupt):
        asyncio.run(_serve(options.port, options.seed))


if __name__ == "__main__":
    main()
