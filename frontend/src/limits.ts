/** What charges are limited by: how far they have come, and what people write into the fields. */
import { duration, energy, money, number } from "./format.ts";
import type { TextKey } from "./texts.ts";
import { type Gun, LIMITS, type Limits, type Locale } from "./types.ts";

export type LimitKey = (typeof LIMITS)[number];

export const LIMIT_NAMES = {
  energy: "energy",
  amount: "cost",
  minutes: "time",
  soc: "state_of_charge",
} as const satisfies Record<LimitKey, TextKey>;

/** What the fields take: the same as the integration's numbers. */
export const LIMIT_FIELDS: Record<LimitKey, { most: number; step: number }> = {
  energy: { most: 1000, step: 0.01 },
  amount: { most: 10_000, step: 0.01 },
  minutes: { most: 2880, step: 1 },
  soc: { most: 100, step: 1 },
};

/** Return a limit, or how far it was reached, as people write it. */
export function amountOf(locale: Locale, currency: string, key: LimitKey, value: number, whole = false): string {
  switch (key) {
    case "energy":
      return `${whole && Number.isInteger(value) ? number(locale, value, 0) : energy(locale, value)} kWh`;
    case "amount":
      return money(locale, value, currency);
    case "minutes":
      return duration(value);
    case "soc":
      return `${number(locale, value, 0)} %`;
  }
}

/** Return all limits that are set, as people write them. */
export function listed(locale: Locale, currency: string, limits: Limits): string {
  return LIMITS.flatMap((key) => {
    const value = limits[key];
    return value === null ? [] : [amountOf(locale, currency, key, value, true)];
  }).join(" · ");
}

export interface Progress {
  key: LimitKey;
  limit: number;
  /** null where it is not known, or where other guns have a part in it */
  done: number | null;
  /** 0 to 1 */
  share: number;
}

/** Return the limits of the charge that runs, with how far it has come. */
export function progress(gun: Gun): Progress[] {
  const figures = { energy: gun.energy, amount: gun.cost, minutes: gun.minutes, soc: gun.soc };
  return LIMITS.flatMap((key) => {
    const limit = gun.charge_limits[key];
    if (limit === null) return [];
    const shared = gun.parallel && gun.charge_limits[key] !== gun.limits[key];
    const done = shared ? null : figures[key];
    return [{ key, limit, done, share: Math.min(1, (done ?? 0) / limit) }];
  });
}

/** Return those limits of the charge that runs which are its own, not the gun's. */
export function ownLimits(gun: Gun): Limits {
  const own = (key: LimitKey) => (gun.charge_limits[key] === gun.limits[key] ? null : gun.charge_limits[key]);
  return { energy: own("energy"), amount: own("amount"), minutes: own("minutes"), soc: own("soc") };
}

/** Return the fields of the actions and commands for what was typed; an empty field is `empty`, and left out without. */
export function limitFields(typed: Partial<Record<LimitKey, string>>, empty?: number): Record<string, number> {
  return Object.fromEntries(
    LIMITS.flatMap((key) => {
      const said = typed[key];
      if (said === undefined) return [];
      const value = said.trim() === "" ? empty : Number(said);
      return value === undefined ? [] : [[`limit_${key}`, value]];
    }),
  );
}
