// Keys for the moderators' queue. Every key presses a button that is on the page anyway.

const comments = [...document.querySelectorAll("[data-comment]")];
const bulk = { s: "shown", r: "refused", p: "spam", w: "held" };

function at() {
  return comments.indexOf(document.activeElement?.closest("[data-comment]"));
}

function go(to) {
  const target = comments[Math.max(0, Math.min(comments.length - 1, to))];
  target?.focus();
  target?.scrollIntoView({ block: "nearest" });
}

function press(key) {
  const ticked = comments.some((one) => one.querySelector("input[type=checkbox]").checked);
  if (ticked && key in bulk) {
    document.querySelector(`.bulk button[value="${bulk[key]}"]`)?.click();
    return;
  }
  const here = comments[at()];
  (here ?? (key === "z" ? document : null))?.querySelector(`[data-key="${key}"]`)?.click();
}

document.addEventListener("keydown", (event) => {
  const typing = event.target.closest?.("input:not([type=checkbox]), textarea, select");
  if (typing || event.ctrlKey || event.altKey || event.metaKey) return;
  const key = event.key;
  if (key === "j") go(at() + 1);
  else if (key === "k") go(at() - 1);
  else if (key === "x") comments[at()]?.querySelector("input[type=checkbox]").click();
  else if (key === "z") document.querySelector('[data-key="z"]')?.click();
  else if (["s", "r", "p", "w", "a"].includes(key)) press(key);
  else return;
  event.preventDefault();
});

// After a click the page comes anew: the first comment waits for the next key.
go(0);
