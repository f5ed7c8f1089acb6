"""Chapter 8, sections 8.1 to 8.10: starting, stopping and settling a charge.

Classes named ...Body hold the fields that a message shares with its parallel counterpart of chapter 12.
"""

from decimal import Decimal

from .codes import DOWN, UP, BalanceResult, CommandResult, StartDenial, StartFailure, StartMethod, StopFailure, YesNo
from .fields import Gun, bcd, gun, opaque, pile_code, transaction_number, u8, u32, vin_reversed
from .message import Message
from .values import NO_CARD


class StartRequestBody(Message):
    """A driver asks for a charge at the pile."""

    pile: str = pile_code()
    gun: Gun = gun()
    method: StartMethod | int = u8("启动方式", enum=StartMethod)
    password_needed: YesNo | int = u8("是否需要密码", enum=YesNo)
    account_or_card: str = opaque(8, "账号或者物理卡号", doc="some firmware sends a card's bytes in reverse")
    password: str = opaque(
        16, "输入密码", default="0" * 32, doc="ASCII of the 16-digit lower-case MD5; 0 when none", secret=True
    )
    vin: str = vin_reversed()


class StartRequest(StartRequestBody, type=0x31, direction=UP, section="8.1", zh="充电桩主动申请启动充电", reply=0x32):
    """Asks the platform whether a card, account or VIN may charge."""


class StartRequestReplyBody(Message):
    """The platform's answer to a start request."""

    transaction: str = transaction_number()
    pile: str = pile_code()
    gun: Gun = gun()
    logical_card: str = bcd(8, "逻辑卡号", default=NO_CARD, doc="shown on the pile's screen")
    balance: Decimal = u32("账户余额", places=2, unit="CNY")
    authorised: YesNo | int = u8("鉴权成功标志", enum=YesNo)
    reason: StartDenial | int = u8("失败原因", enum=StartDenial, default=StartDenial.NONE)


class StartRequestReply(StartRequestReplyBody, type=0x32, direction=DOWN, section="8.2", zh="运营平台确认启动充电"):
    """Authorises a charge, with its transaction number, or says why not."""


class RemoteStartReplyBody(Message):
    """The pile's answer to a remote start."""

    transaction: str = transaction_number()
    pile: str = pile_code()
    gun: Gun = gun()
    result: CommandResult | int = u8("启动结果", enum=CommandResult)
    reason: StartFailure | int = u8("失败原因", enum=StartFailure, default=StartFailure.NONE)


class RemoteStartReply(RemoteStartReplyBody, type=0x33, direction=UP, section="8.4", zh="远程启动充电命令回复"):
    """A 'not plugged' may be followed by a second reply, 'ok', within 60 s of the 0x34."""


class RemoteStartBody(Message):
    """The platform starts a charge."""

    transaction: str = transaction_number()
    pile: str = pile_code()
    gun: Gun = gun()
    logical_card: str = bcd(8, "逻辑卡号", default=NO_CARD, doc="shown on the pile's screen")
    card: str = opaque(8, "物理卡号", default=NO_CARD, doc="the card that may end the charge")
    balance: Decimal = u32("账户余额", places=2, unit="CNY", doc="the pile stops when it is used up")


class RemoteStart(RemoteStartBody, type=0x34, direction=DOWN, section="8.3", zh="运营平台远程控制启机", reply=0x33):
    """Starts a charge; the pile must report it within 90 s."""


class RemoteStopReply(Message, type=0x35, direction=UP, section="8.6", zh="远程停机命令回复"):
    """The pile's answer to a remote stop."""

    pile: str = pile_code()
    gun: Gun = gun()
    result: CommandResult | int = u8("停止结果", enum=CommandResult)
    reason: StopFailure | int = u8("失败原因", enum=StopFailure, default=StopFailure.NONE)


class RemoteStop(Message, type=0x36, direction=DOWN, section="8.5", zh="运营平台远程停机", reply=0x35):
    """Ends a charge; the pile must obey, and the transaction record follows."""

    pile: str = pile_code()
    gun: Gun = gun()


class BalanceUpdateReply(Message, type=0x41, direction=UP, section="8.10", zh="余额更新应答"):
    """The pile's answer to a new balance."""

    pile: str = pile_code()
    card: str = opaque(8, "物理卡号")
    result: BalanceResult | int = u8("修改结果", enum=BalanceResult)


class BalanceUpdate(Message, type=0x42, direction=DOWN, section="8.9", zh="远程账户余额更新", reply=0x41):
    """Sets the balance of the running charge."""

    pile: str = pile_code()
    gun: Gun = gun()
    card: str = opaque(8, "物理卡号", default=NO_CARD, doc="all 0: do not check the card")
    balance: Decimal = u32("修改后账户金额", places=2, unit="CNY")
