/// <reference lib="dom" />
/** The charts' script, loaded when a page has charts to draw: small bars, the latest one at the end. */
import UPlot from "uplot";

export interface DrawnChart {
  show(values: readonly number[]): void;
  remove(): void;
}

/** Fills the element, and keeps to its size and to the colours of the page. */
export function drawChart(element: HTMLElement, values: readonly number[]): DrawnChart {
  let shown = values;
  let plot = open(element, shown);
  const scheme = matchMedia("(prefers-color-scheme: dark)");
  const redraw = () => {
    plot.destroy();
    plot = open(element, shown);
  };
  scheme.addEventListener("change", redraw);
  const observer = new ResizeObserver(() => plot.setSize(sizeOf(element)));
  observer.observe(element);
  return {
    show(values) {
      shown = values;
      plot.setData(dataOf(values));
    },
    remove() {
      scheme.removeEventListener("change", redraw);
      observer.disconnect();
      plot.destroy();
    },
  };
}

function open(element: HTMLElement, values: readonly number[]): UPlot {
  const colour = getComputedStyle(element).color;
  const options: UPlot.Options = {
    ...sizeOf(element),
    legend: { show: false },
    cursor: { show: false },
    padding: [1, 0, 0, 0],
    axes: [{ show: false }, { show: false }],
    scales: {
      x: { time: false, range: (_, min, max) => [min - 0.5, Math.max(max, min + 1) + 0.5] },
      y: { range: (_, __, max) => [0, Math.max(1, max)] },
    },
    series: [{}, {
      fill: colour,
      width: 0,
      points: { show: false },
      ...UPlot.paths.bars && { paths: UPlot.paths.bars({ size: [0.8, 24] }) },
    }],
  };
  return new UPlot(options, dataOf(values), element);
}

function dataOf(values: readonly number[]): UPlot.AlignedData {
  return [values.map((_, i) => i), [...values]];
}

function sizeOf({ clientWidth: width, clientHeight: height }: HTMLElement) {
  return { width, height };
}
