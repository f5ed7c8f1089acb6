import type { Gun, Limits } from "../src/types.ts";

export const NO_LIMITS: Limits = { energy: null, amount: null, minutes: null, soc: null };

/** Return a gun of which little is known but what is given. */
export function gun(number: number, more: Partial<Gun> = {}): Gun {
  return {
    number,
    name: null,
    device_id: `gun${number}`,
    entities: {},
    status: "idle",
    plugged: false,
    faults: [],
    power: null,
    voltage: null,
    current: null,
    energy: null,
    cost: null,
    minutes: null,
    remaining: null,
    soc: null,
    transaction: null,
    opened: null,
    total_energy: 0,
    unbilled_energy: 0,
    unbilled_cost: 0,
    last_session: null,
    parallel: false,
    limits: NO_LIMITS,
    charge_limits: NO_LIMITS,
    limit_reached: null,
    plug_start: { enabled: false, period: "at_once", progress: "off", reason: null, until: null },
    may_control: true,
    ...more,
  };
}
