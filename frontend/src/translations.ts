/** The integration's own texts: names of statuses, reasons and faults, and sentences of errors. */
import { type TextKey, text } from "./texts.ts";
import type { Hass, Limit, Refusal, StartPeriod } from "./types.ts";

let loaded: { language: string; localize: Promise<Hass["localize"]> } | undefined;

/** Load the texts, once for each language; `hass.localize` knows them then. */
export async function loadTexts(hass: Hass): Promise<void> {
  if (loaded?.language !== hass.language) {
    const load = async () => {
      await hass.loadBackendTranslation("exceptions", "ykc");
      return hass.loadBackendTranslation("entity", "ykc");
    };
    loaded = { language: hass.language, localize: load() };
  }
  await loaded.localize;
}

function named(hass: Hass, key: string, slug: string): string {
  return hass.localize(`component.ykc.entity.${key}.state.${slug}`) || slug.replaceAll("_", " ");
}

export function statusName(hass: Hass, status: string): string {
  return named(hass, "sensor.status", status);
}

function reasonName(hass: Hass, reason: string): string {
  return named(hass, "sensor.last_session_stop_reason", reason);
}

export function faultName(hass: Hass, fault: string): string {
  return named(hass, "binary_sensor.problem.state_attributes.faults", fault);
}

const REACHED: Record<Limit, TextKey> = {
  energy: "reached_energy",
  amount: "reached_amount",
  time: "reached_time",
  soc: "reached_soc",
};

/** Return how a session ended: by its limit, which the pile calls a stop from remote, or by the pile's reason. */
export function endName(hass: Hass, reason: string, limit: Limit | null): string {
  return limit ? text(hass.language, REACHED[limit]) : reasonName(hass, reason);
}

export function startPeriodName(hass: Hass, period: StartPeriod): string {
  return named(hass, "select.start_period", period);
}

/** Return why a vehicle waits, or was not started. */
export function plugReason(hass: Hass, reason: string): string {
  return named(hass, "sensor.automatic_start.state_attributes.reason", reason);
}

/** Return what went wrong as a sentence in the user's language. */
export function sentence(hass: Hass, error: unknown): string {
  const { code, translation_domain, translation_key, translation_placeholders, message } = (error ?? {}) as Refusal;
  const key = `component.${translation_domain}.exceptions.${translation_key}.message`;
  if (code === "unauthorized") return text(hass.language, "not_allowed");
  return (translation_key && hass.localize(key, translation_placeholders)) || message || String(error);
}
