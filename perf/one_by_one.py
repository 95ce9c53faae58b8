"""The product with one transaction a scan: what most do, and the least that group commit has to beat."""

from __future__ import annotations

from tenfold.asgi import application
from tenfold.edge import commit

commit.MOST_AT_ONCE = 1

__all__ = ["application"]
