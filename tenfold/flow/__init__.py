"""THE STORY: one short function a step, each one transaction that calls the rooms in order.

scan.py   scanned ...... a code is opened: a seat is held, or a place in the line is given
join.py   joined ....... a name and consent: the seat is taken, the edge is written, they are greeted with the task
proof.py  proof_sent ... the screenshot comes back
looks.py  looked ....... by the machine, which decides where it may and is sure
proof.py  judged ....... a person decides the rest; undone costs nothing until it is
          appealed ..... once, to a person
          settled ...... the verdict takes effect: words, credit, reward
          followed ..... and what it brings themselves and their inviter, a step each
credits.py credited .... whoever brought them, once they count
earning.py earned ...... what the rules give for it. Their own code is scanned by the next ten: back to the top.
opened.py opened_enough  by others, which is proof without a screenshot
stall.py  stalled ...... reminded, warned, removed
join.py   left ......... and the credit that goes with them
plan.py   launched ..... what the operator does around it
renders.py rendered .... everybody's poster or keepsake at once, part by part
orders.py ordered ...... bought elsewhere: the share of whoever brought the buyer
ending.py ranked, drawn  when it is over: last words, places, draws
room.py   post_hidden .. by an operator, in the built-in community
faces.py  faces_fetched  from where their platform keeps them
"""

from tenfold.flow.credits import (
    adjusted,
    blocked,
    bought,
    matured,
    returned,
    unblocked,
)
from tenfold.flow.earning import (
    attended,
    claimed,
    debts_paid,
    earned,
    granted,
    redeemed,
    restocked,
    swept,
    unclaimed,
)
from tenfold.flow.ending import AT_THE_END, drawn, end_told, prizes_given, ranked
from tenfold.flow.faces import faces_fetched
from tenfold.flow.join import (
    arrival_confirmed,
    joined,
    kept_out,
    left,
    let_back,
    members_counted,
    removed,
)
from tenfold.flow.known import Card, Plans, cards_of, newest_cards
from tenfold.flow.opened import codes_opened, opened_enough
from tenfold.flow.orders import Imported, ordered, orders_imported, refunded, unrefunded
from tenfold.flow.plan import (
    cloned,
    ended,
    launched,
    missing_before_launch,
    paused,
    qr_uploaded,
    replanned,
    resumed,
)
from tenfold.flow.proof import (
    Together,
    appealed,
    followed,
    judged,
    judged_together,
    posted,
    proof_sent,
    settled,
    together_undone,
    verdict_undone,
)
from tenfold.flow.renders import rendered, renders_begun
from tenfold.flow.room import post_hidden, post_shown
from tenfold.flow.scan import (
    Opening,
    Outcome,
    Shown,
    line_called,
    line_name_given,
    scanned,
    scanned_together,
    why_closed,
)
from tenfold.flow.stall import hold_expired, holds_expired, stalled

__all__ = [
    "AT_THE_END",
    "Card",
    "Imported",
    "Opening",
    "Outcome",
    "Plans",
    "Shown",
    "Together",
    "adjusted",
    "appealed",
    "arrival_confirmed",
    "attended",
    "blocked",
    "bought",
    "cards_of",
    "claimed",
    "cloned",
    "codes_opened",
    "debts_paid",
    "drawn",
    "earned",
    "end_told",
    "ended",
    "faces_fetched",
    "followed",
    "granted",
    "hold_expired",
    "holds_expired",
    "joined",
    "judged",
    "judged_together",
    "kept_out",
    "launched",
    "left",
    "let_back",
    "line_called",
    "line_name_given",
    "matured",
    "members_counted",
    "missing_before_launch",
    "newest_cards",
    "opened_enough",
    "ordered",
    "orders_imported",
    "paused",
    "post_hidden",
    "post_shown",
    "posted",
    "prizes_given",
    "proof_sent",
    "qr_uploaded",
    "ranked",
    "redeemed",
    "refunded",
    "removed",
    "rendered",
    "renders_begun",
    "replanned",
    "restocked",
    "resumed",
    "returned",
    "scanned",
    "scanned_together",
    "settled",
    "stalled",
    "swept",
    "together_undone",
    "unblocked",
    "unclaimed",
    "unrefunded",
    "verdict_undone",
    "why_closed",
]
