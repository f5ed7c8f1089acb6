"""The samples of the specification, byte by byte, with the values that it prints beside them.

Where it prints no value for some bytes the value is what its table makes of them. Half of the samples are wrong in some
way: `Wrong` says what and why, so that no other fault can hide behind "the samples are bad anyway".
"""

from dataclasses import dataclass, field
from typing import Any, Final

PILE: Final = "55031412782305"
PILE_2: Final = "32010200000001"
CARD: Final = "00000000d14b0a54"
CARD_2: Final = "00000000e14c0a54"
TIME: Final = "2020-03-16 17:14:47"
ZEROS: Final = "0" * 16
BMS: Final = {"transaction": "32010200000000111511161555350260", "pile": PILE_2, "gun": 1}


@dataclass(frozen=True)
class Wrong:
    """What is wrong with a sample."""

    why: str
    body: str = ""
    """The body as it should have been, where bytes are missing."""
    values: dict[str, Any] = field(default_factory=dict)
    """What the bytes say, where something else is printed."""
    length: int | None = None
    """The length byte as it should have been."""
    frame_type: int | None = None
    """The type byte as it is printed."""


@dataclass(frozen=True)
class Sample:
    """A sample: the frame as printed, the values as printed."""

    frame_type: int
    frame: str
    values: dict[str, Any]
    wrong: tuple[Wrong, ...] = ()

    @property
    def digits(self) -> str:
        """The frame's hex digits."""
        return "".join(self.frame.split())

    @property
    def body(self) -> str:
        """The printed body, between the type byte and the CRC."""
        return self.digits[12:-4]


RIGHT_CRC: Final = {0x02, 0x06, 0x32, 0x94}
"""All other samples carry a CRC of some other frame, or of none."""

_HALF_BYTE: Final = Wrong("the transaction number has 31 digits, half a byte short")


def _bms(fields: str) -> tuple[Wrong, ...]:
    return (Wrong(_HALF_BYTE.why, body=f"32010200000000111511161555350260 32010200000001 01 {fields}"),)


_MODEL: Final = (
    "400D0300 9C400000 E0930400 9C400000 801A0600 9C400000 20A10700 9C400000 00"
    "000000000000000000000000000000000000000000000000 000000000000000000000000000000000000000000000000"
)
_MODEL_VALUES: Final = {
    "pile": PILE,
    "model": "0100",
    "sharp_energy_price": "2.00000",
    "sharp_service_price": "0.40000",
    "peak_energy_price": "2.00000",
    "peak_service_price": "0.40000",
    "flat_energy_price": "4.00000",
    "flat_service_price": "0.40000",
    "valley_energy_price": "5.00000",
    "valley_service_price": "0.40000",
    "loss_ratio": 0,
    "periods": ["sharp"] * 48,
}
_MODEL_WRONG: Final = (
    Wrong(
        "the service prices of 0.4 are printed 9C 40 00 00, least significant byte first they are 40 9C 00 00",
        values={
            "sharp_service_price": "0.16540",
            "peak_service_price": "0.16540",
            "flat_service_price": "0.16540",
            "valley_service_price": "0.16540",
        },
    ),
    Wrong("the peak price is said to be 2 beside the bytes of 3", values={"peak_energy_price": "3.00000"}),
)

SAMPLES: Final = (
    Sample(
        0x01,
        "68 22 0000 00 01 55031412782305 00 02 0F 56342E312E353000 01 01010101010101010101 04 675A",
        {
            "pile": PILE,
            "pile_type": "dc",
            "gun_count": 2,
            "protocol_version": 1.5,
            "software_version": "v4.1.50",
            "network": "lan",
            "sim": "01010101010101010101",
            "operator": "other",
        },
        (Wrong("the version is printed in lower case", values={"software_version": "V4.1.50"}),),
    ),
    Sample(0x02, "68 0C 0000 00 02 55031412782305 00 DA4C", {"pile": PILE, "result": "ok"}),
    Sample(0x03, "68 0D 0001 00 03 32010200000001 01 00 6890", {"pile": PILE_2, "gun": 1, "gun_state": "ok"}),
    Sample(0x04, "68 0D 3600 00 04 55031412782305 01 00 65B2", {"pile": PILE, "gun": 1, "zero": 0}),
    Sample(0x05, "68 0D 0002 00 05 32010200000001 0001 9C00", {"pile": PILE_2, "model": "0001"}),
    Sample(0x06, "68 0E CE04 00 06 55031412782305 0000 00 8E2F", {"pile": PILE, "model": "0000", "result": "same"}),
    Sample(0x09, "68 0B 0200 00 09 55031412782305 DD25", {"pile": PILE}),
    Sample(0x0A, f"68 5E 0200 00 0A 55031412782305 0100 {_MODEL} 5E60", _MODEL_VALUES, _MODEL_WRONG),
    Sample(0x12, "68 0C 0000 00 12 32010200000001 01 0069", {"pile": PILE_2, "gun": 1}),
    Sample(
        0x13,
        "68 40 1A03 00 13 00000000000000000000000000000000 55031412782305 01 00 01 01 0200 0000 00 0000000000000000 00"
        "00 0000 0000 00000000 00000000 00000000 0000 9DAC",
        {
            "transaction": "0" * 32,
            "pile": PILE,
            "gun": 1,
            "status": "offline",
            "returned": "yes",
            "plugged": "yes",
            "voltage": 0.0,
            "current": 0.0,
            "cable_temperature": 10,
            "cable_code": ZEROS,
            "soc": 0,
            "battery_temperature": 0,
            "charging_minutes": 0,
            "remaining_minutes": 0,
            "energy": "0.0000",
            "energy_with_loss": "0.0000",
            "amount": "0.0000",
            "faults": 0,
        },
        (
            Wrong("the voltage is printed 0 beside the bytes of 0.2", values={"voltage": 0.2}),
            Wrong(
                "the temperatures are printed 10 and 0 beside a raw 0, which means 'no reading'",
                values={"cable_temperature": None, "battery_temperature": None},
            ),
        ),
    ),
    Sample(
        0x15,
        "68 4D 0015 00 15 3201020000000011151116155535026 32010200000001 01 000000 00 0000 0000 00000000 00000000 00 00"
        "00 000000 00 00 0000000000000000000000000000000000 0000000000000000 FED2",
        BMS
        | {
            "bms_protocol": 0,
            "battery_type": 0,
            "rated_capacity": 0.0,
            "rated_voltage": 0.0,
            "battery_manufacturer": "",
            "battery_serial": 0,
            "made_year": 1985,
            "made_month": 0,
            "made_day": 0,
            "charge_cycles": 0,
            "ownership": "leased",
            "reserved": 0,
            "vin": "",
            "bms_software": ZEROS,
        },
        _bms("000000 00 0000 0000 00000000 00000000 00 00 00 000000 00 00" + "00" * 17 + ZEROS),
    ),
    Sample(
        0x17,
        "68 31 0016 00 17 3201020000000011151116155535026 32010200000001 01 0000 0000 0000 0000 00 0000 0000 0000 0000"
        "0000 0000 D18A",
        BMS
        | {
            "max_allowed_cell_voltage": 0.0,
            "max_allowed_current": -400.0,
            "nominal_energy": 0.0,
            "max_allowed_total_voltage": 0.0,
            "max_allowed_temperature": -50,
            "soc": 0.0,
            "battery_voltage": 0.0,
            "max_output_voltage": 0.0,
            "min_output_voltage": 0.0,
            "max_output_current": -400.0,
            "min_output_current": -400.0,
        },
        _bms("0000 0000 0000 0000 00 0000 0000 0000 0000 0000 0000"),
    ),
    Sample(
        0x19,
        "68 2B 0016 00 19 3201020000000011151116155535026 32010200000001 01 00 0000 0000 00 00 0000 0000 00000000 AE36",
        BMS
        | {
            "soc": 0,
            "min_cell_voltage": 0.0,
            "max_cell_voltage": 0.0,
            "min_temperature": -50,
            "max_temperature": -50,
            "charging_minutes": 0,
            "energy": 0.0,
            "charger_number": 1,
        },
        _bms("00 0000 0000 00 00 0000 0000 00000000"),
    ),
    Sample(
        0x1B,
        "68 24 0017 00 1B 3201020000000011151116155535026 32010200000001 01 00 00 00 00 00 00 00 00 A2F3",
        BMS
        | dict.fromkeys(
            (
                "crm_00",
                "crm_aa",
                "charger_time_sync_and_max_output",
                "charger_ready",
                "charger_status",
                "charger_abort",
                "charger_statistics",
                "bms_identification",
                "battery_parameters",
                "bms_ready",
                "battery_status",
                "battery_demand",
                "bms_abort",
                "bms_statistics",
            ),
            "ok",
        )
        | {"bms_other": 0, "charger_other": 0},
        _bms("00 00 00 00 00 00 00 00"),
    ),
    Sample(
        0x1D,
        "68 20 0018 00 1D 3201020000000011151116155535026 32010200000001 01 00 0000 00 8445",
        BMS
        | dict.fromkeys(
            (
                "reason_soc_reached",
                "reason_total_voltage_reached",
                "reason_cell_voltage_reached",
                "reason_charger_stopped",
                "fault_insulation",
                "fault_output_connector_overheat",
                "fault_bms_component_or_connector_overheat",
                "fault_charge_connector",
                "fault_battery_overheat",
                "fault_high_voltage_relay",
                "fault_detection_point_2_voltage",
                "fault_other",
                "error_overcurrent",
                "error_voltage",
            ),
            "no",
        ),
        _bms("00 0000 00"),
    ),
    Sample(
        0x21,
        "68 20 0018 00 21 3201020000000011151116155535026 32010200000001 01 00 0000 00 8445",
        BMS
        | dict.fromkeys(
            (
                "reason_condition_reached",
                "reason_manual",
                "reason_abnormal",
                "reason_bms_stopped",
                "fault_charger_overheat",
                "fault_charge_connector",
                "fault_internal_overheat",
                "fault_energy_not_deliverable",
                "fault_emergency_stop",
                "fault_other",
                "error_current_mismatch",
                "error_voltage",
            ),
            "no",
        ),
        _bms("00 0000 00"),
    ),
    Sample(
        0x23,
        "68 30 0019 00 23 3201020000000011151116155535026 32010200000001 01 0000 0000 00 0000 0000 0000 00 0000 0000"
        "0000 0000 1D57",
        BMS
        | {
            "voltage_demand": 0.0,
            "current_demand": -400.0,
            "mode": 0,
            "measured_voltage": 0.0,
            "measured_current": -400.0,
            "max_cell_voltage": 0.0,
            "max_cell_group": 0,
            "soc": 0,
            "remaining_minutes": 0,
            "output_voltage": 0.0,
            "output_current": -400.0,
            "charging_minutes": 0,
        },
        _bms("0000 0000 00 0000 0000 0000 00 0000 0000 0000 0000"),
    ),
    Sample(
        0x25,
        "68 23 0021 00 25 3201020000000011151116155535026 32010200000001 01 00 00 00 00 00 00 00 72B9",
        BMS
        | {
            "max_voltage_cell_number": 1,
            "max_temperature": -50,
            "max_temperature_point": 1,
            "min_temperature": -50,
            "min_temperature_point": 1,
            "cell_voltage": "normal",
            "soc": "normal",
            "overcurrent": "normal",
            "overheat": "normal",
            "insulation": "normal",
            "output_connector": "normal",
            "charging_allowed": "forbidden",
        },
        _bms("00 00 00 00 00 00 00"),
    ),
    Sample(
        0x31,
        "68 37 0004 00 31 32010200000001 01 01 00 00000000D14B0A54 00000000000000000000000000000000"
        "0000000000000000000000000000000000 F496",
        {
            "pile": PILE_2,
            "gun": 1,
            "method": "card",
            "password_needed": "no",
            "account_or_card": CARD,
            "password": "0" * 32,
            "vin": "",
        },
    ),
    Sample(
        0x32,
        "68 2A 0004 00 32 32010200000001012018061219595785 32010200000001 01 0000000000000000 00000000 00 01 E829",
        {
            "transaction": "32010200000001012018061219595785",
            "pile": PILE_2,
            "gun": 1,
            "logical_card": ZEROS,
            "balance": "0.00",
            "authorised": "no",
            "reason": "no_account",
        },
    ),
    Sample(
        0x34,
        "68 30 007C 00 34 55031412782305012018061914444680 55031412782305 01 0000001000000573 00000000D14B0A54 A0860100"
        "4622",
        {
            "transaction": "55031412782305012018061914444680",
            "pile": PILE,
            "gun": 1,
            "logical_card": "0000001000000573",
            "card": CARD,
            "balance": "1000.00",
        },
    ),
    Sample(
        0x33,
        "68 1E 0002 00 33 32010200000000111511161555350260 32010200000001 01 01 00 0FE2",
        BMS | {"result": "ok", "reason": "none"},
    ),
    Sample(0x36, "68 0C 0003 00 36 32010200000001 01 C1A9", {"pile": PILE_2, "gun": 1}),
    Sample(
        0x35,
        "68 0E 0003 00 35 32010200000001 01 01 00 907E",
        {"pile": PILE_2, "gun": 1, "result": "ok", "reason": "none"},
    ),
    Sample(
        0x3B,
        "68 A2 8001 00 3B 55031412782305012018061910262392 55031412782305 01 98B70E11100314 98B70E11100314"
        "D0FB0100 00000000 00000000 00000000 D0FB0100 00000000 00000000 00000000"
        "D0FB0100 00000000 00000000 00000000 D0FB0100 00000000 00000000 00000000"
        "0000000000 0000000000 00000000 00000000 00000000 0000000000000000000000000000000000 02 98B70E11100314 00"
        "00000000D14B0A54 388C",
        {
            "transaction": "55031412782305012018061910262392",
            "pile": PILE,
            "gun": 1,
            "start": TIME,
            "end": TIME,
            "periods": [{"price": "1.30000", "energy": "0.0000", "energy_with_loss": "0.0000", "amount": "0.0000"}] * 4,
            "meter_start": "0.0000",
            "meter_end": "0.0000",
            "energy": "0.0000",
            "energy_with_loss": "0.0000",
            "amount": "0.0000",
            "vin": "",
            "started_by": "app",
            "time": TIME,
            "stop_reason": "none",
            "card": CARD,
        },
        (Wrong("02 is called 'app', in the table it is a card", values={"started_by": "card"}),),
    ),
    Sample(
        0x40,
        "68 15 0002 00 40 55031412782305012018061910262392 00 48B1",
        {"transaction": "55031412782305012018061910262392", "result": "ok"},
    ),
    Sample(
        0x42,
        "68 18 0006 00 42 32010200000001 01 00000000D14B0A54 00000000 72EA",
        {"pile": PILE_2, "gun": 1, "card": CARD, "balance": "0.00"},
    ),
    Sample(
        0x41,
        "68 13 0006 00 41 32010200000001 00000000D14B0A54 01 4AC4",
        {"pile": PILE_2, "card": CARD, "result": "wrong_pile"},
        (Wrong("the length is one short", length=0x14),),
    ),
    Sample(
        0x44,
        "68 2C 0007 00 44 32010200000001 01 0000000010000001 00000000D14B0A54 F264",
        {"pile": PILE_2, "count": 1, "cards": [{"logical_card": "0000000010000001", "card": CARD}]},
        (Wrong("the length is that of two cards", length=0x1C),),
    ),
    Sample(
        0x43,
        "68 0D 0007 00 43 32010200000001 01 00 6890",
        {"pile": PILE_2, "result": "ok", "reason": "none"},
    ),
    Sample(
        0x46,
        "68 2C 0007 00 46 32010200000001 01 00000000D14B0A54 F264",
        {"pile": PILE_2, "count": 1, "cards": [{"card": CARD}]},
        (Wrong("the length is copied from 0x44", length=0x14),),
    ),
    Sample(
        0x45,
        "68 0D 0007 00 45 32010200000001 00000000D14B0A54 00 00000000E14C0A54 00 6890",
        {
            "pile": PILE_2,
            "cards": [
                {"card": CARD, "result": "ok", "reason": "none"},
                {"card": CARD_2, "result": "ok", "reason": "none"},
            ],
        },
        (
            Wrong(
                "the result of each card is missing, and the length is that of no card at all",
                body="32010200000001 00000000D14B0A54 01 00 00000000E14C0A54 01 00",
                length=0x1F,
            ),
        ),
    ),
    Sample(
        0x48,
        "68 2C 0007 00 48 32010200000001 01 00000000D14B0A54 F264",
        {"pile": PILE_2, "count": 1, "cards": [{"card": CARD}]},
        (Wrong("the length is copied from 0x44", length=0x14),),
    ),
    Sample(
        0x47,
        "68 0D 0007 00 47 32010200000001 00000000D14B0A54 01 00000000E14C0A54 00 6890",
        {
            "pile": PILE_2,
            "cards": [{"card": CARD, "present": "yes"}, {"card": "00000000540a4ce1", "present": "no"}],
        },
        (
            Wrong("the length is that of no card at all", length=0x1D),
            Wrong(
                "the second card is printed in reverse beside its bytes",
                values={"cards": [{"card": CARD, "present": "yes"}, {"card": CARD_2, "present": "no"}]},
            ),
        ),
    ),
    Sample(
        0x52,
        "68 0D 0008 00 52 32010200000001 01 00 6890",
        {"pile": PILE_2, "locked": "out_of_use", "max_power": 0},
    ),
    Sample(0x51, "68 0C 0008 00 51 32010200000001 01 C1A9", {"pile": PILE_2, "result": "ok"}),
    Sample(0x56, "68 12 00DF 00 56 55031412782305 98B70E11100314 8A13", {"pile": PILE, "time": TIME}),
    Sample(0x55, "68 12 A101 00 55 55031412782305 98B70E11100314 0E9B", {"pile": PILE, "time": TIME}),
    Sample(0x58, f"68 5E 0025 00 58 55031412782305 0100 {_MODEL} 5E60", _MODEL_VALUES, _MODEL_WRONG),
    Sample(0x57, "68 0C 0009 00 57 32010200000001 01 C1A9", {"pile": PILE_2, "result": "ok"}),
    Sample(
        0x61,
        "68 14 0001 00 61 32010200000001 01 00 00 00 00000000 6890",
        {
            "pile": PILE_2,
            "gun": 1,
            "lock": "between",
            "space": "empty",
            "battery": 0,
            "alarm": "none",
            "reserved": 0,
        },
        (Wrong("the state of the lock is missing", body="32010200000001 01 00 00 00 00 00000000"),),
    ),
    Sample(
        0x62,
        "68 0D 0001 00 62 32010200000001 01 55 00000000 6890",
        {"pile": PILE_2, "gun": 1, "action": "raise", "reserved": 0},
        (Wrong("the length leaves out the reserved bytes", length=0x11),),
    ),
    Sample(
        0x63,
        "68 0D 0001 00 63 32010200000001 01 00 00000000 6890",
        {"pile": PILE_2, "gun": 1, "result": "refused", "reserved": 0},
        (Wrong("the length leaves out the reserved bytes", length=0x11),),
    ),
    Sample(0x92, "68 0C 0011 00 92 32010200000001 01 C1A9", {"pile": PILE_2, "when": "now"}),
    Sample(0x91, "68 0C 0011 00 91 32010200000001 01 C1A9", {"pile": PILE_2, "result": "ok"}),
    Sample(
        0x94,
        "68 62 0026 00 94 55031412782305 01 0F00 3131342E35352E3131342E3137340000 1500 73720000000000000000000000000000"
        "73723132330000000000000000000000 41432D374B572F32303138303133310000000000000000000000000000000000 02 3C 7A2C",
        {
            "pile": PILE,
            "model": "dc",
            "power": 15,
            "server": "114.55.114.174",
            "port": 21,
            "user": "sr",
            "password": "sr123",
            "path": "AC-7KW/20180131",
            "when": "when_idle",
            "timeout": 60,
        },
    ),
    Sample(0x93, "68 0C 0012 00 93 32010200000001 01 C1A9", {"pile": PILE_2, "result": "wrong_pile"}),
    Sample(
        0xA1,
        "68 3E 0004 00 A1 32010200000001 01 01 00 00000000D14B0A54 00000000000000000000000000000000"
        "0000000000000000000000000000000000 00 201029112801 F496",
        {
            "pile": PILE_2,
            "gun": 1,
            "method": "card",
            "password_needed": "no",
            "account_or_card": CARD,
            "password": "0" * 32,
            "vin": "",
            "role": "main",
            "parallel_id": "201029112801",
        },
    ),
    Sample(
        0xA2,
        "68 30 0004 00 32 32010200000001012018061219595785 32010200000001 01 0000000000000000 00000000 00 01"
        "201029112801 E829",
        {
            "transaction": "32010200000001012018061219595785",
            "pile": PILE_2,
            "gun": 1,
            "logical_card": ZEROS,
            "balance": "0.00",
            "authorised": "no",
            "reason": "no_account",
            "parallel_id": "201029112801",
        },
        (Wrong("the type is printed as that of 8.2", frame_type=0x32),),
    ),
    Sample(
        0xA4,
        "68 36 007C 00 A4 55031412782305012018061914444680 55031412782305 01 0000001000000573 00000000D14B0A54 A0860100"
        "201029112801 4622",
        {
            "transaction": "55031412782305012018061914444680",
            "pile": PILE,
            "gun": 1,
            "logical_card": "0000001000000573",
            "card": CARD,
            "balance": "1000.00",
            "parallel_id": "201029112801",
        },
    ),
    Sample(
        0xA3,
        "68 25 0002 00 A3 32010200000000111511161555350260 32010200000001 01 01 00 00 201029112801 0FE2",
        BMS | {"result": "ok", "reason": "none", "role": "main", "parallel_id": "201029112801"},
    ),
)
