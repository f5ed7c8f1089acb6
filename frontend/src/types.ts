/** What Home Assistant hands to a page or a card, as far as it is used here. */
export interface Hass {
  language: string;
  locale: Locale;
  config: { time_zone: string };
  user?: { is_admin: boolean };
  dockedSidebar?: string;
  themes?: unknown;
  connection: Connection;
  entities?: Record<string, RegistryEntity>;
  devices?: Record<string, { id: string; name?: string | null; name_by_user?: string | null }>;
  states: Record<string, { state: string; attributes: Record<string, unknown> } | undefined>;
  localize: (key: string, values?: Record<string, string>) => string;
  loadBackendTranslation: (category: string, integration: string) => Promise<Hass["localize"]>;
  callWS: <T>(message: { type: string; [field: string]: unknown }) => Promise<T>;
  callService: (
    domain: string,
    service: string,
    data: Record<string, unknown>,
    target: { device_id: string },
    notifyOnError: boolean,
  ) => Promise<unknown>;
}

export interface RegistryEntity {
  entity_id: string;
  platform?: string;
  device_id?: string | null;
  translation_key?: string;
}

export interface Connection {
  subscribeMessage: <T>(
    callback: (event: T) => void,
    message: { type: string },
    options?: { resubscribe?: boolean },
  ) => Promise<() => Promise<void>>;
  addEventListener: (event: "ready", listener: () => void) => void;
  removeEventListener: (event: "ready", listener: () => void) => void;
}

export interface Locale {
  language: string;
  number_format: string;
  time_format: string;
  time_zone: string;
}

/** What a command fails with. */
export interface Refusal {
  code?: string;
  message?: string;
  translation_key?: string;
  translation_domain?: string;
  translation_placeholders?: Record<string, string>;
}

export const STATUSES = [
  "offline",
  "fault",
  "idle",
  "plugged",
  "starting",
  "waiting_for_plug",
  "charging",
  "stopping",
  "finished",
] as const;
export type Status = (typeof STATUSES)[number];

/** What changes of a gun; null is not known. */
export interface GunState {
  number: number;
  status: Status | null;
  plugged: boolean | null;
  faults: string[];
  /** W */
  power: number | null;
  /** V */
  voltage: number | null;
  /** A */
  current: number | null;
  /** kWh of the session */
  energy: number | null;
  cost: number | null;
  minutes: number | null;
  remaining: number | null;
  /** percent */
  soc: number | null;
  transaction: string | null;
  /** when the running session was authorised */
  opened: string | null;
  total_energy: number;
  /** kWh of sessions that have no bill yet, also while the pile is offline */
  unbilled_energy: number;
  unbilled_cost: number;
  last_session: LastSession | null;
  /** one of several guns that charge one car */
  parallel: boolean;
  /** of every charge of the gun */
  limits: Limits;
  /** that hold for the charge under way */
  charge_limits: Limits;
  limit_reached: Limit | null;
  plug_start: PlugStart;
}

export const LIMITS = ["energy", "amount", "minutes", "soc"] as const;
/** kWh, money, minutes, percent; null for none */
export type Limits = Record<(typeof LIMITS)[number], number | null>;
export type Limit = "energy" | "amount" | "time" | "soc";

/** Whether and when the gun starts by itself, and what became of that. */
export interface PlugStart {
  enabled: boolean;
  period: StartPeriod;
  progress: "off" | "no_vehicle" | "waiting" | "starting" | "started" | "not_started" | null;
  reason: string | null;
  until: string | null;
}

export interface LastSession {
  energy: number;
  cost: number;
  stop_reason: string;
  ended: string | null;
  limit: Limit | null;
}

export interface Gun extends GunState {
  /** whether the user may start and stop, and set what holds for its charges */
  may_control: boolean;
  /** as a person called it */
  name: string | null;
  device_id: string;
  /** entity ids by key, also of disabled ones */
  entities: Record<string, string>;
}

export interface PileState {
  code: string;
  online: boolean;
  connected: boolean;
}

export interface Pile extends PileState {
  name: string;
  device_id: string;
  area: string | null;
  type: "ac" | "dc";
  /** kW */
  rated_power: number | null;
  tariff: Tariff;
  guns: Gun[];
}

export const PERIODS = ["sharp", "peak", "flat", "valley"] as const;
export type Period = (typeof PERIODS)[number];
export const START_PERIODS = ["at_once", ...PERIODS] as const;
export type StartPeriod = (typeof START_PERIODS)[number];

export interface Tariff {
  number: string;
  prices: Record<Period, { energy: number; service: number }>;
  /** of the 48 half hours */
  periods: Period[];
}

export interface Listener {
  id: string;
  title: string;
  address: string;
  port: number;
  time_zone: string;
  /** piles that wait for approval */
  waiting: number;
  piles: Pile[];
}

export interface Overview {
  listeners: Listener[];
  admin: boolean;
  currency: string;
}

export interface PileNews extends PileState {
  guns: GunState[];
}

export type FeedEvent = { overview: Overview } | { piles: PileNews[] };

export interface GunSum {
  pile: string;
  gun: number;
  sessions: number;
  energy: number;
  amount: number;
}

export interface Sums {
  today: GunSum[];
  month: GunSum[];
}

export interface Session {
  transaction: string;
  pile: string;
  gun: number;
  state: "open" | "unbilled" | "settled";
  origin: string;
  started: string | null;
  ended: string | null;
  stop_reason: string | null;
  limit: Limit | null;
  energy: number;
  amount: number;
  /** only for administrators */
  driver?: string | null;
  card?: string;
}

export interface Sessions {
  sessions: Session[];
  sums: GunSum[];
}

export interface Driver {
  id: string;
  name: string;
  card: string;
  vin: string;
  account: string;
  enabled: boolean;
  /** names; none means all of the listener */
  piles: string[];
  /** the name of the driver's listener, where there are several */
  listener: string | null;
  /** null for who is not prepaid */
  balance: number | null;
  /** what of the balance is not reserved for a charge */
  available: number | null;
  /** what one charge may cost */
  charge_limit: number | null;
  /** whether the card is to work where a pile has no connection */
  offline: boolean;
  offline_cards: { pile: string; state: CardState }[];
}

export type CardState =
  "stored" | "removed" | "missing" | "no_reply" | "bad_card_number" | "no_space" | "refused" | "not_removed";
