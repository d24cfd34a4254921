// SPDX-FileCopyrightText: The ocrd-rapid developers
// SPDX-License-Identifier: Apache-2.0
"use strict";
(() => {
  const SVG = "http://www.w3.org/2000/svg";
  const one = (selector, within = document) => within.querySelector(selector);
  const all = (selector, within = document) => [...within.querySelectorAll(selector)];
  const body = document.body;
  const field = one("input[type=search]");
  const found = one("#found");
  const pageField = one("#page");
  const links = all("nav a");

  // A page: its section, its words, and what is drawn of it while it is near the window.
  const pages = all("[data-page]").map((section, index) => ({
    section, index, number: section.dataset.page, all: null, places: null, svg: null, shapes: [],
    searched: null, marked: [],
  }));
  const pageOf = new Map(pages.map((page) => [page.section, page]));
  let current = 0;
  // When a hit was last gone to, and how long pages take to find their places then [ms].
  const ARRIVAL = 1000;
  let arrived = -ARRIVAL;
  let zoom = 1;

  const wordsOf = (page) => (page.all ??= all("[data-word]", page.section));
  const pageAround = (element) => pageOf.get(element.closest("[data-page]"));

  // Outlines

  function polygon(points, name) {
    const element = document.createElementNS(SVG, "polygon");
    element.setAttribute("points", points);
    element.setAttribute("class", name);
    return element;
  }

  // Two points are the corners of a rectangle.
  function corners(points) {
    const known = points.split(" ").map((point) => point.split(",").map(Number));
    if (known.length !== 2) return known;
    const [[left, top], [right, bottom]] = known;
    return [[left, top], [right, top], [right, bottom], [left, bottom]];
  }

  function boxOf(points) {
    const xs = points.map((point) => point[0]);
    const ys = points.map((point) => point[1]);
    return [Math.min(...xs), Math.min(...ys), Math.max(...xs), Math.max(...ys)];
  }

  // The places of the words of a page: confidence in percent (NaN if unknown), corners.
  function placesOf(page) {
    page.places ??= all("[data-line]", page.section).flatMap((line) =>
      line.dataset.words.split(";").filter(Boolean).map((place) => {
        const [confidence, points] = place.split(":");
        return { confidence: confidence ? Number(confidence) : NaN, points: corners(points) };
      }));
    return page.places;
  }

  const ASIDE = new Set(["header", "footer", "page-number", "signature-mark", "catch-word",
    "marginalia", "caption", "footnote"]);

  function draw(page) {
    const frame = one("figure > div", page.section);
    if (page.svg || !one("img", frame)) return;
    const [width, height] = page.section.dataset.size.split(" ").map(Number);
    const svg = document.createElementNS(SVG, "svg");
    svg.setAttribute("viewBox", `0 0 ${width} ${height}`);
    svg.setAttribute("aria-hidden", "true");
    const orders = document.createElementNS(SVG, "g");
    orders.setAttribute("class", "order");
    for (const region of all("[data-region]", page.section)) {
      const { at, kind, order } = region.dataset;
      if (!at) continue;
      const name = kind === "heading" ? "heading" : ASIDE.has(kind) ? "aside" : "";
      svg.append(polygon(at, `region ${name}`));
      const [left, top] = boxOf(corners(at));
      const size = height / 55;
      const circle = document.createElementNS(SVG, "circle");
      const label = document.createElementNS(SVG, "text");
      for (const [element, x, y] of [[circle, "cx", "cy"], [label, "x", "y"]]) {
        element.setAttribute(x, Math.max(left - size * 0.6, size / 2));
        element.setAttribute(y, Math.max(top, size / 2));
      }
      circle.setAttribute("r", size * 0.75);
      label.setAttribute("font-size", size * 0.8);
      label.textContent = order;
      orders.append(circle, label);
    }
    for (const line of all("[data-line]", page.section)) svg.append(polygon(line.dataset.at, "line"));
    for (const code of all("[data-barcode]", page.section)) svg.append(polygon(code.dataset.at, "code"));
    const words = wordsOf(page);
    page.shapes = placesOf(page).map((place, number) => {
      const shape = polygon(place.points.join(" "), `word ${words[number].className}`);
      shape.classList.remove("hit", "pointed");
      shape.dataset.number = number;
      return shape;
    });
    svg.append(...page.shapes, orders);
    frame.append(svg);
    page.svg = svg;
    reachable(page);
    paint(page);
  }

  function erase(page) {
    page.svg?.remove();
    page.svg = null;
    page.shapes = [];
    unpaint(page);
  }

  const near = new IntersectionObserver((entries) => {
    for (const entry of entries) (entry.isIntersecting ? draw : erase)(pageOf.get(entry.target));
  }, { rootMargin: "60% 0px" });

  // Pointing

  const lens = document.createElement("div");
  lens.id = "lens";
  const canvas = lens.appendChild(document.createElement("canvas"));
  const caption = lens.appendChild(document.createElement("p"));
  body.append(lens);
  let pointed = null;

  function point(page, number, { magnify = false, announce = false } = {}) {
    if (pointed && pointed.page === page && pointed.number === number) return;
    unpoint();
    const word = wordsOf(page)[number];
    if (!word) return;
    pointed = { page, number };
    word.classList.add("pointed");
    page.shapes[number]?.classList.add("pointed");
    if (magnify) showLens(page, number);
    if (announce) one("#spoken").textContent = describe(page, number);
  }

  function unpoint() {
    lens.style.display = "none";
    if (!pointed) return;
    wordsOf(pointed.page)[pointed.number]?.classList.remove("pointed");
    pointed.page.shapes[pointed.number]?.classList.remove("pointed");
    pointed = null;
  }

  function describe(page, number) {
    const { confidence } = placesOf(page)[number] ?? { confidence: NaN };
    const sure = Number.isNaN(confidence) ? "" : ` · ${confidence} %`;
    return wordsOf(page)[number].textContent + sure;
  }

  // The line around a word, enlarged: a page that fits the window is too small to be read.
  function showLens(page, number) {
    const image = one("figure img", page.section);
    const place = placesOf(page)[number];
    if (!image?.naturalWidth || !place) return;
    const shown = image.getBoundingClientRect();
    const figure = one("figure", page.section).getBoundingClientRect();
    const [pageWidth] = page.section.dataset.size.split(" ").map(Number);
    const unit = Math.min(shown.width / image.naturalWidth, shown.height / image.naturalHeight);
    if (unit >= 1) return;
    const scale = image.naturalWidth / pageWidth;
    const [left, top, right, bottom] = boxOf(place.points).map((value) => value * scale);
    const width = Math.min(460, figure.width - 16);
    const high = Math.max(bottom - top, 6);
    const sourceHeight = high * 2.1;
    const height = Math.min(110, Math.max(54, sourceHeight * 2.2));
    const factor = height / sourceHeight;
    const sourceWidth = Math.max(width / factor, (right - left) * 1.1);
    const x = (left + right - sourceWidth) / 2;
    const y = (top + bottom - sourceHeight) / 2;
    const ratio = window.devicePixelRatio || 1;
    canvas.width = width * ratio;
    canvas.height = height * ratio;
    canvas.style.width = `${width}px`;
    canvas.style.height = `${height}px`;
    const context = canvas.getContext("2d");
    context.imageSmoothingQuality = "high";
    context.fillStyle = "#fff";
    context.fillRect(0, 0, canvas.width, canvas.height);
    const [fx, fy] = [canvas.width / sourceWidth, canvas.height / sourceHeight];
    context.drawImage(image, x, y, sourceWidth, sourceHeight, 0, 0, canvas.width, canvas.height);
    context.strokeStyle = "#0a5299";
    context.lineWidth = 2 * ratio;
    context.strokeRect((left - x) * fx, (top - y) * fy, (right - left) * fx, (bottom - top) * fy);
    caption.textContent = describe(page, number);
    // Where the word is, below it or above; within the figure.
    const originX = shown.left + (shown.width - image.naturalWidth * unit) / 2;
    const originY = shown.top + (shown.height - image.naturalHeight * unit) / 2;
    const below = originY + bottom * unit + 14;
    const total = height + 30;
    const above = originY + top * unit - 14 - total;
    const y0 = below + total < figure.bottom ? below : above;
    const x0 = originX + (left + right) / 2 * unit - width / 2;
    lens.style.left = `${Math.max(figure.left + 4, Math.min(x0, figure.right - width - 8))}px`;
    lens.style.top = `${Math.max(figure.top + 4, Math.min(y0, figure.bottom - total - 4))}px`;
    lens.style.display = "block";
  }

  document.addEventListener("pointerover", (event) => {
    const target = event.target;
    if (!(target instanceof Element) || moving) return;
    const shape = target.closest("polygon.word");
    const word = shape ? null : target.closest("[data-word]");
    if (shape) point(pageAround(shape), Number(shape.dataset.number));
    else if (word) point(pageAround(word), wordsOf(pageAround(word)).indexOf(word), { magnify: true });
    else unpoint();
  });
  document.addEventListener("click", (event) => {
    const shape = event.target.closest?.("polygon.word");
    const word = event.target.closest?.("[data-word]");
    if (shape && !moved) reveal(wordsOf(pageAround(shape))[shape.dataset.number]);
    if (word) showInScan(pageAround(word), wordsOf(pageAround(word)).indexOf(word));
  });
  document.addEventListener("scroll", unpoint, { passive: true });

  // Scrolls so that a word of the text can be seen.
  function reveal(word) {
    word.scrollIntoView({ block: "nearest", inline: "nearest" });
  }

  // Scrolls the scan, where it is larger than its place, to a word.
  function showInScan(page, number) {
    const shape = page.shapes[number];
    const figure = one("figure", page.section);
    if (!shape) return;
    const at = shape.getBoundingClientRect();
    const around = figure.getBoundingClientRect();
    if (at.left < around.left || at.right > around.right) {
      figure.scrollLeft += (at.left + at.right) / 2 - (around.left + around.right) / 2;
    }
    if (at.top < around.top || at.bottom > around.bottom) {
      figure.scrollTop += (at.top + at.bottom) / 2 - (around.top + around.bottom) / 2;
    }
  }

  // From word to word with the keyboard

  function step(page, key) {
    const words = wordsOf(page);
    const start = pointed?.page === page ? pointed.number : -1;
    let next = start;
    const rightToLeft = start >= 0 && words[start].closest("[dir=rtl]");
    if (key === "ArrowRight") next += rightToLeft ? -1 : 1;
    if (key === "ArrowLeft") next += rightToLeft ? 1 : -1;
    if (key === "ArrowUp" || key === "ArrowDown") {
      const down = key === "ArrowDown" ? 1 : -1;
      const lines = all("[data-line]", page.section);
      const line = start < 0 ? -1 : lines.indexOf(words[start].closest("[data-line]"));
      const wanted = lines[line + down];
      if (wanted) next = words.indexOf(one("[data-word]", wanted));
    }
    next = Math.max(0, Math.min(next, words.length - 1));
    if (!words[next]) return;
    reveal(words[next]);
    showInScan(page, next);
    point(page, next, { magnify: true, announce: true });
  }

  // Search

  const LETTERS = { "ß": "ss", "ꝛ": "r", "\ue42c": "ä", "\ue644": "ö", "\ue72b": "ü", "’": "'", "ʼ": "'" };
  const BARE = { "æ": "ae", "œ": "oe", "ø": "o", "ł": "l", "đ": "d", "ı": "i" };
  const LETTER = new RegExp(`[${Object.keys(LETTERS).join("")}]`, "g");
  const BARE_LETTER = new RegExp(`[${Object.keys(BARE).join("")}]`, "g");

  // In lower case, with letters of today, without hyphens; a small e above is an umlaut.
  function folded(text) {
    return text.normalize("NFKC").toLowerCase().replace(/([aou])\u0364/g, "$1\u0308")
      .normalize("NFC").replace(LETTER, (letter) => LETTERS[letter])
      .replace(/[-\u00ad\u2010\u2011\u00ac\u2e17\u2e40]/g, "");
  }

  // Without diacritics, too.
  function bare(text) {
    return text.normalize("NFD").replace(/\p{M}+/gu, "").replace(BARE_LETTER, (letter) => BARE[letter]);
  }

  const joined = (words) => {
    const starts = [];
    let length = 0;
    for (const word of words) {
      starts.push(length);
      length += word.length + 1;
    }
    return { text: words.join(" "), starts };
  };

  // What is searched: the words of a page, divided words as wholes at the place of their first half.
  function searchedOf(page) {
    if (page.searched) return page.searched;
    const words = wordsOf(page);
    const second = new Map();
    const entries = [];
    words.forEach((word, number) => {
      if (word.dataset.first !== undefined) second.set(Number(word.dataset.first), number);
    });
    words.forEach((word, number) => {
      const whole = word.dataset.whole;
      if (whole === undefined && word.dataset.first !== undefined) return;
      entries.push({ text: whole ?? word.textContent, members: second.has(number) ? [number, second.get(number)] : [number] });
    });
    const texts = folded(entries.map((entry) => entry.text).join("\n")).split("\n").map((text) => text.replace(/\s+/g, ""));
    page.searched = { members: entries.map((entry) => entry.members), full: joined(texts), bare: joined(texts.map(bare)) };
    return page.searched;
  }

  // The number of the last start that is not after a position.
  function entryAt(starts, position) {
    let low = 0;
    let high = starts.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if (starts[middle] <= position) low = middle; else high = middle - 1;
    }
    return low;
  }

  // The hits on a page, each as the numbers of its first and last entry. Who writes accents wants them.
  function search(page, query) {
    const index = searchedOf(page);
    const { text, starts } = query.full === query.bare ? index.bare : index.full;
    const wanted = query.full === query.bare ? query.bare : query.full;
    const hits = [];
    for (let at = text.indexOf(wanted); at >= 0; at = text.indexOf(wanted, at + wanted.length)) {
      const hit = [entryAt(starts, at), entryAt(starts, at + wanted.length - 1)];
      const before = hits.at(-1);
      if (!before || before[0] !== hit[0] || before[1] !== hit[1]) hits.push(hit);
    }
    return hits;
  }

  let results = [];   // of each page its hits
  let total = 0;
  let chosen = null;  // page and number of the hit that is shown
  let run = 0;
  let asked = "";
  const pause = () => new Promise((resume) => { setTimeout(resume); });

  async function find(text, { jump = true } = {}) {
    const mine = ++run;
    asked = text;
    const full = text.trim().split(/\s+/).map(folded).filter(Boolean).join(" ");
    const query = { full, bare: bare(full) };
    const fresh = [];
    let count = 0;
    if (full) {
      let since = performance.now();
      for (const page of pages) {
        const hits = search(page, query);
        fresh.push(hits);
        count += hits.length;
        if (performance.now() - since > 8) {
          await pause();
          if (mine !== run) return;
          since = performance.now();
        }
      }
    }
    results = fresh;
    total = count;
    chosen = null;
    pages.forEach(paint);
    links.forEach((link, index) => link.classList.toggle("has-hits", Boolean(results[index]?.length)));
    if (!full) say("");
    else if (!total) say("nothing found");
    else if (jump) go(1);
    else say(`${total} found`);
    remember();
  }

  // Goes to the next or previous hit, at first to one on the page that is shown or after it.
  function go(direction) {
    if (!total) return;
    let [page, number] = chosen ?? [current, direction > 0 ? -1 : 0];
    number += direction;
    for (let tries = 0; tries <= pages.length; tries++) {
      if (results[page][number]) break;
      page = (page + direction + pages.length) % pages.length;
      number = direction > 0 ? 0 : results[page].length - 1;
    }
    const before = chosen && pages[chosen[0]];
    chosen = [page, number];
    if (before) paint(before);
    const shown = pages[page];
    current = page;
    draw(shown);
    paint(shown);
    const members = searchedOf(shown).members[results[page][number][0]];
    wordsOf(shown)[members[0]].scrollIntoView({ block: "center" });
    arrived = performance.now();
    showInScan(shown, members[0]);
    const earlier = results.slice(0, page).reduce((sum, hits) => sum + hits.length, 0);
    say(`${earlier + number + 1} of ${total}`);
    showCurrent();
    remember();
  }

  function unpaint(page) {
    for (const element of page.marked) {
      element.classList.remove("hit", "found", "current");
      element.removeAttribute("aria-current");
    }
    page.marked = [];
  }

  // Marks the hits of a page that is near the window.
  function paint(page) {
    unpaint(page);
    const hits = results[page.index];
    const isChosen = chosen?.[0] === page.index;
    if (!hits?.length || !(page.svg || isNear(page))) return;
    const { members } = searchedOf(page);
    const words = wordsOf(page);
    hits.forEach(([first, last], number) => {
      const now = isChosen && chosen[1] === number;
      for (const member of members.slice(first, last + 1).flat()) {
        const shape = page.shapes[member];
        words[member].classList.add("hit");
        shape?.classList.add("found");
        if (now) {
          words[member].setAttribute("aria-current", "true");
          shape?.classList.add("current");
        }
        page.marked.push(words[member]);
        if (shape) page.marked.push(shape);
      }
    });
  }

  function isNear(page) {
    const { top, bottom } = page.section.getBoundingClientRect();
    return bottom > -innerHeight && top < 2 * innerHeight;
  }

  function say(text) { found.textContent = text; }

  let waiting = 0;
  field.addEventListener("input", () => {
    clearTimeout(waiting);
    waiting = setTimeout(() => { waiting = 0; find(field.value); }, 120);
  });
  async function next(direction) {
    if (waiting || asked !== field.value) {
      clearTimeout(waiting);
      waiting = 0;
      await find(field.value);
    } else go(direction);
  }
  field.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && !event.isComposing) {
      event.preventDefault();
      next(event.shiftKey ? -1 : 1);
    } else if (event.key === "Escape") {
      field.value = "";
      clearTimeout(waiting);
      waiting = 0;
      find("");
      field.blur();
    }
  });
  for (const button of all("[data-hit]")) button.addEventListener("click", () => next(Number(button.dataset.hit)));

  // Pages

  function showPage(index, { focus = false } = {}) {
    const page = pages[Math.max(0, Math.min(index, pages.length - 1))];
    if (!page) return;
    current = page.index;
    arrived = -ARRIVAL;
    page.section.scrollIntoView({ block: "start" });
    if (focus) one(".text", page.section).focus({ preventScroll: true });
    showCurrent();
    remember();
  }

  const showNumber = (number) => showPage(pages.findIndex((page) => page.number === String(number).trim()));

  function showCurrent() {
    const page = pages[current];
    if (!page) return;
    if (document.activeElement !== pageField) pageField.value = page.number;
    links.forEach((link, index) => {
      if (index === current) link.setAttribute("aria-current", "page");
      else link.removeAttribute("aria-current");
    });
    const link = links[current];
    const bar = link?.parentElement;
    const above = link ? link.offsetTop - bar.scrollTop : 0;
    if (link && (above < 0 || above + link.offsetHeight > bar.clientHeight)) {
      bar.scrollTop = link.offsetTop - bar.clientHeight / 3;
    }
  }

  // A hit at the edge of its page may leave another page in the middle of the window.
  const line = new IntersectionObserver((entries) => {
    if (performance.now() - arrived < ARRIVAL) return;
    for (const entry of entries) {
      if (!entry.isIntersecting) continue;
      current = pageOf.get(entry.target).index;
      showCurrent();
      remember();
    }
  }, { rootMargin: "-50% 0px -49% 0px" });

  links.forEach((link, index) => link.addEventListener("click", (event) => {
    event.preventDefault();
    showPage(index);
  }));
  for (const button of all("[data-step]")) {
    button.addEventListener("click", () => showPage(current + Number(button.dataset.step)));
  }
  pageField.addEventListener("change", () => showNumber(pageField.value));
  pageField.addEventListener("focus", () => pageField.select());

  // Addresses: #page=12&q=Wort

  let remembering = 0;
  let settled = false;
  function remember() {
    if (!settled) return;
    clearTimeout(remembering);
    remembering = setTimeout(() => {
      const query = asked.trim() ? `&q=${encodeURIComponent(asked.trim())}` : "";
      const address = `#page=${encodeURIComponent(pages[current]?.number ?? "1")}${query}`;
      if (address === location.hash) return;
      try { history.replaceState(null, "", address); } catch { /* not allowed here: no address */ }
    }, 250);
  }

  async function follow() {
    const wanted = new URLSearchParams(location.hash.slice(1).replace(/\+/g, "%2B"));
    const index = pages.findIndex((page) => page.number === wanted.get("page"));
    if (index >= 0) showPage(index);
    const query = wanted.get("q");
    if (query !== null && query !== asked) {
      field.value = query;
      await find(query);
    }
  }
  addEventListener("hashchange", follow);

  // Printing: pictures that have not been in the window yet

  const picturesOf = (choice) => all(`figure img[loading=lazy]${choice}`);
  addEventListener("beforeprint", () => picturesOf("").forEach((picture) => { picture.loading = "eager"; }));

  // Not all browsers wait for them when they print. Those in the file are not many.
  const idle = window.requestIdleCallback ?? ((work) => setTimeout(() => work({ timeRemaining: () => 8 }), 50));
  addEventListener("load", () => {
    const waiting = picturesOf("[src^='data:']").values();
    const load = () => {
      const { value: picture } = waiting.next();
      if (!picture) return;
      picture.loading = "eager";
      idle(load);
    };
    idle(load);
  });

  // Switches

  for (const toggle of all("[data-toggle]")) {
    const apply = () => body.classList.toggle(`show-${toggle.dataset.toggle}`, toggle.checked);
    toggle.addEventListener("change", apply);
    apply();
  }

  // Zoom

  // A scan that is larger than its place is reached by Tab, and scrolled by the arrow keys.
  function reachable(page) {
    const figure = one("figure", page.section);
    if (zoom > 1) figure.tabIndex = 0;
    else figure.removeAttribute("tabindex");
  }

  const STEPS = [1, 1.25, 1.5, 2, 2.5, 3, 4, 5, 6];
  function setZoom(value, figure, x, y) {
    const scans = figure ? [figure] : pages.filter((page) => page.svg).map((page) => one("figure", page.section));
    const kept = scans.map((scan) => [
      scan, (scan.scrollLeft + (x ?? scan.clientWidth / 2)) / scan.scrollWidth,
      (scan.scrollTop + (y ?? scan.clientHeight / 2)) / scan.scrollHeight,
    ]);
    zoom = Math.max(STEPS[0], Math.min(value, STEPS.at(-1)));
    document.documentElement.style.setProperty("--zoom", zoom);
    body.classList.toggle("zoomed", zoom > 1);
    pages.filter((page) => page.svg).forEach(reachable);
    one("#zoom").textContent = `${Math.round(100 * zoom)} %`;
    for (const [scan, left, top] of kept) {
      scan.scrollLeft = left * scan.scrollWidth - (x ?? scan.clientWidth / 2);
      scan.scrollTop = top * scan.scrollHeight - (y ?? scan.clientHeight / 2);
    }
  }
  function zoomBy(direction) {
    if (!direction) return setZoom(1);
    const place = STEPS.findIndex((value) => value >= zoom - 0.01);
    return setZoom(STEPS[Math.max(0, Math.min(place + direction, STEPS.length - 1))]);
  }
  for (const button of all("[data-zoom]")) button.addEventListener("click", () => zoomBy(Number(button.dataset.zoom)));
  document.addEventListener("wheel", (event) => {
    const figure = event.target.closest?.("figure");
    if (!figure || !event.ctrlKey) return;
    event.preventDefault();
    const at = figure.getBoundingClientRect();
    setZoom(zoom * Math.exp(-event.deltaY / 300), figure, event.clientX - at.left, event.clientY - at.top);
  }, { passive: false });

  let moving = null;
  let moved = false;
  document.addEventListener("pointerdown", (event) => {
    const figure = event.target.closest?.("figure");
    moved = false;
    if (!figure || zoom === 1 || event.button || event.pointerType !== "mouse") return;
    moving = { figure, x: event.clientX, y: event.clientY, left: figure.scrollLeft, top: figure.scrollTop };
  });
  document.addEventListener("pointermove", (event) => {
    if (!moving) return;
    const [x, y] = [event.clientX - moving.x, event.clientY - moving.y];
    moved ||= Math.hypot(x, y) > 4;
    if (!moved) return;
    moving.figure.classList.add("moving");
    moving.figure.scrollTo(moving.left - x, moving.top - y);
  });
  for (const kind of ["pointerup", "pointercancel"]) {
    document.addEventListener(kind, () => {
      moving?.figure.classList.remove("moving");
      moving = null;
    });
  }

  // Keys

  const COMMANDS = {
    "/": () => { field.focus(); field.select(); },
    "+": () => zoomBy(1), "=": () => zoomBy(1), "-": () => zoomBy(-1), "0": () => zoomBy(0),
    "?": () => { const help = one(".help"); help.open = !help.open; },
  };
  const TURNS = {
    ArrowLeft: () => showPage(current - 1), ArrowRight: () => showPage(current + 1),
    Home: () => showPage(0), End: () => showPage(pages.length - 1),
  };
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
    const target = event.target;
    if (event.key === "Escape") {
      one(".help").open = false;
      unpoint();
      return;
    }
    if (target.matches("input:not([type=checkbox]), textarea, select")) return;
    if (event.key.startsWith("Arrow") && target.matches("figure")) return;
    if (event.key.startsWith("Arrow") && target.matches(".text")) {
      event.preventDefault();
      step(pageAround(target), event.key);
      return;
    }
    const command = (one("#keys").checked && COMMANDS[event.key]) || (!event.shiftKey && TURNS[event.key]);
    if (!command) return;
    event.preventDefault();
    command();
  });

  // Beginning

  new ResizeObserver(([entry]) => {
    const sticky = getComputedStyle(entry.target).position === "sticky";
    document.documentElement.style.setProperty("--bar", `${sticky ? entry.target.offsetHeight : 0}px`);
  }).observe(one("header"));
  body.classList.toggle("single", pages.length < 2);
  one("#count").textContent = `of ${pages.length}`;
  for (const page of pages) {
    near.observe(page.section);
    line.observe(page.section);
  }
  showCurrent();
  follow().finally(() => { settled = true; });
  // The index is made while nobody waits for it, so that the first search is as fast as others.
  let prepared = 0;
  (function prepare() {
    idle((deadline) => {
      while (prepared < pages.length && deadline.timeRemaining() > 2) searchedOf(pages[prepared++]);
      if (prepared < pages.length) prepare();
    });
  })();
})();
