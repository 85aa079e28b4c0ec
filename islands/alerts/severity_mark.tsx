import type { AlertSeverity } from "../../lib/store/alerts_shape.ts";

/** Each severity has a shape of its own, for not everybody tells colours apart. */
const shapes: Readonly<Record<AlertSeverity, string>> = {
  critical: "M5 1h6l4 4v6l-4 4H5l-4-4V5zM7 4v5h2V4zM7 10.5v2h2v-2z",
  warning: "M8 1l7.5 14H.5zM7 6v4h2V6zM7 11.2v2h2v-2z",
  info: "M8 1a7 7 0 1 1 0 14A7 7 0 0 1 8 1zM7 3.8v2h2v-2zM7 7v5h2V7z",
};

export function SeverityMark({ severity }: { severity: AlertSeverity }) {
  return (
    <svg class="mark" viewBox="0 0 16 16" width="16" height="16" aria-hidden="true">
      <path fill="currentColor" fill-rule="evenodd" d={shapes[severity]} />
    </svg>
  );
}
