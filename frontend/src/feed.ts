/** One subscription for all that is shown on a page, however many elements show it. */
import type { ReactiveController, ReactiveControllerHost } from "lit";
import { merged, sessionsOver } from "./news.ts";
import { loadTexts } from "./translations.ts";
import type { Connection, FeedEvent, Hass, Overview, Sums } from "./types.ts";

const SUMS_AGAIN = 10 * 60_000;
/** A bill follows the end of a charge by some seconds. */
const SUMS_AFTER = 2_000;
const RETRY = 10_000;

export interface Known {
  overview?: Overview;
  sums?: Sums;
  error?: unknown;
}

class Feed {
  known: Known = {};
  private readonly listeners = new Set<() => void>();
  private unsubscribe: Promise<(() => Promise<void>) | undefined> | undefined;
  private over = "";
  private sumsTimer: number | undefined;
  private retryTimer: number | undefined;

  constructor(private readonly hass: Hass) {}

  listen(listener: () => void): () => void {
    this.listeners.add(listener);
    if (this.listeners.size === 1) this.open();
    return () => {
      this.listeners.delete(listener);
      if (this.listeners.size === 0) this.close();
    };
  }

  private tell(known: Known): void {
    this.known = known;
    for (const listener of this.listeners) listener();
  }

  private open(): void {
    this.hass.connection.addEventListener("ready", this.again);
    this.again();
  }

  /** Subscribe, also when the connection is there again: Home Assistant may have started anew, and not know us yet. */
  private readonly again = (): void => {
    clearTimeout(this.retryTimer);
    this.unsubscribe = this.subscribe();
  };

  private async subscribe(): Promise<(() => Promise<void>) | undefined> {
    const { connection } = this.hass;
    try {
      await loadTexts(this.hass);
      return await connection.subscribeMessage<FeedEvent>(
        (event) => this.take(event),
        { type: "ykc/subscribe" },
        { resubscribe: false },
      );
    } catch (error) {
      if (!this.listeners.size) return undefined;
      this.tell({ ...this.known, error });
      this.retryTimer = window.setTimeout(this.again, RETRY);
      return undefined;
    }
  }

  private close(): void {
    this.hass.connection.removeEventListener("ready", this.again);
    clearTimeout(this.sumsTimer);
    clearTimeout(this.retryTimer);
    void this.unsubscribe?.then((unsubscribe) => unsubscribe?.());
    this.unsubscribe = undefined;
    this.known = {};
    this.over = "";
  }

  private take(event: FeedEvent): void {
    const { overview: before, sums } = this.known;
    const overview = "overview" in event ? event.overview : before && merged(before, event.piles);
    if (!overview) return;
    this.tell({ overview, ...(sums ? { sums } : {}) });
    const over = sessionsOver(overview);
    if (over !== this.over) {
      this.askForSums(this.over === "" ? 0 : SUMS_AFTER);
      this.over = over;
    }
  }

  private askForSums(delay: number): void {
    clearTimeout(this.sumsTimer);
    this.sumsTimer = window.setTimeout(async () => {
      try {
        const sums = await this.hass.callWS<Sums>({ type: "ykc/sums" });
        if (this.unsubscribe) this.tell({ ...this.known, sums });
      } catch {
        // The next round may succeed; what is shown stays.
      }
      if (this.unsubscribe) this.askForSums(SUMS_AGAIN);
    }, delay);
  }
}

const feeds = new WeakMap<Connection, Feed>();

function feedOf(hass: Hass): Feed {
  let feed = feeds.get(hass.connection);
  if (!feed) {
    feed = new Feed(hass);
    feeds.set(hass.connection, feed);
  }
  return feed;
}

/** Keeps its host drawn with what the feed says, while the host is on the page. */
export class FeedController implements ReactiveController {
  private feed: Feed | undefined;
  private end: (() => void) | undefined;
  private language = "";

  constructor(private readonly host: ReactiveControllerHost & { hass: Hass; isConnected: boolean }) {
    host.addController(this);
  }

  get known(): Known {
    return this.feed?.known ?? {};
  }

  hostUpdate(): void {
    if (!this.host.hass || !this.host.isConnected) return;
    const feed = feedOf(this.host.hass);
    if (this.host.hass.language !== this.language) {
      this.language = this.host.hass.language;
      void loadTexts(this.host.hass).then(
        () => this.host.requestUpdate(),
        () => {},
      );
    }
    if (feed !== this.feed || !this.end) {
      this.end?.();
      this.feed = feed;
      this.end = feed.listen(() => this.host.requestUpdate());
    }
  }

  hostConnected(): void {
    this.host.requestUpdate();
  }

  hostDisconnected(): void {
    this.end?.();
    this.end = undefined;
  }
}
