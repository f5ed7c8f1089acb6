import assert from "node:assert/strict";
import { test } from "node:test";
import { extended, type Point, points, thinned, timeStep } from "../src/chart-data.ts";

test("history becomes points in watts, whatever unit the user chose", () => {
  const past = [
    { s: "unknown", lu: 1 },
    { s: "7.5", lu: 2 },
  ];
  assert.deepEqual(points(past, "kW"), [{ x: 2000, y: 7500 }]);
  assert.deepEqual(points(past), [{ x: 2000, y: 7.5 }]);
});

test("equal values only make the line longer, and nothing comes before its end", () => {
  let line: Point[] = [];
  for (const [x, y] of [
    [1, 5],
    [2, 5],
    [3, 5],
    [4, 6],
    [4, 7],
  ] as const)
    line = extended(line, x, y);
  assert.deepEqual(line, [
    { x: 1, y: 5 },
    { x: 3, y: 5 },
    { x: 4, y: 6 },
  ]);
});

test("a long line keeps its ends and its peaks", () => {
  const line = Array.from({ length: 5000 }, (_, x) => ({ x, y: x === 2345 ? 100 : x % 7 }));
  const thin = thinned(line, 300);
  assert.ok(thin.length <= 300);
  assert.deepEqual([thin[0], thin.at(-1)], [line[0], line.at(-1)]);
  assert.equal(Math.max(...thin.map(({ y }) => y)), 100);
  assert.ok(thin.every(({ x }, index) => index === 0 || x > (thin[index - 1]?.x ?? 0)));
  assert.equal(thinned(line.slice(0, 10), 300).length, 10);
});

test("marks of time are whole minutes, and not too many", () => {
  const minutes = [1, 4, 9, 55, 300, 6000].map((length) => timeStep(length * 60_000, 4) / 60_000);
  assert.deepEqual(minutes, [1, 1, 5, 15, 120, 1800]);
});
