"""What the demo itself says inside Home Assistant, in both languages.

The names of the entities are the integration's own; these are the names of the
piles, the area and the dashboard, which a person would type.
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class Texts:
    """The words of one language."""

    area: str
    dashboard: str
    dc_pile: str
    ac_pile: str
    gun: str
    """With {pile} and {number}."""
    history: str
    drivers: tuple[str, str]


TEXTS = {
    "en": Texts(
        area="Car park",
        dashboard="Charging",
        dc_pile="DC pile",
        ac_pile="AC pile",
        gun="{pile}, gun {number}",
        history="Power, last 5 minutes",
        drivers=("Anna", "Ben"),
    ),
    "zh-Hans": Texts(
        area="停车场",
        dashboard="充电",
        dc_pile="直流桩",
        ac_pile="交流桩",
        gun="{pile} {number} 号枪",
        history="最近 5 分钟功率",
        drivers=("小安", "小白"),
    ),
}
LANGUAGES = tuple(TEXTS)
