// SPDX-FileCopyrightText: The ocrd-rapid developers
// SPDX-License-Identifier: Apache-2.0
// The view of lines: one below the other, in the order that was chosen.
import { get } from "./api.js";
import * as lines from "./lines.js";
import { text } from "./strings.js";

// Lines that are asked for at once, rows that are made at once, and most rows that are kept.
const ASKED = 200;
const CHUNK = 12;
const MOST = 60;

export function linesView(app) {
  const rows = document.querySelector("#rows");
  const order = document.querySelector("#order");
  const end = document.querySelector("#rows-end");
  let queue = [];        // lines in their order
  let begun = 0;         // the first of them that has a row
  let made = 0;          // those that have had one
  let extending = null;
  let showing = 0;       // changes when the view is left
  let isLoaded = false;
  let isWhole = true;
  let loads = 0;
  let last = null;       // the line that had the focus

  // Unless the user has chosen an order, it is the server's, which is another after the first lines.
  let chosen = "";
  const wanted = () => ({ ...(chosen ? { order: chosen } : {}), count: ASKED });

  async function load() {
    const mine = ++loads;
    const asked = lines.now();
    delete rows.dataset.order;
    const found = await get("lines", wanted());
    await extending;
    if (mine !== loads) return;
    order.value = found.order;
    isWhole = found.whole;
    isLoaded = true;
    for (const line of queue) lines.drop(line);
    queue = found.lines.map((each) => lines.lineOf(each, asked));
    [begun, made] = [0, 0];
    rows.replaceChildren();
    await extend();
    queue[0]?.field?.focus();
    rows.dataset.order = found.order;
  }

  // Makes more rows at the end; asks for more lines where there are no others.
  async function extend() {
    if (extending) return extending;
    const mine = showing;
    extending = (async () => {
      if (made === queue.length && queue.length) await ask();
      const next = queue.slice(made, made + CHUNK);
      await Promise.all(next.map((line) => lines.fetchLine(line).catch((error) => app.trouble(error.message))));
      if (mine !== showing) return;  // the view was left meanwhile: rows that nobody sees have no width
      for (const line of next) {
        if (line.isWhole) rows.append(lines.rowOf(line));
        made += 1;
      }
      for (const line of next) lines.place(line);
      const isEnd = made === queue.length && !next.length;
      end.textContent = isEnd ? text(isWhole ? "allCorrected" : "stillReading") : "";
    })().finally(() => { if (mine === showing) extending = null; });
    return extending;
  }

  async function ask() {
    const asked = lines.now();
    const found = await get("lines", wanted());
    order.value = found.order;
    isWhole = found.whole;
    const known = new Set(queue);
    queue.push(...found.lines.map((each) => lines.lineOf(each, asked)).filter((line) => !known.has(line)));
  }

  function trim(line) {
    const at = queue.indexOf(line);
    while (made - begun > MOST && begun < at - MOST / 2) lines.drop(queue[begun++]);
  }

  const complain = (error) => app.trouble(text("trouble", { reason: error.message }));
  order.addEventListener("change", () => {
    chosen = order.value;
    load().catch(complain);
  });

  return {
    async show() {
      if (!isLoaded) {
        await load();
      } else {
        await extend();
        (last?.row ? last : queue[begun])?.field?.focus();
      }
    },
    hide() {
      showing += 1;
      extending = null;
      queue.forEach((line) => lines.drop(line));
      rows.replaceChildren();
      begun = Math.max(0, queue.indexOf(last) - CHUNK / 2);
      made = begun;
    },
    reset() {
      isLoaded = false;
      if (document.querySelector("#lines-view").hidden) queue = [];  // rows are those of another view
      else load().catch(complain);
    },
    sequence: () => queue.slice(begun, made).filter((line) => line.row),
    // A line that has no row any more, such as one to which undo goes back, gets one at its place.
    need(line) {
      if (line.row) return;
      const at = queue.indexOf(line);
      const before = at < 0 ? rows.firstElementChild : queue.slice(at + 1).find((each) => each.row)?.article ?? null;
      if (!line.isWhole) return;
      rows.insertBefore(lines.rowOf(line), before);
      if (at < 0) queue.splice(begun, 0, line), made += 1;
      lines.place(line);
    },
    later(line, direction) {
      const at = queue.indexOf(line);
      if (direction < 0 || (made === queue.length && isWhole && !queue.length)) return false;
      line.field.blur();
      extend().then(() => {
        const next = queue.slice(at + 1).find((each) => each.row);
        if (next) lines.editor.focus(next);
        else line.field?.focus();
      }).catch((error) => { complain(error); line.field?.focus(); });
      return true;
    },
    entered(line) {
      last = line;
      const at = queue.indexOf(line);
      if (at >= made - CHUNK / 2) extend().catch(complain);
      trim(line);
    },
    indexed(done, total) { if (done === total && !isWhole && !queue.some((line) => line.state)) load().catch(complain); },
  };
}
