// SPDX-FileCopyrightText: The ocrd-rapid developers
// SPDX-License-Identifier: Apache-2.0
// Search and replace over the book: first what would change, then the lines that were chosen.
import { picture, post } from "./api.js";
import * as lines from "./lines.js";
import { text } from "./strings.js";

const { make } = globalThis.lineEditor;
const one = (selector) => document.querySelector(selector);

export function replaceView(app) {
  const form = one("#replace-form");
  const button = one("#replace-all");
  const said = one("#replace-said");
  const rows = one("#replace-rows");
  let found = [];

  async function look() {
    const answer = await post("replace/preview", {
      search: one("#search").value, replace: one("#replacement").value,
      wholeWords: one("#whole-words").checked, sameCase: one("#same-case").checked, corrected: one("#only-corrected").checked,
    });
    found = answer.lines.map((row) => ({ ...row, box: make("input", { type: "checkbox" }) }));
    rows.replaceChildren(...found.map((row) => {
      row.box.checked = true;
      const image = make("img", { alt: "", loading: "lazy", src: picture(app.book.session, row.page, row.line) });
      const label = make("label", {}, row.box, ` ${app.pageName(row.page)} `, make("del", {}, row.text), " ", make("ins", {}, row.after));
      return make("li", {}, image, label);
    }));
    button.disabled = !found.length;
    said.textContent = text(answer.whole ? "found" : "foundSoFar", { lines: answer.total }, answer.total);
  }

  async function replace() {
    button.disabled = true;
    const chosen = found.filter((row) => row.box.checked);
    const before = new Map(chosen.map((row) => [JSON.stringify([row.page, row.line]), row]));
    const answer = await post("replace", { lines: chosen.map(({ page, line, after, base }) => ({ page, line, text: after, base })) });
    const changes = answer.lines.map((view) => {
      const row = before.get(JSON.stringify([view.page, view.id]));
      const line = lines.lineOf(view);
      return { line, before: { text: row.text, state: row.state }, after: { text: view.text, state: view.state } };
    });
    if (changes.length) lines.editor.note(changes);
    found = [];
    rows.replaceChildren();
    const problems = answer.problems.map(({ page, error }) => `${app.pageName(page)}: ${error}`);
    said.textContent = [text("replaced", { lines: changes.length }, changes.length), ...problems].join(" ");
    app.showProgress();
  }

  const guarded = (act) => (event) => {
    event.preventDefault();
    act().catch((error) => { said.textContent = error.message; });
  };
  form.addEventListener("submit", guarded(look));
  button.addEventListener("click", guarded(replace));
  return { async show() { one("#search").focus(); } };
}
