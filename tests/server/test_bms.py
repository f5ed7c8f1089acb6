"""What a vehicle says becomes one picture of its battery."""

from datetime import date

from custom_components.ykc.protocol import (
    BmsAbort,
    BmsChargeEnd,
    BmsConfiguration,
    BmsDemand,
    BmsError,
    BmsHandshake,
    BmsMessage,
    BmsStatus,
    ChargerAbort,
)
from custom_components.ykc.server.bms import END_REASONS, TIMEOUTS, Bms, take

TRANSACTION = "32010200000001012611221200000001"
OTHER = "32010200000001012611221300000002"


def made[T: BmsMessage](kind: type[T], body: str, transaction: str = TRANSACTION) -> T:
    """Return a message as it comes from gun 1, with what follows the common fields."""
    return kind.from_body(bytes.fromhex(f"{transaction}3201020000000101{body}"))


def test_a_charge() -> None:
    """Each message adds to the picture, and takes nothing away."""
    bms = take(
        None,
        made(
            BmsHandshake,
            "010100 03 d007 ac0d 43415443 01000000 26 05 0c 640000 01 00" + b"LTEST000000000001".hex() + "ff" * 8,
        ),
    )
    assert (bms.battery_type, bms.rated_capacity, bms.rated_voltage) == ("lfp", 200.0, 350.0)
    assert (bms.made, bms.charge_cycles, bms.ownership) == (date(2023, 5, 12), 100, "owned")
    assert (bms.manufacturer, bms.vin) == ("CATC", "LTEST000000000001")
    bms = take(bms, made(BmsConfiguration, "6d01 b80b 5802 a00f 69 9001 f00c 9826 d007 b80b a00f"))
    assert (bms.max_allowed_cell_voltage, bms.max_allowed_current, bms.nominal_energy) == (3.65, 100.0, 60.0)
    assert bms.max_allowed_temperature == 55
    bms = take(bms, made(BmsDemand, "a00f b80b 02 480d c20b 5e21 32 3c00 480d c20b 0500"))
    assert (bms.voltage_demand, bms.current_demand, bms.mode) == (400.0, 100.0, "constant_current")
    assert (bms.measured_voltage, bms.measured_current) == (340.0, 99.0)
    assert (bms.max_cell_voltage, bms.max_cell_group) == (3.5, 2)
    bms = take(bms, made(BmsStatus, "04 50 02 4e 01 01 d0"))
    assert (bms.max_temperature, bms.min_temperature) == (30, 28)
    assert (bms.cell_voltage, bms.overcurrent, bms.charging_allowed) == ("high", "normal", "allowed")
    assert bms.vin == "LTEST000000000001"


def test_the_end() -> None:
    """What vehicle and charger give as reasons adds up, each once."""
    bms = take(None, made(BmsAbort, "01 0400 00"))
    assert bms.end_reasons == ("bms_reason_soc_reached", "bms_fault_output_connector_overheat")
    bms = take(bms, made(ChargerAbort, "40 0000 00"))
    bms = take(bms, made(BmsAbort, "01 0000 00"))
    assert bms.end_reasons == (
        "bms_reason_soc_reached",
        "bms_fault_output_connector_overheat",
        "charger_reason_bms_stopped",
    )
    assert set(bms.end_reasons) < set(END_REASONS)
    bms = take(bms, made(BmsError, "01 00 00 00 00 00 04 00"))
    assert bms.timeouts == ("crm_00", "battery_demand")
    assert set(bms.timeouts) < set(TIMEOUTS)
    bms = take(bms, made(BmsChargeEnd, "50 2c01 5e01 4b 50 1e00 c800 00000000"))
    assert (bms.end_state_of_charge, bms.min_cell_voltage, bms.max_cell_voltage) == (80, 3.0, 3.5)


def test_reserved_bits_and_unknown_codes() -> None:
    """Bits that a vehicle fills with ones say nothing, and a number without a name is kept as one."""
    assert take(None, made(BmsAbort, "ff ffff ff")).end_reasons == ()
    assert take(None, made(BmsError, "ff" * 8)).timeouts == ()
    unknown = take(None, made(BmsDemand, "ffff ffff 07 ffff ffff ffff ff ffff 0000 0000 0000"))
    assert (unknown.mode, unknown.voltage_demand, unknown.current_demand) == ("code_07", None, None)


def test_a_new_charge_begins_anew() -> None:
    """Nothing of the last vehicle is left."""
    bms = take(None, made(BmsAbort, "01 0000 00"))
    assert take(bms, made(ChargerAbort, "00 0000 00", OTHER)) == Bms(transaction=OTHER)
