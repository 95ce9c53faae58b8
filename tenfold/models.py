"""All tables, named here so that Django finds them: the rooms are plain packages of one app."""

from tenfold.accounts.models import Letter, Membership, Operator, Workspace
from tenfold.base.models import Picture
from tenfold.campaigns.models import Campaign, Words
from tenfold.codes.models import Channel, LiveCode, Scan, ScanTally
from tenfold.groups.models import Group, Seat, SeatLease, Waiting
from tenfold.journal.models import Entry
from tenfold.keepsakes.models import Edition, Keepsake
from tenfold.mailroom.models import Heard, HookSource, HumanTask, Message
from tenfold.people.models import Attendance, AvatarSource, Credit, Journey, Person, Standing
from tenfold.platforms.web.models import Post
from tenfold.posters.models import DesignPicture, DesignVersion, PosterDesign, PosterText, RenderRun
from tenfold.proofs.models import Look, OtherDevice, Proof, ReviewPlan, SecondLook, Shot
from tenfold.rewards.books import Balance, Draw, DrawEntry, LedgerRow, Order, Payout
from tenfold.rewards.models import Debt, Grant, Reward, RewardFile, RewardRule, StockCode

__all__ = [
    "Attendance",
    "AvatarSource",
    "Balance",
    "Campaign",
    "Channel",
    "Credit",
    "Debt",
    "DesignPicture",
    "DesignVersion",
    "Draw",
    "DrawEntry",
    "Edition",
    "Entry",
    "Grant",
    "Group",
    "Heard",
    "HookSource",
    "HumanTask",
    "Journey",
    "Keepsake",
    "LedgerRow",
    "Letter",
    "LiveCode",
    "Look",
    "Membership",
    "Message",
    "Operator",
    "Order",
    "OtherDevice",
    "Payout",
    "Person",
    "Picture",
    "Post",
    "PosterDesign",
    "PosterText",
    "Proof",
    "RenderRun",
    "ReviewPlan",
    "Reward",
    "RewardFile",
    "RewardRule",
    "Scan",
    "ScanTally",
    "Seat",
    "SeatLease",
    "SecondLook",
    "Shot",
    "Standing",
    "StockCode",
    "Waiting",
    "Words",
    "Workspace",
]
