/** What the chart of a session is drawn from. */

export interface Point {
  /** milliseconds */
  x: number;
  y: number;
}

/** A state as Home Assistant's history tells it. */
export interface Past {
  /** state */
  s: string;
  /** seconds, last updated */
  lu: number;
}

const WATTS: Record<string, number> = { W: 1, kW: 1e3, MW: 1e6 };

/** Return the points of a history, in W where it is one of power. */
export function points(past: Past[], unit?: string): Point[] {
  const factor = unit === undefined ? 1 : (WATTS[unit] ?? 1);
  return past.flatMap(({ s, lu }) => {
    const y = Number.parseFloat(s);
    return Number.isFinite(y) ? [{ x: lu * 1000, y: y * factor }] : [];
  });
}

/** Return a line with one more value; equal ones only move its end. */
export function extended(line: Point[], x: number, y: number): Point[] {
  const [before, last] = line.slice(-2);
  if (last && x <= last.x) return line;
  return before?.y === y && last?.y === y ? [...line.slice(0, -1), { x, y }] : [...line, { x, y }];
}

/** Return at most `most` points that look like all of them: the first and last, and of each stretch its extremes. */
export function thinned(line: Point[], most: number): Point[] {
  if (line.length <= most) return line;
  const inner = line.slice(1, -1);
  const size = Math.ceil(inner.length / Math.max(1, Math.floor((most - 2) / 2)));
  const kept: Point[] = [];
  for (let start = 0; start < inner.length; start += size) {
    const stretch = inner.slice(start, start + size);
    const low = stretch.reduce((a, b) => (b.y < a.y ? b : a));
    const high = stretch.reduce((a, b) => (b.y > a.y ? b : a));
    kept.push(...(low === high ? [low] : low.x < high.x ? [low, high] : [high, low]));
  }
  return [...line.slice(0, 1), ...kept, ...line.slice(-1)];
}

const STEPS = [1, 2, 5, 10, 15, 30, 60, 120, 180, 360];

/** Return the distance of marks on an axis of time, in milliseconds: whole minutes, at most so many marks. */
export function timeStep(length: number, most: number): number {
  const minutes = length / 60_000 / most;
  return (STEPS.find((step) => step >= minutes) ?? Math.ceil(minutes / 360) * 360) * 60_000;
}
