// The dialog is open if and only if it has content.
const modal = document.getElementById("modal");
const toasts = document.getElementById("toasts");
const hasNoFocus = () => !document.activeElement || document.activeElement === document.body;
let opener = "";

// While the dialog is open, only its content can be seen and clicked. The toasts move into it.
modal?.addEventListener("htmx:beforeSwap", ({ detail }) => {
  if (detail.shouldSwap && detail.target === modal) document.body.append(toasts);
});
modal?.addEventListener("htmx:afterSwap", ({ detail }) => {
  if (detail.target !== modal) return;
  if (modal.childElementCount === 0) return modal.close();
  if (!modal.open) {
    opener = document.activeElement?.id ?? "";
    modal.showModal();
  }
  // Focus the first invalid field or, if there is none, the first field.
  (modal.querySelector("[autofocus]") ?? modal.querySelector("#modal-title")).focus();
  modal.append(toasts);
});
modal?.addEventListener("close", () => {
  document.body.append(toasts);
  modal.replaceChildren();
  if (!hasNoFocus()) return;
  // The list that had the opening button may have been replaced. Find the new button.
  const heading = document.querySelector("#main [id$=heading][tabindex]");
  (document.getElementById(opener) ?? heading)?.focus();
});
modal?.addEventListener("click", (event) => {
  if (!event.target.closest("[data-close-modal]")) return;
  event.preventDefault();
  modal.close();
});
// Someone else deleted the dialog's subject. A toast says so.
modal?.addEventListener("subject-not-found", () => modal.close());

// Polling pauses while the dialog is open, so that the button that opened it keeps its place.
document.addEventListener("htmx:beforeRequest", (event) => {
  if (modal?.open && !event.detail.requestConfig.triggeringEvent) event.preventDefault();
});
