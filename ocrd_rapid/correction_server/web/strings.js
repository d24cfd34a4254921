// SPDX-FileCopyrightText: The ocrd-rapid developers
// SPDX-License-Identifier: Apache-2.0
// The texts of the interface in the language of the user.

const KNOWN = ["en", "de", "fr"];
let texts = {};

export async function load(wanted) {
  const asked = wanted ? [wanted] : navigator.languages.map((each) => each.slice(0, 2));
  const language = asked.find((each) => KNOWN.includes(each)) ?? "en";
  const answer = await fetch(`/web/languages/${language}.json`, { credentials: "same-origin" });
  texts = await answer.json();
  document.documentElement.lang = language;
  fill(document);
}

// A text with values in place of {name}; one of them may be the number that decides on the plural.
export function text(name, values = {}, count = null) {
  const rule = count === null ? "" : `${name}.${new Intl.PluralRules(document.documentElement.lang).select(count)}`;
  return (texts[rule] ?? texts[name] ?? name).replace(/\{(\w+)\}/g, (all, key) => (key in values ? String(values[key]) : all));
}

export function fill(within) {
  for (const element of within.querySelectorAll("[data-text]")) element.textContent = text(element.dataset.text);
  for (const element of within.querySelectorAll("[data-label]")) element.setAttribute("aria-label", text(element.dataset.label));
}

export const percent = (share) => (share === null || share === undefined ? "?" : `${(100 * share).toLocaleString(document.documentElement.lang, { maximumFractionDigits: 1, minimumFractionDigits: 1 })} %`);
