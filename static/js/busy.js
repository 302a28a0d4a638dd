// While a request runs, the button or lookup that started it shows that it's busy.
const controlOf = ({ elt, requestConfig }) => {
  const event = requestConfig?.triggeringEvent;
  const button = event?.submitter ?? elt;
  if (elt.matches("[role=combobox]")) return elt.closest(".slds-combobox__form-element");
  // A menu closes when one of its items is chosen.
  if (elt.matches("[role=menuitem]")) return elt.closest("details").querySelector("summary");
  return button.matches(".slds-button, a") ? button : null;
};
const running = new Map();
document.addEventListener("htmx:beforeRequest", ({ detail, defaultPrevented }) => {
  const control = !defaultPrevented && controlOf(detail);
  if (!control) return;
  running.set(detail.xhr, control);
  control.setAttribute("aria-busy", "true");
});
document.addEventListener("htmx:afterRequest", ({ detail }) => {
  const control = running.get(detail.xhr);
  running.delete(detail.xhr);
  // A newer request of the same control can still run.
  if (![...running.values()].includes(control)) control?.removeAttribute("aria-busy");
});

// A form whose answer is another page stays busy until that page replaces this one.
document.addEventListener("submit", ({ target, submitter, defaultPrevented }) => {
  if (!defaultPrevented && target.method !== "dialog") submitter?.setAttribute("aria-busy", "true");
});
addEventListener("pageshow", () => {
  for (const control of document.querySelectorAll("[aria-busy]")) control.removeAttribute("aria-busy");
});
