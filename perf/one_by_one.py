"""The product with one transaction a scan: what most do, and the least that group commit has to beat."""

from __future__ import annotations

from tenfold.asgi import application

__all__ = ["application"]
