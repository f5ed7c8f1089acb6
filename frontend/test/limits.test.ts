import assert from "node:assert/strict";
import { test } from "node:test";
import { limitFields, listed, ownLimits, progress } from "../src/limits.ts";
import { gun, NO_LIMITS } from "./samples.ts";

const LOCALE = {
  language: "en",
  number_format: "comma_decimal",
  time_format: "24",
  time_zone: "server",
};

test("a charge is so far toward each of its limits", () => {
  const charging = gun(1, {
    energy: 5,
    cost: 4,
    minutes: 30,
    soc: null,
    charge_limits: { energy: 20, amount: null, minutes: 15, soc: 80 },
  });
  assert.deepEqual(progress(charging), [
    { key: "energy", limit: 20, done: 5, share: 0.25 },
    { key: "minutes", limit: 15, done: 30, share: 1 },
    { key: "soc", limit: 80, done: null, share: 0 },
  ]);
  assert.deepEqual(progress(gun(1)), []);
});

test("of a limit for several guns together one gun does not know how far it is", () => {
  const part = gun(1, {
    parallel: true,
    energy: 5,
    minutes: 6,
    limits: { ...NO_LIMITS, minutes: 60 },
    charge_limits: { ...NO_LIMITS, energy: 20, minutes: 60 },
  });
  assert.deepEqual(
    progress(part).map(({ key, done }) => [key, done]),
    [
      ["energy", null],
      ["minutes", 6],
    ],
  );
});

test("a charge's own limits are those that are not the gun's", () => {
  const limited = gun(1, {
    limits: { ...NO_LIMITS, energy: 20, minutes: 60 },
    charge_limits: { energy: 10, amount: null, minutes: 60, soc: 80 },
  });
  assert.deepEqual(ownLimits(limited), { energy: 10, amount: null, minutes: null, soc: 80 });
});

test("limits are written as people write them", () => {
  assert.equal(
    listed(LOCALE, "CNY", { energy: 20, amount: 30, minutes: 90, soc: 80 }),
    "20 kWh · ¥30.00 · 1:30 · 80 %",
  );
  assert.equal(listed(LOCALE, "CNY", { ...NO_LIMITS, energy: 20.5 }), "20.50 kWh");
  assert.equal(listed(LOCALE, "CNY", NO_LIMITS), "");
});

test("what was typed becomes fields; for one charge an empty field says nothing, for all it removes the limit", () => {
  const typed = { energy: "20.5", amount: "", minutes: " 60 ", soc: "0" };
  assert.deepEqual(limitFields(typed), { limit_energy: 20.5, limit_minutes: 60, limit_soc: 0 });
  assert.deepEqual(limitFields({ energy: "1", amount: "" }, 0), { limit_energy: 1, limit_amount: 0 });
});
