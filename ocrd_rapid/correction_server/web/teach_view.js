// SPDX-FileCopyrightText: The ocrd-rapid developers
// SPDX-License-Identifier: Apache-2.0
// Teach a head from what is corrected, and read on with it.
import { get, post } from "./api.js";
import { percent, text } from "./strings.js";

const { make } = globalThis.lineEditor;
const SVG = "http://www.w3.org/2000/svg";
const one = (selector) => document.querySelector(selector);

export function teachView(app) {
  const said = one("#job");
  const bar = one("#job-progress");
  const stop = one("#stop-job");

  const guarded = (act) => (event) => {
    event.preventDefault();
    act().catch((error) => { said.textContent = error.message; });
  };

  function busy(isBusy) {
    stop.hidden = !isBusy;
    bar.hidden = !isBusy;
    const held = document.activeElement;
    one("#teach").disabled = isBusy;
    one("#read-on").disabled = isBusy;
    if (isBusy && (held === one("#teach") || held === one("#read-on"))) stop.focus();  // for the keyboard
  }

  function tell(event) {
    if (event.begun) {
      bar.removeAttribute("value");
      said.textContent = text(event.kind === "teach" ? "teaching" : "reading");
    } else if (event.stage === "lines") said.textContent = text("teachingLines", { done: event.done });
    else if (event.stage === "epochs") {
      bar.max = event.parts;
      bar.value = Math.max(bar.hasAttribute("value") ? bar.value : 0, event.part - 1);
      said.textContent = event.part === event.parts
        ? text("teachingLast", { epoch: event.epoch })
        : text("teachingEpochs", { part: event.part, parts: event.parts - 1, epoch: event.epoch, error: percent(event.error) });
    } else if (event.total) {
      bar.max = event.total;
      bar.value = event.done;
      said.textContent = text("readingPages", { done: event.done, total: event.total });
    }
  }

  function finish(event) {
    if (event.stopped) said.textContent = text("stopped");
    else if (event.error) said.textContent = text("failed", { reason: event.error });
    else if (event.kind === "teach") {
      said.textContent = "";  // the verdict stands below
      app.say(verdict(event.result));
    } else if (event.kind === "read") said.textContent = text("readDone", { changed: event.result.changed }, event.result.changed);
    else if (event.kind === "undo") said.textContent = text("undone");
    refresh().then(() => {
      if (event.kind === "teach" && document.activeElement === document.body) next().focus();
    }).catch(() => {});
    app.showProgress();
  }

  // What the keyboard finds first: reading on, where there is a head, else teaching.
  const next = () => (one("#read-on").disabled ? one("#teach") : one("#read-on"));

  function verdict(result) {
    if (result.missing !== undefined) return text("tooFew", { missing: result.missing, lines: result.lines });
    const values = { before: percent(result.before), after: percent(result.after), lines: result.judged };
    return text(result.isBetter ? "better" : "notBetter", values);
  }

  // A mark that stands above a letter gets a place to stand.
  const visible = (sign) => (sign === " " ? "␣" : sign.replace(/^\p{M}/u, "◌$&"));

  function characters(title, rows) {
    if (!rows.length) return [];
    const body = rows.map(([sign, before, after]) => make("tr", {}, make("td", {}, visible(sign)), make("td", {}, before), make("td", {}, after)));
    const head = make("tr", {}, make("th", { scope: "col" }, text("character")), make("th", { scope: "col" }, text("errorsBefore")), make("th", { scope: "col" }, text("errorsAfter")));
    return [make("div", {}, make("h2", {}, title), make("table", {}, head, ...body))];
  }

  function curve(values) {
    const known = values.filter((value) => value !== null);
    if (known.length < 2) return [];
    const most = Math.max(...known) || 1;
    const svg = document.createElementNS(SVG, "svg");
    svg.setAttribute("viewBox", `0 0 ${known.length - 1} 1`);
    svg.setAttribute("preserveAspectRatio", "none");
    svg.setAttribute("role", "img");
    svg.setAttribute("aria-label", text("curve", { first: percent(known[0]), last: percent(known.at(-1)) }));
    const polyline = document.createElementNS(SVG, "polyline");
    polyline.setAttribute("points", known.map((value, index) => `${index},${1 - value / most}`).join(" "));
    svg.append(polyline);
    const caption = text("curve", { first: percent(known[0]), last: percent(known.at(-1)) });
    return [make("h2", {}, text("curveTitle")), svg, make("p", { class: "hint" }, caption)];
  }

  function details(taught) {
    const tables = [...characters(text("readBetter"), taught.better), ...characters(text("readWorse"), taught.worse)];
    return [...curve(taught.epochs), make("div", { class: "tables" }, ...tables)];
  }

  async function refresh() {
    const status = await get("jobs");
    const job = status.job?.kind === "line" ? null : status.job;  // a single line is the business of its field
    busy(Boolean(job));
    if (job) tell(job);
    const { taught } = status;
    if (!taught && !job && !said.textContent) said.textContent = text("teachHint");
    const warnings = (taught?.warnings ?? []).map((each) => make("p", {}, each));
    one("#taught").replaceChildren(...(taught ? [make("p", {}, verdict(taught)), ...warnings] : []));
    one("#learnt").replaceChildren(...(taught && taught.missing === undefined ? details(taught) : []));
    one("#keep-form").hidden = !status.head;
    one("#read-on").disabled = Boolean(job) || !status.head;
    const records = status.readings.map((record, index) => reading(record, index === status.readings.length - 1));
    one("#readings").replaceChildren(...records);
  }

  function reading(record, isLast) {
    const values = { number: record.number, pages: record.pages, changed: record.changed, before: percent(record.before), after: percent(record.after) };
    const list = make("ol", { class: "changes" });
    const details = make("details", {}, make("summary", {}, text("showChanges")), list);
    details.addEventListener("toggle", async () => {
      if (!details.open || list.childElementCount) return;
      const { lines } = await get("readings/changes", { number: record.number });
      list.append(...lines.map((line) => {
        const link = make("a", { href: `#page=${encodeURIComponent(line.page)}` }, app.pageName(line.page));
        return make("li", {}, link, " ", make("del", {}, line.before), " ", make("ins", {}, line.after));
      }));
    });
    const parts = [make("h2", {}, text("readingTitle", values)), make("p", {}, text("readingSaid", values))];
    const failed = Object.entries(record.failed).map(([page, reason]) => make("p", {}, `${app.pageName(page)}: ${reason}`));
    if (isLast) {
      const undo = make("button", { type: "button", id: "undo-reading" }, text("undoReading"));
      undo.addEventListener("click", guarded(async () => { await post("readings/undo"); }));
      parts.push(undo);
    }
    return make("div", {}, ...parts, ...failed, details);
  }

  one("#teach").addEventListener("click", guarded(async () => { await post("jobs/teach"); }));
  one("#read-on").addEventListener("click", guarded(async () => {
    await post("jobs/read", { pages: chosenPages(one("#read-pages").value) });
  }));
  stop.addEventListener("click", guarded(async () => { await post("jobs/stop"); }));
  one("#keep-form").addEventListener("submit", guarded(async () => {
    const { path } = await post("head/keep", { name: one("#keep-name").value, overwrite: false });
    one("#kept").textContent = text("keptAt", { path });
  }));

  // Pages by their numbers: 3, 5-8; none for all.
  function chosenPages(wanted) {
    return wanted.split(",").map((part) => part.trim()).filter(Boolean).flatMap((part) => {
      const [begin, last = begin] = part.split(/[-–]/u).map((each) => Number(each.trim()));
      if (!(begin >= 1 && last >= begin && last <= app.pages.length)) throw new Error(text("noSuchPages", { pages: part }));
      return app.pages.slice(begin - 1, last).map((page) => page.id);
    });
  }

  return {
    async show() {
      await refresh();
      (one("#teach").disabled ? stop : one("#teach")).focus();
    },
    event(event) {
      const isEnd = "result" in event || event.stopped || typeof event.error === "string";
      busy(!isEnd);
      if (isEnd) finish(event);
      else tell(event);
    },
  };
}
