"""The realtime report of a gun (7.2)."""

from custom_components.ykc.protocol import NO_TRANSACTION, GunNumber, GunStatus, Realtime, YesNo

from .gun import Gun

NO_CABLE_CODE = "0" * 16


def realtime(pile: str, gun: Gun, wire_gun: GunNumber) -> Realtime:
    """Return what 0x13 says about a gun now."""
    charge = gun.charge
    idle = Realtime(
        transaction=charge.order.transaction if charge else NO_TRANSACTION,
        pile=pile,
        gun=wire_gun,
        status=gun.status,
        returned=gun.returned,
        plugged=YesNo.YES if gun.plugged else YesNo.NO,
        voltage=0.0,
        current=0.0,
        cable_temperature=None,
        cable_code=NO_CABLE_CODE,
        soc=0,
        battery_temperature=None,
        charging_minutes=0,
        remaining_minutes=0,
        energy=gun.energy,
        energy_with_loss=gun.energy,
        amount=gun.amount,
        faults=gun.faults,
    )
    if charge is None or gun.status is GunStatus.IDLE:
        return idle
    return idle.replace(
        voltage=round(charge.flow.voltage, 1),
        current=round(charge.flow.current, 1),
        cable_temperature=round(charge.cable_temperature),
        soc=int(charge.vehicle.soc) if charge.dc else 0,
        battery_temperature=round(charge.battery_temperature) if charge.dc else None,
        charging_minutes=charge.minutes,
        remaining_minutes=charge.minutes_left,
        energy_with_loss=charge.bill.energy_with_loss,
    )


def idle_in_a_charge(report: Realtime) -> Realtime:
    """Return a report as a faulty firmware sends it: the charge goes on, the status says idle."""
    return report.replace(
        transaction=NO_TRANSACTION,
        status=GunStatus.IDLE,
        voltage=0.0,
        current=0.0,
        cable_temperature=None,
        soc=0,
        battery_temperature=None,
        charging_minutes=0,
        remaining_minutes=0,
    )
