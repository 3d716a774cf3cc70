// @ts-check
// The sound of an answer, and the switch that silences a lane.

import { needId } from "../dom.js";

/** @type {Record<string, [number, number][]>} tones as pitch (hertz) and seconds */
const TONES = {
  ok: [[880, 0.14]],
  warn: [
    [440, 0.12],
    [440, 0.12],
  ],
  wrong: [[180, 0.5]],
};
const KEPT_AS = "door-sound";
const PRESSED = "aria-pressed";

const button = needId("door-sound");
/** @type {AudioContext | null} */
let audio = null;

const hasSound = () => button.getAttribute(PRESSED) === "true";

/** @param {string} kind that of an answer */
export function sound(kind) {
  if (!hasSound() || !TONES[kind]) return;
  audio ??= new AudioContext();
  audio.resume();
  let at = audio.currentTime;
  for (const [pitch, seconds] of TONES[kind]) {
    const [tone, volume] = [audio.createOscillator(), audio.createGain()];
    tone.frequency.value = pitch;
    volume.gain.value = 0.25;
    tone.connect(volume).connect(audio.destination);
    tone.start(at);
    tone.stop(at + seconds);
    at += seconds + 0.06;
  }
}

/** Shows the switch, as it was left in this browser. */
export function showSwitch() {
  button.addEventListener("click", () => {
    const isOn = !hasSound();
    button.setAttribute(PRESSED, String(isOn));
    localStorage.setItem(KEPT_AS, isOn ? "on" : "off");
  });
  if (localStorage.getItem(KEPT_AS) === "off") button.setAttribute(PRESSED, "false");
  button.hidden = false;
}
