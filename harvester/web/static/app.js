// Only what HTML cannot do: keys. Everything works without this file, and the keys can be switched off.
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
