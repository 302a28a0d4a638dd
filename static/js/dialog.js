// The dialog is open if and only if it has content.
const modal = document.getElementById("modal");
// While the dialog is open, only its content can be seen and clicked. These move into it.
const guests = ["presenter-slot", "tour-bar", "toasts", "announcer"]
  .map((id) => document.getElementById(id))
  .filter(Boolean);
const homes = guests.map((guest) => document.createComment(guest.id));
const hasNoFocus = () => !document.activeElement || document.activeElement === document.body;
let opener = "";

guests.forEach((guest, index) => guest.before(homes[index]));
const sendHome = () => guests.forEach((guest, index) => homes[index].after(guest));
// The dialog stays where it opened. Notices and errors only move its footer.
const pin = () => {
  modal.removeAttribute("style");
  const first = modal.querySelector(".slds-modal__container").firstElementChild;
  const raised = Number.parseFloat(getComputedStyle(first).top) || 0;
  modal.style.setProperty("--top", `${first.getBoundingClientRect().top - raised}px`);
};
addEventListener("resize", () => modal?.open && pin());
const show = () => {
  if (!modal.open) modal.showModal();
  pin();
  // Focus the first invalid field or, if there is none, the first field.
  (modal.querySelector("[autofocus]") ?? modal.querySelector("#modal-title")).focus();
  modal.append(...guests);
};

// The server renders the dialog that the address opens. Only a script can make it modal.
if (modal?.open) {
  modal.open = false;
  show();
}
modal?.addEventListener("htmx:beforeSwap", ({ detail }) => {
  if (detail.shouldSwap && detail.target === modal) sendHome();
});
modal?.addEventListener("htmx:afterSwap", ({ detail }) => {
  if (detail.target !== modal) return;
  if (modal.childElementCount === 0) return modal.close();
  if (!modal.open) {
    opener = document.activeElement?.id ?? "";
    modal.dispatchEvent(new Event("dialog-opened"));
  }
  show();
});
modal?.addEventListener("close", () => {
  sendHome();
  modal.replaceChildren();
  if (!hasNoFocus()) return;
  // The list that had the opening button may have been replaced. Find the new button.
  const heading = document.querySelector("#main [id$=heading][tabindex]");
  (document.getElementById(opener) ?? heading)?.focus();
});

// Esc, the Close button, and a click beside the dialog can lose what the user entered.
// unsaved.js asks first.
const leave = () => {
  const event = new CustomEvent("dialog-leaving", { cancelable: true });
  if (modal.dispatchEvent(event)) modal.close();
};
const isBeside = ({ target }) => target === modal || target.matches(".slds-modal__container");
let pressedBeside = false;
modal?.addEventListener("pointerdown", (event) => {
  pressedBeside = isBeside(event);
});
modal?.addEventListener("click", (event) => {
  const closer = event.target.closest("[data-close-modal]");
  if (closer) {
    event.preventDefault();
    if (closer.matches(".slds-modal__close")) leave();
    else modal.close();
  } else if (pressedBeside && isBeside(event) && !modal.dataset.answer) leave();
});
// A second Esc would close the dialog without a cancelable event, so Esc never reaches it.
addEventListener("keydown", (event) => {
  if (event.key !== "Escape" || !event.target.closest?.("#modal") || event.defaultPrevented) return;
  event.preventDefault();
  leave();
});
modal?.addEventListener("cancel", (event) => {
  if (event.target !== modal) return;
  event.preventDefault();
  leave();
});
// Someone else deleted the dialog's subject. A toast says so.
modal?.addEventListener("subject-not-found", () => modal.close());

// Polling pauses while the dialog is open, so that the button that opened it keeps its place.
document.addEventListener("htmx:beforeRequest", (event) => {
  if (modal?.open && !event.detail.requestConfig.triggeringEvent) event.preventDefault();
});
