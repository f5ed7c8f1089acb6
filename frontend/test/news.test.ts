import assert from "node:assert/strict";
import { test } from "node:test";
import { grandTotal, gunName, merged, places, placesOf, sessionsOver, total } from "../src/news.ts";
import type { Gun, Overview, Pile } from "../src/types.ts";
import { gun } from "./samples.ts";

const FREE = { energy: 0, service: 0 };

function pile(code: string, ...guns: Gun[]): Pile {
  return {
    code,
    name: `pile ${code}`,
    device_id: code,
    area: null,
    type: "dc",
    rated_power: null,
    tariff: { number: "0100", prices: { sharp: FREE, peak: FREE, flat: FREE, valley: FREE }, periods: [] },
    online: true,
    connected: true,
    guns,
  };
}

function overview(...piles: Pile[]): Overview {
  const listener = { id: "1", title: "", address: "", port: 1, time_zone: "UTC", waiting: 0, piles };
  return { listeners: [listener], admin: true, currency: "CNY" };
}

test("news change what they are about and nothing else", () => {
  const before = overview(pile("a", gun(1, { name: "Left" }), gun(2)), pile("b", gun(1)));
  const { name: _, device_id: __, entities: ___, ...news } = gun(1, { status: "charging", power: 7000 });
  const after = merged(before, [{ code: "a", online: true, connected: false, guns: [news] }]);
  const [first, second] = places(after);
  assert.deepEqual([first?.gun.status, first?.gun.name, first?.pile.connected], ["charging", "Left", false]);
  assert.equal(second?.gun.status, "idle");
  assert.equal(after.listeners[0]?.piles[1], before.listeners[0]?.piles[1]);
  assert.equal(places(before)[0]?.gun.status, "idle");
});

test("a device is a gun, or all guns of a pile", () => {
  const all = overview(pile("a", gun(1), gun(2)));
  assert.deepEqual(
    ["gun2", "a", "other"].map((id) => placesOf(all, id).map((place) => place.gun.number)),
    [[2], [1, 2], []],
  );
});

test("a pile's only gun goes by the pile's name", () => {
  const one = pile("a", gun(1));
  const two = pile("b", gun(1), gun(2, { name: "Left" }));
  assert.equal(gunName("en", { pile: one, gun: gun(1) }), "pile a");
  assert.equal(gunName("zh-Hans", { pile: two, gun: gun(1) }), "pile b · 1 号枪");
  assert.equal(gunName("en", { pile: two, gun: gun(2, { name: "Left" }) }), "pile b · Left");
});

test("a sum has in it what is not billed yet, and nothing that is over twice", () => {
  const sums = [{ pile: "a", gun: 1, sessions: 2, energy: 10, amount: 12 }];
  // Of a pile that is offline no session is known, and what it has come to is.
  const running = gun(1, { status: "offline", unbilled_energy: 1.5, unbilled_cost: 2 });
  const over = gun(1, { status: "finished", energy: 1.5, cost: 2 });
  assert.deepEqual(total(sums, pile("a", running), running), { energy: 11.5, amount: 14 });
  assert.deepEqual(total(sums, pile("a", over), over), { energy: 10, amount: 12 });
  assert.deepEqual(total([], pile("b", over), over), { energy: 0, amount: 0 });
  const all = places(overview(pile("a", running, gun(2))));
  assert.deepEqual(grandTotal(sums, all), { energy: 11.5, amount: 14 });
});

test("a session that ends is noticed, its progress is not", () => {
  const told = [
    gun(1, { status: "charging", energy: 1 }),
    gun(1, { status: "charging", energy: 2 }),
    gun(1, { status: "finished", energy: 2 }),
    gun(1, {
      status: "finished",
      last_session: { energy: 2, cost: 2, stop_reason: "x", ended: "2026-11-22", limit: null },
    }),
  ].map((each) => sessionsOver(overview(pile("a", each))));
  assert.equal(told[0], told[1]);
  assert.equal(new Set(told).size, 3);
});
