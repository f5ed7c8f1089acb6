import { minuteOfDay } from "./format.ts";
import { now } from "./tariff.ts";
import { text } from "./texts.ts";
import type { Gun, GunSum, Listener, Overview, Pile, PileNews, Status } from "./types.ts";

/** Return the overview with what has changed; what has not stays the very same object. */
export function merged(overview: Overview, news: PileNews[]): Overview {
  const byCode = new Map(news.map((pile) => [pile.code, pile]));
  const listeners = overview.listeners.map((listener) =>
    listener.piles.some((pile) => byCode.has(pile.code))
      ? { ...listener, piles: listener.piles.map((pile) => withNews(pile, byCode.get(pile.code))) }
      : listener,
  );
  return { ...overview, listeners };
}

function withNews(pile: Pile, news: PileNews | undefined): Pile {
  if (!news) return pile;
  const byNumber = new Map(news.guns.map((gun) => [gun.number, gun]));
  return { ...pile, ...news, guns: pile.guns.map((gun) => ({ ...gun, ...byNumber.get(gun.number) })) };
}

export interface Place {
  listener: Listener;
  pile: Pile;
  gun: Gun;
}

export function places(overview: Overview): Place[] {
  return overview.listeners.flatMap((listener) =>
    listener.piles.flatMap((pile) => pile.guns.map((gun) => ({ listener, pile, gun }))),
  );
}

/** Return the guns that a device is: a gun's own device, or all guns of a pile's. */
export function placesOf(overview: Overview, deviceId: string): Place[] {
  return places(overview).filter(({ pile, gun }) => gun.device_id === deviceId || pile.device_id === deviceId);
}

/** Return what people call a gun; a pile's only gun goes by the pile's name. */
export function gunName(language: string, { pile, gun }: Omit<Place, "listener">): string {
  return pile.guns.length === 1 && !gun.name
    ? pile.name
    : `${pile.name} · ${gun.name ?? text(language, "gun", { number: gun.number })}`;
}

const BUSY: ReadonlySet<Status | null> = new Set<Status>(["starting", "waiting_for_plug", "charging", "stopping"]);

/** Whether a charge is under way or about to be. */
export function isBusy(status: Status | null): boolean {
  return BUSY.has(status);
}

/** Whether the figures of the session that the gun shows are those of a running one. */
export function isRunning(gun: Gun): boolean {
  return gun.status === "charging" || gun.status === "stopping";
}

export interface Total {
  energy: number;
  amount: number;
}

/** Return the sum for a gun: sessions that are over, and what is not billed yet. */
export function total(sums: GunSum[], pile: Pile, gun: Gun): Total {
  const over = sums.find((sum) => sum.pile === pile.code && sum.gun === gun.number);
  return {
    energy: (over?.energy ?? 0) + gun.unbilled_energy,
    amount: (over?.amount ?? 0) + gun.unbilled_cost,
  };
}

/** Return what charging costs in an hour at the power of now. */
export function spending(all: Place[], when = new Date()): number {
  return all.reduce((sum, { listener, pile, gun }) => {
    const { price } = now(pile.tariff, minuteOfDay(listener.time_zone, when));
    return sum + (isRunning(gun) ? ((gun.power ?? 0) / 1000) * price : 0);
  }, 0);
}

export function grandTotal(sums: GunSum[], all: Place[]): Total {
  return all
    .map(({ pile, gun }) => total(sums, pile, gun))
    .reduce((one, other) => ({ energy: one.energy + other.energy, amount: one.amount + other.amount }), {
      energy: 0,
      amount: 0,
    });
}

/** Return what tells whether sums have to be asked for again: a session that is over changes it. */
export function sessionsOver(overview: Overview): string {
  return places(overview)
    .map(({ pile, gun }) => `${pile.code}_${gun.number}_${isBusy(gun.status)}_${gun.last_session?.ended}`)
    .join();
}
