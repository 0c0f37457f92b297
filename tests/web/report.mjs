/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * report.mjs FOLDER [PICTURES]: the page of `make paper` in Chromium: nothing on its console, nothing
 * asked for besides, no wider than a telephone, every part reached from the top, tables and pictures
 * named for who does not see them, and other colours in the dark. PICTURES: a folder for screenshots.
 */
import { open, serve } from "./browser.mjs";

const [folder, pictures] = process.argv.slice(2);
let failed = 0;
function verdict(good, name, seen) {
  console.log(`${good ? "PASS" : "FAIL"} report: ${name}${good ? "" : `: ${seen}`}`);
  failed += !good;
}

const server = await serve(folder);
for (const [name, width, height] of [["wide", 1200, 1000], ["telephone", 390, 844]]) {
  const page = await open(width, height);
  await page.go(server.address);
  const wide = await page.run("return document.documentElement.scrollWidth - innerWidth");
  verdict(wide <= 0 && (width > 600 || (await page.run("return innerWidth")) === width), `${name}: nothing is cut off`, `${wide} pixels`);
  const log = await page.log();
  verdict(log.length === 0, `${name}: nothing on the console`, JSON.stringify(log));
  if (pictures) await page.picture(`${pictures}/report-${name}.png`);
  if (name === "wide") {
    const lost = await page.run("return [...document.querySelectorAll('a[href^=\"#\"]')].filter(a => !document.querySelector(a.getAttribute('href'))).length");
    verdict(lost === 0, "every link leads somewhere", lost);
    const names = await page.run("return [...document.querySelectorAll('figure, .scroll')].filter(e => !e.getAttribute('aria-label')).length");
    verdict(names === 0, "pictures and tables have names", names);
    await page.keys("\uE004");
    verdict((await page.run("return document.activeElement.className")) === "skip", "the first key leads to the content", "");
    const light = await page.run("return getComputedStyle(document.body).backgroundColor");
    await page.dark();
    const dark = await page.run("return getComputedStyle(document.body).backgroundColor");
    verdict(light !== dark, "other colours in the dark", light);
    await page.run("document.getElementById('figure6').scrollIntoView()");
    if (pictures) await page.picture(`${pictures}/report-dark.png`);
  }
  await page.close();
}
verdict(server.missing.length === 0, "nothing else is asked for", server.missing.join(" "));
server.close();
process.exit(failed ? 1 : 0);
