// The public check: says when a live check could not be made. Nothing is saved, so there is nothing else to tell.
// What was answered while an answer was on its way stays answered, and what was typed before this script came is
// checked.
(() => {
  "use strict";
  const WORDS = {
    429: "Not checked: this address asked too often. Continue in a minute; what you typed is still on this page.",
    503: "Not checked: the server is busy. What you typed is still on this page; try again shortly.",
  };
  const REFUSED = "Not checked: the server refused it. What you typed is still on this page.";
  const OFFLINE = "Not checked: no connection. What you typed is still on this page; the next change tries again.";

  const tell = (text) => {
    for (const line of document.querySelectorAll("[data-check-status]")) {
      line.textContent = text;
      line.classList.toggle("is-trouble", Boolean(text));
      line.setAttribute("role", text ? "alert" : "status");
    }
  };

  const keep = (box, now) => {
    box.checked = now.checked;
    box.toggleAttribute("checked", now.checked);
  };
  document.addEventListener("htmx:oobBeforeSwap", (event) => {
    for (const box of event.detail.fragment.querySelectorAll("input[type=checkbox], input[type=radio]")) {
      const same = `input[name="${CSS.escape(box.name)}"][value="${CSS.escape(box.value)}"]`;
      const now = event.detail.target.querySelector(same);
      if (now) keep(box, now);
    }
  });

  const changed = (field) =>
    ["checkbox", "radio"].includes(field.type)
      ? field.checked !== field.defaultChecked
      : "defaultValue" in field && field.value !== field.defaultValue;
  window.addEventListener("load", () => {
    for (const form of document.querySelectorAll("form[data-checked]")) {
      if ([...form.elements].some(changed)) form.dispatchEvent(new Event("input", { bubbles: true }));
    }
  });

  document.addEventListener("htmx:afterRequest", (event) => {
    if (event.detail.successful) tell("");
  });
  document.addEventListener("htmx:responseError", (event) => tell(WORDS[event.detail.xhr.status] || REFUSED));
  document.addEventListener("htmx:sendError", () => tell(OFFLINE));
})();
