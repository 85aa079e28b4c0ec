/** The document that compares polling with push. */
import type { Context } from "hono";
import { Compare, type CompareState, type RecordedCpu } from "../../islands/compare/compare.ts";
import { readMachine } from "../../islands/compare/machine.ts";
import { recordedDay } from "../../islands/compare/recorded_day.ts";
import { FiguresTable } from "../../islands/compare/table.tsx";
import { CompareView } from "../../islands/compare/view.tsx";
import { Gate } from "../../islands/gate.tsx";
import { Island } from "../../islands/island.tsx";
import { intervalRange } from "../../islands/compare/offered.ts";
import { runLimits } from "../../lib/compare/limits.ts";
import { type Recorded, recorded } from "../../islands/compare/recorded.ts";
import type { Config } from "../../lib/config.ts";
import type { Assets } from "./assets.ts";
import { Shell } from "./shell.tsx";
import { pageOf, tokenFor } from "./visitor.ts";

/** It is of the server, not of the shop: it is there without one. */
export async function comparePageState(c: Context, config: Config): Promise<CompareState> {
  const token = await tokenFor(c, config, { sub: "compare" });
  return {
    ...pageOf(c),
    access: token === null ? "needed" : "granted",
    token,
    intervalMs: asked(c.req.query("interval"), intervalRange, 2_000),
    everyMs: asked(c.req.query("every"), runLimits.every, 1_000),
    cpu: cpuOf(recorded),
  };
}

interface Range {
  readonly least: number;
  readonly most: number;
}

/** @param seconds as the address has it */
function asked(seconds: string | undefined, { least, most }: Range, otherwise: number): number {
  const ms = Math.round(Number(seconds ?? NaN) * 1_000);
  return ms >= least && ms <= most ? ms : otherwise;
}

/** Of the first run: the rate of changes that the task has by itself. */
function cpuOf({ date, clients, runs: [run] }: Recorded): RecordedCpu | null {
  if (run === undefined) return null;
  const { intervalMs, everyMs, ways: { polling, long_poll, sse, websocket } } = run;
  return {
    date,
    clients,
    intervalMs,
    everyMs,
    ms: {
      polling: polling.cpuMs,
      long_poll: long_poll.cpuMs,
      sse: sse.cpuMs,
      websocket: websocket.cpuMs,
    },
  };
}

interface CompareProps {
  readonly state: CompareState;
  readonly assets: Assets;
}

export function ComparePage({ state, assets }: CompareProps) {
  const compare = new Compare(state);
  const { texts } = compare;
  return (
    <Shell
      state={state}
      assets={assets}
      name="compare"
      title={`${texts.title} · Nhịp`}
      heading={texts.title}
      tagline={texts.tagline}
      badge={null}
    >
      <Island name="gate">
        <Gate page={compare.page} />
      </Island>
      <Island name="compare">
        <CompareView compare={compare} visit={null} />
      </Island>
      {recorded.runs.length > 0 && <RecordedRuns compare={compare} />}
    </Shell>
  );
}

function RecordedRuns({ compare }: { readonly compare: Compare }) {
  const { texts, page: { format, language } } = compare;
  const { date, machine, browser, runs } = recorded;
  const known = readMachine(machine);
  const on = known === null ? machine : texts.machine(known);
  const seconds = (ms: number) => texts.seconds(format.number(ms / 1_000));
  return (
    <section class="recorded" aria-labelledby="recorded-heading">
      <h2 id="recorded-heading">{texts.recorded}</h2>
      <p class="notes">{texts.recordedHow(recordedDay(date, language), on, browser)}</p>
      {runs.map(({ intervalMs, everyMs, ways }, index) => {
        const caption = texts.recordedRun(seconds(intervalMs), seconds(everyMs));
        const column = (way: keyof typeof ways) => ({
          figures: ways[way],
          cpuMs: ways[way].cpuMs,
        });
        return (
          <details key={everyMs} open={index === 0}>
            <summary>{caption}</summary>
            <FiguresTable
              texts={texts}
              format={format}
              caption={caption}
              columns={{
                polling: column("polling"),
                long_poll: column("long_poll"),
                sse: column("sse"),
                websocket: column("websocket"),
              }}
              explained={false}
              cpuFrom={null}
            />
          </details>
        );
      })}
    </section>
  );
}
