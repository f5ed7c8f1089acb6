/** The integration's own texts: names of statuses, reasons and faults, and sentences of errors. */
import type { Hass, Refusal } from "./types.ts";

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

export function reasonName(hass: Hass, reason: string): string {
  return named(hass, "sensor.last_session_stop_reason", reason);
}

export function faultName(hass: Hass, fault: string): string {
  return named(hass, "binary_sensor.problem.state_attributes.faults", fault);
}

/** Return what went wrong as a sentence in the user's language. */
export function sentence(hass: Hass, error: unknown): string {
  const { translation_domain, translation_key, translation_placeholders, message } = (error ?? {}) as Refusal;
  const key = `component.${translation_domain}.exceptions.${translation_key}.message`;
  return (translation_key && hass.localize(key, translation_placeholders)) || message || String(error);
}
