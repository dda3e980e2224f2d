"""The Batches API played on this machine, for the demo and for tests; it imports nothing of ours."""

from .app import Simulator
from .demo import demo_account, open_demo
from .gate import Gate
from .server import ServerThread, serve
from .switches import Switches

__all__ = ["Gate", "ServerThread", "Simulator", "Switches", "demo_account", "open_demo", "serve"]
