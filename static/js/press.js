// A swap during a click would move what the user clicks, so it waits for the click's end.
const modal = document.getElementById("modal");
let isPressed = false;
const waiting = [];
const release = () => {
  isPressed = false;
  for (const swap of waiting.splice(0)) swap();
};
document.addEventListener("pointerdown", () => {
  isPressed = true;
});
// The click event comes after pointerup.
for (const name of ["pointerup", "pointercancel"])
  document.addEventListener(name, () => setTimeout(release));
// If the pointer was released outside of the window, no event says so.
document.addEventListener("pointermove", ({ buttons }) => isPressed && !buttons && release());

document.addEventListener("htmx:beforeSwap", ({ detail }) => {
  const { target, serverResponse, shouldSwap, requestConfig } = detail;
  if (!isPressed || !shouldSwap || target === modal || !modal?.contains(target)) return;
  detail.shouldSwap = false;
  const swapStyle = requestConfig.elt.getAttribute("hx-swap") ?? "innerHTML";
  waiting.push(() => target.isConnected && htmx.swap(target, serverResponse, { swapStyle }));
});
