/** What a gun's card says of limits and of starting by itself. */
import { html, nothing, type TemplateResult } from "lit";
import { time } from "./format.ts";
import { icon } from "./icons.ts";
import { amountOf, LIMIT_NAMES, listed, progress } from "./limits.ts";
import { text } from "./texts.ts";
import { plugReason, startPeriodName } from "./translations.ts";
import { type Gun, type Hass, LIMITS } from "./types.ts";

type Said = TemplateResult | typeof nothing;

/** Show how far the charge that runs has come toward its limits. */
export function limitProgress(hass: Hass, currency: string, gun: Gun): Said {
  const { locale, language } = hass;
  const all = progress(gun);
  if (!all.length) return nothing;
  return html`<ul class="limits number" aria-label=${text(language, "limits")}>
    ${all.map(({ key, limit, done, share }) => {
      const most = amountOf(locale, currency, key, limit, true);
      const said =
        done === null
          ? most
          : text(language, "limit_progress", { done: amountOf(locale, currency, key, done), limit: most });
      const name = text(language, LIMIT_NAMES[key]);
      return html`<li>
        <span class="muted">${text(language, "limit_of", { what: name })}</span><span>${said}</span>
        <div
          class="bar ${share >= 0.999 ? "full" : ""}"
          role="progressbar"
          aria-label=${text(language, "limit_of", { what: name })}
          aria-valuemin="0"
          aria-valuemax="100"
          aria-valuenow=${Math.round(share * 100)}
          aria-valuetext=${said}
        >
          <i style="inline-size: ${(share * 100).toFixed(1)}%"></i>
        </div>
      </li>`;
    })}
  </ul>`;
}

/** Say what will stop the next charge, and whether and when one starts by itself. */
export function prospects(hass: Hass, currency: string, gun: Gun): Said {
  const automatic = automaticStart(hass, gun);
  const limited = LIMITS.some((key) => gun.limits[key] !== null);
  if (!automatic && !limited) return nothing;
  return html`<ul class="prospects">
    ${automatic ? html`<li>${icon("automatic")}<span>${automatic}</span></li>` : nothing}
    ${
      limited
        ? html`<li class="number">
            ${icon("limit")}<span
              >${text(hass.language, "stops_at", { limits: listed(hass.locale, currency, gun.limits) })}</span
            >
          </li>`
        : nothing
    }
  </ul>`;
}

function automaticStart(hass: Hass, gun: Gun): string {
  const { enabled, period, progress: step, reason, until } = gun.plug_start;
  const { language, locale, config } = hass;
  if (!enabled) return "";
  switch (step) {
    case "waiting":
      if (until) return text(language, "auto_at", { time: time(locale, config.time_zone, new Date(until)) });
      return reason ? text(language, "auto_waiting", { reason: plugReason(hass, reason) }) : "";
    case "not_started":
      return reason ? text(language, "auto_not_started", { reason: plugReason(hass, reason) }) : "";
    case "no_vehicle":
    case "off":
    case null:
      return period === "at_once"
        ? text(language, "auto_at_once")
        : text(language, "auto_in_period", { period: startPeriodName(hass, period) });
    default:
      return "";
  }
}
