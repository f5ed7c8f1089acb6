import { html, nothing, svg, type TemplateResult } from "lit";

const RADIUS = 44;
const ROUND = 2 * Math.PI * RADIUS;

/** A ring around a figure: filled as far as the share says, or turning where there is none; with a mark at a limit. */
export function ring(
  share: number | null,
  inside: TemplateResult,
  label: string,
  mark: number | null = null,
): TemplateResult {
  const filled = share === null ? 0.25 : Math.min(1, Math.max(0, share));
  return html`
    <div
      class="ring ${share === null ? "turning" : ""}"
      role=${share === null ? "img" : "progressbar"}
      aria-label=${label}
      aria-valuemin=${0}
      aria-valuemax=${100}
      aria-valuenow=${share === null ? 0 : Math.round(filled * 100)}
    >
      <svg viewBox="0 0 100 100" aria-hidden="true">
        <circle class="track" cx="50" cy="50" r=${RADIUS}></circle>
        <circle
          class="fill"
          cx="50"
          cy="50"
          r=${RADIUS}
          stroke-dasharray="${filled * ROUND} ${ROUND}"
          transform="rotate(-90 50 50)"
        ></circle>
        ${
          mark === null || mark >= 1
            ? nothing
            : svg`<line class="mark" x1="50" x2="50" y1="1" y2="11" transform="rotate(${mark * 360} 50 50)"></line>`
        }
      </svg>
      <div class="inside">${inside}</div>
    </div>
  `;
}
