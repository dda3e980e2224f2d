"""batchdeck: Claude Message Batches in the terminal."""

from __future__ import annotations

import signal

__version__ = "0.1.0"


def main() -> int:
    """The command `batchdeck`: Ctrl-C ends it without a traceback even while it is still being loaded."""
    if signal.getsignal(signal.SIGINT) is signal.default_int_handler:  # and not ignored, as below nohup
        signal.signal(signal.SIGINT, signal.SIG_DFL)
    from .__main__ import main as run

    return run()
