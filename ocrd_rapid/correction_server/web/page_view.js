// SPDX-FileCopyrightText: The ocrd-rapid developers
// SPDX-License-Identifier: Apache-2.0
// The view of a page: its scan with the lines marked, and their fields beside it.
import { get, picture } from "./api.js";
import * as lines from "./lines.js";
import { percent, text } from "./strings.js";

const SVG = "http://www.w3.org/2000/svg";
const { make } = globalThis.lineEditor;

export function pageView(app) {
  const figure = document.querySelector("#scan");
  const rows = document.querySelector("#page-rows");
  const choice = document.querySelector("#page-choice");
  let shown = "";
  let sequence = [];
  const shapes = new Map();

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
    sequence.forEach((line) => lines.drop(line));
    shown = id;
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
      shape.addEventListener("click", () => lines.editor.focus(line));
      shapes.set(line, shape);
      svg.append(shape);
    });
    const image = make("img", { alt: text("scanOf", { page: app.pageName(id) }), src: picture(app.book.session, id) });
    figure.replaceChildren(make("div", {}, image, svg));
    rows.replaceChildren(...sequence.filter((line) => line.isWhole).map((line) => lines.rowOf(line)));
    sequence.forEach((line) => lines.place(line));
    (sequence.find((line) => !line.state) ?? sequence[0])?.field?.focus();
  }

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
    },
    sequence: () => sequence,
    need(line) { if (!line.row && sequence.includes(line)) rows.append(lines.rowOf(line)); },
    entered(line) {
      for (const [each, shape] of shapes) shape.classList.toggle("current", each === line);
      shapes.get(line)?.scrollIntoView({ block: "nearest" });
    },
    saved(line) { if (shapes.has(line)) shapes.get(line).dataset.says = line.state; },
  };
}
