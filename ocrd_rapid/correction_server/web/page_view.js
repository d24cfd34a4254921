// SPDX-FileCopyrightText: The ocrd-rapid developers
// SPDX-License-Identifier: Apache-2.0
// The view of a page: its scan with the lines marked, and their fields beside it.
import { get, picture, post } from "./api.js";
import * as lines from "./lines.js";
import { percent, text } from "./strings.js";

const SVG = "http://www.w3.org/2000/svg";
const { make } = globalThis.lineEditor;

// Changes after which the line is still there.
const KEPT = new Set(["up", "down", "place", "kind", "region-up", "region-down", "region-place"]);

export function pageView(app) {
  const figure = document.querySelector("#scan");
  const rows = document.querySelector("#page-rows");
  const choice = document.querySelector("#page-choice");
  let shown = "";
  let sequence = [];
  let current = null;    // the line that has the focus
  let clicked = null;    // the first point of a line to add
  const shapes = new Map();
  const rowLines = new Map();
  let dragged = null;    // the line or region, and what dropping it does
  const bar = document.querySelector("#structure");
  const kind = document.querySelector("#kind");
  const addButton = document.querySelector("#add-line");

  function listPages() {
    choice.replaceChildren(...app.pages.map((page) => {
      const rest = page.problem || (page.lines === null ? "" : text("pageState", { corrected: page.corrected, lines: page.lines, confidence: percent(page.confidence) }));
      const option = make("option", { value: page.id }, [app.pageName(page.id), rest].filter(Boolean).join(" – "));
      option.selected = page.id === shown;
      return option;
    }));
  }

  async function open(id) {
    const asked = lines.now();
    const [page] = await Promise.all([get("page", { page: id }), app.refreshPages()]);
    show(id, page, asked);
    (sequence.find((line) => !line.state) ?? sequence[0])?.field?.focus();
  }

  function show(id, page, asked) {
    sequence.forEach((line) => lines.drop(line));
    shown = id;
    current = null;
    listPages();
    shapes.clear();
    const svg = document.createElementNS(SVG, "svg");
    svg.setAttribute("viewBox", `0 0 ${page.width} ${page.height}`);
    svg.setAttribute("aria-hidden", "true");
    sequence = page.lines.map((view) => lines.lineOf(view, asked));
    page.lines.forEach((view, index) => {
      const line = sequence[index];
      const shape = document.createElementNS(SVG, "polygon");
      shape.setAttribute("points", view.outline.map((point) => point.join(",")).join(" "));
      shape.dataset.says = line.state;
      shape.addEventListener("click", () => {
        if (addButton.getAttribute("aria-pressed") !== "true") lines.editor.focus(line);
      });
      shapes.set(line, shape);
      svg.append(shape);
    });
    const image = make("img", { alt: text("scanOf", { page: app.pageName(id) }), src: picture(app.book.session, id), width: page.width, height: page.height });
    svg.addEventListener("click", (event) => point(event, svg));
    figure.replaceChildren(make("div", {}, image, svg));
    rows.replaceChildren(...regions(sequence.filter((line) => line.isWhole)));
    sequence.forEach((line) => lines.place(line));
  }

  // The rows of lines, those of a region together below its heading. Both can be dragged: a line to the
  // place of another one of its region, a region to that of another one.
  function regions(shownLines) {
    const found = [];
    rowLines.clear();
    for (const line of shownLines) {
      if (found.at(-1)?.region !== line.region) {
        const name = text("regionName", { n: found.length + 1, kind: text(`kind.${line.kind || "none"}`) });
        const heading = make("div", { class: "region-name", title: text("dragHint") }, name);
        drag(heading, "region-place", line);
        const group = make("div", { class: "region", role: "group", "aria-label": name }, heading);
        found.push({ region: line.region, group });
      }
      const row = lines.rowOf(line);
      row.querySelector(".where").title = text("dragHint");
      drag(row.querySelector(".where"), "place", line);
      rowLines.set(row, line);
      found.at(-1).group.append(row);
    }
    return found.map(({ group }) => group);
  }

  function drag(handle, action, line) {
    handle.draggable = true;
    handle.addEventListener("dragstart", (event) => {
      dragged = { action, line };
      event.dataTransfer.effectAllowed = "move";
      event.dataTransfer.setData("text/plain", "");
    });
    handle.addEventListener("dragend", () => { dragged = null; });
  }

  // The line below the pointer where what is dragged can be dropped.
  function target(event) {
    if (!dragged) return null;
    const row = event.target.closest(".line") ?? event.target.closest(".region")?.querySelector(".line");
    const line = rowLines.get(row);
    if (!line || line === dragged.line) return null;
    return (line.region === dragged.line.region) === (dragged.action === "place") ? line : null;
  }
  rows.addEventListener("dragover", (event) => { if (target(event)) event.preventDefault(); });
  rows.addEventListener("drop", (event) => {
    const to = target(event);
    if (!to) return;
    event.preventDefault();
    const { action, line } = dragged;
    dragged = null;
    app.trouble("");
    change(action, { target: to.id }, line).catch(complain);
  });

  // Changes of what lines there are. Each is a step of undo.

  async function change(action, more = {}, line = current) {
    if (!line && action !== "add") return;
    if (line?.pending) await lines.save(line);
    const asked = lines.now();
    const body = { page: shown, action, line: line?.id ?? "", base: line?.base ?? "", ...more };
    const at = line ? sequence.indexOf(line) : -1;
    const before = new Set(sequence.map(({ id }) => id));
    const answer = await post("structure", body);
    let token = answer.undo;
    const again = async () => {
      const back = await post("structure/undo", { undo: token });
      token = back.undo;
      take(back.page, lines.now(), null);
    };
    const guarded = () => again().catch(complain);
    lines.editor.noteActs(guarded, guarded);
    const fresh = answer.page.lines.find(({ id }) => !before.has(id))?.id ?? (KEPT.has(action) ? line.id : null);
    take(answer.page, asked, fresh ?? answer.page.lines[Math.min(at, answer.page.lines.length - 1)]?.id);
  }

  // Shows what the page is now, and goes to a line.
  function take(page, asked, wanted) {
    if (page.id !== shown) return;
    show(page.id, page, asked);
    const line = sequence.find(({ id }) => id === wanted) ?? sequence[0];
    if (line) lines.editor.focus(line);
    app.showProgress();
    app.linesChanged();
  }

  const complain = (error) => {
    app.trouble("");
    app.trouble(text("refused", { reason: error.message }));
    current?.field?.focus();
  };

  function act(action) {
    const line = current;
    const words = action === "divide" ? line?.field?.value.slice(0, line.field.selectionStart).split(/\s+/u).filter(Boolean).length : 0;
    app.trouble("");
    return change(action, action === "divide" ? { words } : {}).catch(complain);
  }

  for (const button of bar.querySelectorAll("[data-action]")) {
    button.addEventListener("mousedown", (event) => event.preventDefault());  // the field keeps the cursor
    button.addEventListener("click", () => act(button.dataset.action));
  }
  kind.addEventListener("change", () => change("kind", { kind: kind.value }).catch(complain));

  function adding(isOn) {
    clicked = null;
    addButton.setAttribute("aria-pressed", String(isOn));
    figure.classList.toggle("adding", isOn);
    document.querySelector("#add-hint").hidden = !isOn;
    if (isOn) app.say(text("addHint"));
  }
  addButton.addEventListener("click", () => adding(addButton.getAttribute("aria-pressed") !== "true"));

  // Lines of the page that nobody has corrected are read anew, those that were joined among them.
  document.querySelector("#read-page").addEventListener("click", () => {
    app.trouble("");
    app.say(text("reading"));
    post("jobs/read", { pages: [shown] }).catch(complain);
  });

  // Moves the scan within its frame; the window stays with the field.
  function reveal(shape) {
    const [inner, outer] = [shape.getBoundingClientRect(), figure.getBoundingClientRect()];
    if (inner.top < outer.top) figure.scrollTop -= outer.top - inner.top;
    else if (inner.bottom > outer.bottom) figure.scrollTop += inner.bottom - outer.bottom;
  }

  // Two clicks are the baseline of a new line.
  function point(event, svg) {
    if (addButton.getAttribute("aria-pressed") !== "true") return;
    const { left, top, width, height } = svg.getBoundingClientRect();
    const { width: wide, height: high } = svg.viewBox.baseVal;
    const here = [(event.clientX - left) * wide / width, (event.clientY - top) * high / height];
    event.stopPropagation();
    if (!clicked) {
      clicked = here;
      return;
    }
    const baseline = [clicked, here].sort((one, other) => one[0] - other[0]);
    adding(false);
    app.trouble("");
    change("add", { baseline }, null).catch(complain);
  }

  document.addEventListener("keydown", (event) => {
    if (!event.altKey || event.ctrlKey || event.metaKey || document.querySelector("#page-view").hidden) return;
    const whole = { ArrowUp: "region-up", ArrowDown: "region-down" };
    const own = { KeyJ: "join", KeyK: "divide", ArrowUp: "up", ArrowDown: "down" };
    const action = (event.shiftKey ? whole : own)[event.code];
    if (!action || !current) return;
    event.preventDefault();
    act(action);
  });

  const go = (id) => { location.hash = `page=${encodeURIComponent(id)}`; };
  function step(by) {
    const next = app.pages[app.numbers.get(shown) - 1 + by];
    if (next) go(next.id);
  }
  choice.addEventListener("change", () => go(choice.value));
  document.querySelector("#page-before").addEventListener("click", () => step(-1));
  document.querySelector("#page-after").addEventListener("click", () => step(1));

  return {
    listPages,
    async show(id) {
      const wanted = app.numbers.has(id) ? id : shown || app.pages[0].id;
      await open(wanted);
    },
    hide() {
      sequence.forEach((line) => lines.drop(line));
      rows.replaceChildren();
      adding(false);
    },
    sequence: () => sequence,
    need(line) { if (!line.row && sequence.includes(line)) rows.append(lines.rowOf(line)); },
    entered(line) {
      current = line;
      kind.value = line.kind ?? "";
      for (const [each, shape] of shapes) shape.classList.toggle("current", each === line);
      if (shapes.has(line)) reveal(shapes.get(line));
    },
    saved(line) { if (shapes.has(line)) shapes.get(line).dataset.says = line.state; },
  };
}
