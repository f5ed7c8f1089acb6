import assert from "node:assert/strict";
import { test } from "node:test";
import { now, price, spans } from "../src/tariff.ts";
import type { Period, Tariff } from "../src/types.ts";

const prices = {
  sharp: { energy: 1.2, service: 0.3 },
  peak: { energy: 1, service: 0.3 },
  flat: { energy: 0.7, service: 0.1 },
  valley: { energy: 0.3, service: 0.1 },
};

function day(...parts: [Period, number][]): Tariff {
  return { number: "0100", prices, periods: parts.flatMap(([period, count]) => Array(count).fill(period)) };
}

test("a day is told in spans", () => {
  const tariff = day(["valley", 12], ["peak", 24], ["valley", 12]);
  assert.deepEqual(spans(tariff.periods), [
    { period: "valley", from: 0, to: 12 },
    { period: "peak", from: 12, to: 36 },
    { period: "valley", from: 36, to: 48 },
  ]);
});

test("a price has its service price in it, without the dust of floats", () => {
  assert.equal(price(day(["flat", 48]), "flat"), 0.8);
  assert.equal(price(day(["flat", 48]), "valley"), 0.4);
});

test("what comes next may be after midnight", () => {
  const tariff = day(["valley", 12], ["peak", 36]);
  assert.deepEqual(now(tariff, 5 * 60), { period: "valley", price: 0.4, next: { at: 12, period: "peak", price: 1.3 } });
  assert.deepEqual(now(tariff, 23 * 60 + 59), {
    period: "peak",
    price: 1.3,
    next: { at: 0, period: "valley", price: 0.4 },
  });
});

test("one price all day has nothing that comes next", () => {
  assert.equal(now(day(["flat", 48]), 700).next, null);
});
