// The tour goes on by itself while it plays. Whatever is touched outside its bar pauses it.
const tour = document.getElementById("tour-bar");
const KEY = "tour", FOLDED = "presenter-folded";

if (tour) {
  const [caption, play, next, speed] = ["tour-caption", "tour-play", "tour-next", "tour-speed"].map((id) => document.getElementById(id));
  // Whoever wants less motion is not taken from page to page unasked.
  const still = matchMedia("(prefers-reduced-motion: reduce)").matches;
  const state = { playing: !still, speed: "1", focus: "", ...JSON.parse(sessionStorage.getItem(KEY) ?? "{}") };
  let timer;

  const keep = (changes) => {
    Object.assign(state, changes);
    sessionStorage.setItem(KEY, JSON.stringify(state));
    clearTimeout(timer);
    play.textContent = state.playing ? "Pause" : "Play";
    if (state.playing) timer = setTimeout(() => next.click(), (tour.dataset.seconds * 1000) / state.speed);
  };
  play.hidden = document.getElementById("tour-speeds").hidden = false;
  speed.value = state.speed;
  play.addEventListener("click", () => keep({ playing: !state.playing }));
  speed.addEventListener("change", () => keep({ speed: speed.value }));
  for (const touch of ["pointerdown", "keydown", "wheel"])
    document.addEventListener(touch, ({ target }) => {
      if (state.playing && !tour.contains(target)) keep({ playing: false });
    }, { passive: true });
  // Who goes on with a button of the bar finds the focus there again.
  addEventListener("pagehide", () => keep({ focus: tour.contains(document.activeElement) ? document.activeElement.id : "" }));
  // Only then, as a link to a place in the page gives the focus to that place.
  const focused = state.focus;
  addEventListener("pageshow", () => document.getElementById(focused)?.focus({ preventScroll: true }));
  keep({});
  // A status is read out when it changes, and not because a page came with it.
  setTimeout(() => caption.replaceChildren(...caption.childNodes), 100);
}
// Where a tour starts, nothing is left of the one before.
if (document.getElementById("tour-start")) sessionStorage.removeItem(KEY);

// The presenter's bar stays folded from page to page.
const presenter = document.querySelector("[data-presenter]");
if (presenter) {
  presenter.open = !sessionStorage.getItem(FOLDED);
  presenter.addEventListener("toggle", () => {
    if (presenter.open) sessionStorage.removeItem(FOLDED);
    else sessionStorage.setItem(FOLDED, "yes");
  });
}
