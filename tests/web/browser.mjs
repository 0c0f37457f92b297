/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * browser.mjs - a static host for a folder, and Chromium at it by the WebDriver protocol (W3C)
 *
 * The host sends files and nothing else, as the cheapest one would. chromedriver is Debian's.
 */
import { spawn } from "node:child_process";
import { createReadStream, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import http from "node:http";
import path from "node:path";

const types = { ".html": "text/html", ".js": "text/javascript", ".css": "text/css", ".wasm": "application/wasm",
                ".png": "image/png", ".svg": "image/svg+xml", ".txt": "text/plain" };

/* Serves `folder` on a free port; resolves to { address, asked, close }: asked lists what was not there. */
export function serve(folder) {
  const missing = [];
  const server = http.createServer((request, response) => {
    const name = decodeURIComponent(new URL(request.url, "http://x").pathname);
    const file = path.join(folder, path.normalize(name === "/" ? "/index.html" : name));
    let size;
    try {
      size = statSync(file).size;
    } catch {
      missing.push(name);
      response.writeHead(404).end();
      return;
    }
    response.writeHead(200, { "content-type": types[path.extname(file)] || "application/octet-stream",
                              "content-length": size });
    if (request.method === "HEAD") response.end();
    else createReadStream(file).pipe(response);
  });
  return new Promise((resolve) => server.listen(0, "127.0.0.1", () => resolve({
    address: `http://127.0.0.1:${server.address().port}/`, missing, close: () => server.close() })));
}

/* Seconds of processor time that a process and all that it started have used (proc(5), stat). */
function processorTime(root) {
  const parent = new Map(), used = new Map();
  for (const pid of readdirSync("/proc").filter((name) => /^\d+$/.test(name))) {
    try {
      const field = readFileSync(`/proc/${pid}/stat`, "latin1").replace(/^.*\) /s, "").split(" ");
      parent.set(Number(pid), Number(field[1]));
      used.set(Number(pid), (Number(field[11]) + Number(field[12])) / 100);
    } catch { /* it has ended */ }
  }
  const isOf = (pid) => pid === root || (parent.has(pid) && isOf(parent.get(pid)));
  return [...used.keys()].filter(isOf).reduce((sum, pid) => sum + used.get(pid), 0);
}

export const sleep = (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds));

/* A browser of this size; its methods are WebDriver's. */
export async function open(width, height) {
  const driver = spawn("chromedriver", ["--port=0"], { stdio: ["ignore", "pipe", "ignore"] });
  const port = await new Promise((resolve, reject) => {
    let said = "";
    driver.stdout.on("data", (data) => {
      said += data;
      const found = /successfully on port (\d+)/.exec(said);
      if (found) resolve(found[1]);
    });
    driver.on("exit", () => reject(new Error("chromedriver has ended: " + said)));
  });
  const base = `http://127.0.0.1:${port}/session`;

  async function ask(method, command, body) {
    const answer = await fetch(base + command, { method, body: body && JSON.stringify(body),
                                                 headers: { "content-type": "application/json" } });
    const { value } = await answer.json();
    if (value && value.error) throw new Error(`${command}: ${value.message.split("\n")[0]}`);
    return value;
  }

  const session = await ask("POST", "", { capabilities: { alwaysMatch: {
    browserName: "chrome",
    "goog:loggingPrefs": { browser: "ALL" },
    "goog:chromeOptions": {
      args: ["--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", `--window-size=${width},${height}`],
      mobileEmulation: width < 600 ? { deviceMetrics: { width, height, pixelRatio: 1, touch: true } } : undefined,
    } } } });
  const at = `/${session.sessionId}`;
  const element = (found) => Object.values(found)[0];
  const page = {
    go: (url) => ask("POST", `${at}/url`, { url }),
    run: (script, ...args) => ask("POST", `${at}/execute/sync`, { script, args }),
    find: async (css) => element(await ask("POST", `${at}/element`, { using: "css selector", value: css })),
    click: async (css) => ask("POST", `${at}/element/${await page.find(css)}/click`, {}),
    /* Keys to whatever has the focus. */
    keys: (...keys) => ask("POST", `${at}/actions`, { actions: [{ type: "key", id: "keys",
      actions: keys.flatMap((key) => [{ type: "keyDown", value: key }, { type: "keyUp", value: key }]) }] }),
    chord: (modifier, key) => ask("POST", `${at}/actions`, { actions: [{ type: "key", id: "keys", actions: [
      { type: "keyDown", value: modifier }, { type: "keyDown", value: key }, { type: "keyUp", value: key },
      { type: "keyUp", value: modifier }] }] }),
    type: (text) => page.keys(...text.replace(/\n/g, "\uE007")),
    /* The role and the name that a screen reader is told. */
    spoken: async (css) => {
      const id = await page.find(css);
      return `${await ask("GET", `${at}/element/${id}/computedrole`)} ${await ask("GET", `${at}/element/${id}/computedlabel`)}`;
    },
    /* As for a user who likes it dark. */
    dark: () => ask("POST", `${at}/goog/cdp/execute`, { cmd: "Emulation.setEmulatedMedia",
      params: { features: [{ name: "prefers-color-scheme", value: "dark" }] } }),
    processorTime: () => processorTime(driver.pid),
    log: () => ask("POST", `${at}/se/log`, { type: "browser" }),
    picture: async (file) => writeFileSync(file, Buffer.from(await ask("GET", `${at}/screenshot`), "base64")),
    /* True when `script` gives something true within so many seconds. */
    until: async (seconds, script) => {
      for (const end = Date.now() + 1000 * seconds; Date.now() < end; await sleep(100))
        if (await page.run(script)) return true;
      return false;
    },
    close: async () => {
      await ask("DELETE", at).catch(() => {});
      driver.kill();
    },
  };
  return page;
}
