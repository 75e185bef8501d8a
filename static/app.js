// Small helpers on top of pages that work without them. Each is switched on by a data attribute.
"use strict";

// data-autosubmit: a form sends itself when a choice changes or typing pauses.
(function () {
  let timer;
  function submit(form) { if (form.isConnected) form.requestSubmit(); }
  const isLive = (form, field) => field.matches("input[type=search]") && form.matches("[data-hx-get], [hx-get]");
  document.addEventListener("change", (event) => {
    const form = event.target.closest("form[data-autosubmit]");
    // A search field that is replaced by its own answer "changes" as it goes; its typing was sent already.
    if (!form || isLive(form, event.target)) return;
    clearTimeout(timer);
    submit(form);
  });
  // What a link of the list beside has changed since (its order) is kept by the next filter.
  document.addEventListener("htmx:pushedIntoHistory", () => {
    const now = new URLSearchParams(location.search);
    document.querySelectorAll("form[data-autosubmit] input[type=hidden]").forEach((field) => {
      field.value = now.get(field.name) || "";
    });
  });
  document.addEventListener("input", (event) => {
    const form = event.target.closest("form[data-autosubmit]");
    if (!form || !isLive(form, event.target)) return;
    clearTimeout(timer);
    timer = setTimeout(submit, 350, form);
  });
})();

// Focus is never lost. Where a part of the page is replaced in which it stood and its element is gone, the nearest part
// around it that is still there takes it.
function idsAround(element) {
  const ids = [];
  for (let one = element; one && one !== document.body; one = one.parentElement) if (one.id) ids.push(one.id);
  return ids;
}
function focusOn(element) {
  if (element.tabIndex < 0) element.setAttribute("tabindex", "-1");
  element.focus({ preventScroll: true });
}
function returnFocus(ids) {
  const held = document.activeElement;
  if (held && held !== document.body && held.getClientRects().length) return; // a closed dialog holds it for a moment
  const left = ids.map((id) => document.getElementById(id)).find((one) => one);
  if (left) focusOn(left);
}
(function () {
  let ids = [];
  document.addEventListener("htmx:beforeSwap", (event) => {
    ids = event.detail.target.contains(document.activeElement) ? idsAround(document.activeElement) : [];
  });
  document.addEventListener("htmx:afterSettle", () => { returnFocus(ids); ids = []; });
})();

// data-focus on a link that fills another part of the page: focus goes there; Escape brings it back.
(function () {
  let opener = null;
  document.addEventListener("htmx:afterSettle", (event) => {
    const link = event.detail.requestConfig && event.detail.requestConfig.elt;
    if (!link || !link.matches("[data-focus]")) return;
    document.querySelectorAll("[data-focus][aria-current]").forEach((other) => other.removeAttribute("aria-current"));
    link.setAttribute("aria-current", "true");
    opener = link;
    focusOn(event.detail.target);
  });
  document.addEventListener("keydown", (event) => {
    const part = event.target.closest("[data-focus-back]");
    if (event.key === "Escape" && part && opener && opener.isConnected) opener.focus();
  });
})();

// data-announce: what a changed part of the page says of itself is spoken; of a page just opened, #messages. A screen
// reader speaks what comes into a place it knows of, so the words are put in again a moment later.
(function () {
  let said = "";
  function speak(part) {
    part.setAttribute("aria-live", "polite");
    setTimeout(() => part.replaceChildren(...part.childNodes), 100);
  }
  document.addEventListener("htmx:afterSettle", (event) => {
    const part = event.detail.elt;
    const found = part.matches("[data-announce]") ? part : part.querySelector("[data-announce]");
    if (!found || (found.textContent === said && event.detail.requestConfig.verb === "get")) return;
    said = found.textContent;
    speak(found);
  });
  document.addEventListener("DOMContentLoaded", () => {
    const messages = document.getElementById("messages");
    if (messages && messages.childElementCount) speak(messages);
    const wrong = document.querySelector("[data-form-errors]") || document.querySelector("[aria-invalid=true]");
    if (wrong) wrong.focus();
  });
})();

// data-confirm="question" on a form or its button: asks in a dialog first.
(function () {
  const dialog = () => document.getElementById("confirm-dialog");
  let waiting = null;
  document.addEventListener("submit", (event) => {
    const form = event.target;
    const source = event.submitter && event.submitter.dataset.confirm ? event.submitter : form;
    const box = dialog();
    if (!source.dataset.confirm || form.dataset.confirmed || !box) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    waiting = { form: form, submitter: event.submitter, ids: idsAround(event.submitter || form) };
    box.querySelector("[data-question]").textContent = source.dataset.confirm;
    const label = event.submitter ? event.submitter.textContent.trim() : "";
    const yes = box.querySelector("[value=yes]");
    yes.textContent = label || yes.dataset.label;
    yes.classList.toggle("btn-danger", source.dataset.tone === "danger");
    yes.classList.toggle("btn-primary", source.dataset.tone !== "danger");
    box.returnValue = "";
    box.showModal();
  }, true);
  document.addEventListener("close", (event) => {
    if (event.target !== dialog() || !waiting) return;
    const asked = waiting;
    waiting = null;
    returnFocus(asked.ids);
    if (event.target.returnValue !== "yes") return;
    const form = current(asked.form);
    form.dataset.confirmed = "1";
    form.requestSubmit(asked.submitter && form.contains(asked.submitter) ? asked.submitter : undefined);
    delete form.dataset.confirmed;
  }, true);
  // A part of the page that asks again each second may have replaced the form while the question stood.
  function current(form) {
    const said = (one) => {
      const fields = new URLSearchParams(new FormData(one));
      fields.delete("csrfmiddlewaretoken");
      return `${one.getAttribute("action")} ${fields}`;
    };
    return form.isConnected ? form : [...document.forms].find((other) => said(other) === said(form)) || form;
  }
})();

// A form that leaves the page is sent once, however often its button is pressed.
(function () {
  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (event.defaultPrevented || (form.getAttribute("method") || "").toLowerCase() !== "post" || form.target === "_blank") return;
    if (form.dataset.sending) { event.preventDefault(); return; }
    form.dataset.sending = "1";
    const button = event.submitter;
    // An answer that is a file leaves this page as it is: let go of the form after a while.
    setTimeout(release, 6000);
    if (button) { button.classList.add("is-sending"); button.setAttribute("aria-busy", "true"); }
  });
  window.addEventListener("pageshow", release);
  function release() {
    document.querySelectorAll("form[data-sending]").forEach((form) => { delete form.dataset.sending; });
    document.querySelectorAll(".is-sending").forEach((button) => {
      button.classList.remove("is-sending");
      button.removeAttribute("aria-busy");
    });
  }
})();

// Menus are <details>: one open at a time, closed by Escape, a press elsewhere, or when focus leaves.
(function () {
  const open = () => document.querySelectorAll("details[data-menu][open]");
  ["click", "focusin"].forEach((kind) => document.addEventListener(kind, (event) => {
    open().forEach((menu) => { if (!menu.contains(event.target)) menu.open = false; });
  }));
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    open().forEach((menu) => { menu.open = false; menu.querySelector("summary").focus(); });
  });
})();

// data-select-all="name": one box ticks all boxes of that name in its form or table.
document.addEventListener("change", (event) => {
  const name = event.target.dataset && event.target.dataset.selectAll;
  if (!name) return;
  const area = event.target.closest("form, table") || document;
  area.querySelectorAll(`input[type=checkbox][name="${CSS.escape(name)}"]:not(:disabled)`)
    .forEach((box) => { box.checked = event.target.checked; });
});

// data-copy="#id": copies the text of an element.
document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-copy]");
  if (!button || !navigator.clipboard) return;
  const from = document.querySelector(button.dataset.copy);
  navigator.clipboard.writeText(from.value || from.textContent.trim()).then(() => {
    button.dataset.copied = "1";
    setTimeout(() => { delete button.dataset.copied; }, 2000);
  });
});

// A form with errors (422) and a refusal (409) are shown as well; other failures are told in a line.
document.addEventListener("htmx:beforeSwap", (event) => {
  if ([409, 422].includes(event.detail.xhr.status)) { event.detail.shouldSwap = true; event.detail.isError = false; }
});
document.addEventListener("htmx:sendError", () => tell());
document.addEventListener("htmx:responseError", () => tell());
function tell() {
  const line = document.getElementById("connection-line");
  if (line) { line.hidden = false; setTimeout(() => { line.hidden = true; }, 8000); }
}

// The session ended while somebody was filling in a form, and htmx was told so: the page goes to the sign-in. What
// stands in the forms is kept in this tab and comes back with the page, for the same user.
(function () {
  const user = () => document.querySelector("meta[name=upward-user]").content;
  const key = () => `filled-in ${user()} ${location.pathname}`;
  const fields = () => [...document.querySelectorAll("form[method=post] [name]")]
    .filter((field) => !["hidden", "password", "file", "submit", "button"].includes(field.type));
  const ticks = (field) => ["checkbox", "radio"].includes(field.type);
  const name = (field) => `${field.form.getAttribute("action") || ""} ${field.name}${ticks(field) ? ` ${field.value}` : ""}`;
  document.addEventListener("htmx:beforeOnLoad", (event) => {
    if (!event.detail.xhr.getResponseHeader("Upward-Signed-Out")) return;
    const kept = fields().map((field) => [name(field), ticks(field) ? field.checked : field.value]);
    try { sessionStorage.setItem(key(), JSON.stringify(kept)); } catch { /* full or forbidden: nothing to keep it in */ }
  });
  document.addEventListener("DOMContentLoaded", () => {
    let kept = null;
    try { kept = JSON.parse(sessionStorage.getItem(key())); sessionStorage.removeItem(key()); } catch { return; }
    if (!kept) return;
    const values = new Map(kept);
    let changed = false;
    fields().forEach((field) => {
      const value = values.get(name(field));
      const now = ticks(field) ? field.checked : field.value;
      if (value === undefined || value === now) return;
      if (ticks(field)) field.checked = value; else field.value = value;
      changed = true;
      field.dispatchEvent(new Event("input", { bubbles: true }));
      field.dispatchEvent(new Event("change", { bubbles: true }));
    });
    const line = document.getElementById("restored-line");
    line.hidden = !changed;
    setTimeout(() => { line.hidden = true; }, 12000);
  });
})();

// data-time-zone: a hidden field of sign-up that takes the browser's time zone.
document.querySelectorAll("input[data-time-zone]").forEach((field) => {
  field.value = Intl.DateTimeFormat().resolvedOptions().timeZone || "";
});

// data-filter-list="id": a search box that hides what does not match in a long list of choices.
document.querySelectorAll("[data-filter-list]").forEach((box) => {
  const list = document.getElementById(box.dataset.filterList);
  const none = document.querySelector(`[data-filter-none="${CSS.escape(box.dataset.filterList)}"]`);
  box.hidden = false;
  box.addEventListener("input", (event) => {
    event.stopPropagation();
    const wanted = box.value.trim().toLowerCase();
    let shown = 0;
    list.querySelectorAll(".choice").forEach((choice) => {
      choice.hidden = Boolean(wanted) && !choice.textContent.toLowerCase().includes(wanted);
      if (!choice.hidden) shown += 1;
    });
    if (none) none.hidden = shown > 0;
  });
  box.addEventListener("change", (event) => event.stopPropagation());
  box.addEventListener("keydown", (event) => { if (event.key === "Enter") event.preventDefault(); });
});

// data-slug-from="id": proposes an address made of another field, until somebody writes their own.
document.querySelectorAll("input[data-slug-from]").forEach((field) => {
  const source = document.getElementById(field.dataset.slugFrom);
  if (!source || field.value) return;
  let own = false;
  field.addEventListener("input", () => { own = field.value !== ""; });
  source.addEventListener("input", () => {
    if (own) return;
    field.value = source.value.normalize("NFKD").replace(/[\u0300-\u036f]/g, "").toLowerCase()
      .replace(/[^a-z0-9]+/g, "-").replace(/^-+|-+$/g, "").slice(0, 40);
  });
});

// data-slug-of="name": suggests an address from the field of that name, until somebody edits it.
document.querySelectorAll("input[data-slug-of]").forEach((field) => {
  const source = field.form.elements[field.dataset.slugOf];
  let own = field.value !== "";
  field.addEventListener("input", () => { own = field.value !== ""; });
  source.addEventListener("input", () => {
    if (own) return;
    const plain = source.value.normalize("NFD").replace(/[\u0300-\u036f]/g, "").toLowerCase();
    field.value = plain.replace(/[^a-z0-9]+/g, "-").slice(0, 40).replace(/^-+|-+$/g, "");
  });
});

// data-sortable="form id": a list whose rows are dragged by their handle, with a mouse or a finger; letting go sends
// the form of that id, whose hidden fields stand in the rows. Buttons in the rows do the same without dragging.
(function () {
  let row = null, before = null;
  const showHandles = () => document.querySelectorAll("[data-handle][hidden]").forEach((handle) => { handle.hidden = false; });
  showHandles();
  document.addEventListener("htmx:load", showHandles);
  document.addEventListener("pointerdown", (event) => {
    const handle = event.target.closest("[data-handle]");
    if (!handle || event.button > 0) return;
    event.preventDefault();
    row = handle.closest("[data-sortable] > *");
    before = row.nextElementSibling;
    row.classList.add("is-dragged");
  });
  document.addEventListener("pointermove", (event) => {
    if (!row) return;
    const others = [...row.parentElement.children].filter((other) => other !== row);
    const next = others.find((other) => {
      const box = other.getBoundingClientRect();
      return event.clientY < box.top + box.height / 2;
    });
    if (next !== row.nextElementSibling) row.parentElement.insertBefore(row, next || null);
  });
  ["pointerup", "pointercancel"].forEach((kind) => document.addEventListener(kind, () => {
    if (!row) return;
    const moved = row, place = before;
    row = before = null;
    moved.classList.remove("is-dragged");
    if (kind === "pointercancel") { moved.parentElement.insertBefore(moved, place); return; }
    if (moved.nextElementSibling !== place) document.getElementById(moved.parentElement.dataset.sortable).requestSubmit();
  }));
})();
