// SPDX-FileCopyrightText: The ocrd-rapid developers
// SPDX-License-Identifier: Apache-2.0

// A page that was opened from a disk may not start a worker, which the search is. There, a hidden
// frame of the same page runs the worker's script instead.
if (location.protocol === "file:") {
  window.Worker = class extends EventTarget {
    constructor(url) {
      super();
      const frame = document.createElement("iframe");
      frame.hidden = true;
      this.scope = new Promise((resolve, reject) => {
        frame.addEventListener("load", () => {
          const scope = frame.contentWindow;
          scope.postMessage = (data) =>
            this.dispatchEvent(new MessageEvent("message", { data }));
          const script = scope.document.createElement("script");
          script.src = url;
          script.onload = () => resolve(scope);
          script.onerror = reject;
          scope.document.head.append(script);
        }, { once: true });
      });
      document.body.append(frame);
    }

    postMessage(data) {
      this.scope.then((scope) =>
        scope.dispatchEvent(new scope.MessageEvent("message", { data })));
    }
  };
}
