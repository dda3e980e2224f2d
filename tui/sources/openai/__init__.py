"""Requests of other services, and bodies without an envelope, as requests of Claude's."""
