"""Chapter 12: parallel charging, several guns on one car. Each gun has its own frames and its own transaction."""

from .charging import RemoteStartBody, RemoteStartReplyBody, StartRequestBody, StartRequestReplyBody
from .codes import DOWN, UP, Role
from .fields import bcd, u8


class ParallelStartRequest(
    StartRequestBody, type=0xA1, direction=UP, section="12.1", zh="充电桩主动申请并充充电", reply=0xA2
):
    """Asks for one gun of a parallel charge; the pile makes the id, the same for all guns."""

    role: Role | int = u8("主辅枪标记", enum=Role)
    parallel_id: str = bcd(6, "并充序号", doc="YYMMDDhhmmss")


class ParallelStartRequestReply(
    StartRequestReplyBody, type=0xA2, direction=DOWN, section="12.2", zh="运营平台确认并充启动充电"
):
    """Answers for one gun; the pile starts only when every gun was authorised."""

    parallel_id: str = bcd(6, "并充序号", doc="as in the request")


class ParallelRemoteStartReply(
    RemoteStartReplyBody, type=0xA3, direction=UP, section="12.4", zh="远程并充启机命令回复"
):
    """Answers for one gun; all guns of a charge must answer alike."""

    role: Role | int = u8("主辅枪标记", enum=Role)
    parallel_id: str = bcd(6, "并充序号", doc="as in the command")


class ParallelRemoteStart(
    RemoteStartBody, type=0xA4, direction=DOWN, section="12.3", zh="运营平台远程控制并充启机", reply=0xA3
):
    """Starts one gun of a parallel charge (the overview of chapter 4 has the direction wrong)."""

    parallel_id: str = bcd(6, "并充序号", doc="YYMMDDhhmmss, made by the platform")
