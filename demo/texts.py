"""What the demo itself says inside Home Assistant, in both languages.

The names of the entities are the integration's own; these are the names of the
piles, the area and the dashboard, which a person would type.
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class Texts:
    """The words of one language."""

    home: str
    area: str
    dashboard: str
    dc_pile: str
    ac_pile: str
    gun: str
    """With {pile} and {number}."""
    only_gun: str
    """With {pile}: the heading where a pile has one gun."""
    start: str
    stop: str
    charging: str
    power: str
    history: str
    records: str


TEXTS = {
    "en": Texts(
        home="Home",
        area="Car park",
        dashboard="Charging",
        dc_pile="DC pile",
        ac_pile="AC pile",
        gun="{pile}, gun {number}",
        only_gun="{pile}",
        start="Start",
        stop="Stop",
        charging="Charging",
        power="Power",
        history="Power of the last quarter of an hour",
        records="Energy in all",
    ),
    "zh-Hans": Texts(
        home="家",
        area="停车场",
        dashboard="充电",
        dc_pile="直流桩",
        ac_pile="交流桩",
        gun="{pile} {number} 号枪",
        only_gun="{pile}",
        start="开始充电",
        stop="停止充电",
        charging="充电开关",
        power="功率",
        history="最近 15 分钟功率",
        records="累计电量",
    ),
}
LANGUAGES = tuple(TEXTS)
