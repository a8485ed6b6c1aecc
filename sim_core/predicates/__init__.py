"""The language of predicates: questions to a node that stop a run when they come true.

docs/PREDICATES.md tells the language; it is made from the table of names that stands here.
"""

from sim_core.predicates.grammar import TEXT_MAX
from sim_core.predicates.kinds import CONSTANTS
from sim_core.predicates.names import NAMES, SECTIONS
from sim_core.predicates.predicate import Predicate, Value, compile_predicate
from sim_core.predicates.row import PARAMETERS, Name

__all__ = [
    "CONSTANTS",
    "NAMES",
    "PARAMETERS",
    "SECTIONS",
    "TEXT_MAX",
    "Name",
    "Predicate",
    "Value",
    "compile_predicate",
]
