/** Numbers, money and times as the user of Home Assistant wants them. */
import type { Locale } from "./types.ts";

const OF_FORMAT: Record<string, string[]> = {
  comma_decimal: ["en-US", "en"],
  decimal_comma: ["de", "es", "it"],
  space_comma: ["fr", "sv", "cs"],
  quote_decimal: ["de-CH"],
};

function numberLocales(locale: Locale): string[] | undefined {
  return locale.number_format === "system" ? undefined : (OF_FORMAT[locale.number_format] ?? [locale.language]);
}

export function number(locale: Locale, value: number, digits: number): string {
  return new Intl.NumberFormat(numberLocales(locale), {
    minimumFractionDigits: digits,
    maximumFractionDigits: digits,
    useGrouping: locale.number_format !== "none",
  }).format(value);
}

/** Return a figure of energy without its unit: the more there is, the fewer decimals. */
export function energy(locale: Locale, kWh: number): string {
  return number(locale, kWh, kWh < 100 ? 2 : kWh < 1000 ? 1 : 0);
}

/** Return a figure of power in kW without its unit. */
export function power(locale: Locale, watts: number): string {
  const kW = watts / 1000;
  return number(locale, kW, kW < 100 ? 1 : 0);
}

export function money(locale: Locale, value: number, currency: string, digits = 2): string {
  return new Intl.NumberFormat(numberLocales(locale), {
    style: "currency",
    currency,
    currencyDisplay: "narrowSymbol",
    minimumFractionDigits: digits,
    maximumFractionDigits: Math.max(digits, 2),
    useGrouping: locale.number_format !== "none",
  }).format(value);
}

/** Return a duration as h:mm. */
export function duration(minutes: number): string {
  const whole = Math.max(0, Math.round(minutes));
  return `${Math.floor(whole / 60)}:${String(whole % 60).padStart(2, "0")}`;
}

function timeZone(locale: Locale, home: string): string | undefined {
  return locale.time_zone === "server" ? home : undefined;
}

function clock(locale: Locale): Intl.DateTimeFormatOptions {
  const hour12 = { "12": true, "24": false }[locale.time_format];
  return { hour: "numeric", minute: "2-digit", ...(hour12 === undefined ? {} : { hour12 }) };
}

export function time(locale: Locale, home: string, when: Date): string {
  return new Intl.DateTimeFormat(locale.language, { ...clock(locale), timeZone: timeZone(locale, home) }).format(when);
}

/** Return a date with its time, without the year where it is this one. */
export function dateTime(locale: Locale, home: string, when: Date, now = new Date()): string {
  const year = when.getFullYear() === now.getFullYear() ? {} : ({ year: "numeric" } as const);
  return new Intl.DateTimeFormat(locale.language, {
    ...year,
    month: "short",
    day: "numeric",
    ...clock(locale),
    timeZone: timeZone(locale, home),
  }).format(when);
}

/** Return the minute of the day, 0 to 1439, that it is in a time zone. */
export function minuteOfDay(zone: string, now: Date): number {
  const parts = new Intl.DateTimeFormat("en-GB", {
    hour: "2-digit",
    minute: "2-digit",
    hourCycle: "h23",
    timeZone: zone,
  }).formatToParts(now);
  const part = (type: string) => Number(parts.find((each) => each.type === type)?.value ?? 0);
  return part("hour") * 60 + part("minute");
}

/** Return a time of the day as HH:MM; the end of the day is 24:00. */
export function halfHour(index: number): string {
  return `${String(Math.floor(index / 2)).padStart(2, "0")}:${index % 2 ? "30" : "00"}`;
}
