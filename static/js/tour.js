// While the tour plays, it advances automatically. A click or key outside its bar pauses it.
const tour = document.getElementById("tour-bar");
const KEY = "tour";
const FOLDED = "presenter-folded";

if (tour) {
  const ids = ["tour-caption", "tour-play", "tour-next", "tour-speed"];
  const [caption, play, next, speed] = ids.map((id) => document.getElementById(id));
  // If the user prefers reduced motion, the tour starts paused.
  const prefersStill = matchMedia("(prefers-reduced-motion: reduce)").matches;
  const stored = JSON.parse(sessionStorage.getItem(KEY) ?? "{}");
  const state = { playing: !prefersStill, speed: "1", focus: "", ...stored };
  let timer;

  const keep = (changes) => {
    Object.assign(state, changes);
    sessionStorage.setItem(KEY, JSON.stringify(state));
    clearTimeout(timer);
    play.textContent = state.playing ? "Pause" : "Play";
    const milliseconds = (tour.dataset.seconds * 1000) / state.speed;
    if (state.playing) timer = setTimeout(() => next.click(), milliseconds);
  };
  play.hidden = document.getElementById("tour-speeds").hidden = false;
  speed.value = state.speed;
  play.addEventListener("click", () => keep({ playing: !state.playing }));
  speed.addEventListener("change", () => keep({ speed: speed.value }));
  for (const touch of ["pointerdown", "keydown", "wheel"])
    document.addEventListener(touch, ({ target }) => {
      if (state.playing && !tour.contains(target)) keep({ playing: false });
    }, { passive: true });
  // On the next page, return the focus to the button of the bar that had it.
  addEventListener("pagehide", () => {
    const focused = document.activeElement;
    keep({ focus: tour.contains(focused) ? focused.id : "" });
  });
  // Wait for pageshow, because a link's fragment takes the focus before it.
  const focusedId = state.focus;
  addEventListener("pageshow", () => {
    document.getElementById(focusedId)?.focus({ preventScroll: true });
  });
  keep({});
  // Screen readers announce a status when it changes, but not when the page loads.
  setTimeout(() => caption.replaceChildren(...caption.childNodes), 100);
}
// The tour's first page discards the state of an earlier tour.
if (document.getElementById("tour-start")) sessionStorage.removeItem(KEY);

// The presenter bar stays folded from page to page.
const presenter = document.querySelector("[data-presenter]");
if (presenter) {
  presenter.open = !sessionStorage.getItem(FOLDED);
  presenter.addEventListener("toggle", () => {
    if (presenter.open) sessionStorage.removeItem(FOLDED);
    else sessionStorage.setItem(FOLDED, "yes");
  });
}
