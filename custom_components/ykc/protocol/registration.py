"""Chapter 6: login, heartbeat and billing model."""

from decimal import Decimal

from .codes import DOWN, UP, GunHealth, LoginResult, ModelCheck, Network, Operator, PileType, Tariff
from .fields import Gun, ascii_text, bcd, gun, pile_code, tariff_periods, u8, u32
from .message import Message


class Login(Message, type=0x01, direction=UP, section="6.1", zh="充电桩登录认证", reply=0x02):
    """Sent after every power-up, reset or reconnect; nothing else is accepted before it succeeds."""

    pile: str = pile_code()
    pile_type: PileType | int = u8("桩类型", enum=PileType)
    gun_count: int = u8("充电枪数量")
    protocol_version: float = u8("通信协议版本", scale=10, doc="1.6 for V1.6")
    software_version: str = ascii_text(8, "程序版本")
    network: Network | int = u8("网络链接类型", enum=Network)
    sim: str = bcd(10, "Sim 卡", default="0" * 20, doc="all 0 when unknown; ICCIDs can hold hex digits")
    operator: Operator | int = u8("运营商", enum=Operator)


class LoginReply(Message, type=0x02, direction=DOWN, section="6.2", zh="登录认证应答"):
    """On a refusal the platform then closes the connection."""

    pile: str = pile_code()
    result: LoginResult | int = u8("登陆结果", enum=LoginResult)


class Heartbeat(Message, type=0x03, direction=UP, section="6.3", zh="充电桩心跳包", reply=0x04):
    """Sent every 10 s for every gun; after three that are not answered the pile dials in again."""

    pile: str = pile_code()
    gun: Gun = gun()
    gun_state: GunHealth | int = u8("枪状态", enum=GunHealth)

    def reply(self) -> HeartbeatReply:
        """Make the answer, which begins as the heartbeat does: pile and gun go back as they came."""
        return HeartbeatReply.from_body(self._body[:8] + b"\0")


class HeartbeatReply(Message, type=0x04, direction=DOWN, section="6.4", zh="心跳包应答"):
    """Answers the heartbeat of one gun."""

    pile: str = pile_code()
    gun: Gun = gun()
    zero: int = u8("心跳应答", default=0)


class BillingModelCheck(Message, type=0x05, direction=UP, section="6.5", zh="计费模型验证请求", reply=0x06):
    """Sent after every login, and repeated until answered."""

    pile: str = pile_code()
    model: str = bcd(2, "计费模型编号", doc="all 0 on the first connection")


class BillingModelCheckReply(Message, type=0x06, direction=DOWN, section="6.6", zh="计费模型验证请求应答"):
    """Tells the pile to ask for a new model, or that it has the right one."""

    pile: str = pile_code()
    model: str = bcd(2, "计费模型编号")
    result: ModelCheck | int = u8("验证结果", enum=ModelCheck)


class BillingModelRequest(Message, type=0x09, direction=UP, section="6.7", zh="充电桩计费模型请求", reply=0x0A):
    """Repeated until answered: without a model the pile refuses to charge."""

    pile: str = pile_code()


class BillingModel(Message):
    """Four tariffs of two prices each, and which of them counts in each half hour of the day."""

    pile: str = pile_code()
    model: str = bcd(2, "计费模型编号", doc="printed as fixed: 0100")
    sharp_energy_price: Decimal = u32("尖费电费费率", places=5, unit="CNY/kWh")
    sharp_service_price: Decimal = u32("尖服务费费率", places=5, unit="CNY/kWh")
    peak_energy_price: Decimal = u32("峰电费费率", places=5, unit="CNY/kWh")
    peak_service_price: Decimal = u32("峰服务费费率", places=5, unit="CNY/kWh")
    flat_energy_price: Decimal = u32("平电费费率", places=5, unit="CNY/kWh")
    flat_service_price: Decimal = u32("平服务费费率", places=5, unit="CNY/kWh")
    valley_energy_price: Decimal = u32("谷电费费率", places=5, unit="CNY/kWh")
    valley_service_price: Decimal = u32("谷服务费费率", places=5, unit="CNY/kWh")
    loss_ratio: int = u8("计损比例", default=0, doc="unit not printed; the platform does not support it: 0")
    periods: tuple[Tariff | int, ...] = tariff_periods("时段费率号")


class BillingModelReply(BillingModel, type=0x0A, direction=DOWN, section="6.8", zh="计费模型请求应答"):
    """Gives the pile the model that it asked for."""
