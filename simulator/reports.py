"""The realtime reports of the guns (7.2): what they say, when they are sent, and which are kept while offline."""

from asyncio import TimerHandle
from collections import deque
from typing import TYPE_CHECKING

from custom_components.ykc.protocol import NO_TRANSACTION, GunNumber, GunStatus, Realtime, YesNo

from . import bms
from .gun import Gun

if TYPE_CHECKING:
    from .pile import VirtualPile

CHARGING_SECONDS = 15.0
IDLE_SECONDS = 300.0
KEPT_OFFLINE = 200
NO_CABLE_CODE = "0" * 16


class Reporter:
    """Reports every gun in its rhythm, and at once when something changed."""

    def __init__(self, pile: VirtualPile) -> None:
        """Begin without a rhythm; the first report sets it."""
        self._pile = pile
        self._timers: dict[int, TimerHandle] = {}
        self._stored: deque[Realtime] = deque(maxlen=KEPT_OFFLINE)

    def report(self, gun: Gun, *, sequence: bytes | None = None, with_bms: bool = False) -> None:
        """Send a gun's report, or keep it when the gun charges offline; the next one is due a period later."""
        pile, charge = self._pile, gun.charge
        if charge is not None:
            charge.catch_up()
        report = realtime(pile.code, gun, pile.wire_gun(gun))
        if gun.charging and pile.behaviour.reports_idle:
            report = _idle_in_a_charge(report)
        if pile.online:
            pile.post.send(report, sequence=sequence)
            if with_bms and charge is not None and charge.dc and gun.charging:
                for message in bms.progress(charge, pile.code, pile.wire_gun(gun)):
                    pile.post.send(message)
        elif gun.charging:
            self._stored.append(report)
        self._schedule(gun)

    def send_stored(self) -> None:
        """Send what was kept, oldest first."""
        while self._stored:
            report = self._stored.popleft()
            if self._pile.behaviour.stored_as_offline:
                report = report.replace(status=GunStatus.OFFLINE)
            self._pile.post.send(report)

    def stop(self) -> None:
        """Send nothing any more."""
        for timer in self._timers.values():
            timer.cancel()
        self._timers.clear()

    def _schedule(self, gun: Gun) -> None:
        if timer := self._timers.pop(gun.number, None):
            timer.cancel()
        seconds = CHARGING_SECONDS if gun.charging else IDLE_SECONDS
        self._timers[gun.number] = self._pile.clock.call_later(seconds, lambda: self._due(gun))

    def _due(self, gun: Gun) -> None:
        self.report(gun, with_bms=True)
        if gun.charging and gun.charge is not None:
            self._pile.say(
                "gun %s: %.1f kW, %.0f %%, %s kWh, %s CNY",
                gun.number,
                gun.power / 1000,
                gun.soc,
                gun.energy,
                gun.amount,
            )


def realtime(pile: str, gun: Gun, wire_gun: GunNumber) -> Realtime:
    """Return what 0x13 says about a gun now."""
    charge = gun.charge
    report = Realtime(
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
        return report
    return report.replace(
        voltage=round(charge.flow.voltage, 1),
        current=round(charge.flow.current, 1),
        cable_temperature=round(charge.cable_temperature),
        soc=int(charge.vehicle.soc) if charge.dc else 0,
        battery_temperature=round(charge.battery_temperature) if charge.dc else None,
        charging_minutes=charge.minutes,
        remaining_minutes=charge.minutes_left,
        energy_with_loss=charge.bill.energy_with_loss,
    )


def _idle_in_a_charge(report: Realtime) -> Realtime:
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
