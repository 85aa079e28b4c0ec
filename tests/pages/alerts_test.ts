/** What the page shows of alerts, and of what the reader asks for. */
import assert from "node:assert/strict";
import { Alerts } from "../../islands/alerts/alerts.ts";
import { outcomeOf } from "../../islands/alerts/requests.ts";
import { Speech } from "../../islands/alerts/speech.ts";
import { alertTexts } from "../../islands/alerts/texts.ts";
import { formatFor } from "../../islands/format.ts";
import { languages } from "../../islands/language.ts";
import { Page } from "../../islands/page.ts";
import type { Change } from "../../lib/client/mod.ts";
import type { Alert, AlertSeverity } from "../../lib/store/alerts_shape.ts";
import { VirtualTime } from "../support/virtual_time.ts";

const alert = (sku: string, severity: AlertSeverity = "warning", more: Partial<Alert> = {}) =>
  ({
    id: `stock:${sku}`,
    kind: "stock_low",
    severity,
    subject: sku,
    text: { name: sku, quantity: 1, lowAt: 10 },
    raisedAt: 1_000,
    updatedAt: 1_000,
    count: 1,
    acknowledgedBy: null,
    acknowledgedAt: null,
    ended: null,
    ...more,
  }) as Alert;
const mapOf = (...all: Alert[]) => new Map(all.map((one) => [one.id, one]));
const page = () => new Page({ language: "en", timeZone: "UTC", access: "granted", token: null });
const made = (...all: Alert[]) => new Alerts(page(), { snapshot: { alerts: all } });
/** Moves time on, each timer that is due in its turn. */
const pass = (time: VirtualTime, ms: number) => {
  for (const until = time.now + ms; time.now < until;) time.step(until - time.now);
};
const ids = (alerts: Alerts) => alerts.rows.value?.map((row) => row.alert.subject);
const changeOf = (key: string, data: Alert | undefined, before?: Alert) =>
  ({ key, data, before, entries: new Map() }) as unknown as Change<Alert>;

Deno.test("alerts' list: the gravest first, then the latest; counted by severity", () => {
  const alerts = made(
    alert("a", "info"),
    alert("b", "warning", { raisedAt: 1 }),
    alert("c", "critical"),
    alert("d", "warning", { raisedAt: 2 }),
  );
  assert.deepEqual(ids(alerts), ["c", "d", "b", "a"]);
  assert.deepEqual(alerts.counts.value, { critical: 1, warning: 2, info: 1 });
  assert.equal(new Alerts(page(), { snapshot: null }).rows.value, null);
});

Deno.test("alerts' list: how many are not listed, beside those that have just ended", () => {
  using time = new VirtualTime(0);
  const ending = [1, 2, 3].map((n) => alert(`ended-${n}`, "critical"));
  const staying = Array.from({ length: 103 }, (_, n) => alert(`${n}`, "info"));
  const alerts = made(...ending, ...staying);
  assert.deepEqual([alerts.rows.value?.length, alerts.unlisted.value], [100, 6]);
  for (const one of ending) {
    const ended = { how: "closed", by: "mai", at: 1 } as const;
    alerts.changed(changeOf(one.id, { ...one, ended }, one));
  }
  alerts.show(mapOf(...staying));
  assert.deepEqual([alerts.rows.value?.length, alerts.unlisted.value], [100, 6]);
  pass(time, 4_001);
  assert.deepEqual([alerts.rows.value?.length, alerts.unlisted.value], [100, 3]);
});

Deno.test("alerts' list: what is asked for is shown until the channel tells it, whoever is first", () => {
  const before = alert("a");
  const after = { ...before, acknowledgedBy: "mai", acknowledgedAt: 2_000, updatedAt: 2_000 };
  const asked = (alerts: Alerts) => alerts.rows.value?.map((row) => row.asked);
  for (const order of ["answer first", "channel first"]) {
    const alerts = made(before);
    assert.equal(alerts.asks("acknowledge", before.id), true);
    assert.equal(alerts.asks("acknowledge", before.id), false);
    assert.deepEqual(asked(alerts), ["acknowledge"]);
    const answer = () => alerts.answered(before.id, { kind: "done", updatedAt: 2_000 });
    const channel = () => alerts.show(mapOf(after));
    if (order === "answer first") {
      answer();
      // Something else of it has changed meanwhile.
      alerts.show(mapOf({ ...before, updatedAt: 1_500 }));
      assert.deepEqual(asked(alerts), ["acknowledge"], order);
      channel();
    } else {
      channel();
      answer();
    }
    assert.deepEqual(asked(alerts), [null], order);
  }
});

Deno.test("alerts' list: what is refused is taken back and said, until it changes or is asked again", () => {
  const alerts = made(alert("a"), alert("b"));
  const failure = { name: "forbidden" } as const;
  for (const id of ["stock:a", "stock:b"]) {
    alerts.asks("close", id);
    alerts.answered(id, { kind: "failed", failure });
  }
  const failures = () => alerts.rows.value?.map((row) => [row.asked, row.failure?.name ?? null]);
  assert.deepEqual(failures(), [[null, "forbidden"], [null, "forbidden"]]);
  alerts.asks("close", "stock:a");
  alerts.changed(changeOf("stock:b", alert("b", "info"), alert("b")));
  assert.deepEqual(failures(), [["close", null], [null, null]]);
  // It was closed by another: there is nothing left to say it of.
  alerts.show(mapOf(alert("b")));
  alerts.answered("stock:a", { kind: "failed", failure });
  assert.deepEqual(failures(), [[null, null]]);
});

Deno.test("alerts' list: one that has ended is shown as such for a moment", () => {
  using time = new VirtualTime(0);
  const before = alert("a");
  const alerts = made(before);
  const ended = { how: "closed", by: "mai", at: 2 } as const;
  const after = { ...before, ended, updatedAt: 2 };
  alerts.changed(changeOf(before.id, after, before));
  alerts.show(mapOf(after));
  alerts.changed(changeOf(before.id, undefined, after));
  alerts.show(mapOf());
  assert.deepEqual(alerts.rows.value?.map((row) => row.alert.ended?.by), ["mai"]);
  assert.deepEqual(alerts.counts.value, { critical: 0, warning: 0, info: 0 });
  pass(time, 4_000);
  assert.deepEqual(ids(alerts), []);
});

Deno.test("alerts are said: critical ones soon and apart, others gathered, changes not", () => {
  using time = new VirtualTime(0);
  const alerts = made();
  const { polite, urgent } = alerts.speech.said;
  alerts.changed(changeOf("stock:a", alert("a")));
  alerts.changed(changeOf("stock:b", alert("b", "critical")));
  alerts.changed(changeOf("stock:c", alert("c", "info")));
  pass(time, 500);
  assert.deepEqual([polite.value, urgent.value], ["", "b is low: 1 left"]);
  pass(time, 2_500);
  assert.equal(polite.value, "2 new alerts, among them: c is low: 1 left");
  const acknowledged = alert("a", "critical", { acknowledgedBy: "mai" });
  alerts.changed(changeOf("stock:a", acknowledged, alert("a", "critical")));
  pass(time, 5_000);
  assert.equal(urgent.value, "b is low: 1 left");
  alerts.changed(changeOf("stock:a", alert("a", "critical", { count: 2 }), alert("a")));
  pass(time, 500);
  assert.equal(urgent.value, "a is low: 1 left");
  const ended = { how: "resolved", by: null, at: 9 } as const;
  alerts.changed(changeOf("stock:a", alert("a", "critical", { ended }), alert("a")));
  pass(time, 4_000);
  assert.equal(polite.value, "Resolved: a is low: 1 left");
});

Deno.test("alerts are said: what is said twice is another text, for nothing else is heard", () => {
  using time = new VirtualTime(0);
  const speech = new Speech({ several: (_, last) => last });
  for (let i = 0; i < 3; i++) {
    const before = speech.said.urgent.value;
    speech.say("urgent", "Lamp is out of stock");
    pass(time, 500);
    assert.notEqual(speech.said.urgent.value, before);
    assert.equal(speech.said.urgent.value.trim(), "Lamp is out of stock");
  }
});

Deno.test("alerts are said: of a flood its number and its last", () => {
  using time = new VirtualTime(0);
  const speech = new Speech({ several: (count, last) => `${count} ${last}` });
  for (let i = 1; i <= 1_000; i++) speech.say("polite", `no ${i}`);
  pass(time, 3_000);
  assert.equal(speech.said.polite.value, "1000 no 1000");
});

Deno.test("alerts' answers: each refusal has its name", () => {
  assert.deepEqual(outcomeOf(200, { updatedAt: 7 }), { kind: "done", updatedAt: 7 });
  const named = [[401, "token"], [403, "forbidden"], [404, "gone"], [409, "taken"], [429, "lost"], [
    503,
    "lost",
  ]] as const;
  for (const [status, name] of named) {
    assert.deepEqual(outcomeOf(status, null), { kind: "failed", failure: { name } });
  }
  const other = (detail: string) => ({ kind: "failed", failure: { name: "other", detail } });
  assert.deepEqual(outcomeOf(400, { detail: "id: too long" }), other("id: too long"));
  assert.deepEqual(outcomeOf(418, "?"), other("HTTP 418"));
});

Deno.test("alerts' texts: each kind is said in each language, with all that is known", () => {
  const common = alert("x");
  const kinds = [
    { ...common, kind: "stock_low", text: { name: "Trà", quantity: 3, lowAt: 1_000 } },
    { ...common, kind: "stock_low", text: { name: "Trà", quantity: 0, lowAt: 10 } },
    {
      ...common,
      kind: "vehicle_silent",
      text: { lastAt: 0, route: "4", headsign: "WEST" },
    },
    { ...common, kind: "source_failing", text: { since: 0, error: "answered 503" } },
    { ...common, kind: "delivery_problem", text: { message: "Nobody home", by: "an" } },
  ] as Alert[];
  const wanted = {
    en: [
      "Trà is low: 3 left: x · limit 1,000",
      "Trà is out of stock: x · limit 10",
      "Vehicle x has gone silent: Route 4 · WEST · last position 1 Jan, 00:00",
      "Source x is failing: since 1 Jan, 00:00 · answered 503",
      "Problem with the delivery of x: Nobody home · reported by an",
    ],
    vi: [
      "Trà sắp hết: còn 3: x · ngưỡng 1.000",
      "Trà đã hết hàng: x · ngưỡng 10",
      "Xe x mất tín hiệu: Tuyến 4 · WEST · vị trí cuối lúc 00:00 1/1",
      "Nguồn dữ liệu x đang lỗi: từ 00:00 1/1 · answered 503",
      "Giao đơn x gặp sự cố: Nobody home · an báo",
    ],
  };
  for (const language of languages) {
    const { title, detail } = alertTexts[language];
    const format = formatFor(language, "UTC");
    const said = kinds.map((one) => `${title(one)}: ${detail(one, format)}`);
    assert.deepEqual(said.map((one) => one.replaceAll("\u202f", " ")), wanted[language]);
  }
});
