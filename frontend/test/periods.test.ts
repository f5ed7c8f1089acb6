import assert from "node:assert/strict";
import { test } from "node:test";
import { bounds, SPANS } from "../src/periods.ts";

const NOW = new Date(2026, 0, 15, 12);

test("a time begins where people expect it", () => {
  assert.deepEqual(bounds("month", NOW), { since: new Date(2026, 0, 1).toISOString() });
  assert.deepEqual(bounds("last_month", NOW), {
    since: new Date(2025, 11, 1).toISOString(),
    until: new Date(2026, 0, 1).toISOString(),
  });
  assert.deepEqual(bounds("year", NOW), { since: new Date(2026, 0, 1).toISOString() });
  assert.deepEqual(bounds("week", NOW), { since: new Date(NOW.getTime() - 7 * 86_400_000).toISOString() });
  assert.deepEqual(bounds("all", NOW), {});
  assert.deepEqual(bounds("custom", NOW, { from: "2026-01-31", to: "2026-02-28" }), {
    since: new Date(2026, 0, 31).toISOString(),
    until: new Date(2026, 2, 1).toISOString(),
  });
  assert.deepEqual(bounds("custom", NOW, { from: "", to: "" }), {});
  assert.ok(SPANS.every((span) => Object.keys(bounds(span, NOW)).length <= 2));
});
