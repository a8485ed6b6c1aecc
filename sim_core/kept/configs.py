"""A lab's configuration as a JSON object. The sizes of its logs are not in it: they are a matter of
whose memory it is.
"""

from typing import Any, Final

from sim_core.config import HOLES_MAX, NAME_MAX, ZONES_MAX, LabConfig, ZoneSpan
from sim_core.errors import ConfigError
from sim_core.kept.places import Place
from sim_core.models import Custom, from_document, to_document

_WHOLE: Final = (
    "start_pfn",
    "spanned_pages",
    "pageblock_order",
    "max_order",
    "cpus",
    "seed",
    "fill_percent",
    "swap_pages",
)
_WHOLE_OR_NONE: Final = ("pcp_high", "pcp_batch", "min_free_kbytes")
_PAIRS: Final = ("holes", "cma")


def config_to(config: LabConfig) -> dict[str, Any]:
    """The object of a configuration; a custom model is in it with all that it changes."""
    model = config.model
    return {
        "zone": config.zone,
        **{name: getattr(config, name) for name in (*_WHOLE, *_WHOLE_OR_NONE)},
        **{name: [list(pair) for pair in getattr(config, name)] for name in _PAIRS},
        "model": to_document(model) if isinstance(model, Custom) else model,
        "zones": [[span.zone, span.start_pfn, span.spanned_pages] for span in config.zones],
        "booted": config.booted,
    }


def config_from(place: Place, log_bytes: int) -> LabConfig:
    """The configuration that a value is.

    Args:
        place: the value.
        log_bytes: of its log here.

    Raises:
        ConfigError: it is none, or one that cannot be built.
    """
    names = ("zone", *_WHOLE, *_WHOLE_OR_NONE, *_PAIRS, "model", "zones", "booted")
    found = dict(zip(names, place.fields(*names), strict=True))
    values: dict[str, Any] = {
        "zone": found["zone"].text(NAME_MAX),
        **{name: found[name].whole() for name in _WHOLE},
        **{name: found[name].or_none(Place.whole) for name in _WHOLE_OR_NONE},
        **{name: tuple(map(_pair, found[name].items(HOLES_MAX))) for name in _PAIRS},
        "model": _model(found["model"]),
        "zones": tuple(map(_span, found["zones"].items(ZONES_MAX))),
        "booted": found["booted"].truth(),
    }
    try:
        return LabConfig(**values, log_bytes=log_bytes).validated()
    except ConfigError as error:
        raise _placed(error, place) from error


def model_from(place: Place) -> Custom:
    """The custom model that a value is.

    Raises:
        ConfigError: it is none that can run.
    """
    try:
        return from_document(place.value)
    except ConfigError as error:
        raise _placed(error, place) from error


def _model(place: Place) -> str | Custom:
    return place.text(NAME_MAX) if isinstance(place.value, str) else model_from(place)


def _placed(error: ConfigError, place: Place) -> ConfigError:
    field = f"{place.path}.{error.field}" if error.field else place.path
    return ConfigError(f"{place.path}: {error}", field=field, allowed=error.allowed)


def _pair(place: Place) -> tuple[int, int]:
    first, pages = place.items(2, least=2)
    return first.whole(), pages.whole()


def _span(place: Place) -> ZoneSpan:
    zone, start, pages = place.items(3, least=3)
    return ZoneSpan(zone.text(NAME_MAX), start.whole(), pages.whole())
