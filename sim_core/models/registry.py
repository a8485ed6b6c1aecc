"""The registry of accounting models. Another kernel is one file more and one line here."""

from typing import Final

from sim_core.models.minchan_v1 import MINCHAN_V1
from sim_core.models.minchan_v2 import MINCHAN_V2
from sim_core.models.table import Row
from sim_core.models.v3_5 import V3_5
from sim_core.models.v3_6 import V3_6
from sim_core.models.v3_7 import V3_7
from sim_core.models.v3_8 import V3_8
from sim_core.models.v3_19 import V3_19
from sim_core.models.v6_1 import V6_1
from sim_core.models.v6_12 import V6_12
from sim_core.models.v6_12_117 import V6_12_117

ROWS: Final[dict[str, Row]] = {
    row.name: row
    for row in (
        V3_5,
        MINCHAN_V1,
        MINCHAN_V2,
        V3_6,
        V3_7,
        V3_8,
        V3_19,
        V6_1,
        V6_12,
        V6_12_117,
    )
}
DEFAULT: Final = V3_5.name
