// SPDX-FileCopyrightText: The ocrd-rapid developers
// SPDX-License-Identifier: Apache-2.0
// What the user wants: language, and the characters of the palette.
import { put } from "./api.js";
import { text } from "./strings.js";

const { make } = globalThis.lineEditor;

export function settingsView(app) {
  const form = document.querySelector("#settings-form");
  const language = document.querySelector("#language");
  const palette = document.querySelector("#palette-text");
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    try {
      const signs = palette.value.split(/\s+/u).filter(Boolean);
      app.settings = await put("settings", { language: language.value, palette: signs });
      location.reload();
    } catch (error) {
      app.trouble(text("refused", { reason: error.message }));
    }
  });
  return {
    async show() {
      language.value = app.settings.language;
      palette.value = app.settings.palette.join(" ");
    },
  };
}

// The characters that keyboards lack; a button puts its character at the cursor of the last field.
export function showPalette(app, insert) {
  const bar = document.querySelector("#palette");
  const buttons = app.settings.palette.map((sign) => {
    const button = make("button", { type: "button", "aria-label": text("insert", { sign }) }, sign);
    button.addEventListener("mousedown", (event) => event.preventDefault());  // the field keeps the focus
    button.addEventListener("click", () => insert(sign));
    return button;
  });
  bar.replaceChildren(...buttons);
}
