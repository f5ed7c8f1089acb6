/** The times that the history can be looked at. */

export const SPANS = ["week", "thirty_days", "month", "last_month", "year", "all"] as const;
export type SpanName = (typeof SPANS)[number];

export interface Bounds {
  since?: string;
  until?: string;
}

const DAY = 86_400_000;

/** Return when a time begins and ends; days are those of the browser. */
export function bounds(span: SpanName, now: Date): Bounds {
  const month = (offset: number) => new Date(now.getFullYear(), now.getMonth() + offset, 1).toISOString();
  const days = (count: number) => new Date(now.getTime() - count * DAY).toISOString();
  switch (span) {
    case "week":
      return { since: days(7) };
    case "thirty_days":
      return { since: days(30) };
    case "month":
      return { since: month(0) };
    case "last_month":
      return { since: month(-1), until: month(0) };
    case "year":
      return { since: new Date(now.getFullYear(), 0, 1).toISOString() };
    case "all":
      return {};
  }
}
