"""Who scans without being a person: search engines, chats that fetch a link's preview, scripts, browsers reading ahead.

Kept lists know some 1,500 such programs by name, as regular expressions. Asking them all takes 0.4 to 20 ms for a
user agent not seen before, which anybody can send by the thousand, and they call some real phones bots. So the door
asks two quick questions, and the tests hold the answers against a kept list and against real phones (decision 6).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache

LONGEST = 300

# What a browser calls itself somewhere; apps and scripts that merely fetch a page rarely go so far.
_BROWSER = re.compile(r"mozilla/\d\.\d \(|opera/\d|ucweb|juc ?\(|mqqbrowser|nokia|samsung-|blackberry|maui")

# What no phone calls itself. There are phones named "CUBOT", "M bot 60", "IDbot53" and "POWER BOT", apps that scan
# ("CamScanner"), and apps that name their package ("com.alibaba.android.rimet").
_MACHINE = re.compile(
    r"(?<!cu)(?<!; m )(?<!; id)(?<!power )bot(?![a-z])|robot|spider|crawl|slurp|scrap|archiv|[- ]agent"
    r"|https?:|www\.|\w\.(?:com|org|net|io)(?![\w.])"
    r"|facebookexternalhit|facebookcatalog|whatsapp|preview|google-|googleother|imageproxy|snippet"
    r"|headless|phantomjs|playwright|puppeteer|selenium|lighthouse|ptst|synthetics|pingdom|monitor|favicon|metrix"
    r"|check|inspect|validator|verif|fetch|httpclient|python|curl/|wget|libwww|java/|okhttp|mediapartners"
    r"|compatible(?!; *(?:msie|konqueror|googletoolbar))"
)


_AHEAD = re.compile(rb"prefetch|prerender|preview")


def is_bot(user_agent: str) -> bool:
    """Whether this is a program that nobody looks at. In doubt it is a person: nobody's way in may be shut."""
    return _is_bot(user_agent[:LONGEST])


@lru_cache(maxsize=4096)
def _is_bot(user_agent: str) -> bool:
    agent = user_agent.lower()
    return _BROWSER.search(agent) is None or _MACHINE.search(agent) is not None


def is_ahead(headers: Mapping[bytes, bytes]) -> bool:
    """Whether a browser reads ahead of its person, who may never come. `headers` by lower-case name."""
    said = (
        headers.get(b"sec-purpose")
        or headers.get(b"purpose")
        or headers.get(b"x-purpose")
        or headers.get(b"x-moz")
    )
    return said is not None and _AHEAD.search(said.lower()) is not None
