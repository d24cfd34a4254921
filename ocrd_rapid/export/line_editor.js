// SPDX-FileCopyrightText: The ocrd-rapid developers
// SPDX-License-Identifier: Apache-2.0
"use strict";
// Fields below the pictures of lines: keys, undo, doubtful words. Where lines come from and where
// they are kept is the host's: `view_correct.js` in a view, `lines.js` of the correction server.
globalThis.lineEditor = (() => {
  const make = (name, values = {}, ...inside) => {
    const element = document.createElement(name);
    for (const [key, value] of Object.entries(values)) element.setAttribute(key, value);
    element.append(...inside);
    return element;
  };
  const WITHOUT_TEXT = new Set(["illegible", "not-text"]);
  const STATES = new Set(["", "corrected", "confirmed", ...WITHOUT_TEXT]);
  // Words that were read with less [%] are doubtful.
  const DOUBTFUL = 80;
  // Within this time [ms], what is typed into a line is one step of undo.
  const BURST = 1500;
  // Letters of a field are enlarged by no more, to be as wide as those of the picture.
  const LARGEST = 1.6;
  // Room in a field that its borders and a cursor at the end take [px].
  const BORDERS = 6;

  const ENGLISH = {
    corrected: "✓ corrected", confirmed: "✓ confirmed", illegible: "? illegible", "not-text": "✗ not text",
    picture: "Picture of line {n}", open: "not confirmed", noText: "no text: F8 for illegible, F9 for not text",
    last: "this was the last line", first: "this was the first line", nothing: "nothing more to undo or redo",
  };

  // What Ctrl+Space makes of the character before it: each the next one, the last one the first.
  const VARIANTS = [
    "s ſ", "r ꝛ", "- ⸗ —", "a aͤ ã æ", "o oͤ õ œ", "u uͤ uͦ ũ", "e ẽ ę", "i ĩ", "n n̄", "m m̄", "p ꝑ ꝓ", "q ꝗ",
    "9 ꝰ", "l ℔", "+ ✝ †", "& ⁊", "\" „ “", "c ç", "A Aͤ Ä Æ", "O Oͤ Ö Œ", "U Uͤ Ü", "z ʒ",
  ].map((row) => row.split(" "));
  const NEXT = new Map(VARIANTS.flatMap((row) => row.map((sign, index) => [sign, row[(index + 1) % row.length]])));

  const oneLine = (text) => text.normalize("NFC").split(/\s+/u).filter(Boolean).join(" ");

  // A line has: index, old and first (text and state as they were), text, state, rightToLeft, and machine
  // (what was read there) if that can become its text again.
  // The host has: name, picture, confidences, neighbour, ready, changed, say; perhaps texts, alternatives,
  // confirmed, entered, left, described, and later: whether it goes to the neighbour itself, in a moment.
  function create(host) {
    const words = { ...ENGLISH, ...host.texts };
    const nameOf = (state) => (state ? words[state] : "");
    const say = (text) => host.say(text);
    const tell = (line) => say(`${host.name(line)}: ${nameOf(line.state).slice(2) || words.open}`);

    // Changes, and the way back. A step has one line or several.

    const undone = [];
    const done = [];

    function change(line, text, state, { typed = false } = {}) {
      if (text === line.text && state === line.state) return;
      const now = performance.now();
      const last = done.at(-1);
      undone.length = 0;
      if (typed && last?.typed && last.changes[0]?.line === line && now - last.when < BURST) {
        last.changes[0].after = { text, state };
        last.when = now;
      } else {
        const before = { text: line.text, state: line.state };
        done.push({ changes: [{ line, before, after: { text, state } }], typed, when: now });
      }
      Object.assign(line, { text, state });
      show(line);
      host.changed(line, { typed });
    }

    // Notes a step that was made elsewhere, such as a replacement in many lines.
    function note(changes) {
      undone.length = 0;
      done.push({ changes, typed: false, when: performance.now() });
    }

    // Notes a step that is undone and done again by functions of the host.
    function noteActs(undoIt, redoIt) {
      undone.length = 0;
      done.push({ acts: { before: undoIt, after: redoIt }, changes: [], typed: false, when: performance.now() });
    }

    function goBack(from, to, which) {
      const step = from.pop();
      if (!step) return say(words.nothing);
      if (step.acts) {
        to.push(step);
        return step.acts[which]();
      }
      step.typed = false;
      to.push(step);
      for (const each of step.changes) {
        Object.assign(each.line, each[which]);
        show(each.line);
        host.changed(each.line, { typed: false });
      }
      const [{ line }] = step.changes;
      focus(line);
      return tell(line);
    }
    const undo = () => goBack(done, undone, "before");
    const redo = () => goBack(undone, done, "after");

    // The state of a line whose text is typed: empty text says nothing.
    function typedState(line, text) {
      if (oneLine(text) === line.old) return line.first;
      return oneLine(text) ? "corrected" : "";
    }

    function confirm(line) {
      if (!WITHOUT_TEXT.has(line.state)) {
        const text = oneLine(line.text);
        if (!text) {
          say(words.noText);
          return false;
        }
        change(line, text, text === line.old ? (line.first || "confirmed") : "corrected");
        tell(line);
      }
      host.confirmed?.(line);
      return true;
    }

    function declare(line, state) {
      const before = WITHOUT_TEXT.has(line.state) ? line.machine ?? line.old : line.text;
      const isBack = line.machine !== undefined && WITHOUT_TEXT.has(line.first);
      if (line.state === state) change(line, before, isBack ? "" : typedState(line, before));
      else change(line, before, state);
      tell(line);
    }

    // Rows: picture, field, state

    function build(line, name) {
      const { index } = line;
      const picture = host.picture(line, words.picture.replace("{n}", index + 1));
      const field = make("input", {
        type: "text", id: name, autocomplete: "off", autocapitalize: "off", spellcheck: "false",
        "aria-describedby": `${name}-said`, dir: line.rightToLeft ? "rtl" : "auto",
      });
      const label = make("label", { for: name, class: "name" }, host.name(line));
      const said = make("span", { id: `${name}-said`, class: "said" });
      const buttons = [["illegible", "F8"], ["not-text", "F9"]].map(([state, key]) => {
        const button = make("button", { type: "button", "aria-keyshortcuts": key, title: key }, nameOf(state));
        button.addEventListener("click", () => { declare(line, state); field.focus(); });
        button.dataset.says = state;
        return button;
      });
      const entry = make("div", { class: "entry" }, label, field, said, ...buttons);
      line.row = make("div", { class: "correction" }, picture, entry);
      Object.assign(line, { picture, field, said, buttons });
      field.addEventListener("input", () => {
        change(line, field.value, typedState(line, field.value), { typed: true });
      });
      field.addEventListener("focus", () => {
        isFree = false;
        field.setSelectionRange(0, 0);  // browsers select all: the next letter would replace it
        host.entered?.(line);
      });
      field.addEventListener("blur", () => host.left?.(line));
      field.addEventListener("keydown", (event) => press(event, line));
      show(line);
      return line.row;
    }

    function show(line) {
      const { row, field, said, buttons } = line;
      if (!row) return;
      const isMute = WITHOUT_TEXT.has(line.state);
      const text = isMute ? "" : line.text;
      if (field.value !== text) field.value = text;
      field.placeholder = isMute ? nameOf(line.state).slice(2) : "";
      said.textContent = host.described?.(line, nameOf(line.state)) ?? nameOf(line.state);
      row.dataset.says = line.state;
      for (const button of buttons) button.setAttribute("aria-pressed", String(button.dataset.says === line.state));
      fit(line);
    }

    // Letters lie below letters as far as their size and a distance between all of them can do it.
    const ruler = document.createElement("canvas").getContext("2d");
    let size = 16;
    function fit(line) {
      const { field, text, room } = line;
      let [spacing, scale] = [0, 1];
      if (room && text && text.length <= 1000 && !WITHOUT_TEXT.has(line.state)) {
        const { width } = ruler.measureText(text);
        scale = Math.max(1, Math.min(room / width, LARGEST));
        spacing = Math.max(-0.5, Math.min((room - width * scale) / text.length, 8));
      }
      field.style.fontSize = scale === 1 ? "" : `${(size * scale).toFixed(1)}px`;
      field.style.letterSpacing = `${spacing.toFixed(2)}px`;
    }

    // The field below a picture of some width, whose text begins and ends somewhere in it [px].
    function place(line, width, begin, end) {
      const { field } = line;
      field.style.width = `max(${width}px, 8rem)`;
      field.style.paddingLeft = `${begin}px`;
      field.style.paddingRight = `${width - end}px`;
      line.room = Math.max(0, end - begin - BORDERS);
      fit(line);
    }

    // Takes the font of a field for those of all.
    function measure(field) {
      const { fontSize } = field.style;
      field.style.fontSize = "";
      const style = getComputedStyle(field);
      size = Number.parseFloat(style.fontSize);
      ruler.font = `${style.fontSize} ${style.fontFamily}`;
      field.style.fontSize = fontSize;
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
      else if (isCommand && (key === " " || event.code === "Space")) act = () => vary(line);
      else if (event.altKey && !event.ctrlKey && !event.shiftKey && /^Digit[1-9]$/.test(event.code)) {
        act = () => choose(line, Number(event.code.slice(5)) - 1);
      } else if (isCommand || event.altKey) return;
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

    function focus(line) {
      host.ready(line);
      if (!line.row) return;
      line.row.scrollIntoView({ block: "center" });
      line.field.focus({ preventScroll: true });
    }

    function move(line, direction) {
      const next = host.neighbour(line, direction);
      if (!next && host.later?.(line, direction)) return undefined;
      if (!next) return say(direction > 0 ? words.last : words.first);
      const at = line.field.selectionStart;
      focus(next);
      return next.field?.setSelectionRange(Math.min(at, next.text.length), Math.min(at, next.text.length));
    }

    // Texts by keys

    // Puts a text in place of what is selected, as if it were typed.
    function insert(line, text, begin = line.field.selectionStart, end = line.field.selectionEnd) {
      const { field } = line;
      field.setRangeText(text, begin, end, "end");
      change(line, field.value, typedState(line, field.value), { typed: true });
    }

    function vary(line) {
      const { field } = line;
      const at = field.selectionEnd;
      const [before = ""] = field.value.slice(0, at).match(/.\p{M}*$/u) ?? [];
      const next = NEXT.get(before);
      if (next) insert(line, next, at - before.length, at);
    }

    // The number and the place of the word at the cursor.
    function wordAt(line) {
      const { selectionStart } = line.field;
      const found = [...line.text.matchAll(/\S+/gu)].map((match, index) => (
        { index, begin: match.index, end: match.index + match[0].length }));
      return found.find(({ end }) => end >= selectionStart) ?? found.at(-1) ?? null;
    }

    function choose(line, number) {
      const word = wordAt(line);
      const text = word && host.alternatives?.(line, word.index)[number];
      if (text) insert(line, text, word.begin, word.end);
    }

    // The places of words that the machine was not sure of, in a line of which nobody has said anything.
    function doubtfulWords(line) {
      if (line.state) return [];
      const sure = host.confidences(line);
      return [...line.text.matchAll(/\S+/gu)].filter((_, index) => sure[index] && Number(sure[index]) < DOUBTFUL)
        .map((match) => ({ line, begin: match.index, end: match.index + match[0].length }));
    }

    function doubtful(line, direction) {
      const { selectionStart, selectionEnd } = line.field;
      const here = doubtfulWords(line).filter(({ begin, end }) =>
        (direction > 0 ? begin >= selectionEnd && end > selectionStart : end <= selectionStart));
      if (here.length) return here.at(direction > 0 ? 0 : -1);
      for (let other = host.neighbour(line, direction); other; other = host.neighbour(other, direction)) {
        const found = doubtfulWords(other);
        if (found.length) return found.at(direction > 0 ? 0 : -1);
      }
      return null;
    }

    function select({ line, begin, end }) {
      focus(line);
      line.field?.setSelectionRange(begin, end);
    }

    return { build, show, place, measure, change, note, noteActs, undo, redo, confirm, declare, focus, insert, wordAt, doubtfulWords };
  }

  return { create, make, oneLine, ENGLISH, WITHOUT_TEXT, STATES, DOUBTFUL };
})();
