"""What the names of a predicate stand for in one lab."""

from collections.abc import Iterable, Sequence
from difflib import get_close_matches
from typing import Final, NamedTuple

from sim_core.config import LabConfig
from sim_core.mm._predicate import LEAF_CODES
from sim_core.placed import Placed
from sim_core.predicates.kinds import Kind
from sim_core.predicates.names import NAMES
from sim_core.predicates.row import Name as Row
from sim_core.predicates.tree import Fault, Index, Name, Word
from sim_core.predicates.zonenames import NEED_A_WALK, NEED_NO_WALK
from sim_core.vocabulary import MIGRATETYPES, PCPTYPES

_HANDLES: Final = range((1 << 32) - 1)
_SIMILAR_MAX: Final = 40
"""Characters of a word for which similar ones are looked for."""
_SIMILAR: Final = 0.65
"""Of difflib's ratio, from 0 to 1."""
_TOLD_MAX: Final = 5


class Leaf(NamedTuple):
    """Something that is read.

    Attributes:
        text: as written.
        code: the instruction that reads it (sim_core/mm/_predicate.pyx).
    """

    text: str
    kind: Kind
    code: tuple[int, int, int, int]


class _Way(NamedTuple):
    """A row of the table in one of its spellings, after some of its steps."""

    row: Row
    steps: tuple[str, ...]
    which: int
    value: int = 0


_WAYS: Final = tuple(_Way(row, steps, row.which) for row in NAMES for steps in row.spellings)
_NEXT_MAX: Final = 20
"""Words that can stand next, of which no more are told."""


class Scope(Placed):
    """A lab's names.

    Args:
        config: as it turned out.
        zone: slot of the zone that names without one are of.
    """

    def __init__(self, config: LabConfig, zone: int) -> None:
        super().__init__(config)
        self.zone = zone
        self._zones = [span.zone for span in config.spans]
        self._words: dict[str, Sequence[str]] = {
            "<type>": MIGRATETYPES,
            "<pcptype>": PCPTYPES,
            "<identity>": NEED_NO_WALK,
            "<zone>": self._zones,
        }
        self._indices: dict[str, Sequence[range]] = {
            "[<order>]": (range(config.max_order),),
            "[<cpu>]": (range(config.cpus),),
            "[<block>]": self.zone_blocks,
            "[<pfn>]": [range(span.start_pfn, span.end_pfn) for span in config.spans],
            "[<handle>]": (_HANDLES,),
        }

    def leaf(self, name: Name) -> Leaf:
        """What a name reads.

        Raises:
            Fault: there is no such thing.
        """
        slot, ways = self._followed(name)
        for way in ways:
            if not way.steps:
                return self._leaf(name, name.text, slot, way)
        end = name.parts[-1].end + isinstance(name.parts[-1], Index)
        raise Fault(f"{name.text} is not all of a name", end, end + 1, self._next(ways))

    def row(self, name: Name) -> list[Leaf] | None:
        """What a name that lacks the order reads, order by order; None if it does not lack it.

        Raises:
            Fault: there is no such thing.
        """
        slot, ways = self._followed(name)
        if [way.steps for way in ways] != [("[<order>]",)]:
            return None
        return [
            self._leaf(name, f"{name.text}[{order}]", slot, ways[0]._replace(value=order))
            for order in range(self.config.max_order)
        ]

    def _leaf(self, name: Name, text: str, slot: int, way: _Way) -> Leaf:
        if way.row.whole and not self.config.whole:
            problem = f"{text} is of a whole node, and this is a bare zone"
            raise Fault(problem, name.start, name.end, "what a bare zone has")
        code = LEAF_CODES[way.row.leaf], slot, way.which, way.value
        return Leaf(text, way.row.kind, code)

    def _followed(self, name: Name) -> tuple[int, list[_Way]]:
        """(slot of the zone, what a name's parts lead to)."""
        slot, parts, ways = self.zone, name.parts, list(_WAYS)
        if parts[0].text == "zone":
            slot, parts = self._slot(name), parts[2:]
            ways = [way for way in ways if way.row.of == "zone"]
            if parts and not isinstance(parts[0], Index):
                self._check_of_zone(parts[0], name)
        for part in parts:
            ways = self._after(ways, part)
        return slot, ways

    def _slot(self, name: Name) -> int:
        """Slot of the zone that a name says."""
        place = name.parts[1] if len(name.parts) > 1 else name.parts[0]
        if place.text not in self._zones:
            problem = f"there is no zone {place.text}" if place.text != "zone" else "which zone?"
            allowed = ", ".join(f"zone.{zone}" for zone in self._zones)
            raise Fault(problem, place.start, place.end, allowed)
        return self._zones.index(place.text)

    def _check_of_zone(self, word: Word, name: Name) -> None:
        if word.text in {way.steps[0] for way in _WAYS if way.row.of == "node"}:
            problem = f"{word.text} is the node's and no zone's"
            raise Fault(problem, name.start, word.end, word.text)

    def _after(self, ways: list[_Way], part: Word) -> list[_Way]:
        """The ways that go on with this part, one step further."""
        found = [after for way in ways if way.steps and (after := self._step(way, part))]
        if found:
            return found
        if isinstance(part, Index):
            for step in dict.fromkeys(way.steps[0] for way in ways if way.steps):
                if step in self._indices:
                    problem = f"there is no {step.strip('[<>]')} {part.text}"
                    raise Fault(problem, part.start, part.end, self._bounds(step))
            raise Fault("there is no index here", part.start, part.end, self._next(ways))
        if part.text in NEED_A_WALK:
            problem = f"{part.text} takes a walk over all pages, which no predicate makes"
            raise Fault(problem, part.start, part.end, ", ".join(NEED_NO_WALK))
        options = self._options(ways)
        close = similar(part.text, options)
        problem = f"there is no name {part.text}"
        if close:
            problem += f"; do you mean {close[0]}?"
        few = len(options) <= _NEXT_MAX or not close
        allowed = self._next(ways, "") if few else ", ".join(close)
        raise Fault(problem, part.start, part.end, allowed)

    def _step(self, way: _Way, part: Word) -> _Way | None:
        step, rest = way.steps[0], way.steps[1:]
        if isinstance(part, Index):
            fits = any(part.value in values for values in self._indices.get(step, ()))
            return way._replace(steps=rest, value=part.value) if fits else None
        words = self._words.get(step)
        if words is None:
            return way._replace(steps=rest) if step == part.text else None
        fits = part.text in words
        return way._replace(steps=rest, which=words.index(part.text)) if fits else None

    def _options(self, ways: Iterable[_Way]) -> list[str]:
        """Words that can stand next."""
        steps = dict.fromkeys(way.steps[0] for way in ways if way.steps)
        return [word for step in steps for word in self._words.get(step, [step]) if word[0] != "["]

    def _bounds(self, step: str) -> str:
        return ", ".join(f"{values[0]} … {values[-1]}" for values in self._indices[step])

    def _next(self, ways: Iterable[_Way], dot: str = ".") -> str:
        """What can stand next, in words.

        Args:
            dot: before words; "" where there is one already.
        """
        ways = list(ways)
        steps = dict.fromkeys(way.steps[0] for way in ways if way.steps)
        told = [f"{dot}{word}" for word in self._options(ways)]
        told[_NEXT_MAX:] = ["…"] if len(told) > _NEXT_MAX else []
        told += [f"[{self._bounds(step)}]" for step in steps if step in self._indices]
        if any(not way.steps for way in ways):
            told.append("nothing more")
        return ", ".join(told)


def similar(word: str, options: Iterable[str]) -> list[str]:
    """Options that begin with a word or are spelled much like it; case does not count."""
    if not 1 < len(word) <= _SIMILAR_MAX:
        return []
    folded = {option.casefold(): option for option in options}
    begun = [option for option in folded if option.startswith(word.casefold())]
    close = get_close_matches(word.casefold(), folded, cutoff=_SIMILAR)
    return [folded[option] for option in dict.fromkeys([*close, *begun])][:_TOLD_MAX]
