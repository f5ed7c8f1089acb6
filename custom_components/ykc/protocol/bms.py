"""Chapter 7, sections 7.3 to 7.10: what the car's battery management says, as in GB/T 27930.

None is 'not available': the car sent all bits set. Currents of 7.4 and 7.9 keep the sign of GB/T 27930, where charging is
NEGATIVE (-100.0 A is 100 A into the battery): their magnitude is what to show.
"""

from .codes import (
    UP,
    BatteryType,
    BmsAlarm,
    BmsCondition,
    BmsFlag,
    BmsLevel,
    BmsMode,
    BmsTimeout,
    ChargingAllowed,
    Ownership,
)
from .fields import Gun, ascii_text, bits, gun, opaque, pile_code, transaction_number, u8, u16, u24, u32
from .kinds import ALL_ONES
from .message import Message


class BmsMessage(Message):
    """A message about the car on one gun."""

    transaction: str = transaction_number()
    pile: str = pile_code()
    gun: Gun = gun()


class BmsHandshake(BmsMessage, type=0x15, direction=UP, section="7.3", zh="充电握手"):
    """The car and its battery introduce themselves."""

    bms_protocol: int | None = u24("BMS 通信协议版本号", missing=ALL_ONES, doc="0x000101 for V1.1")
    battery_type: BatteryType | int = u8("BMS 电池类型", enum=BatteryType)
    rated_capacity: float | None = u16("BMS 整车动力蓄电池系统额定容量", scale=10, missing=ALL_ONES, unit="Ah")
    rated_voltage: float | None = u16("BMS 整车动力蓄电池系统额定总电压", scale=10, missing=ALL_ONES, unit="V")
    battery_manufacturer: str = ascii_text(4, "BMS 电池生产厂商名称")
    battery_serial: int | None = u32("BMS 电池组序号", missing=ALL_ONES)
    made_year: int | None = u8("BMS 电池组生产日期年", offset=1985, missing=ALL_ONES)
    made_month: int | None = u8("BMS 电池组生产日期月", missing=ALL_ONES)
    made_day: int | None = u8("BMS 电池组生产日期日", missing=ALL_ONES)
    charge_cycles: int | None = u24("BMS 电池组充电次数", missing=ALL_ONES)
    ownership: Ownership | int | None = u8("BMS 电池组产权标识", enum=Ownership, missing=ALL_ONES)
    reserved: int = u8("预留位", default=0)
    vin: str = ascii_text(17, "BMS 车辆识别码")
    bms_software: str = opaque(8, "BMS 软件版本号", doc="serial, day, month, year (2 bytes), 3 bytes FF")


class BmsConfiguration(BmsMessage, type=0x17, direction=UP, section="7.4", zh="参数配置"):
    """The limits of battery and charger."""

    max_allowed_cell_voltage: float | None = u16(
        "BMS 单体动力蓄电池最高允许充电电压", scale=100, missing=ALL_ONES, unit="V"
    )
    max_allowed_current: float | None = u16("BMS 最高允许充电电流", scale=10, offset=-400, missing=ALL_ONES, unit="A")
    nominal_energy: float | None = u16("BMS 动力蓄电池标称总能量", scale=10, missing=ALL_ONES, unit="kWh")
    max_allowed_total_voltage: float | None = u16("BMS 最高允许充电总电压", scale=10, missing=ALL_ONES, unit="V")
    max_allowed_temperature: int | None = u8("BMS 最高允许温度", offset=-50, missing=ALL_ONES, unit="°C")
    soc: float | None = u16("BMS 整车动力蓄电池荷电状态(soc)", scale=10, missing=ALL_ONES, unit="%")
    battery_voltage: float | None = u16(
        "BMS 整车动力蓄电池当前电池电压", scale=10, missing=ALL_ONES, unit="V", doc="scale from GB/T 27930"
    )
    max_output_voltage: float | None = u16("电桩最高输出电压", scale=10, missing=ALL_ONES, unit="V")
    min_output_voltage: float | None = u16("电桩最低输出电压", scale=10, missing=ALL_ONES, unit="V")
    max_output_current: float | None = u16("电桩最大输出电流", scale=10, offset=-400, missing=ALL_ONES, unit="A")
    min_output_current: float | None = u16("电桩最小输出电流", scale=10, offset=-400, missing=ALL_ONES, unit="A")


class BmsChargeEnd(BmsMessage, type=0x19, direction=UP, section="7.5", zh="充电结束"):
    """What battery and charger count at the end."""

    soc: int | None = u8("BMS 中止荷电状态 SOC", missing=ALL_ONES, unit="%")
    min_cell_voltage: float | None = u16("BMS 动力蓄电池单体最低电压", scale=100, missing=ALL_ONES, unit="V")
    max_cell_voltage: float | None = u16("BMS 动力蓄电池单体最高电压", scale=100, missing=ALL_ONES, unit="V")
    min_temperature: int | None = u8("BMS 动力蓄电池最低温度", offset=-50, missing=ALL_ONES, unit="°C")
    max_temperature: int | None = u8("BMS 动力蓄电池最高温度", offset=-50, missing=ALL_ONES, unit="°C")
    charging_minutes: int | None = u16("电桩累计充电时间", missing=ALL_ONES, unit="min")
    energy: float | None = u16("电桩输出能量", scale=10, missing=ALL_ONES, unit="kWh")
    charger_number: int = u32("电桩充电机编号", offset=1)


class BmsError(BmsMessage, type=0x1B, direction=UP, section="7.6", zh="错误报文"):
    """Which messages of GB/T 27930 were not received in time: first the car's view (BEM), then the charger's (CEM)."""

    crm_00: BmsTimeout | None = bits(2, "接收 SPN2560=0x00 的充电机辨识报文超时", enum=BmsTimeout, missing=ALL_ONES)
    crm_aa: BmsTimeout | None = bits(
        2, "接收 SPN2560=0xAA 的充电机辨识报文超时", enum=BmsTimeout, missing=ALL_ONES, pad=4
    )
    charger_time_sync_and_max_output: BmsTimeout | None = bits(
        2, "接收充电机的时间同步和充电机最大输出能力报文超时", enum=BmsTimeout, missing=ALL_ONES
    )
    charger_ready: BmsTimeout | None = bits(
        2, "接收充电机完成充电准备报文超时", enum=BmsTimeout, missing=ALL_ONES, pad=4
    )
    charger_status: BmsTimeout | None = bits(2, "接收充电机充电状态报文超时", enum=BmsTimeout, missing=ALL_ONES)
    charger_abort: BmsTimeout | None = bits(2, "接收充电机中止充电报文超时", enum=BmsTimeout, missing=ALL_ONES, pad=4)
    charger_statistics: BmsTimeout | None = bits(2, "接收充电机充电统计报文超时", enum=BmsTimeout, missing=ALL_ONES)
    bms_other: int | None = bits(6, "BMS 其他", missing=ALL_ONES)
    bms_identification: BmsTimeout | None = bits(
        2, "接收 BMS 和车辆的辨识报文超时", enum=BmsTimeout, missing=ALL_ONES, pad=6
    )
    battery_parameters: BmsTimeout | None = bits(2, "接收电池充电参数报文超时", enum=BmsTimeout, missing=ALL_ONES)
    bms_ready: BmsTimeout | None = bits(2, "接收 BMS 完成充电准备报文超时", enum=BmsTimeout, missing=ALL_ONES, pad=4)
    battery_status: BmsTimeout | None = bits(2, "接收电池充电总状态报文超时", enum=BmsTimeout, missing=ALL_ONES)
    battery_demand: BmsTimeout | None = bits(2, "接收电池充电要求报文超时", enum=BmsTimeout, missing=ALL_ONES)
    bms_abort: BmsTimeout | None = bits(2, "接收 BMS 中止充电报文超时", enum=BmsTimeout, missing=ALL_ONES, pad=2)
    bms_statistics: BmsTimeout | None = bits(2, "接收 BMS 充电统计报文超时", enum=BmsTimeout, missing=ALL_ONES)
    charger_other: int | None = bits(6, "充电机其他", missing=ALL_ONES)


class BmsAbort(BmsMessage, type=0x1D, direction=UP, section="7.7", zh="充电阶段 BMS 中止"):
    """Why the car ended the charge; the values of the flags are those of GB/T 27930 BST."""

    reason_soc_reached: BmsFlag | None = bits(2, "所需求的 SOC 目标值", enum=BmsFlag, missing=ALL_ONES)
    reason_total_voltage_reached: BmsFlag | None = bits(2, "达到总电压的设定值", enum=BmsFlag, missing=ALL_ONES)
    reason_cell_voltage_reached: BmsFlag | None = bits(2, "达到单体电压设定值", enum=BmsFlag, missing=ALL_ONES)
    reason_charger_stopped: BmsFlag | None = bits(2, "充电机主动中止", enum=BmsFlag, missing=ALL_ONES)
    fault_insulation: BmsFlag | None = bits(2, "绝缘故障", enum=BmsFlag, missing=ALL_ONES)
    fault_output_connector_overheat: BmsFlag | None = bits(2, "输出连接器过温故障", enum=BmsFlag, missing=ALL_ONES)
    fault_bms_component_or_connector_overheat: BmsFlag | None = bits(
        2, "BMS 元件、输出连接器过温", enum=BmsFlag, missing=ALL_ONES
    )
    fault_charge_connector: BmsFlag | None = bits(2, "充电连接器故障", enum=BmsFlag, missing=ALL_ONES)
    fault_battery_overheat: BmsFlag | None = bits(2, "电池组温度过高故障", enum=BmsFlag, missing=ALL_ONES)
    fault_high_voltage_relay: BmsFlag | None = bits(2, "高压继电器故障", enum=BmsFlag, missing=ALL_ONES)
    fault_detection_point_2_voltage: BmsFlag | None = bits(2, "检测点 2 电压检测故障", enum=BmsFlag, missing=ALL_ONES)
    fault_other: BmsFlag | None = bits(2, "其他故障", enum=BmsFlag, missing=ALL_ONES)
    error_overcurrent: BmsFlag | None = bits(2, "电流过大", enum=BmsFlag, missing=ALL_ONES)
    error_voltage: BmsFlag | None = bits(2, "电压异常", enum=BmsFlag, missing=ALL_ONES, pad=4)


class ChargerAbort(BmsMessage, type=0x21, direction=UP, section="7.8", zh="充电阶段充电机中止"):
    """Why the charger ended the charge; the values of the flags are those of GB/T 27930 CST."""

    reason_condition_reached: BmsFlag | None = bits(2, "达到充电机设定的条件中止", enum=BmsFlag, missing=ALL_ONES)
    reason_manual: BmsFlag | None = bits(2, "人工中止", enum=BmsFlag, missing=ALL_ONES)
    reason_abnormal: BmsFlag | None = bits(2, "异常中止", enum=BmsFlag, missing=ALL_ONES)
    reason_bms_stopped: BmsFlag | None = bits(2, "BMS 主动中止", enum=BmsFlag, missing=ALL_ONES)
    fault_charger_overheat: BmsFlag | None = bits(2, "充电机过温故障", enum=BmsFlag, missing=ALL_ONES)
    fault_charge_connector: BmsFlag | None = bits(2, "充电连接器故障", enum=BmsFlag, missing=ALL_ONES)
    fault_internal_overheat: BmsFlag | None = bits(2, "充电机内部过温故障", enum=BmsFlag, missing=ALL_ONES)
    fault_energy_not_deliverable: BmsFlag | None = bits(2, "所需电量不能传送", enum=BmsFlag, missing=ALL_ONES)
    fault_emergency_stop: BmsFlag | None = bits(2, "充电机急停故障", enum=BmsFlag, missing=ALL_ONES)
    fault_other: BmsFlag | None = bits(2, "其他故障", enum=BmsFlag, missing=ALL_ONES, pad=4)
    error_current_mismatch: BmsFlag | None = bits(2, "电流不匹配", enum=BmsFlag, missing=ALL_ONES)
    error_voltage: BmsFlag | None = bits(2, "电压异常", enum=BmsFlag, missing=ALL_ONES, pad=4)


class BmsDemand(BmsMessage, type=0x23, direction=UP, section="7.9", zh="充电过程 BMS 需求与充电机输出"):
    """What the car asks for and what it gets; every 15 s while charging."""

    voltage_demand: float | None = u16("BMS 电压需求", scale=10, missing=ALL_ONES, unit="V")
    current_demand: float | None = u16("BMS 电流需求", scale=10, offset=-400, missing=ALL_ONES, unit="A")
    mode: BmsMode | int | None = u8("BMS 充电模式", enum=BmsMode, missing=ALL_ONES)
    measured_voltage: float | None = u16("BMS 充电电压测量值", scale=10, missing=ALL_ONES, unit="V")
    measured_current: float | None = u16("BMS 充电电流测量值", scale=10, offset=-400, missing=ALL_ONES, unit="A")
    max_cell_voltage: float | None = bits(12, "BMS 最高单体动力蓄电池电压", scale=100, missing=ALL_ONES, unit="V")
    max_cell_group: int = bits(4, "BMS 最高单体动力蓄电池电压所在组号")
    soc: int | None = u8("BMS 当前荷电状态 SOC", missing=ALL_ONES, unit="%")
    remaining_minutes: int | None = u16("BMS 估算剩余充电时间", missing=ALL_ONES, unit="min")
    output_voltage: float | None = u16("电桩电压输出值", scale=10, missing=ALL_ONES, unit="V")
    output_current: float | None = u16("电桩电流输出值", scale=10, offset=-400, missing=ALL_ONES, unit="A")
    charging_minutes: int | None = u16("累计充电时间", missing=ALL_ONES, unit="min")


class BmsStatus(BmsMessage, type=0x25, direction=UP, section="7.10", zh="充电过程 BMS 信息"):
    """How the battery is; every 15 s while charging."""

    max_voltage_cell_number: int = u8("BMS 最高单体动力蓄电池电压所在编号", offset=1)
    max_temperature: int | None = u8("BMS 最高动力蓄电池温度", offset=-50, missing=ALL_ONES, unit="°C")
    max_temperature_point: int | None = u8("最高温度检测点编号", offset=1, missing=ALL_ONES)
    min_temperature: int | None = u8("最低动力蓄电池温度", offset=-50, missing=ALL_ONES, unit="°C")
    min_temperature_point: int | None = u8("最低动力蓄电池温度检测点编号", offset=1, missing=ALL_ONES)
    cell_voltage: BmsLevel | None = bits(2, "BMS 单体动力蓄电池电压过高/过低", enum=BmsLevel, missing=ALL_ONES)
    soc: BmsLevel | None = bits(2, "BMS 整车动力蓄电池荷电状态 SOC 过高/过低", enum=BmsLevel, missing=ALL_ONES)
    overcurrent: BmsAlarm | None = bits(2, "BMS 动力蓄电池充电过电流", enum=BmsAlarm, missing=ALL_ONES)
    overheat: BmsAlarm | None = bits(2, "BMS 动力蓄电池温度过高", enum=BmsAlarm, missing=ALL_ONES)
    insulation: BmsCondition | None = bits(2, "BMS 动力蓄电池绝缘状态", enum=BmsCondition, missing=ALL_ONES)
    output_connector: BmsCondition | None = bits(
        2, "BMS 动力蓄电池组输出连接器连接状态", enum=BmsCondition, missing=ALL_ONES
    )
    charging_allowed: ChargingAllowed | int | None = bits(2, "充电禁止", enum=ChargingAllowed, missing=ALL_ONES, pad=2)
