// SPDX-FileCopyrightText: The ocrd-rapid developers
// SPDX-License-Identifier: Apache-2.0
"use strict";
// Lines are corrected in a view: the browser keeps them, and a file takes them into the workspace.
(() => {
  const one = (selector, within = document) => within.querySelector(selector);
  const all = (selector, within = document) => [...within.querySelectorAll(selector)];
  const { make, oneLine, WITHOUT_TEXT, STATES } = globalThis.lineEditor;
  const main = one("main");
  const toggle = one("[data-toggle=correct]");
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

  function linesOf(page) {
    page.lines ??= all("[data-text]", page.section).map((element, index) => {
      const { text, state = "" } = element.dataset;
      const rightToLeft = element.dir === "rtl";
      return { page, index, element, rightToLeft, id: element.dataset.line, old: text, first: state, text, state, row: null };
    });
    return page.lines;
  }

  const isChanged = (line) => line.text !== line.old || line.state !== line.first;
  const say = (text) => { one("#spoken").textContent = text; };

  const editor = globalThis.lineEditor.create({
    say,
    name: (line) => `Line ${line.index + 1} of ${line.page.section.getAttribute("aria-label")}`,
    picture: (line, name) => make("canvas", { role: "img", "aria-label": name }),
    confidences: (line) => line.element.dataset.words.split(";").map((word) => word.split(":")[0]),
    ready: (line) => build(line.page),
    changed: (line) => keep(line.page),
    neighbour(line, direction) {
      const within = linesOf(line.page)[line.index + direction];
      if (within) return within;
      for (let index = line.page.index + direction; pages[index]; index += direction) {
        const lines = linesOf(pages[index]);
        if (lines.length) return direction > 0 ? lines[0] : lines.at(-1);
      }
      return null;
    },
  });

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
      if (typeof text !== "string" || !STATES.has(state)) continue;
      Object.assign(line, { text, state });
      editor.show(line);
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

  // Rows, and the pictures in them

  function build(page) {
    if (!page.isBuilt) {
      page.isBuilt = true;
      for (const line of linesOf(page)) line.element.after(editor.build(line, `line-${page.index}-${line.index}`));
      const image = one("figure img", page.section);
      if (image) {
        image.loading = "eager";
        image.addEventListener("load", () => paint(page));
      }
    }
    if (!page.isPainted) paint(page);
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
    editor.measure(lines[0].field);
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
    const { picture } = line;
    picture.width = Math.max(1, Math.round(long * factor * ratio));
    picture.height = Math.max(1, Math.round(high * factor * ratio));
    picture.style.width = `${long * factor}px`;
    picture.style.height = `${high * factor}px`;
    const [begin, end] = isAcross ? extent(line, scale, left, right) : [margin, long - margin];
    editor.place(line, long * factor, begin * factor, end * factor);
    const context = picture.getContext("2d");
    context.imageSmoothingQuality = "high";
    context.fillStyle = "#fff";
    context.fillRect(0, 0, picture.width, picture.height);
    context.translate(picture.width / 2, picture.height / 2);
    context.rotate(turn * Math.PI / 180);
    context.scale(factor * ratio, factor * ratio);
    context.drawImage(image, -(left + right) / 2, -(top + bottom) / 2);
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
