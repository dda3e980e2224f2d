"""batchdeck: Claude Message Batches in the terminal."""

from __future__ import annotations

import gc
import signal

__version__ = "0.1.0"


def main() -> int:
    """The command `batchdeck`: Ctrl-C ends it without a traceback even while it is still being loaded."""
    if signal.getsignal(signal.SIGINT) is signal.default_int_handler:  # and not ignored, as below nohup
        signal.signal(signal.SIGINT, signal.SIG_DFL)
    gc.disable()  # what modules make is there to stay: `__main__` has the rest looked after
    from .__main__ import main as run

    return run()
