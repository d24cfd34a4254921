// SPDX-FileCopyrightText: The ocrd-rapid developers
// SPDX-License-Identifier: Apache-2.0
// The page: which view is shown, how far the book is, what goes wrong.
import { get, watch } from "./api.js";
import * as lines from "./lines.js";
import { linesView } from "./lines_view.js";
import { pageView } from "./page_view.js";
import { replaceView } from "./replace_view.js";
import { settingsView, showPalette } from "./settings_view.js";
import { load, percent, text } from "./strings.js";
import { teachView } from "./teach_view.js";

const one = (selector) => document.querySelector(selector);

const say = (said) => { one("#spoken").textContent = said; };
let problem = "";
const trouble = (said) => {
  problem = said;
  one("#trouble").textContent = said;
};

let settings = await get("settings");
await load(settings.language);
const book = await get("book");
let pages = (await get("pages")).pages;
const numbers = new Map(pages.map((page, index) => [page.id, index + 1]));
one("#title").textContent = book.name;
document.title = `${book.name} – ocrd-rapid correct`;

const pageName = (id) => {
  const page = pages[numbers.get(id) - 1];
  const label = page?.label && page.label !== String(numbers.get(id)) ? ` (${page.label})` : "";
  return `${text("page")} ${numbers.get(id)}${label}`;
};

// What all views share.
const app = {
  book, say, trouble, pageName, numbers,
  get pages() { return pages; },
  get settings() { return settings; },
  set settings(value) { settings = value; },
  showProgress, refreshPages,
  linesChanged: () => views.lines.reset(),
};

const views = {
  lines: linesView(app), page: pageView(app), replace: replaceView(app), teach: teachView(app), settings: settingsView(app),
};
let shown = null;
let current = null;  // the line that has the focus

lines.begin({
  session: book.session, say, pageName, trouble,
  sequence: () => shown?.sequence?.() ?? [],
  need: (line) => shown?.need?.(line),
  later: (line, direction) => shown?.later?.(line, direction) ?? false,
  entered: (line) => { current = line; shown?.entered?.(line); },
  saved: (line) => { showProgress(); shown?.saved?.(line); },
  unsaved: () => {},
});
showPalette(app, (sign) => {
  if (!current?.field) return;
  current.field.focus();
  lines.editor.insert(current, sign);
});

// The address says which view is shown: #lines, #page=ID, #replace, #teach, #settings.
function follow() {
  const [name, value = ""] = location.hash.slice(1).split("=");
  const next = views[name] ? name : "lines";
  for (const each of Object.keys(views)) {
    one(`#${each}-view`).hidden = each !== next;
    if (each === next) one(`#to-${each}`).setAttribute("aria-current", "page");
    else one(`#to-${each}`).removeAttribute("aria-current");
  }
  one("#palette").hidden = next !== "lines" && next !== "page";
  if (shown && shown !== views[next]) shown.hide?.();
  shown = views[next];
  shown.show(decodeURIComponent(value)).catch((error) => trouble(text("trouble", { reason: error.message })));
}
addEventListener("hashchange", follow);

let asking = 0;
function showProgress() {
  clearTimeout(asking);
  asking = setTimeout(async () => {
    const far = await get("progress").catch(() => null);
    if (!far) return;
    const parts = [text("progressLines", { corrected: far.corrected, lines: far.lines }), text("progressMinutes", { minutes: Math.round(far.minutes) })];
    if (far.error !== null) parts.push(text("progressError", { error: percent(far.error) }));
    if (far.lines_to_goal) {
      const minutes = far.minutes_to_goal === null ? "?" : Math.ceil(far.minutes_to_goal);
      parts.push(text("progressGoal", { lines: far.lines_to_goal, minutes }, far.lines_to_goal));
    } else if (far.lines_to_goal === 0) parts.push(text("progressDone"));
    one("#progress").textContent = parts.join(" · ");
  }, 200);
}

async function refreshPages() {
  pages = (await get("pages")).pages;
  views.page.listPages();
}

const source = watch({
  line: (event) => { lines.refresh(event).catch(() => {}); showProgress(); },
  indexed: ({ done, total }) => {
    showProgress();
    if (done === total) refreshPages();
    shown?.indexed?.(done, total);
  },
  job: (event) => {
    if (event.kind === "line") {
      lines.readAnew(event);
      return;
    }
    views.teach.event(event);
    if (event.kind !== "teach" && event.result) {
      lines.forget();
      showProgress();
      views.lines.reset();
      if (shown === views.page && !lines.unsaved().length) follow();
    }
    if (event.error && typeof event.error === "string") trouble(text("failed", { reason: event.error }));
  },
});
source.addEventListener("error", () => trouble(text("noServer")));
source.addEventListener("open", () => {
  if (problem === text("noServer")) trouble("");
  for (const line of lines.unsaved()) if (line.pending === "failed") lines.save(line, line.isMeant);
});

addEventListener("beforeunload", (event) => { if (lines.unsaved().length) event.preventDefault(); });
// Alt+Shift+1 … 5 go to the views, Alt+R reads the line again in which the cursor is.
document.addEventListener("keydown", (event) => {
  if (!event.altKey || event.ctrlKey || event.metaKey) return;
  const view = event.shiftKey ? Object.keys(views)[Number(/^Digit([1-5])$/.exec(event.code)?.[1]) - 1] : null;
  if (view) {
    event.preventDefault();
    location.hash = view;
  } else if (event.code === "KeyR" && !event.shiftKey && current?.field && current.field === document.activeElement) {
    event.preventDefault();
    lines.readAgain(current);
  }
});
document.addEventListener("keydown", (event) => {
  if ((event.ctrlKey || event.metaKey) && !event.altKey && ["z", "y"].includes(event.key.toLowerCase())) {
    if (event.target.matches("input[type=text], textarea")) return;
    event.preventDefault();
    if (event.key.toLowerCase() === "y" || event.shiftKey) lines.editor.redo();
    else lines.editor.undo();
  }
});
let [resizing, width] = [0, innerWidth];
addEventListener("resize", () => {
  if (innerWidth === width) return;
  width = innerWidth;
  clearTimeout(resizing);
  resizing = setTimeout(() => shown?.sequence?.().forEach((line) => lines.place(line)), 150);
});

showProgress();
follow();
document.body.dataset.ready = "true";
