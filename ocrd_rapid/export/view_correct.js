// SPDX-FileCopyrightText: The ocrd-rapid developers
// SPDX-License-Identifier: Apache-2.0
"use strict";
(() => {
  const one = (selector, within = document) => within.querySelector(selector);
  const all = (selector, within = document) => [...within.querySelectorAll(selector)];
  const make = (name, values = {}, ...inside) => {
    const element = document.createElement(name);
    for (const [key, value] of Object.entries(values)) element.setAttribute(key, value);
    element.append(...inside);
    return element;
  };
  const main = one("main");
  const toggle = one("[data-toggle=correct]");
  const NAMES = { corrected: "✓ corrected", confirmed: "✓ confirmed", illegible: "? illegible", "not-text": "✗ not text", "": "" };
  const WITHOUT_TEXT = new Set(["illegible", "not-text"]);
  const DOUBTFUL = 80;
  // Largest height of the picture of a line [px], and room around the line, as a share of its height.
  const HIGHEST = 64;
  const ROOM = 0.15;

  // A page has lines; a line what was there (old, first) and what the person says (text, state).
  const pages = all("[data-sha256]").map((section, index) => ({
    section, index, id: section.dataset.pageId, sha256: section.dataset.sha256, lines: null, isBuilt: false, isPainted: false, isNear: false,
    done: all("[data-state]", section).length,
    key: `ocrd-rapid corrections 1:${section.dataset.sha256}:${section.dataset.pageId}`,
  }));
  const pageOf = new Map(pages.map((page) => [page.section, page]));
  const total = all("[data-text]").length;

  const oneLine = (text) => text.normalize("NFC").split(/\s+/u).filter(Boolean).join(" ");

  function linesOf(page) {
    page.lines ??= all("[data-text]", page.section).map((element, index) => {
      const { text, state = "" } = element.dataset;
      return { page, index, element, id: element.dataset.line, old: text, first: state, text, state, row: null };
    });
    return page.lines;
  }

  const isChanged = (line) => line.text !== line.old || line.state !== line.first;

  // Kept by the browser

  let isKept = true;

  function keep(page) {
    const changed = linesOf(page).filter(isChanged).map(({ id, text, state }) => [id, { text, state }]);
    try {
      if (changed.length) localStorage.setItem(page.key, JSON.stringify(Object.fromEntries(changed)));
      else localStorage.removeItem(page.key);
      isKept = true;
    } catch {
      isKept = false;
    }
    count(page);
    showCount();
  }

  const count = (page) => { page.done = linesOf(page).filter((line) => line.state).length; };

  // Only text and states come out of the browser's storage, whatever somebody wrote into it.
  function recall(page) {
    let found = null;
    try {
      found = JSON.parse(localStorage.getItem(page.key) ?? "null");
    } catch { /* no storage here, or something else in it */ }
    const known = found && typeof found === "object" ? new Map(Object.entries(found)) : new Map();
    if (!known.size && !page.lines) return;
    for (const line of linesOf(page)) {
      const { text, state } = known.get(line.id) ?? { text: line.old, state: line.first };
      if (typeof text !== "string" || !Object.hasOwn(NAMES, state)) continue;
      Object.assign(line, { text, state });
      show(line);
    }
    count(page);
  }

  addEventListener("storage", (event) => {
    const page = pages.find(({ key }) => key === event.key);
    if (page) recall(page);
    showCount();
  });
  addEventListener("beforeunload", (event) => {
    if (!isKept && changedLines().length) event.preventDefault();
  });

  const changedLines = () => pages.flatMap((page) => (page.lines ?? []).filter(isChanged));

  function showCount() {
    const sum = pages.reduce((before, page) => before + page.done, 0);
    const warning = isKept ? "" : " · not kept by this browser: save";
    one("#corrections").textContent = `${sum} of ${total} lines${warning}`;
  }

  // Changes, and the way back

  const undone = [];
  const done = [];
  // Within this time [ms], what is typed into a line is one step of undo.
  const BURST = 1500;

  function change(line, text, state, { typed = false } = {}) {
    if (text === line.text && state === line.state) return;
    const now = performance.now();
    const last = done.at(-1);
    undone.length = 0;
    if (typed && last?.typed && last.line === line && now - last.when < BURST) {
      Object.assign(last, { after: { text, state }, when: now });
    } else {
      const before = { text: line.text, state: line.state };
      done.push({ line, before, after: { text, state }, typed, when: now });
    }
    Object.assign(line, { text, state });
    show(line);
    keep(line.page);
  }

  function goBack(from, to, which) {
    const step = from.pop();
    if (!step) return say("nothing more to undo or redo");
    step.typed = false;
    to.push(step);
    Object.assign(step.line, step[which]);
    show(step.line);
    keep(step.line.page);
    focus(step.line);
    return tell(step.line);
  }
  const undo = () => goBack(done, undone, "before");
  const redo = () => goBack(undone, done, "after");

  // The state of a line whose text is typed: empty text says nothing.
  function typedState(line, text) {
    if (oneLine(text) === line.old) return line.first;
    return oneLine(text) ? "corrected" : "";
  }

  function say(text) { one("#spoken").textContent = text; }
  function tell(line) { say(`${nameOf(line)}: ${NAMES[line.state].slice(2) || "not confirmed"}`); }
  const nameOf = (line) => `Line ${line.index + 1} of ${line.page.section.getAttribute("aria-label")}`;

  function confirm(line) {
    const text = oneLine(line.text);
    if (WITHOUT_TEXT.has(line.state)) return true;
    if (!text) {
      say("no text: F8 for illegible, F9 for not text");
      return false;
    }
    const state = text === line.old ? (line.first || "confirmed") : "corrected";
    change(line, text, state);
    tell(line);
    return true;
  }

  function declare(line, state) {
    const before = WITHOUT_TEXT.has(line.state) ? line.old : line.text;
    if (line.state === state) change(line, before, typedState(line, before));
    else change(line, before, state);
    tell(line);
  }

  // Rows: picture, field, state

  function build(page) {
    if (!page.isBuilt) {
      page.isBuilt = true;
      for (const line of linesOf(page)) buildRow(line);
      const image = one("figure img", page.section);
      if (image) {
        image.loading = "eager";
        image.addEventListener("load", () => paint(page));
      }
    }
    if (!page.isPainted) paint(page);
  }

  function buildRow(line) {
    const { page, index, element } = line;
    const name = `line-${page.index}-${index}`;
    const canvas = make("canvas", { role: "img", "aria-label": `Picture of line ${index + 1}` });
    const field = make("input", {
      type: "text", id: name, autocomplete: "off", autocapitalize: "off", spellcheck: "false",
      "aria-describedby": `${name}-said`, dir: element.dir === "rtl" ? "rtl" : "auto",
    });
    const label = make("label", { for: name, class: "name" }, nameOf(line));
    const said = make("span", { id: `${name}-said`, class: "said" });
    const buttons = [["illegible", "F8"], ["not-text", "F9"]].map(([state, key]) => {
      const button = make("button", { type: "button", "aria-keyshortcuts": key, title: key }, NAMES[state]);
      button.addEventListener("click", () => { declare(line, state); field.focus(); });
      button.dataset.says = state;
      return button;
    });
    const entry = make("div", { class: "entry" }, label, field, said, ...buttons);
    line.row = make("div", { class: "correction" }, canvas, entry);
    Object.assign(line, { canvas, field, said, buttons });
    field.addEventListener("input", () => {
      change(line, field.value, typedState(line, field.value), { typed: true });
    });
    field.addEventListener("focus", () => {
      isFree = false;
      field.setSelectionRange(0, 0);  // browsers select all: the next letter would replace it
    });
    field.addEventListener("keydown", (event) => press(event, line));
    element.after(line.row);
    show(line);
  }

  function show(line) {
    const { row, field, said, buttons } = line;
    if (!row) return;
    const text = WITHOUT_TEXT.has(line.state) ? "" : line.text;
    if (field.value !== text) field.value = text;
    field.placeholder = WITHOUT_TEXT.has(line.state) ? NAMES[line.state].slice(2) : "";
    said.textContent = NAMES[line.state];
    row.dataset.says = line.state;
    for (const button of buttons) button.setAttribute("aria-pressed", String(button.dataset.says === line.state));
    fit(line);
  }

  // Letters lie below letters as far as a distance between all of them can do it.
  const ruler = document.createElement("canvas").getContext("2d");
  function fit(line) {
    const { field, text, room } = line;
    let spacing = 0;
    if (room && text && text.length <= 1000 && !WITHOUT_TEXT.has(line.state)) {
      spacing = Math.max(-0.5, Math.min((room - ruler.measureText(text).width) / text.length, 8));
    }
    field.style.letterSpacing = `${spacing.toFixed(2)}px`;
  }

  const cornersOf = (points) => points.split(" ").map((point) => point.split(",").map(Number));

  function paint(page) {
    const image = one("figure img", page.section);
    if (!image?.naturalWidth || !page.isBuilt || !toggle.checked) return;
    const [width] = page.section.dataset.size.split(" ").map(Number);
    const lines = linesOf(page);
    // All is measured before anything changes: the browser lays out the page once.
    const rooms = lines.map((line) => line.row.clientWidth);
    if (!rooms.some(Boolean)) return;
    const style = getComputedStyle(lines[0].field);
    ruler.font = `${style.fontSize} ${style.fontFamily}`;
    lines.forEach((line, index) => paintLine(line, image, image.naturalWidth / width, rooms[index]));
    page.isPainted = true;
  }

  // Where the words of a line begin and end in its picture, whose sides are given.
  function extent(line, scale, left, right) {
    const xs = line.element.dataset.words.split(";").filter(Boolean)
      .flatMap((word) => cornersOf(word.split(":")[1])).map(([x]) => x * scale);
    const [begin, end] = xs.length ? [Math.min(...xs), Math.max(...xs)] : [left, right];
    return Number(line.element.dataset.turn) === 180 ? [right - end, right - begin] : [begin - left, end - left];
  }

  // The line, upright: its region says by how much it is turned.
  function paintLine(line, image, scale, room) {
    const points = cornersOf(line.element.dataset.at);
    const turn = Number(line.element.dataset.turn ?? 0);
    const [xs, ys] = [0, 1].map((axis) => points.map((point) => point[axis] * scale));
    let [left, top, right, bottom] = [Math.min(...xs), Math.min(...ys), Math.max(...xs), Math.max(...ys)];
    const margin = ROOM * Math.min(right - left, bottom - top);
    [left, top, right, bottom] = [left - margin, top - margin, right + margin, bottom + margin];
    const isAcross = turn % 180 === 0;
    const [long, high] = isAcross ? [right - left, bottom - top] : [bottom - top, right - left];
    if (!(long > 0 && high > 0 && room > 0)) return;
    const factor = Math.min(room / long, HIGHEST / high);
    const ratio = window.devicePixelRatio || 1;
    const { canvas } = line;
    canvas.width = Math.max(1, Math.round(long * factor * ratio));
    canvas.height = Math.max(1, Math.round(high * factor * ratio));
    canvas.style.width = `${long * factor}px`;
    canvas.style.height = `${high * factor}px`;
    line.field.style.width = `max(${long * factor}px, 8rem)`;
    const [begin, end] = isAcross ? extent(line, scale, left, right) : [margin, long - margin];
    line.field.style.paddingLeft = `${begin * factor}px`;
    line.field.style.paddingRight = `${(long - end) * factor}px`;
    line.room = (end - begin) * factor;
    const context = canvas.getContext("2d");
    context.imageSmoothingQuality = "high";
    context.fillStyle = "#fff";
    context.fillRect(0, 0, canvas.width, canvas.height);
    context.translate(canvas.width / 2, canvas.height / 2);
    context.rotate(turn * Math.PI / 180);
    context.scale(factor * ratio, factor * ratio);
    context.drawImage(image, -(left + right) / 2, -(top + bottom) / 2);
    fit(line);
  }

  // Keys

  // After Escape, Tab leaves the field as it does elsewhere.
  let isFree = false;

  function press(event, line) {
    if (event.isComposing) return;
    const isCommand = (event.ctrlKey || event.metaKey) && !event.altKey;
    const key = event.key.length === 1 ? event.key.toLowerCase() : event.key;
    let act = null;
    if (isCommand && key === "z") act = event.shiftKey ? redo : undo;
    else if (isCommand && key === "y") act = redo;
    else if (isCommand || event.altKey) return;
    else if (key === "Enter") act = () => (event.shiftKey ? move(line, -1) : confirm(line) && move(line, 1));
    else if (key === "ArrowDown") act = () => move(line, 1);
    else if (key === "ArrowUp") act = () => move(line, -1);
    else if (key === "F8") act = () => declare(line, "illegible");
    else if (key === "F9") act = () => declare(line, "not-text");
    else if (key === "Escape") isFree = true;
    else if (key === "Tab" && !isFree) {
      const next = doubtful(line, event.shiftKey ? -1 : 1);
      if (next) act = () => select(next);
    }
    if (!act) return;
    event.preventDefault();
    event.stopPropagation();
    act();
  }

  function neighbour(line, direction) {
    const within = linesOf(line.page)[line.index + direction];
    if (within) return within;
    for (let index = line.page.index + direction; pages[index]; index += direction) {
      const lines = linesOf(pages[index]);
      if (lines.length) return direction > 0 ? lines[0] : lines.at(-1);
    }
    return null;
  }

  function focus(line) {
    build(line.page);
    line.row.scrollIntoView({ block: "center" });
    line.field.focus({ preventScroll: true });
  }

  function move(line, direction) {
    const next = neighbour(line, direction);
    if (!next) return say(direction > 0 ? "this was the last line" : "this was the first line");
    const at = line.field.selectionStart;
    focus(next);
    return next.field.setSelectionRange(Math.min(at, next.text.length), Math.min(at, next.text.length));
  }

  // The places of words that the machine was not sure of, in a line of which nobody has said anything.
  function doubtfulWords(line) {
    if (line.state) return [];
    const sure = line.element.dataset.words.split(";").map((word) => word.split(":")[0]);
    return [...line.text.matchAll(/\S+/gu)].filter((_, index) => sure[index] && Number(sure[index]) < DOUBTFUL)
      .map((match) => ({ line, begin: match.index, end: match.index + match[0].length }));
  }

  function doubtful(line, direction) {
    const { selectionStart, selectionEnd } = line.field;
    const here = doubtfulWords(line).filter(({ begin, end }) =>
      (direction > 0 ? begin >= selectionEnd && end > selectionStart : end <= selectionStart));
    if (here.length) return here.at(direction > 0 ? 0 : -1);
    for (let other = neighbour(line, direction); other; other = neighbour(other, direction)) {
      const found = doubtfulWords(other);
      if (found.length) return found.at(direction > 0 ? 0 : -1);
    }
    return null;
  }

  function select({ line, begin, end }) {
    focus(line);
    line.field.setSelectionRange(begin, end);
  }

  // The file

  function save() {
    const found = pages.map((page) => ({
      id: page.id, sha256: page.sha256,
      lines: (page.lines ?? []).filter((line) => isChanged(line) && line.state).map((line) => ({
        id: line.id, old: line.old, new: WITHOUT_TEXT.has(line.state) ? "" : oneLine(line.text), state: line.state,
      })),
    })).filter(({ lines }) => lines.length);
    const { group, document: name, generator } = main.dataset;
    const content = {
      format: "ocrd-rapid corrections", version: 1, generator, document: name,
      saved: new Date().toISOString(), group, pages: found,
    };
    const blob = new Blob([`${JSON.stringify(content, null, 1)}\n`], { type: "application/json" });
    const address = URL.createObjectURL(blob);
    make("a", { href: address, download: "corrections.json" }).click();
    setTimeout(() => URL.revokeObjectURL(address), 60000);
    const lines = found.reduce((before, page) => before + page.lines.length, 0);
    say(`corrections.json: ${lines} lines`);
  }

  one("#save").addEventListener("click", save);
  document.addEventListener("keydown", (event) => {
    if ((event.ctrlKey || event.metaKey) && !event.altKey && event.key.toLowerCase() === "s") {
      event.preventDefault();
      save();
    }
  });

  // Beginning

  const near = new IntersectionObserver((entries) => {
    if (!toggle.checked) return;
    for (const entry of entries) {
      const page = pageOf.get(entry.target);
      page.isNear = entry.isIntersecting;
      if (page.isNear) build(page);
    }
  }, { rootMargin: "60% 0px" });
  toggle.addEventListener("change", () => {
    for (const page of pages) {
      near.unobserve(page.section);
      near.observe(page.section);
    }
  });
  let [resizing, width] = [0, main.clientWidth];
  new ResizeObserver(() => {
    if (main.clientWidth === width) return;  // it only became longer
    width = main.clientWidth;
    clearTimeout(resizing);
    resizing = setTimeout(() => {
      for (const page of pages) {
        page.isPainted = false;
        if (page.isNear && page.isBuilt) paint(page);
      }
    }, 150);
  }).observe(main);
  for (const page of pages) {
    recall(page);
    near.observe(page.section);
  }
  showCount();
})();
