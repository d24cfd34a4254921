// SPDX-FileCopyrightText: The ocrd-rapid developers
// SPDX-License-Identifier: Apache-2.0
// The server's interface, see docs/correct-api.md.

export class Refusal extends Error {
  constructor(status, content) {
    super(content?.error ?? `HTTP ${status}`);
    this.status = status;
    this.content = content ?? {};
  }
}

async function ask(path, method, body) {
  const options = { method, headers: {}, credentials: "same-origin" };
  if (body !== undefined) {
    options.headers["content-type"] = "application/json";
    options.body = JSON.stringify(body);
  }
  const answer = await fetch(`/api/${path}`, options);
  const content = await answer.json().catch(() => null);
  if (!answer.ok) throw new Refusal(answer.status, content);
  return content;
}

export const get = (path, query = {}) => {
  const values = new URLSearchParams(query).toString();
  return ask(values ? `${path}?${values}` : path, "GET");
};
export const put = (path, body) => ask(path, "PUT", body);
export const post = (path, body = {}) => ask(path, "POST", body);

// The address of a picture; of a line, if one is named.
export function picture(session, page, line) {
  const query = new URLSearchParams({ page, ...(line ? { line } : {}), v: session });
  return `/api/picture?${query}`;
}

export function watch(kinds) {
  const source = new EventSource("/api/events");
  for (const [kind, act] of Object.entries(kinds)) {
    source.addEventListener(kind, (event) => act(event.data ? JSON.parse(event.data) : {}));
  }
  return source;
}
