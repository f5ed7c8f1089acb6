import assert from "node:assert/strict";
import { test } from "node:test";
import { dateTime, duration, energy, halfHour, minuteOfDay, money, number, power, time } from "../src/format.ts";
import type { Locale } from "../src/types.ts";

const ENGLISH: Locale = { language: "en", number_format: "language", time_format: "24", time_zone: "server" };
const SHANGHAI = "Asia/Shanghai";

test("numbers follow the format that the user chose", () => {
  const written = ["language", "decimal_comma", "space_comma", "none", "comma_decimal"].map((number_format) =>
    number({ ...ENGLISH, number_format }, 12345.678, 2).replace(/\s/, " "),
  );
  assert.deepEqual(written, ["12,345.68", "12.345,68", "12 345,68", "12345.68", "12,345.68"]);
});

test("the more there is, the fewer decimals", () => {
  assert.deepEqual(
    [0.5, 99.999, 123.45, 1234.5].map((kWh) => energy(ENGLISH, kWh)),
    ["0.50", "100.00", "123.5", "1,235"],
  );
  assert.deepEqual(
    [0, 7040, 182300].map((watts) => power(ENGLISH, watts)),
    ["0.0", "7.0", "182"],
  );
});

test("money has the currency's own sign", () => {
  assert.equal(money(ENGLISH, 12.5, "CNY"), "¥12.50");
  assert.equal(money({ ...ENGLISH, language: "zh-Hans" }, 1234.5, "CNY"), "¥1,234.50");
});

test("a duration is written in hours and minutes", () => {
  assert.deepEqual([0, 59, 60, 605].map(duration), ["0:00", "0:59", "1:00", "10:05"]);
});

test("times are those of Home Assistant where the user wants it so", () => {
  const when = new Date("2026-11-22T04:05:00Z");
  assert.equal(time(ENGLISH, SHANGHAI, when), "12:05");
  assert.equal(time({ ...ENGLISH, time_format: "12" }, SHANGHAI, when).replace(/\s/, " "), "12:05 PM");
  assert.equal(dateTime(ENGLISH, SHANGHAI, when, new Date("2026-12-01")), "Nov 22, 12:05");
  assert.equal(dateTime(ENGLISH, SHANGHAI, when, new Date("2027-12-01")), "Nov 22, 2026, 12:05");
});

test("the minute of the day is that of the piles' time zone", () => {
  assert.equal(minuteOfDay(SHANGHAI, new Date("2026-11-22T16:30:00Z")), 30);
  assert.equal(minuteOfDay("UTC", new Date("2026-11-22T16:30:00Z")), 990);
});

test("half hours are written as times, the last one as the end of the day", () => {
  assert.deepEqual([0, 13, 48].map(halfHour), ["00:00", "06:30", "24:00"]);
});
