"""Lists that may have millions of rows, a page at a time."""

from __future__ import annotations

from typing import Any

from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.utils.functional import cached_property

MOST = 10_000


class LongPages(Paginator):  # type: ignore[type-arg]  # which Django knows for readers of types alone
    """The first `MOST` rows, and whether there are more: nobody turns as many pages, and counting all of a million
    takes longer than showing some of them. Whoever looks for an old one asks for it, or takes the file."""

    object_list: QuerySet[Any]

    @cached_property
    def count(self) -> int:
        return min(self._found, MOST)

    @property
    def is_cut(self) -> bool:
        return self._found > MOST

    @cached_property
    def _found(self) -> int:
        return self.object_list.order_by()[: MOST + 1].count()
