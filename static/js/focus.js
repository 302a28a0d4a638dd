// A swap can remove the focused element. The focus then moves to what replaced it.
const dialog = document.getElementById("modal");
const hasNoFocus = () => !document.activeElement || document.activeElement === document.body;
let hadFocus = false;

// If nothing had the focus, a list that polls doesn't take it.
document.addEventListener("htmx:beforeSwap", () => {
  hadFocus = !hasNoFocus();
});
document.addEventListener("htmx:afterSettle", ({ detail: { elt } }) => {
  if (!hadFocus || !hasNoFocus() || dialog?.open || !elt.isConnected) return;
  elt.querySelector(elt.matches("tbody") ? "a" : "[id$=heading]")?.focus();
});

// htmx disables the submit button during a request, which takes the focus from it.
document.addEventListener("htmx:afterRequest", ({ detail: { elt, successful } }) => {
  if (successful) return;
  setTimeout(() => hasNoFocus() && elt.querySelector?.("[type=submit]")?.focus());
});
