// Only what HTML cannot do: keys, and suggestions while somebody types. Everything works without this file, and the keys
// can be switched off.
"use strict";
(() => {
  const OFF = "single-keys-off";
  const body = document.body;
  let off = false;
  try { off = localStorage.getItem(OFF) === "1"; } catch { /* storage may be forbidden: then keys stay on */ }

  const typing = (target) => target.closest("input:not([type=radio]), textarea, select, [contenteditable]") !== null;

  const toggle = document.querySelector("[data-keys-toggle]");
  if (toggle) {
    const say = () => { toggle.textContent = off ? toggle.dataset.turnOn : toggle.dataset.turnOff; };
    toggle.hidden = false;
    toggle.addEventListener("click", () => {
      off = !off;
      try { localStorage.setItem(OFF, off ? "1" : "0"); } catch { /* it holds for this page then */ }
      say();
    });
    say();
  }

  const choose = (digit) => {
    const sheet = document.querySelector("details[open] .sheet");
    const choices = sheet ? sheet.querySelectorAll("input[type=radio]") : [];
    const choice = choices[Number(digit) - 1];
    if (!choice) { return false; }
    choice.checked = true;
    choice.focus();
    return true;
  };

  const act = (element) => {
    if (element.tagName === "SUMMARY") {
      element.click();
      const first = element.parentElement.querySelector("input[type=radio]");
      if (element.parentElement.open && first) { first.focus(); }
    } else if (element.matches("input")) {
      element.focus();
      element.select();
    } else {
      element.click();
    }
  };

  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing) { return; }
    if (event.key === "Escape") {
      const open = document.querySelector(".verdicts details[open]");
      if (open) { open.open = false; open.querySelector("summary").focus(); }
      return;
    }
    if (off || typing(event.target)) { return; }
    if (/^[1-9]$/.test(event.key) && choose(event.key)) { event.preventDefault(); return; }
    const element = body.querySelector(`[data-key="${CSS.escape(event.key)}"]`);
    if (element) { event.preventDefault(); act(element); }
  });
})();

// Suggestions below the search box: a combobox with a list, by keyboard and pointer (ARIA 1.2).
(() => {
  const WAIT_MS = 120;
  const form = document.querySelector("[data-suggest]");
  if (!form) { return; }
  const box = form.querySelector("input[type=search]");
  const list = document.createElement("ul");
  let timer = 0, asked = null, chosen = -1, shown = "";
  list.id = "suggestions";
  list.className = "suggestions";
  list.hidden = true;
  list.setAttribute("role", "listbox");
  list.setAttribute("aria-label", form.dataset.suggestions);
  form.append(list);
  for (const [name, value] of Object.entries({
    role: "combobox", "aria-autocomplete": "list", "aria-controls": list.id, "aria-expanded": "false",
  })) { box.setAttribute(name, value); }

  const mark = (place) => {
    const options = list.children;
    if (options[chosen]) { options[chosen].setAttribute("aria-selected", "false"); }
    chosen = place;
    if (options[chosen]) {
      options[chosen].setAttribute("aria-selected", "true");
      options[chosen].scrollIntoView({ block: "nearest" });
      box.setAttribute("aria-activedescendant", options[chosen].id);
    } else {
      box.removeAttribute("aria-activedescendant");
    }
  };
  const open = (yes) => {
    list.hidden = !yes;
    box.setAttribute("aria-expanded", String(yes));
    if (!yes) { mark(-1); }
  };
  const close = () => {
    clearTimeout(timer);
    if (asked) { asked.abort(); }
    open(false);
  };
  const option = (one, place) => {
    const item = document.createElement("li");
    item.id = `suggestion-${place}`;
    item.setAttribute("role", "option");
    item.setAttribute("aria-selected", "false");
    item.dataset.path = new URL(one.page, location.href).pathname;
    const label = document.createElement("span");
    const kind = document.createElement("span");
    label.textContent = one.label;
    kind.className = "soft";
    const count = one.count === null ? "" : ` \u00b7 ${one.count.toLocaleString(document.documentElement.lang)}`;
    kind.textContent = one.kind_label + count;
    item.append(label, " ", kind);
    return item;
  };
  const ask = async () => {
    const typed = box.value.trim();
    if (asked) { asked.abort(); }
    if (typed.length < 2) { shown = ""; open(false); return; }
    asked = new AbortController();
    try {
      const answer = await fetch(form.dataset.suggest + encodeURIComponent(typed), { signal: asked.signal });
      if (!answer.ok) { open(false); return; }
      const items = (await answer.json()).items;
      mark(-1);
      list.replaceChildren(...items.map(option));
      shown = items.length ? typed : "";
      open(items.length > 0 && document.activeElement === box);
    } catch { open(false); /* given up, or no connection: the box does without */ }
  };
  const go = (item) => { close(); location.assign(item.dataset.path); };

  box.addEventListener("input", () => { clearTimeout(timer); timer = setTimeout(ask, WAIT_MS); });
  box.addEventListener("blur", close);
  box.addEventListener("keydown", (event) => {
    if (event.isComposing || event.altKey || event.ctrlKey || event.metaKey) { return; }
    const count = list.children.length;
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      if (list.hidden) {
        if (shown && shown === box.value.trim()) { open(true); } else { ask(); event.preventDefault(); return; }
      }
      const step = event.key === "ArrowDown" ? 1 : -1;
      const place = chosen + step;
      mark(place >= count ? -1 : (place < -1 ? count - 1 : place));
      event.preventDefault();
    } else if (event.key === "Enter" && !list.hidden && chosen >= 0) {
      event.preventDefault();
      go(list.children[chosen]);
    } else if (event.key === "Escape" && !list.hidden) {
      event.preventDefault();
      close();
    }
  });
  list.addEventListener("mousedown", (event) => event.preventDefault()); // the box keeps the focus
  list.addEventListener("click", (event) => {
    const item = event.target.closest("[role=option]");
    if (item) { go(item); }
  });
})();
