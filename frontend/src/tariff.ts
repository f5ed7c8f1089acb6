import type { Period, Tariff } from "./types.ts";

export interface Span {
  period: Period;
  /** half hours, 0 to 48 */
  from: number;
  to: number;
}

/** Return the day as spans of one period each. */
export function spans(periods: Period[]): Span[] {
  const found: Span[] = [];
  periods.forEach((period, index) => {
    const last = found.at(-1);
    if (last?.period === period) last.to = index + 1;
    else found.push({ period, from: index, to: index + 1 });
  });
  return found;
}

/** CNY/kWh, service included. */
export function price(tariff: Tariff, period: Period): number {
  const { energy, service } = tariff.prices[period];
  return Math.round((energy + service) * 1e5) / 1e5;
}

export interface Now {
  period: Period;
  price: number;
  /** the half hour with which another price begins, and which; null where there is none */
  next: { at: number; period: Period; price: number } | null;
}

/** Return what a kWh costs at a minute of the day, and what comes then. */
export function now(tariff: Tariff, minute: number): Now {
  const index = Math.min(47, Math.floor(minute / 30));
  const period = tariff.periods[index] ?? "flat";
  for (let step = 1; step < 48; step++) {
    const other = tariff.periods[(index + step) % 48] ?? period;
    if (other !== period) {
      const at = (index + step) % 48;
      return { period, price: price(tariff, period), next: { at, period: other, price: price(tariff, other) } };
    }
  }
  return { period, price: price(tariff, period), next: null };
}
