"""Chapter 8, sections 8.11 to 8.16: the cards that a pile accepts while it is offline."""

from .codes import DOWN, UP, CardRemoveReason, CardsAddFailure, CommandResult, YesNo
from .fields import bcd, length_of, opaque, pile_code, repeat, u8
from .message import Group, Message

_REPLY_LIMIT = 24
"""Cards in one reply: as many as a request can name and the frame can hold."""


class OfflineCard(Group):
    """A card to store."""

    logical_card: str = bcd(8, "逻辑卡号")
    card: str = opaque(8, "物理卡号")


class CardNumber(Group):
    """A card to remove or to look for."""

    card: str = opaque(8, "物理卡号")


class CardRemoval(Group):
    """What became of a card to be removed."""

    card: str = opaque(8, "物理卡号")
    result: CommandResult | int = u8("清除标记", enum=CommandResult)
    reason: CardRemoveReason | int = u8("失败原因", enum=CardRemoveReason, default=CardRemoveReason.NONE)


class CardPresence(Group):
    """Whether the pile knows a card."""

    card: str = opaque(8, "物理卡号")
    present: YesNo | int = u8("查询结果", enum=YesNo)


class OfflineCardsAddReply(Message, type=0x43, direction=UP, section="8.12", zh="离线卡数据同步应答"):
    """Whether the cards were stored."""

    pile: str = pile_code()
    result: CommandResult | int = u8("保存结果", enum=CommandResult)
    reason: CardsAddFailure | int = u8("失败原因", enum=CardsAddFailure, default=CardsAddFailure.NONE)


class OfflineCardsAdd(Message, type=0x44, direction=DOWN, section="8.11", zh="离线卡数据同步", reply=0x43):
    """Stores cards in the pile; one that it knows is overwritten."""

    pile: str = pile_code()
    count: int = length_of("cards", "下发卡个数", init=False)
    cards: tuple[OfflineCard, ...] = repeat(OfflineCard, "离线卡", limit=15)


class OfflineCardsRemoveReply(Message, type=0x45, direction=UP, section="8.14", zh="离线卡数据清除应答"):
    """What became of each card."""

    pile: str = pile_code()
    cards: tuple[CardRemoval, ...] = repeat(CardRemoval, "离线卡", limit=_REPLY_LIMIT)


class OfflineCardsRemove(Message, type=0x46, direction=DOWN, section="8.13", zh="离线卡数据清除", reply=0x45):
    """Removes cards from the pile."""

    pile: str = pile_code()
    count: int = length_of("cards", "清除离线卡的个数", init=False)
    cards: tuple[CardNumber, ...] = repeat(CardNumber, "物理卡号", limit=24)


class OfflineCardsQueryReply(Message, type=0x47, direction=UP, section="8.16", zh="离线卡数据查询应答"):
    """Which of the cards the pile knows."""

    pile: str = pile_code()
    cards: tuple[CardPresence, ...] = repeat(CardPresence, "离线卡", limit=26)


class OfflineCardsQuery(Message, type=0x48, direction=DOWN, section="8.15", zh="离线卡数据查询", reply=0x47):
    """Asks which cards the pile knows."""

    pile: str = pile_code()
    count: int = length_of("cards", "查询的离线卡个数", init=False)
    cards: tuple[CardNumber, ...] = repeat(CardNumber, "物理卡号", limit=26)
