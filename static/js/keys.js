// Keys that people expect: Space presses what looks like a button, and / or Ctrl+K finds a page.
const LIKE_BUTTONS = "a:is(.slds-button, [role=tab])";
document.addEventListener("keydown", (event) => {
  if (event.key !== " " || event.defaultPrevented || !event.target.matches?.(LIKE_BUTTONS)) return;
  event.preventDefault();
  if (!event.repeat) event.target.click();
});

const quickFind = document.getElementById("quick-find");
const isTypedInto = (element) => element.matches?.("input, select, textarea, [contenteditable]");
document.addEventListener("keydown", (event) => {
  const { key, target, ctrlKey, metaKey, altKey } = event;
  const isSlash = key === "/" && !ctrlKey && !metaKey && !isTypedInto(target);
  const isCtrlK = (key === "k" || key === "K") && (ctrlKey || metaKey);
  if (!quickFind || altKey || !(isSlash || isCtrlK) || document.querySelector("dialog:modal")) return;
  event.preventDefault();
  quickFind.closest("details").open = true;
  quickFind.focus();
  quickFind.select();
});
