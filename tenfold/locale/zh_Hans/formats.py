"""How numbers look in Chinese, where Django leaves it open. Whatever is not here, Django's own formats say."""

from __future__ import annotations

THOUSAND_SEPARATOR = ","
NUMBER_GROUPING = 3
