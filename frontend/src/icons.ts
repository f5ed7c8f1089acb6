import {
  mdiAccountMultiple,
  mdiAlertCircle,
  mdiBattery70,
  mdiCashMultiple,
  mdiChartTimelineVariant,
  mdiCheckCircle,
  mdiClockOutline,
  mdiClose,
  mdiCloudOffOutline,
  mdiDownload,
  mdiEvPlugType2,
  mdiEvStation,
  mdiFlash,
  mdiFlagCheckered,
  mdiHistory,
  mdiInformationOutline,
  mdiLightningBolt,
  mdiMenu,
  mdiPlay,
  mdiPowerPlug,
  mdiPowerPlugOff,
  mdiPowerPlugOffOutline,
  mdiStop,
  mdiTimerPlayOutline,
  mdiTimerSand,
  mdiTune,
  mdiViewDashboard,
} from "@mdi/js";
import { html, type TemplateResult } from "lit";
import type { Status } from "./types.ts";

const PATHS = {
  adjust: mdiTune,
  alert: mdiAlertCircle,
  automatic: mdiTimerPlayOutline,
  battery: mdiBattery70,
  cash: mdiCashMultiple,
  check: mdiCheckCircle,
  chart: mdiChartTimelineVariant,
  clock: mdiClockOutline,
  close: mdiClose,
  device: mdiInformationOutline,
  download: mdiDownload,
  drivers: mdiAccountMultiple,
  flash: mdiFlash,
  history: mdiHistory,
  limit: mdiFlagCheckered,
  menu: mdiMenu,
  overview: mdiViewDashboard,
  play: mdiPlay,
  station: mdiEvStation,
  stop: mdiStop,
};
const OF_STATUS: Record<Status, string> = {
  offline: mdiCloudOffOutline,
  fault: mdiAlertCircle,
  idle: mdiPowerPlugOffOutline,
  plugged: mdiPowerPlug,
  starting: mdiTimerSand,
  waiting_for_plug: mdiPowerPlugOff,
  charging: mdiLightningBolt,
  stopping: mdiTimerSand,
  finished: mdiCheckCircle,
};
const PLUG = { plugged: mdiEvPlugType2 };

function drawn(path: string): TemplateResult {
  return html`<svg class="icon" viewBox="0 0 24 24" aria-hidden="true"><path d=${path}></path></svg>`;
}

export function icon(name: keyof typeof PATHS): TemplateResult {
  return drawn(PATHS[name]);
}

export function statusIcon(status: Status | null): TemplateResult {
  return drawn(OF_STATUS[status ?? "offline"]);
}

export function plugIcon(): TemplateResult {
  return drawn(PLUG.plugged);
}
