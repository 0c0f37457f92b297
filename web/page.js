/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * page.js - the machine, its terminal, and the buttons beside it
 *
 * The machine's first serial port is Domain 0's console: what it sends is written to the terminal,
 * what is typed there is sent. A line that ends with the shell's prompt says that a command has
 * ended; buttons can be used then, and the answer is shown as text, for those who hear it.
 */
"use strict";

const prompt = /xenolith:[^\n]*# $/;
const control = /\x1b\[[0-9;?]*[A-Za-z]|\x1b[()][A-Z0-9]|[\x00-\x08\x0b-\x1f]/g;
const iso = { url: "xenolith.iso", name: "The CD" };
const at = (id) => document.getElementById(id);

const state = { ready: false, off: false, heard: "", line: "", started: 0 };
window.xenolith = state; // for tests

/* ---- the terminal -------------------------------------------------------------------------- */

const terminal = new Terminal({ cols: 80, rows: 24, scrollback: 2000, cursorBlink: false,
                                fontFamily: "DejaVu Sans Mono, Menlo, Consolas, monospace" });

/* Eighty columns, as large as they fit; on narrow screens the terminal scrolls sideways instead. */
function fit() {
  const width = at("screen").clientWidth - 40;
  terminal.options.fontSize = Math.max(10, Math.min(16, Math.floor(width / 80 / 0.602)));
}

terminal.open(at("terminal"));
terminal.attachCustomKeyEventHandler((event) => {
  const leaves = event.key === "F6" || (event.key === "Tab" && event.shiftKey);
  if (leaves && event.type === "keydown" && event.key === "F6") {
    at("tour").focus();
    event.preventDefault();
  }
  return !leaves;
});
document.addEventListener("keydown", (event) => {
  if (event.key === "F6" && !at("terminal").contains(event.target)) {
    terminal.focus();
    event.preventDefault();
  }
});
at("reader").addEventListener("change", () => {
  terminal.options.screenReaderMode = at("reader").checked;
});
window.addEventListener("resize", fit);
fit();

/* ---- the machine --------------------------------------------------------------------------- */

let machine = null;

function say(text) {
  at("status").textContent = text;
}

function setReady(ready) {
  state.ready = ready;
  for (const button of at("steps").querySelectorAll("button")) button.disabled = !ready;
}

function showAnswer() {
  const lines = state.heard.replace(control, "").split("\n");
  at("answer").textContent = lines.slice(1, -1).join("\n"); // without the command and the prompt
  state.answer = at("answer").textContent;
}

function heard(byte) {
  const character = String.fromCharCode(byte);
  terminal.write(Uint8Array.of(byte));
  state.heard = (state.heard + character).slice(-65536);
  state.line = character === "\n" ? "" : state.line + character;
  if (!state.ready && prompt.test(state.line.replace(control, ""))) {
    if (!state.prompted) state.prompted = performance.now() - state.started;
    showAnswer();
    setReady(true);
    say("Domain 0's shell waits for a command.");
    at("progress").hidden = true;
  }
}

function type(text) {
  machine.serial0_send(text);
}

function run(step) {
  state.heard = "";
  setReady(false);
  say(`Running: ${step.title}.`);
  at("about").textContent = step.about;
  type(step.command + "\n");
  terminal.focus();
}

function loading(event) {
  if (!event.lengthComputable || !event.file_name.includes("iso")) return;
  const megabytes = (bytes) => Math.round(bytes / 1048576);
  at("progress").value = 80 * event.loaded / event.total;
  say(`Loading the CD: ${megabytes(event.loaded)} of ${megabytes(event.total)} MB.`);
}

function start() {
  state.started = performance.now();
  machine = new V86({
    wasm_path: "v86.wasm",
    bios: { url: "bios.bin" },
    vga_bios: { url: "vgabios-stdvga.bin" },
    cdrom: { url: iso.url },
    memory_size: 256 << 20,
    vga_memory_size: 8 << 20,
    acpi: true,
    autostart: true,
    fastboot: true, // no wait for a key of the BIOS
    disable_speaker: true,
    disable_keyboard: true, // the serial line has the keys; the page keeps its own
    disable_mouse: true,
  });
  machine.add_listener("download-progress", loading);
  machine.add_listener("download-error", () => say("The CD or the machine could not be loaded. Is the network there?"));
  machine.add_listener("emulator-ready", () => {
    at("progress").value = 85;
    say("Booting: the BIOS, GRUB, the hypervisor, Domain 0.");
  });
  machine.add_listener("emulator-stopped", () => {
    setReady(false);
    state.off = true;
    say("The machine is off. The button below starts it again.");
  });
  machine.add_listener("serial0-output-byte", heard);
}

/* Typed by hand: the prompt is awaited again from the Enter on. */
terminal.onData((data) => {
  if (!machine) return;
  if (data.includes("\r")) {
    state.heard = "";
    setReady(false);
    say("Running.");
  }
  type(data);
});

/* A new page is a new machine; the browser still has the CD. */
at("restart").addEventListener("click", () => location.reload());

/* ---- the panel ----------------------------------------------------------------------------- */

for (const step of tourSteps) {
  const item = document.createElement("li");
  const button = document.createElement("button");
  button.type = "button";
  button.textContent = step.title;
  button.disabled = true;
  button.addEventListener("click", () => run(step));
  item.append(button);
  at("steps").append(item);
}

/* Figure 6 is in the page if it was measured before the page was made. */
const picture = at("figure6").querySelector("img");
picture.loading = "eager";
picture.addEventListener("load", () => { at("figure6").hidden = false; });
if (picture.complete && picture.naturalWidth) at("figure6").hidden = false;

if (typeof WebAssembly === "object") start();
else say("This browser has no WebAssembly, which the machine needs.");
