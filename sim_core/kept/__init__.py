"""What a lab is made from and all that was asked of it, as JSON values that can be kept and sent.

Written they are plain lists and objects; read they may come from anybody, so every value is looked
at, and what is wrong with one is told by its place. What a moment looked like is never read: the
node is made again from boot.
"""

from sim_core.kept.configs import config_from, config_to, model_from
from sim_core.kept.journals import BranchParts, branch_to, entry_to, journal_from
from sim_core.kept.places import Place

__all__ = [
    "BranchParts",
    "Place",
    "branch_to",
    "config_from",
    "config_to",
    "entry_to",
    "journal_from",
    "model_from",
]
