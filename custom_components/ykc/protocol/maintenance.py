"""Chapter 11: reboot and update."""

from .codes import DOWN, UP, CommandResult, UpdateModel, UpdateResult, When
from .fields import ascii_text, pile_code, u8, u16
from .message import Message


class RebootReply(Message, type=0x91, direction=UP, section="11.2", zh="远程重启应答"):
    """Whether the pile will reboot."""

    pile: str = pile_code()
    result: CommandResult | int = u8("设置结果", enum=CommandResult)


class Reboot(Message, type=0x92, direction=DOWN, section="11.1", zh="远程重启", reply=0x91):
    """Reboots the pile."""

    pile: str = pile_code()
    when: When | int = u8("执行控制", enum=When)


class UpdateReply(Message, type=0x93, direction=UP, section="11.4", zh="远程更新应答"):
    """How the update ended; sent after it ran."""

    pile: str = pile_code()
    result: UpdateResult | int = u8("升级状态", enum=UpdateResult)


class Update(Message, type=0x94, direction=DOWN, section="11.3", zh="远程更新", reply=0x93):
    """Lets the pile fetch new software by FTP."""

    pile: str = pile_code()
    model: UpdateModel | int = u8("桩型号", enum=UpdateModel)
    power: int = u16("桩功率", unit="kW", doc="unit not printed")
    server: str = ascii_text(16, "升级服务器地址")
    port: int = u16("升级服务器端口")
    user: str = ascii_text(16, "用户名", secret=True)
    password: str = ascii_text(16, "密码", secret=True)
    path: str = ascii_text(32, "文件路径")
    when: When | int = u8("执行控制", enum=When)
    timeout: int = u8("下载超时时间", unit="min")
