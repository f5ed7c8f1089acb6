import {
  CategoryScale,
  Chart,
  Filler,
  LinearScale,
  LineController,
  LineElement,
  PointElement,
  Tooltip,
} from "chart.js";
import { css, html, type PropertyValues, type TemplateResult } from "lit";
import { property } from "lit/decorators.js";
import { extended, type Past, type Point, points, thinned, timeStep } from "./chart-data.ts";
import { define, YkcElement } from "./element.ts";
import { power, time } from "./format.ts";
import { shared } from "./styles.ts";
import type { Gun } from "./types.ts";

Chart.register(CategoryScale, Filler, LinearScale, LineController, LineElement, PointElement, Tooltip);

const MOST_POINTS = 300;
const MOST_MARKS = 4;

type Lines = Record<"power" | "state_of_charge", Point[]>;

/** Power and state of charge of the session that runs: what was recorded, and on with what is reported. */
export class YkcSessionChart extends YkcElement {
  @property({ attribute: false }) gun!: Gun;
  @property({ type: Boolean }) dc = false;
  @property() label = "";
  private lines: Lines = { power: [], state_of_charge: [] };
  private transaction: string | null = null;
  private drawn: Chart<"line", Point[]> | undefined;

  static override styles = [
    shared,
    css`
      :host {
        display: block;
      }
      .canvas {
        position: relative;
        height: 132px;
      }
    `,
  ];

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.drawn?.destroy();
    this.drawn = undefined;
  }

  protected override render(): TemplateResult {
    const watts = this.lines.power.map(({ y }) => y);
    const figures = watts.length
      ? this.text("chart_summary", {
          low: power(this.hass.locale, Math.min(...watts)),
          high: power(this.hass.locale, Math.max(...watts)),
        })
      : "";
    return html`<div class="canvas"><canvas role="img" aria-label="${this.label}. ${figures}"></canvas></div>`;
  }

  protected override willUpdate(changed: PropertyValues<this>): void {
    if (this.gun.transaction !== this.transaction) {
      this.transaction = this.gun.transaction;
      this.lines = { power: [], state_of_charge: [] };
      void this.loadPast();
    }
    if (changed.has("gun")) this.follow();
  }

  protected override updated(changed: PropertyValues<this>): void {
    // Colours and words may be others now.
    if (changed.has("hass")) {
      this.drawn?.destroy();
      this.drawn = undefined;
    }
    if (!this.drawn) this.draw();
    this.refresh();
  }

  private follow(): void {
    const at = Date.now();
    const { power: watts, soc } = this.gun;
    if (watts !== null) this.lines.power = extended(this.lines.power, at, watts);
    if (soc !== null) this.lines.state_of_charge = extended(this.lines.state_of_charge, at, soc);
  }

  /** Put what the recorder knows of this session before what was seen here. */
  private async loadPast(): Promise<void> {
    const { entities, opened, transaction } = this.gun;
    const keys = (["power", "state_of_charge"] as const).filter((key) => {
      const entity = entities[key];
      return entity !== undefined && this.hass.states[entity];
    });
    if (!opened || !keys.length) return;
    let past: Record<string, Past[]>;
    try {
      past = await this.hass.callWS({
        type: "history/history_during_period",
        start_time: opened,
        entity_ids: keys.map((key) => entities[key]),
        minimal_response: true,
        no_attributes: true,
        significant_changes_only: false,
      });
    } catch {
      // There is no recorder; the line begins with what is seen here.
      return;
    }
    if (transaction !== this.transaction) return;
    for (const key of keys) {
      const entity = entities[key] ?? "";
      const unit = this.hass.states[entity]?.attributes.unit_of_measurement;
      const known = points(past[entity] ?? [], key === "power" ? String(unit) : undefined);
      const began = known.findIndex(({ x, y }) => y > 0 && x >= Date.parse(opened));
      const first = this.lines[key][0]?.x ?? Number.POSITIVE_INFINITY;
      const old = began < 0 ? [] : known.slice(began).filter(({ x }) => x < first);
      this.lines[key] = [...old, ...this.lines[key]];
    }
    this.requestUpdate();
  }

  private colour(name: string, fallback: string): string {
    return getComputedStyle(this).getPropertyValue(name).trim() || fallback;
  }

  private draw(): void {
    const canvas = this.shadowRoot?.querySelector("canvas");
    if (!canvas) return;
    const { locale, config } = this.hass;
    const text = this.colour("--secondary-text-color", "#5e5e5e");
    const line = this.colour("--divider-color", "rgba(127, 127, 127, 0.25)");
    const still = window.matchMedia("(prefers-reduced-motion: reduce)").matches;
    const green = "#1d9a5f";
    const blue = "#3d8bd9";
    const font = { family: getComputedStyle(this).fontFamily, size: 11 };
    const shownTime = (x: number | string) => time(locale, config.time_zone, new Date(Number(x)));
    this.drawn = new Chart(canvas, {
      type: "line",
      data: {
        datasets: [
          {
            label: this.text("power"),
            data: [],
            yAxisID: "kw",
            borderColor: green,
            backgroundColor: `${green}2e`,
            fill: true,
          },
          ...(this.dc
            ? [
                {
                  label: this.text("state_of_charge"),
                  data: [],
                  yAxisID: "soc",
                  borderColor: blue,
                  borderDash: [5, 4],
                },
              ]
            : []),
        ],
      },
      options: {
        animation: still ? false : { duration: 300 },
        maintainAspectRatio: false,
        parsing: false,
        normalized: true,
        interaction: { mode: "index", intersect: false },
        elements: { point: { radius: 0, hitRadius: 8 }, line: { borderWidth: 2, tension: 0.2 } },
        scales: {
          x: {
            type: "linear",
            grid: { display: false },
            border: { color: line },
            ticks: {
              color: text,
              font,
              stepSize: 60_000,
              maxRotation: 0,
              includeBounds: false,
              callback: (x) => shownTime(x),
            },
          },
          kw: {
            beginAtZero: true,
            grid: { color: line },
            border: { display: false },
            ticks: { color: text, font, maxTicksLimit: 4, callback: (y) => `${y} kW` },
          },
          ...(this.dc
            ? {
                soc: {
                  position: "right" as const,
                  min: 0,
                  max: 100,
                  grid: { display: false },
                  border: { display: false },
                  ticks: { color: text, font, stepSize: 50, callback: (y: number | string) => `${y} %` },
                },
              }
            : {}),
        },
        plugins: {
          tooltip: {
            callbacks: {
              title: (items) => shownTime(items[0]?.parsed.x ?? 0),
              label: ({ dataset, parsed }) =>
                dataset.yAxisID === "soc"
                  ? `${dataset.label}: ${parsed.y} %`
                  : `${dataset.label}: ${power(locale, (parsed.y ?? 0) * 1000)} kW`,
            },
          },
        },
      },
    });
  }

  private refresh(): void {
    if (!this.drawn) return;
    const kilowatts = this.lines.power.map(({ x, y }) => ({ x, y: y / 1000 }));
    [kilowatts, this.lines.state_of_charge].forEach((line, index) => {
      const dataset = this.drawn?.data.datasets[index];
      if (dataset) dataset.data = thinned(line, MOST_POINTS);
    });
    const all = [...this.lines.power, ...this.lines.state_of_charge].map(({ x }) => x);
    const x = this.drawn.options.scales?.x;
    if (x && all.length) {
      x.min = Math.min(...all);
      x.max = Math.max(...all, x.min + 120_000);
      if (x.ticks && "stepSize" in x.ticks) x.ticks.stepSize = timeStep(x.max - x.min, MOST_MARKS);
    }
    this.drawn.update("none");
  }
}

define("ykc-session-chart", YkcSessionChart);
