// Keys for the screen. Every key presses something that is on the page anyway; they can be
// switched off, for people whose tools type letters of their own accord.

const KEEP = "osler-screening-keys";
const box = document.querySelector("[data-keys-on]");

function isOn() {
  try {
    return localStorage.getItem(KEEP) !== "off";
  } catch {
    return true;
  }
}

if (box) {
  box.closest("[data-keys-switch]").hidden = false;
  box.checked = isOn();
  document.body.classList.toggle("no-keys", !box.checked);
  box.addEventListener("change", () => {
    document.body.classList.toggle("no-keys", !box.checked);
    try {
      localStorage.setItem(KEEP, box.checked ? "on" : "off");
    } catch {
      // Private windows may keep nothing: the choice then holds for this page.
    }
  });
}

function typing(target) {
  return target.closest?.("input:not([type=radio], [type=checkbox]), textarea, select");
}

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.altKey || event.metaKey || event.repeat) return;
  if (event.key === "Escape" && typing(event.target)) {
    event.target.blur();
    return;
  }
  // Enter on a reason would be a decision that nobody meant.
  if (event.key === "Enter" && event.target.closest?.("form.verdict input")) {
    event.preventDefault();
    return;
  }
  if (typing(event.target) || !(box ? box.checked : isOn())) return;
  const key = event.key.length === 1 ? CSS.escape(event.key.toLowerCase()) : "";
  const target = key && document.querySelector(`[data-key="${key}"], [data-focus="${key}"]`);
  if (!target) return;
  event.preventDefault();
  if (target.dataset.focus) target.focus();
  else target.click();
});

// A second click while the first is on its way would be a decision on nothing.
for (const form of document.querySelectorAll("form.verdict")) {
  form.addEventListener("submit", (event) => {
    if (form.dataset.sent) event.preventDefault();
    form.dataset.sent = "yes";
  });
}
addEventListener("pageshow", () => {
  for (const form of document.querySelectorAll("form[data-sent]")) delete form.dataset.sent;
});
