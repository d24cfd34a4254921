// SPDX-FileCopyrightText: The ocrd-rapid developers
// SPDX-License-Identifier: Apache-2.0
// Lines of the book, each once, however many views show it: fetched, edited, saved.
import { Refusal, get, picture, post, put } from "./api.js";
import { text } from "./strings.js";

const { make, oneLine, WITHOUT_TEXT } = globalThis.lineEditor;

// Largest height of the picture of a line [px].
const HIGHEST = 64;
// Time until a line that could not be saved is tried again [ms].
const AGAIN = 4000;

// This window, so that it knows its own events.
const client = Math.random().toString(36).slice(2);

const known = new Map();
let host = null;
export let editor = null;

const keyOf = (page, id) => JSON.stringify([page, id]);

// The host has: session, say, sequence (the lines of the view that is shown), need (a line is wanted),
// saved (a line was saved), trouble (a text, or nothing).
export function begin(given) {
  host = given;
  editor = globalThis.lineEditor.create({
    texts: Object.fromEntries(Object.keys(globalThis.lineEditor.ENGLISH).map((name) => [name, text(`line.${name}`)])),
    say: host.say,
    name: nameOf,
    picture: (line, name) => pictureOf(line, name),
    confidences: (line) => (line.words ?? []).map(({ confidence }) => (confidence === null ? "" : String(Math.round(100 * confidence)))),
    alternatives: (line, index) => alternativesOf(line, index),
    ready: (line) => host.need(line),
    neighbour(line, direction) {
      const lines = host.sequence();
      return lines[lines.indexOf(line) + direction] ?? null;
    },
    later: (line, direction) => host.later(line, direction),
    changed(line, { typed }) {
      if (typed) note(line, "typed");
      else save(line);
    },
    confirmed: (line) => save(line),
    left: (line) => { if (line.pending === "typed") save(line, false); },
    entered: (line) => { showChoices(line); host.entered?.(line); },
    described: (line, state) => {
      line.said?.classList.toggle("unsaved", line.pending === "failed");
      if (line.row) line.row.dataset.pending = line.pending;
      const isLeft = line.state === "corrected" && line.isSure === false;
      const pending = line.pending || (isLeft ? "typed" : "");
      const rest = { failed: text("notSaved"), saving: text("saving"), typed: text("typed") }[pending];
      return [state, rest].filter(Boolean).join(" · ");
    },
  });
}

const nameOf = (line) => text("lineName", { n: line.number ?? "", page: host.pageName(line.page) });

// Counts what is saved, so that an answer that was on its way meanwhile is not taken for news.
let clock = 0;
export const now = () => clock;

// The object of a line, from an answer of the server to what was asked at some time; what is typed and
// not saved stays.
export function lineOf(view, asked = clock) {
  const id = view.id ?? view.line;
  const key = keyOf(view.page, id);
  let line = known.get(key);
  if (!line) {
    line = { page: view.page, id, index: (view.number ?? 1) - 1, row: null, pending: "", text: view.text, state: view.state };
    known.set(key, line);
    take(line, view);
  } else if (!line.pending && (line.touched ?? 0) <= asked) {
    take(line, view);
  }
  return line;
}

// Takes over what the server says of a line.
function take(line, view) {
  const { text: said, state, base, confirmed } = view;
  Object.assign(line, { text: said, state, old: said, first: state, base, isSure: confirmed });
  if (view.words) {
    const { number, words, rightToLeft, picture: place, readings, confidence, kind, region } = view;
    Object.assign(line, { number, index: number - 1, words, rightToLeft, place, readings, confidence, kind, region, isWhole: true });
    line.machine = state ? readings[0]?.text ?? "" : said;
  }
  editor.show(line);
}

export async function fetchLine(line) {
  if (line.isWhole) return line;
  const asked = clock;
  line.fetching ??= get("line", { page: line.page, line: line.id });
  const view = await line.fetching;
  line.fetching = null;
  return line.isWhole ? line : lineOf(view, asked);
}

function note(line, pending) {
  line.pending = pending;
  editor.show(line);
  host.unsaved([...known.values()].filter((each) => each.pending));
}

export const unsaved = () => [...known.values()].filter((line) => line.pending);

// Saving: one request for a line at a time, the last text wins. A line whose field was only left after a
// change is saved, too, but not taken for done.
export async function save(line, confirmed = true) {
  clearTimeout(line.again);
  line.isMeant = confirmed;
  if (line.isSaving) {
    line.isStale = true;
    return;
  }
  const said = { text: WITHOUT_TEXT.has(line.state) ? "" : oneLine(line.text), state: line.state };
  if (said.state && !WITHOUT_TEXT.has(said.state) && !said.text) return;
  const isSame = said.state === line.first && (!said.state || said.text === line.old || WITHOUT_TEXT.has(said.state));
  if (isSame && (!confirmed || !said.state || line.isSure !== false)) {
    note(line, said.state || line.text === line.old ? "" : "typed");
    return;
  }
  line.isSaving = true;
  line.touched = ++clock;
  note(line, "saving");
  try {
    const { line: view } = await put("line", { page: line.page, line: line.id, base: line.base, client, confirmed, ...said });
    line.other = "";
    line.base = view.base;
    line.old = view.text;
    line.first = view.state;
    line.isSure = view.confirmed;
    Object.assign(line, { words: view.words, readings: view.readings });
    line.machine = view.state ? view.readings[0]?.text ?? "" : view.text;
    if (!line.isStale && line.state === said.state && oneLine(line.text) === (said.text || line.text)) {
      line.text = view.text;
      line.pending = "";
    }
    host.trouble("");
    host.saved(line);
  } catch (error) {
    fail(line, error);
  } finally {
    line.isSaving = false;
    line.touched = ++clock;
  }
  showOther(line);
  if (line.isStale) {
    line.isStale = false;
    save(line, line.isMeant);
  } else {
    note(line, line.pending === "saving" ? "" : line.pending);
  }
}

function fail(line, error) {
  line.pending = "failed";
  if (error instanceof Refusal && error.status === 409 && error.content.line) {
    // Somebody else was here: theirs is shown, ours stays in the field; Enter replaces theirs.
    const theirs = error.content.line;
    Object.assign(line, { base: theirs.base, old: theirs.text, first: theirs.state });
    line.other = text("changedElsewhere", { text: theirs.text || text(`line.${theirs.state}`) });
    host.say(line.other);
  } else if (error instanceof Refusal && error.status < 500) {
    host.trouble(text("refused", { reason: error.message }));
  } else {
    host.trouble(text("trouble", { reason: error.message }));
    line.again = setTimeout(() => save(line, line.isMeant), AGAIN);
  }
}

// A line that another browser has saved.
export async function refresh({ page, line: id, base, client: by }) {
  const line = known.get(keyOf(page, id));
  if (!line || by === client || line.base === base || line.pending) return;
  const asked = clock;
  lineOf(await get("line", { page, line: id }), asked);
  showRead(line);
}

// A line is read again by the head in use. What is read comes into the field as if it were typed: it is
// one step of undo, and a person confirms it.

let asked = null;

export async function readAgain(line) {
  host.trouble("");
  try {
    await post("jobs/read-line", { page: line.page, line: line.id });
    asked = line;
    host.say(text("readingLine"));
    line.article?.classList.add("waiting");
  } catch (error) {
    host.trouble(text("notRead", { reason: error.message }));
  }
}

export function readAnew(event) {
  if (event.begun || !asked) return;
  const line = asked;
  asked = null;
  line.article?.classList.remove("waiting");
  if (!event.result) {
    if (event.error) host.trouble(text("notRead", { reason: event.error }));
    return;
  }
  const said = oneLine(event.result.text);
  if (!said || said === oneLine(line.text)) {
    host.say(text(said ? "readSame" : "readNothing"));
    host.trouble(text(said ? "readSame" : "readNothing"));
    return;
  }
  const isHere = document.activeElement === line.field;
  editor.change(line, said, said === line.old ? line.first : "corrected", { typed: isHere });
  host.say(said);
}

// All lines may be different now: what is known of them is asked for anew when it is wanted.
export function forget() {
  for (const line of known.values()) line.isWhole = false;
}

// Rows

let count = 0;

// The row of a line: where it is, its picture and field, what the machine read.
export function rowOf(line) {
  const name = `field-${count++}`;
  const where = make("div", { class: "where" }, text("where", { page: host.pageName(line.page), n: line.number }));
  const read = make("p", { class: "read" });
  const choices = make("div", { class: "choices" });
  const other = make("p", { class: "other", role: "status" });
  Object.assign(line, { read, choices, other_: other });
  const row = make("article", { class: "line", "aria-label": nameOf(line) }, where, editor.build(line, name), choices, other, read);
  line.article = row;
  line.picture.addEventListener("load", () => place(line));
  const again = make("button", { type: "button", class: "again", "aria-keyshortcuts": "Alt+R", title: "Alt+R" }, text("readLine"));
  again.addEventListener("click", () => { line.field.focus(); readAgain(line); });
  line.row.querySelector(".entry").append(again);
  showRead(line);
  showOther(line);
  return row;
}

export function drop(line) {
  line.article?.remove();
  Object.assign(line, { row: null, article: null, field: null, room: 0 });
}

function pictureOf(line, name) {
  return make("img", { class: "picture", alt: name, src: picture(host.session, line.page, line.id), decoding: "async" });
}

// The picture as large as there is room for it, and the letters of the field below its letters.
export function place(line) {
  const room = line.row?.clientWidth;
  if (!room || !line.place) return;
  const { width, height, begin, end } = line.place;
  const factor = Math.min(room / width, HIGHEST / height);
  line.picture.style.width = `${width * factor}px`;
  line.picture.style.height = `${height * factor}px`;
  editor.measure(line.field);
  editor.place(line, width * factor, begin * factor, end * factor);
}

// What the machine read; words that it is not sure of are marked.
export function showRead(line) {
  if (!line.read) return;
  line.read.dir = line.rightToLeft ? "rtl" : "ltr";
  const isOpen = !line.state;
  const said = isOpen ? "" : line.readings?.[0]?.text ?? "";
  line.read.replaceChildren();
  if (!isOpen) {
    if (said && said !== line.text) line.read.append(text("machineRead", { text: said }));
    return;
  }
  for (const { text: word, confidence } of line.words ?? []) {
    const isDoubtful = confidence !== null && 100 * confidence < globalThis.lineEditor.DOUBTFUL;
    line.read.append(isDoubtful ? make("mark", { title: `${Math.round(100 * confidence)} %` }, word) : word, " ");
  }
}

function showOther(line) {
  if (line.other_) line.other_.textContent = line.other ?? "";
  showRead(line);
}

// The other readings of the word at the cursor, and of the line, by number.
function alternativesOf(line, index) {
  const own = line.words?.[index]?.alternatives ?? [];
  const words = line.text.split(/\s+/u).filter(Boolean).length;
  const others = (line.readings ?? []).map((reading) => reading.text.split(" ")).filter((each) => each.length === words)
    .map((each) => each[index]);
  const current = line.text.split(/\s+/u).filter(Boolean)[index];
  return [...new Set([...own, ...others])].filter((each) => each && each !== current).slice(0, 9);
}

function showChoices(line) {
  if (!line.choices) return;
  const word = editor.wordAt(line);
  const found = word ? alternativesOf(line, word.index) : [];
  line.choices.replaceChildren(...found.map((each, index) => {
    const button = make("button", { type: "button", "aria-keyshortcuts": `Alt+${index + 1}` }, `Alt ${index + 1}: ${each}`);
    button.addEventListener("click", () => { editor.insert(line, each, word.begin, word.end); line.field.focus(); });
    return button;
  }));
}
document.addEventListener("selectionchange", () => {
  const line = [...known.values()].find((each) => each.field && each.field === document.activeElement);
  if (line) showChoices(line);
});
