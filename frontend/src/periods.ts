/** The times that the history can be looked at. */

export const SPANS = ["week", "thirty_days", "month", "last_month", "year", "all", "custom"] as const;
export type SpanName = (typeof SPANS)[number];

export interface Bounds {
  since?: string;
  until?: string;
}

/** The first and the last day that were chosen, as YYYY-MM-DD; "" leaves that end open. */
export interface Days {
  from: string;
  to: string;
}

const DAY = 86_400_000;

function startOf(day: string, later = 0): string | undefined {
  const [year, month, date] = day.split("-").map(Number);
  return year && month && date ? new Date(year, month - 1, date + later).toISOString() : undefined;
}

/** Return when a time begins and ends; days are those of the browser. */
export function bounds(span: SpanName, now: Date, chosen: Days = { from: "", to: "" }): Bounds {
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
    case "custom": {
      const since = startOf(chosen.from);
      const until = startOf(chosen.to, 1);
      return { ...(since ? { since } : {}), ...(until ? { until } : {}) };
    }
  }
}
